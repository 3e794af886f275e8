"""Variables of provisioning: who the station is, how it keeps in touch, how its device model is talked about, its clock."""

from datetime import UTC, datetime
from typing import Any

from chargepoint.station.variables import DataType, Mutability, Variable

NETWORK_PROFILE_SLOTS = ("0", "1", "2", "3")
"""The slots that a network connection profile can be stored in."""

# --- who the station is ------------------------------------------------------------------------------------------------


def _identity(field: str) -> Any:
    return lambda station, _evse_id, _connector_id: getattr(station.identity, field) or ""


VENDOR_NAME = Variable("ChargingStation", "VendorName", DataType.STRING, "", maximum=50, value_of=_identity("vendor"))
MODEL = Variable("ChargingStation", "Model", DataType.STRING, "", maximum=20, value_of=_identity("model"))
SERIAL_NUMBER = Variable(
    "ChargingStation", "SerialNumber", DataType.STRING, "", maximum=25, value_of=_identity("serial_number")
)
FIRMWARE_VERSION = Variable(
    "ChargingStation", "FirmwareVersion", DataType.STRING, "", maximum=50, value_of=_identity("firmware_version")
)
MODEM_ICCID = Variable("DataLink", "ICCID", DataType.STRING, "", maximum=20, value_of=_identity("iccid"))
MODEM_IMSI = Variable("DataLink", "IMSI", DataType.STRING, "", maximum=20, value_of=_identity("imsi"))
SUPPORTED_FEATURE_PROFILES = Variable(
    "",
    "",
    DataType.MEMBER_LIST,
    ("Core", "RemoteTrigger"),
    key16="SupportedFeatureProfiles",
    mutability=Mutability.READ_ONLY,
    values=("Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"),
)

# --- how it keeps in touch ---------------------------------------------------------------------------------------------

HEARTBEAT_INTERVAL = Variable(
    "OCPPCommCtrlr", "HeartbeatInterval", DataType.INTEGER, 300, key16="HeartbeatInterval", minimum=1, unit="s"
)
WEB_SOCKET_PING_INTERVAL = Variable(
    "OCPPCommCtrlr", "WebSocketPingInterval", DataType.INTEGER, 30, key16="WebSocketPingInterval", minimum=0, unit="s"
)
OFFLINE_THRESHOLD = Variable("OCPPCommCtrlr", "OfflineThreshold", DataType.INTEGER, 60, minimum=0, unit="s")
RETRY_BACK_OFF_REPEAT_TIMES = Variable("OCPPCommCtrlr", "RetryBackOffRepeatTimes", DataType.INTEGER, 5, minimum=0)
RETRY_BACK_OFF_RANDOM_RANGE = Variable(
    "OCPPCommCtrlr", "RetryBackOffRandomRange", DataType.INTEGER, 10, minimum=0, unit="s"
)
RETRY_BACK_OFF_WAIT_MINIMUM = Variable(
    "OCPPCommCtrlr", "RetryBackOffWaitMinimum", DataType.INTEGER, 5, minimum=0, unit="s"
)
NETWORK_CONFIGURATION_PRIORITY: Variable[tuple[str, ...]] = Variable(
    "OCPPCommCtrlr",
    "NetworkConfigurationPriority",
    DataType.SEQUENCE_LIST,
    ("0",),
    minimum=1,
    values=NETWORK_PROFILE_SLOTS,
)
NETWORK_PROFILE_CONNECTION_ATTEMPTS = Variable(
    "OCPPCommCtrlr", "NetworkProfileConnectionAttempts", DataType.INTEGER, 3, minimum=1
)


def _active_network_profile(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.network_profiles.slot)


ACTIVE_NETWORK_PROFILE = Variable(
    "OCPPCommCtrlr", "ActiveNetworkProfile", DataType.INTEGER, 0, value_of=_active_network_profile
)
RESET_RETRIES = Variable("OCPPCommCtrlr", "ResetRetries", DataType.INTEGER, 1, key16="ResetRetries", minimum=0)

# --- how the device model is talked about ------------------------------------------------------------------------------


def _per_message(name: str, message: str, default: int) -> Variable[int]:
    return Variable(
        "DeviceDataCtrlr",
        name,
        DataType.INTEGER,
        default,
        instance=message,
        mutability=Mutability.READ_ONLY,
        minimum=1,
    )


ITEMS_PER_MESSAGE_GET_VARIABLES = _per_message("ItemsPerMessage", "GetVariables", 100)
ITEMS_PER_MESSAGE_SET_VARIABLES = _per_message("ItemsPerMessage", "SetVariables", 100)
ITEMS_PER_MESSAGE_GET_REPORT = _per_message("ItemsPerMessage", "GetReport", 100)
BYTES_PER_MESSAGE_GET_VARIABLES = _per_message("BytesPerMessage", "GetVariables", 65536)
BYTES_PER_MESSAGE_SET_VARIABLES = _per_message("BytesPerMessage", "SetVariables", 65536)
BYTES_PER_MESSAGE_GET_REPORT = _per_message("BytesPerMessage", "GetReport", 65536)
CONFIGURATION_VALUE_SIZE = Variable(
    "DeviceDataCtrlr",
    "ConfigurationValueSize",
    DataType.INTEGER,
    1000,
    mutability=Mutability.READ_ONLY,
    minimum=1,
    maximum=1000,
)
REPORTING_VALUE_SIZE = Variable(
    "DeviceDataCtrlr",
    "ReportingValueSize",
    DataType.INTEGER,
    2500,
    mutability=Mutability.READ_ONLY,
    minimum=1,
    maximum=2500,
)
GET_CONFIGURATION_MAX_KEYS = Variable(
    "", "", DataType.INTEGER, 100, key16="GetConfigurationMaxKeys", mutability=Mutability.READ_ONLY, minimum=1
)

# --- the clock ---------------------------------------------------------------------------------------------------------


def _date_time(station: Any, _evse_id: int, _connector_id: int) -> str:
    return datetime.fromtimestamp(station.clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


DATE_TIME = Variable("ClockCtrlr", "DateTime", DataType.DATE_TIME, "", value_of=_date_time)
TIME_SOURCE: Variable[tuple[str, ...]] = Variable(
    "ClockCtrlr", "TimeSource", DataType.SEQUENCE_LIST, ("Heartbeat",), minimum=1, values=("Heartbeat",)
)
"""The first one counts: the CSMS's clock (Heartbeat), or that of the machine, whatever sets it (RealTimeClock, NTP …)."""
TIME_ADJUSTMENT_REPORTING_THRESHOLD = Variable(
    "ClockCtrlr", "TimeAdjustmentReportingThreshold", DataType.INTEGER, 20, minimum=0, unit="s"
)
