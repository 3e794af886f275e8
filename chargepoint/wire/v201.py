"""The messages of OCPP 2.0.1. Written by scripts/generate_wire.py; change that, not this."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .base import CustomData, Datatype, Maybe, Message

IntegerFrom0 = Annotated[int, Meta(ge=0)]
IntegerFrom0To100 = Annotated[int, Meta(ge=0, le=100)]
String6 = Annotated[str, Meta(max_length=6)]
String8 = Annotated[str, Meta(max_length=8)]
String16 = Annotated[str, Meta(max_length=16)]
String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String32 = Annotated[str, Meta(max_length=32)]
String36 = Annotated[str, Meta(max_length=36)]
String40 = Annotated[str, Meta(max_length=40)]
String50 = Annotated[str, Meta(max_length=50)]
String64 = Annotated[str, Meta(max_length=64)]
String128 = Annotated[str, Meta(max_length=128)]
String255 = Annotated[str, Meta(max_length=255)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String1000 = Annotated[str, Meta(max_length=1000)]
String2500 = Annotated[str, Meta(max_length=2500)]
String5500 = Annotated[str, Meta(max_length=5500)]
String5600 = Annotated[str, Meta(max_length=5600)]
String7500 = Annotated[str, Meta(max_length=7500)]
String10000 = Annotated[str, Meta(max_length=10000)]

APNAuthentication = Literal["CHAP", "NONE", "PAP", "AUTO"]
Attribute = Literal["Actual", "Target", "MinSet", "MaxSet"]
AuthorizationStatus = Literal[
    "Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation",
    "NotAtThisTime", "Unknown",
]
AuthorizeCertificateStatus = Literal[
    "Accepted", "SignatureError", "CertificateExpired", "CertificateRevoked", "NoCertificateAvailable",
    "CertChainError", "ContractCancelled",
]
BootReason = Literal[
    "ApplicationReset", "FirmwareUpdate", "LocalReset", "PowerUp", "RemoteReset", "ScheduledReset", "Triggered",
    "Unknown", "Watchdog",
]
CancelReservationStatus = Literal["Accepted", "Rejected"]
CertificateAction = Literal["Install", "Update"]
CertificateSignedStatus = Literal["Accepted", "Rejected"]
CertificateSigningUse = Literal["ChargingStationCertificate", "V2GCertificate"]
ChangeAvailabilityStatus = Literal["Accepted", "Rejected", "Scheduled"]
ChargingLimitSource = Literal["EMS", "Other", "SO", "CSO"]
ChargingProfileKind = Literal["Absolute", "Recurring", "Relative"]
ChargingProfilePurpose = Literal[
    "ChargingStationExternalConstraints", "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile",
]
ChargingProfileStatus = Literal["Accepted", "Rejected"]
ChargingRateUnit = Literal["W", "A"]
ChargingState = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]
ClearCacheStatus = Literal["Accepted", "Rejected"]
ClearChargingProfileStatus = Literal["Accepted", "Unknown"]
ClearMessageStatus = Literal["Accepted", "Unknown"]
ClearMonitoringStatus = Literal["Accepted", "Rejected", "NotFound"]
ComponentCriterion = Literal["Active", "Available", "Enabled", "Problem"]
Connector = Literal[
    "cCCS1", "cCCS2", "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A", "s309-3P-32A",
    "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A", "Other1PhOver16A", "Other3Ph", "Pan", "wInductive",
    "wResonant", "Undetermined", "Unknown",
]
ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
CostKind = Literal["CarbonDioxideEmission", "RelativePricePercentage", "RenewableGenerationPercentage"]
CustomerInformationStatus = Literal["Accepted", "Rejected", "Invalid"]
Data = Literal["string", "decimal", "integer", "dateTime", "boolean", "OptionList", "SequenceList", "MemberList"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
DeleteCertificateStatus = Literal["Accepted", "Failed", "NotFound"]
DisplayMessageStatus = Literal[
    "Accepted", "NotSupportedMessageFormat", "Rejected", "NotSupportedPriority", "NotSupportedState",
    "UnknownTransaction",
]
EnergyTransferMode = Literal["DC", "AC_single_phase", "AC_two_phase", "AC_three_phase"]
EventNotification = Literal["HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]
EventTrigger = Literal["Alerting", "Delta", "Periodic"]
FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "DownloadScheduled", "DownloadPaused", "Idle", "InstallationFailed",
    "Installing", "Installed", "InstallRebooting", "InstallScheduled", "InstallVerificationFailed", "InvalidSignature",
    "SignatureVerified",
]
GenericDeviceModelStatus = Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
GenericStatus = Literal["Accepted", "Rejected"]
GetCertificateIdUse = Literal[
    "V2GRootCertificate", "MORootCertificate", "CSMSRootCertificate", "V2GCertificateChain",
    "ManufacturerRootCertificate",
]
GetCertificateStatus = Literal["Accepted", "Failed"]
GetChargingProfileStatus = Literal["Accepted", "NoProfiles"]
GetDisplayMessagesStatus = Literal["Accepted", "Unknown"]
GetInstalledCertificateStatus = Literal["Accepted", "NotFound"]
GetVariableStatus = Literal["Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
IdTokenEnum = Literal["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"]
InstallCertificateStatus = Literal["Accepted", "Rejected", "Failed"]
InstallCertificateUse = Literal[
    "V2GRootCertificate", "MORootCertificate", "CSMSRootCertificate", "ManufacturerRootCertificate",
]
Iso15118EVCertificateStatus = Literal["Accepted", "Failed"]
Location = Literal["Body", "Cable", "EV", "Inlet", "Outlet"]
Log = Literal["DiagnosticsLog", "SecurityLog"]
LogStatus = Literal["Accepted", "Rejected", "AcceptedCanceled"]
Measurand = Literal[
    "Current.Export", "Current.Import", "Current.Offered", "Energy.Active.Export.Register",
    "Energy.Active.Import.Register", "Energy.Reactive.Export.Register", "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval", "Energy.Active.Import.Interval", "Energy.Active.Net",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval", "Energy.Reactive.Net", "Energy.Apparent.Net",
    "Energy.Apparent.Import", "Energy.Apparent.Export", "Frequency", "Power.Active.Export", "Power.Active.Import",
    "Power.Factor", "Power.Offered", "Power.Reactive.Export", "Power.Reactive.Import", "SoC", "Voltage",
]
MessageFormat = Literal["ASCII", "HTML", "URI", "UTF8"]
MessagePriority = Literal["AlwaysFront", "InFront", "NormalCycle"]
MessageState = Literal["Charging", "Faulted", "Idle", "Unavailable"]
MessageTrigger = Literal[
    "BootNotification", "LogStatusNotification", "FirmwareStatusNotification", "Heartbeat", "MeterValues",
    "SignChargingStationCertificate", "SignV2GCertificate", "StatusNotification", "TransactionEvent",
    "SignCombinedCertificate", "PublishFirmwareStatusNotification",
]
Monitor = Literal["UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned"]
MonitoringBase = Literal["All", "FactoryDefault", "HardWiredOnly"]
MonitoringCriterion = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]
Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
NotifyEVChargingNeedsStatus = Literal["Accepted", "Rejected", "Processing"]
OCPPInterface = Literal["Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3"]
OCPPTransport = Literal["JSON", "SOAP"]
OCPPVersion = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20"]
OperationalStatus = Literal["Inoperative", "Operative"]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
PublishFirmwareStatus = Literal[
    "Idle", "DownloadScheduled", "Downloading", "Downloaded", "Published", "DownloadFailed", "DownloadPaused",
    "InvalidChecksum", "ChecksumVerified", "PublishFailed",
]
ReadingContext = Literal[
    "Interruption.Begin", "Interruption.End", "Other", "Sample.Clock", "Sample.Periodic", "Transaction.Begin",
    "Transaction.End", "Trigger",
]
Reason = Literal[
    "DeAuthorized", "EmergencyStop", "EnergyLimitReached", "EVDisconnected", "GroundFault", "ImmediateReset", "Local",
    "LocalOutOfCredit", "MasterPass", "Other", "OvercurrentFault", "PowerLoss", "PowerQuality", "Reboot", "Remote",
    "SOCLimitReached", "StoppedByEV", "TimeLimitReached", "Timeout",
]
RecurrencyKind = Literal["Daily", "Weekly"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
ReportBase = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
RequestStartStopStatus = Literal["Accepted", "Rejected"]
ReservationUpdateStatus = Literal["Expired", "Removed"]
ReserveNowStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
Reset = Literal["Immediate", "OnIdle"]
ResetStatus = Literal["Accepted", "Rejected", "Scheduled"]
SendLocalListStatus = Literal["Accepted", "Failed", "VersionMismatch"]
SetMonitoringStatus = Literal[
    "Accepted", "UnknownComponent", "UnknownVariable", "UnsupportedMonitorType", "Rejected", "Duplicate",
]
SetNetworkProfileStatus = Literal["Accepted", "Rejected", "Failed"]
SetVariableStatus = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "RebootRequired",
]
TransactionEvent = Literal["Ended", "Started", "Updated"]
TriggerMessageStatus = Literal["Accepted", "Rejected", "NotImplemented"]
TriggerReason = Literal[
    "Authorized", "CablePluggedIn", "ChargingRateChanged", "ChargingStateChanged", "Deauthorized", "EnergyLimitReached",
    "EVCommunicationLost", "EVConnectTimeout", "MeterValueClock", "MeterValuePeriodic", "TimeLimitReached", "Trigger",
    "UnlockCommand", "StopAuthorized", "EVDeparted", "EVDetected", "RemoteStop", "RemoteStart", "AbnormalCondition",
    "SignedDataReceived", "ResetCommand",
]
UnlockStatus = Literal["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"]
UnpublishFirmwareStatus = Literal["DownloadOngoing", "NoFirmware", "Unpublished"]
Update = Literal["Differential", "Full"]
UpdateFirmwareStatus = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]
UploadLogStatus = Literal[
    "BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading",
    "AcceptedCanceled",
]
VPNEnum = Literal["IKEv2", "IPSec", "L2TP", "PPTP"]


class ACChargingParameters(Datatype, frozen=True, kw_only=True):
    energy_amount: int
    ev_min_current: int
    ev_max_current: int
    ev_max_voltage: int
    custom_data: Maybe[CustomData] = None


class APN(Datatype, frozen=True, kw_only=True):
    apn: String512
    apn_authentication: APNAuthentication
    apn_user_name: Maybe[String20] = None
    apn_password: Maybe[String20] = None
    sim_pin: Maybe[int] = None
    preferred_network: Maybe[String6] = None
    use_only_preferred_network: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class AdditionalInfo(Datatype, frozen=True, kw_only=True):
    additional_id_token: String36
    type: String50
    custom_data: Maybe[CustomData] = None


class AuthorizationData(Datatype, frozen=True, kw_only=True):
    id_token: IdToken
    id_token_info: Maybe[IdTokenInfo] = None
    custom_data: Maybe[CustomData] = None


class CertificateHashData(Datatype, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithm
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40
    custom_data: Maybe[CustomData] = None


class CertificateHashDataChain(Datatype, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData
    certificate_type: GetCertificateIdUse
    child_certificate_hash_data: Maybe[Annotated[list[CertificateHashData], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class ChargingLimit(Datatype, frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSource
    is_grid_critical: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class ChargingNeeds(Datatype, frozen=True, kw_only=True):
    requested_energy_transfer: EnergyTransferMode
    ac_charging_parameters: Maybe[ACChargingParameters] = None
    dc_charging_parameters: Maybe[DCChargingParameters] = None
    departure_time: Maybe[str] = None
    custom_data: Maybe[CustomData] = None


class ChargingProfile(Datatype, frozen=True, kw_only=True):
    id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: ChargingProfileKind
    charging_schedule: Annotated[list[ChargingSchedule], Meta(min_length=1, max_length=3)]
    recurrency_kind: Maybe[RecurrencyKind] = None
    valid_from: Maybe[str] = None
    valid_to: Maybe[str] = None
    transaction_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class ChargingProfileCriterion(Datatype, frozen=True, kw_only=True):
    charging_profile_purpose: Maybe[ChargingProfilePurpose] = None
    stack_level: Maybe[int] = None
    charging_profile_id: Maybe[Annotated[list[int], Meta(min_length=1)]] = None
    charging_limit_source: Maybe[Annotated[list[ChargingLimitSource], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class ChargingSchedule(Datatype, frozen=True, kw_only=True):
    id: int
    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1, max_length=1024)]
    start_schedule: Maybe[str] = None
    duration: Maybe[int] = None
    min_charging_rate: Maybe[float] = None
    sales_tariff: Maybe[SalesTariff] = None
    custom_data: Maybe[CustomData] = None


class ChargingSchedulePeriod(Datatype, frozen=True, kw_only=True):
    start_period: int
    limit: float
    number_phases: Maybe[int] = None
    phase_to_use: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class ChargingStation(Datatype, frozen=True, kw_only=True):
    model: String20
    vendor_name: String50
    serial_number: Maybe[String25] = None
    modem: Maybe[Modem] = None
    firmware_version: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class ClearChargingProfile(Datatype, frozen=True, kw_only=True):
    evse_id: Maybe[int] = None
    charging_profile_purpose: Maybe[ChargingProfilePurpose] = None
    stack_level: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class ClearMonitoringResult(Datatype, frozen=True, kw_only=True):
    status: ClearMonitoringStatus
    id: int
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class Component(Datatype, frozen=True, kw_only=True):
    name: String50
    evse: Maybe[EVSE] = None
    instance: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class ComponentVariable(Datatype, frozen=True, kw_only=True):
    component: Component
    variable: Maybe[Variable] = None
    custom_data: Maybe[CustomData] = None


class CompositeSchedule(Datatype, frozen=True, kw_only=True):
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1)]
    evse_id: int
    duration: int
    schedule_start: str
    charging_rate_unit: ChargingRateUnit
    custom_data: Maybe[CustomData] = None


class ConsumptionCost(Datatype, frozen=True, kw_only=True):
    start_value: float
    cost: Annotated[list[Cost], Meta(min_length=1, max_length=3)]
    custom_data: Maybe[CustomData] = None


class Cost(Datatype, frozen=True, kw_only=True):
    cost_kind: CostKind
    amount: int
    amount_multiplier: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class DCChargingParameters(Datatype, frozen=True, kw_only=True, rename={
    "ev_max_current": "evMaxCurrent", "ev_max_voltage": "evMaxVoltage", "energy_amount": "energyAmount",
    "ev_max_power": "evMaxPower", "state_of_charge": "stateOfCharge", "ev_energy_capacity": "evEnergyCapacity",
    "full_soc": "fullSoC", "bulk_soc": "bulkSoC", "custom_data": "customData",
}):
    ev_max_current: int
    ev_max_voltage: int
    energy_amount: Maybe[int] = None
    ev_max_power: Maybe[int] = None
    state_of_charge: Maybe[IntegerFrom0To100] = None
    ev_energy_capacity: Maybe[int] = None
    full_soc: Maybe[IntegerFrom0To100] = None
    bulk_soc: Maybe[IntegerFrom0To100] = None
    custom_data: Maybe[CustomData] = None


class EVSE(Datatype, frozen=True, kw_only=True):
    id: int
    connector_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class EventData(Datatype, frozen=True, kw_only=True):
    event_id: int
    timestamp: str
    trigger: EventTrigger
    actual_value: String2500
    component: Component
    event_notification_type: EventNotification
    variable: Variable
    cause: Maybe[int] = None
    tech_code: Maybe[String50] = None
    tech_info: Maybe[String500] = None
    cleared: Maybe[bool] = None
    transaction_id: Maybe[String36] = None
    variable_monitoring_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class Firmware(Datatype, frozen=True, kw_only=True):
    location: String512
    retrieve_date_time: str
    install_date_time: Maybe[str] = None
    signing_certificate: Maybe[String5500] = None
    signature: Maybe[String800] = None
    custom_data: Maybe[CustomData] = None


class GetVariableData(Datatype, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    attribute_type: Maybe[Attribute] = None
    custom_data: Maybe[CustomData] = None


class GetVariableResult(Datatype, frozen=True, kw_only=True):
    attribute_status: GetVariableStatus
    component: Component
    variable: Variable
    attribute_status_info: Maybe[StatusInfo] = None
    attribute_type: Maybe[Attribute] = None
    attribute_value: Maybe[String2500] = None
    custom_data: Maybe[CustomData] = None


class IdToken(Datatype, frozen=True, kw_only=True):
    id_token: String36
    type: IdTokenEnum
    additional_info: Maybe[Annotated[list[AdditionalInfo], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class IdTokenInfo(Datatype, frozen=True, kw_only=True):
    status: AuthorizationStatus
    cache_expiry_date_time: Maybe[str] = None
    charging_priority: Maybe[int] = None
    language1: Maybe[String8] = None
    evse_id: Maybe[Annotated[list[int], Meta(min_length=1)]] = None
    group_id_token: Maybe[IdToken] = None
    language2: Maybe[String8] = None
    personal_message: Maybe[MessageContent] = None
    custom_data: Maybe[CustomData] = None


class LogParameters(Datatype, frozen=True, kw_only=True):
    remote_location: String512
    oldest_timestamp: Maybe[str] = None
    latest_timestamp: Maybe[str] = None
    custom_data: Maybe[CustomData] = None


class MessageContent(Datatype, frozen=True, kw_only=True):
    format: MessageFormat
    content: String512
    language: Maybe[String8] = None
    custom_data: Maybe[CustomData] = None


class MessageInfo(Datatype, frozen=True, kw_only=True):
    id: int
    priority: MessagePriority
    message: MessageContent
    display: Maybe[Component] = None
    state: Maybe[MessageState] = None
    start_date_time: Maybe[str] = None
    end_date_time: Maybe[str] = None
    transaction_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class MeterValue(Datatype, frozen=True, kw_only=True):
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)]
    timestamp: str
    custom_data: Maybe[CustomData] = None


class Modem(Datatype, frozen=True, kw_only=True):
    iccid: Maybe[String20] = None
    imsi: Maybe[String20] = None
    custom_data: Maybe[CustomData] = None


class MonitoringData(Datatype, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    variable_monitoring: Annotated[list[VariableMonitoring], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class NetworkConnectionProfile(Datatype, frozen=True, kw_only=True):
    ocpp_version: OCPPVersion
    ocpp_transport: OCPPTransport
    ocpp_csms_url: String512
    message_timeout: int
    security_profile: int
    ocpp_interface: OCPPInterface
    apn: Maybe[APN] = None
    vpn: Maybe[VPN] = None
    custom_data: Maybe[CustomData] = None


class OCSPRequestData(Datatype, frozen=True, kw_only=True, rename={
    "hash_algorithm": "hashAlgorithm", "issuer_name_hash": "issuerNameHash", "issuer_key_hash": "issuerKeyHash",
    "serial_number": "serialNumber", "responder_url": "responderURL", "custom_data": "customData",
}):
    hash_algorithm: HashAlgorithm
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40
    responder_url: String512
    custom_data: Maybe[CustomData] = None


class RelativeTimeInterval(Datatype, frozen=True, kw_only=True):
    start: int
    duration: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class ReportData(Datatype, frozen=True, kw_only=True):
    component: Component
    variable: Variable
    variable_attribute: Annotated[list[VariableAttribute], Meta(min_length=1, max_length=4)]
    variable_characteristics: Maybe[VariableCharacteristics] = None
    custom_data: Maybe[CustomData] = None


class SalesTariff(Datatype, frozen=True, kw_only=True):
    id: int
    sales_tariff_entry: Annotated[list[SalesTariffEntry], Meta(min_length=1, max_length=1024)]
    sales_tariff_description: Maybe[String32] = None
    num_e_price_levels: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class SalesTariffEntry(Datatype, frozen=True, kw_only=True):
    relative_time_interval: RelativeTimeInterval
    e_price_level: Maybe[IntegerFrom0] = None
    consumption_cost: Maybe[Annotated[list[ConsumptionCost], Meta(min_length=1, max_length=3)]] = None
    custom_data: Maybe[CustomData] = None


class SampledValue(Datatype, frozen=True, kw_only=True):
    value: float
    context: Maybe[ReadingContext] = None
    measurand: Maybe[Measurand] = None
    phase: Maybe[Phase] = None
    location: Maybe[Location] = None
    signed_meter_value: Maybe[SignedMeterValue] = None
    unit_of_measure: Maybe[UnitOfMeasure] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringData(Datatype, frozen=True, kw_only=True):
    value: float
    type: Monitor
    severity: int
    component: Component
    variable: Variable
    id: Maybe[int] = None
    transaction: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringResult(Datatype, frozen=True, kw_only=True):
    status: SetMonitoringStatus
    type: Monitor
    component: Component
    variable: Variable
    severity: int
    id: Maybe[int] = None
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetVariableData(Datatype, frozen=True, kw_only=True):
    attribute_value: String1000
    component: Component
    variable: Variable
    attribute_type: Maybe[Attribute] = None
    custom_data: Maybe[CustomData] = None


class SetVariableResult(Datatype, frozen=True, kw_only=True):
    attribute_status: SetVariableStatus
    component: Component
    variable: Variable
    attribute_type: Maybe[Attribute] = None
    attribute_status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SignedMeterValue(Datatype, frozen=True, kw_only=True):
    signed_meter_data: String2500
    signing_method: String50
    encoding_method: String50
    public_key: String2500
    custom_data: Maybe[CustomData] = None


class StatusInfo(Datatype, frozen=True, kw_only=True):
    reason_code: String20
    additional_info: Maybe[String512] = None
    custom_data: Maybe[CustomData] = None


class Transaction(Datatype, frozen=True, kw_only=True):
    transaction_id: String36
    charging_state: Maybe[ChargingState] = None
    time_spent_charging: Maybe[int] = None
    stopped_reason: Maybe[Reason] = None
    remote_start_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class UnitOfMeasure(Datatype, frozen=True, kw_only=True):
    unit: Maybe[String20] = None
    multiplier: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class VPN(Datatype, frozen=True, kw_only=True):
    server: String512
    user: String20
    password: String20
    key: String255
    type: VPNEnum
    group: Maybe[String20] = None
    custom_data: Maybe[CustomData] = None


class Variable(Datatype, frozen=True, kw_only=True):
    name: String50
    instance: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class VariableAttribute(Datatype, frozen=True, kw_only=True):
    type: Maybe[Attribute] = None
    value: Maybe[String2500] = None
    mutability: Maybe[Mutability] = None
    persistent: Maybe[bool] = None
    constant: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class VariableCharacteristics(Datatype, frozen=True, kw_only=True):
    data_type: Data
    supports_monitoring: bool
    unit: Maybe[String16] = None
    min_limit: Maybe[float] = None
    max_limit: Maybe[float] = None
    values_list: Maybe[String1000] = None
    custom_data: Maybe[CustomData] = None


class VariableMonitoring(Datatype, frozen=True, kw_only=True):
    id: int
    transaction: bool
    value: float
    type: Monitor
    severity: int
    custom_data: Maybe[CustomData] = None


class AuthorizeRequest(Message, frozen=True, kw_only=True):
    id_token: IdToken
    certificate: Maybe[String5500] = None
    iso15118_certificate_hash_data: Maybe[Annotated[list[OCSPRequestData], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class AuthorizeResponse(Message, frozen=True, kw_only=True):
    id_token_info: IdTokenInfo
    certificate_status: Maybe[AuthorizeCertificateStatus] = None
    custom_data: Maybe[CustomData] = None


class BootNotificationRequest(Message, frozen=True, kw_only=True):
    charging_station: ChargingStation
    reason: BootReason
    custom_data: Maybe[CustomData] = None


class BootNotificationResponse(Message, frozen=True, kw_only=True):
    current_time: str
    interval: int
    status: RegistrationStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class CancelReservationRequest(Message, frozen=True, kw_only=True):
    reservation_id: int
    custom_data: Maybe[CustomData] = None


class CancelReservationResponse(Message, frozen=True, kw_only=True):
    status: CancelReservationStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class CertificateSignedRequest(Message, frozen=True, kw_only=True):
    certificate_chain: String10000
    certificate_type: Maybe[CertificateSigningUse] = None
    custom_data: Maybe[CustomData] = None


class CertificateSignedResponse(Message, frozen=True, kw_only=True):
    status: CertificateSignedStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ChangeAvailabilityRequest(Message, frozen=True, kw_only=True):
    operational_status: OperationalStatus
    evse: Maybe[EVSE] = None
    custom_data: Maybe[CustomData] = None


class ChangeAvailabilityResponse(Message, frozen=True, kw_only=True):
    status: ChangeAvailabilityStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearCacheRequest(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ClearCacheResponse(Message, frozen=True, kw_only=True):
    status: ClearCacheStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearChargingProfileRequest(Message, frozen=True, kw_only=True):
    charging_profile_id: Maybe[int] = None
    charging_profile_criteria: Maybe[ClearChargingProfile] = None
    custom_data: Maybe[CustomData] = None


class ClearChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: ClearChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearDisplayMessageRequest(Message, frozen=True, kw_only=True):
    id: int
    custom_data: Maybe[CustomData] = None


class ClearDisplayMessageResponse(Message, frozen=True, kw_only=True):
    status: ClearMessageStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearVariableMonitoringRequest(Message, frozen=True, kw_only=True):
    id: Annotated[list[int], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ClearVariableMonitoringResponse(Message, frozen=True, kw_only=True):
    clear_monitoring_result: Annotated[list[ClearMonitoringResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ClearedChargingLimitRequest(Message, frozen=True, kw_only=True):
    charging_limit_source: ChargingLimitSource
    evse_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class ClearedChargingLimitResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class CostUpdatedRequest(Message, frozen=True, kw_only=True):
    total_cost: float
    transaction_id: String36
    custom_data: Maybe[CustomData] = None


class CostUpdatedResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class CustomerInformationRequest(Message, frozen=True, kw_only=True):
    request_id: int
    report: bool
    clear: bool
    customer_certificate: Maybe[CertificateHashData] = None
    id_token: Maybe[IdToken] = None
    customer_identifier: Maybe[String64] = None
    custom_data: Maybe[CustomData] = None


class CustomerInformationResponse(Message, frozen=True, kw_only=True):
    status: CustomerInformationStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class DataTransferRequest(Message, frozen=True, kw_only=True):
    vendor_id: String255
    message_id: Maybe[String50] = None
    data: Maybe[Any] = None
    custom_data: Maybe[CustomData] = None


class DataTransferResponse(Message, frozen=True, kw_only=True):
    status: DataTransferStatus
    status_info: Maybe[StatusInfo] = None
    data: Maybe[Any] = None
    custom_data: Maybe[CustomData] = None


class DeleteCertificateRequest(Message, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData
    custom_data: Maybe[CustomData] = None


class DeleteCertificateResponse(Message, frozen=True, kw_only=True):
    status: DeleteCertificateStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class FirmwareStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: FirmwareStatus
    request_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class FirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class Get15118EVCertificateRequest(Message, frozen=True, kw_only=True):
    iso15118_schema_version: String50
    action: CertificateAction
    exi_request: String5600
    custom_data: Maybe[CustomData] = None


class Get15118EVCertificateResponse(Message, frozen=True, kw_only=True):
    status: Iso15118EVCertificateStatus
    exi_response: String7500
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetBaseReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    report_base: ReportBase
    custom_data: Maybe[CustomData] = None


class GetBaseReportResponse(Message, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetCertificateStatusRequest(Message, frozen=True, kw_only=True):
    ocsp_request_data: OCSPRequestData
    custom_data: Maybe[CustomData] = None


class GetCertificateStatusResponse(Message, frozen=True, kw_only=True):
    status: GetCertificateStatus
    status_info: Maybe[StatusInfo] = None
    ocsp_result: Maybe[String5500] = None
    custom_data: Maybe[CustomData] = None


class GetChargingProfilesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    charging_profile: ChargingProfileCriterion
    evse_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class GetChargingProfilesResponse(Message, frozen=True, kw_only=True):
    status: GetChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetCompositeScheduleRequest(Message, frozen=True, kw_only=True):
    duration: int
    evse_id: int
    charging_rate_unit: Maybe[ChargingRateUnit] = None
    custom_data: Maybe[CustomData] = None


class GetCompositeScheduleResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    schedule: Maybe[CompositeSchedule] = None
    custom_data: Maybe[CustomData] = None


class GetDisplayMessagesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    id: Maybe[Annotated[list[int], Meta(min_length=1)]] = None
    priority: Maybe[MessagePriority] = None
    state: Maybe[MessageState] = None
    custom_data: Maybe[CustomData] = None


class GetDisplayMessagesResponse(Message, frozen=True, kw_only=True):
    status: GetDisplayMessagesStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetInstalledCertificateIdsRequest(Message, frozen=True, kw_only=True):
    certificate_type: Maybe[Annotated[list[GetCertificateIdUse], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class GetInstalledCertificateIdsResponse(Message, frozen=True, kw_only=True):
    status: GetInstalledCertificateStatus
    status_info: Maybe[StatusInfo] = None
    certificate_hash_data_chain: Maybe[Annotated[list[CertificateHashDataChain], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class GetLocalListVersionRequest(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class GetLocalListVersionResponse(Message, frozen=True, kw_only=True):
    version_number: int
    custom_data: Maybe[CustomData] = None


class GetLogRequest(Message, frozen=True, kw_only=True):
    log: LogParameters
    log_type: Log
    request_id: int
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class GetLogResponse(Message, frozen=True, kw_only=True):
    status: LogStatus
    status_info: Maybe[StatusInfo] = None
    filename: Maybe[String255] = None
    custom_data: Maybe[CustomData] = None


class GetMonitoringReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    component_variable: Maybe[Annotated[list[ComponentVariable], Meta(min_length=1)]] = None
    monitoring_criteria: Maybe[Annotated[list[MonitoringCriterion], Meta(min_length=1, max_length=3)]] = None
    custom_data: Maybe[CustomData] = None


class GetMonitoringReportResponse(Message, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    component_variable: Maybe[Annotated[list[ComponentVariable], Meta(min_length=1)]] = None
    component_criteria: Maybe[Annotated[list[ComponentCriterion], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class GetReportResponse(Message, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetTransactionStatusRequest(Message, frozen=True, kw_only=True):
    transaction_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class GetTransactionStatusResponse(Message, frozen=True, kw_only=True):
    messages_in_queue: bool
    ongoing_indicator: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class GetVariablesRequest(Message, frozen=True, kw_only=True):
    get_variable_data: Annotated[list[GetVariableData], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class GetVariablesResponse(Message, frozen=True, kw_only=True):
    get_variable_result: Annotated[list[GetVariableResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class HeartbeatRequest(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class HeartbeatResponse(Message, frozen=True, kw_only=True):
    current_time: str
    custom_data: Maybe[CustomData] = None


class InstallCertificateRequest(Message, frozen=True, kw_only=True):
    certificate_type: InstallCertificateUse
    certificate: String5500
    custom_data: Maybe[CustomData] = None


class InstallCertificateResponse(Message, frozen=True, kw_only=True):
    status: InstallCertificateStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class LogStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: UploadLogStatus
    request_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class LogStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class MeterValuesRequest(Message, frozen=True, kw_only=True):
    evse_id: int
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class MeterValuesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyChargingLimitRequest(Message, frozen=True, kw_only=True):
    charging_limit: ChargingLimit
    charging_schedule: Maybe[Annotated[list[ChargingSchedule], Meta(min_length=1)]] = None
    evse_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class NotifyChargingLimitResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyCustomerInformationRequest(Message, frozen=True, kw_only=True):
    data: String512
    seq_no: int
    generated_at: str
    request_id: int
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyCustomerInformationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyDisplayMessagesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    message_info: Maybe[Annotated[list[MessageInfo], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyDisplayMessagesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingNeedsRequest(Message, frozen=True, kw_only=True):
    charging_needs: ChargingNeeds
    evse_id: int
    max_schedule_tuples: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingNeedsResponse(Message, frozen=True, kw_only=True):
    status: NotifyEVChargingNeedsStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingScheduleRequest(Message, frozen=True, kw_only=True):
    time_base: str
    charging_schedule: ChargingSchedule
    evse_id: int
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingScheduleResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class NotifyEventRequest(Message, frozen=True, kw_only=True):
    generated_at: str
    seq_no: int
    event_data: Annotated[list[EventData], Meta(min_length=1)]
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyEventResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyMonitoringReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    seq_no: int
    generated_at: str
    monitor: Maybe[Annotated[list[MonitoringData], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyMonitoringReportResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    generated_at: str
    seq_no: int
    report_data: Maybe[Annotated[list[ReportData], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyReportResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class PublishFirmwareRequest(Message, frozen=True, kw_only=True):
    location: String512
    checksum: String32
    request_id: int
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: PublishFirmwareStatus
    location: Maybe[Annotated[list[String512], Meta(min_length=1)]] = None
    request_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ReportChargingProfilesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    charging_limit_source: ChargingLimitSource
    charging_profile: Annotated[list[ChargingProfile], Meta(min_length=1)]
    evse_id: int
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class ReportChargingProfilesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class RequestStartTransactionRequest(Message, frozen=True, kw_only=True):
    id_token: IdToken
    remote_start_id: int
    evse_id: Maybe[int] = None
    group_id_token: Maybe[IdToken] = None
    charging_profile: Maybe[ChargingProfile] = None
    custom_data: Maybe[CustomData] = None


class RequestStartTransactionResponse(Message, frozen=True, kw_only=True):
    status: RequestStartStopStatus
    status_info: Maybe[StatusInfo] = None
    transaction_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class RequestStopTransactionRequest(Message, frozen=True, kw_only=True):
    transaction_id: String36
    custom_data: Maybe[CustomData] = None


class RequestStopTransactionResponse(Message, frozen=True, kw_only=True):
    status: RequestStartStopStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ReservationStatusUpdateRequest(Message, frozen=True, kw_only=True):
    reservation_id: int
    reservation_update_status: ReservationUpdateStatus
    custom_data: Maybe[CustomData] = None


class ReservationStatusUpdateResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ReserveNowRequest(Message, frozen=True, kw_only=True):
    id: int
    expiry_date_time: str
    id_token: IdToken
    connector_type: Maybe[Connector] = None
    evse_id: Maybe[int] = None
    group_id_token: Maybe[IdToken] = None
    custom_data: Maybe[CustomData] = None


class ReserveNowResponse(Message, frozen=True, kw_only=True):
    status: ReserveNowStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ResetRequest(Message, frozen=True, kw_only=True):
    type: Reset
    evse_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class ResetResponse(Message, frozen=True, kw_only=True):
    status: ResetStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SecurityEventNotificationRequest(Message, frozen=True, kw_only=True):
    type: String50
    timestamp: str
    tech_info: Maybe[String255] = None
    custom_data: Maybe[CustomData] = None


class SecurityEventNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class SendLocalListRequest(Message, frozen=True, kw_only=True):
    version_number: int
    update_type: Update
    local_authorization_list: Maybe[Annotated[list[AuthorizationData], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class SendLocalListResponse(Message, frozen=True, kw_only=True):
    status: SendLocalListStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetChargingProfileRequest(Message, frozen=True, kw_only=True):
    evse_id: int
    charging_profile: ChargingProfile
    custom_data: Maybe[CustomData] = None


class SetChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: ChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetDisplayMessageRequest(Message, frozen=True, kw_only=True):
    message: MessageInfo
    custom_data: Maybe[CustomData] = None


class SetDisplayMessageResponse(Message, frozen=True, kw_only=True):
    status: DisplayMessageStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringBaseRequest(Message, frozen=True, kw_only=True):
    monitoring_base: MonitoringBase
    custom_data: Maybe[CustomData] = None


class SetMonitoringBaseResponse(Message, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringLevelRequest(Message, frozen=True, kw_only=True):
    severity: int
    custom_data: Maybe[CustomData] = None


class SetMonitoringLevelResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetNetworkProfileRequest(Message, frozen=True, kw_only=True):
    configuration_slot: int
    connection_data: NetworkConnectionProfile
    custom_data: Maybe[CustomData] = None


class SetNetworkProfileResponse(Message, frozen=True, kw_only=True):
    status: SetNetworkProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetVariableMonitoringRequest(Message, frozen=True, kw_only=True):
    set_monitoring_data: Annotated[list[SetMonitoringData], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class SetVariableMonitoringResponse(Message, frozen=True, kw_only=True):
    set_monitoring_result: Annotated[list[SetMonitoringResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class SetVariablesRequest(Message, frozen=True, kw_only=True):
    set_variable_data: Annotated[list[SetVariableData], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class SetVariablesResponse(Message, frozen=True, kw_only=True):
    set_variable_result: Annotated[list[SetVariableResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class SignCertificateRequest(Message, frozen=True, kw_only=True):
    csr: String5500
    certificate_type: Maybe[CertificateSigningUse] = None
    custom_data: Maybe[CustomData] = None


class SignCertificateResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class StatusNotificationRequest(Message, frozen=True, kw_only=True):
    timestamp: str
    connector_status: ConnectorStatus
    evse_id: int
    connector_id: int
    custom_data: Maybe[CustomData] = None


class StatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class TransactionEventRequest(Message, frozen=True, kw_only=True):
    event_type: TransactionEvent
    timestamp: str
    trigger_reason: TriggerReason
    seq_no: int
    transaction_info: Transaction
    meter_value: Maybe[Annotated[list[MeterValue], Meta(min_length=1)]] = None
    offline: Maybe[bool] = None
    number_of_phases_used: Maybe[int] = None
    cable_max_current: Maybe[int] = None
    reservation_id: Maybe[int] = None
    evse: Maybe[EVSE] = None
    id_token: Maybe[IdToken] = None
    custom_data: Maybe[CustomData] = None


class TransactionEventResponse(Message, frozen=True, kw_only=True):
    total_cost: Maybe[float] = None
    charging_priority: Maybe[int] = None
    id_token_info: Maybe[IdTokenInfo] = None
    updated_personal_message: Maybe[MessageContent] = None
    custom_data: Maybe[CustomData] = None


class TriggerMessageRequest(Message, frozen=True, kw_only=True):
    requested_message: MessageTrigger
    evse: Maybe[EVSE] = None
    custom_data: Maybe[CustomData] = None


class TriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerMessageStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class UnlockConnectorRequest(Message, frozen=True, kw_only=True):
    evse_id: int
    connector_id: int
    custom_data: Maybe[CustomData] = None


class UnlockConnectorResponse(Message, frozen=True, kw_only=True):
    status: UnlockStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class UnpublishFirmwareRequest(Message, frozen=True, kw_only=True):
    checksum: String32
    custom_data: Maybe[CustomData] = None


class UnpublishFirmwareResponse(Message, frozen=True, kw_only=True):
    status: UnpublishFirmwareStatus
    custom_data: Maybe[CustomData] = None


class UpdateFirmwareRequest(Message, frozen=True, kw_only=True):
    request_id: int
    firmware: Firmware
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class UpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    status: UpdateFirmwareStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


# Action -> what a CALL carries, what its CALLRESULT carries.
ACTIONS: dict[str, tuple[type[Message], type[Message]]] = {
    "Authorize": (AuthorizeRequest, AuthorizeResponse),
    "BootNotification": (BootNotificationRequest, BootNotificationResponse),
    "CancelReservation": (CancelReservationRequest, CancelReservationResponse),
    "CertificateSigned": (CertificateSignedRequest, CertificateSignedResponse),
    "ChangeAvailability": (ChangeAvailabilityRequest, ChangeAvailabilityResponse),
    "ClearCache": (ClearCacheRequest, ClearCacheResponse),
    "ClearChargingProfile": (ClearChargingProfileRequest, ClearChargingProfileResponse),
    "ClearDisplayMessage": (ClearDisplayMessageRequest, ClearDisplayMessageResponse),
    "ClearVariableMonitoring": (ClearVariableMonitoringRequest, ClearVariableMonitoringResponse),
    "ClearedChargingLimit": (ClearedChargingLimitRequest, ClearedChargingLimitResponse),
    "CostUpdated": (CostUpdatedRequest, CostUpdatedResponse),
    "CustomerInformation": (CustomerInformationRequest, CustomerInformationResponse),
    "DataTransfer": (DataTransferRequest, DataTransferResponse),
    "DeleteCertificate": (DeleteCertificateRequest, DeleteCertificateResponse),
    "FirmwareStatusNotification": (FirmwareStatusNotificationRequest, FirmwareStatusNotificationResponse),
    "Get15118EVCertificate": (Get15118EVCertificateRequest, Get15118EVCertificateResponse),
    "GetBaseReport": (GetBaseReportRequest, GetBaseReportResponse),
    "GetCertificateStatus": (GetCertificateStatusRequest, GetCertificateStatusResponse),
    "GetChargingProfiles": (GetChargingProfilesRequest, GetChargingProfilesResponse),
    "GetCompositeSchedule": (GetCompositeScheduleRequest, GetCompositeScheduleResponse),
    "GetDisplayMessages": (GetDisplayMessagesRequest, GetDisplayMessagesResponse),
    "GetInstalledCertificateIds": (GetInstalledCertificateIdsRequest, GetInstalledCertificateIdsResponse),
    "GetLocalListVersion": (GetLocalListVersionRequest, GetLocalListVersionResponse),
    "GetLog": (GetLogRequest, GetLogResponse),
    "GetMonitoringReport": (GetMonitoringReportRequest, GetMonitoringReportResponse),
    "GetReport": (GetReportRequest, GetReportResponse),
    "GetTransactionStatus": (GetTransactionStatusRequest, GetTransactionStatusResponse),
    "GetVariables": (GetVariablesRequest, GetVariablesResponse),
    "Heartbeat": (HeartbeatRequest, HeartbeatResponse),
    "InstallCertificate": (InstallCertificateRequest, InstallCertificateResponse),
    "LogStatusNotification": (LogStatusNotificationRequest, LogStatusNotificationResponse),
    "MeterValues": (MeterValuesRequest, MeterValuesResponse),
    "NotifyChargingLimit": (NotifyChargingLimitRequest, NotifyChargingLimitResponse),
    "NotifyCustomerInformation": (NotifyCustomerInformationRequest, NotifyCustomerInformationResponse),
    "NotifyDisplayMessages": (NotifyDisplayMessagesRequest, NotifyDisplayMessagesResponse),
    "NotifyEVChargingNeeds": (NotifyEVChargingNeedsRequest, NotifyEVChargingNeedsResponse),
    "NotifyEVChargingSchedule": (NotifyEVChargingScheduleRequest, NotifyEVChargingScheduleResponse),
    "NotifyEvent": (NotifyEventRequest, NotifyEventResponse),
    "NotifyMonitoringReport": (NotifyMonitoringReportRequest, NotifyMonitoringReportResponse),
    "NotifyReport": (NotifyReportRequest, NotifyReportResponse),
    "PublishFirmware": (PublishFirmwareRequest, PublishFirmwareResponse),
    "PublishFirmwareStatusNotification": (PublishFirmwareStatusNotificationRequest, PublishFirmwareStatusNotificationResponse),
    "ReportChargingProfiles": (ReportChargingProfilesRequest, ReportChargingProfilesResponse),
    "RequestStartTransaction": (RequestStartTransactionRequest, RequestStartTransactionResponse),
    "RequestStopTransaction": (RequestStopTransactionRequest, RequestStopTransactionResponse),
    "ReservationStatusUpdate": (ReservationStatusUpdateRequest, ReservationStatusUpdateResponse),
    "ReserveNow": (ReserveNowRequest, ReserveNowResponse),
    "Reset": (ResetRequest, ResetResponse),
    "SecurityEventNotification": (SecurityEventNotificationRequest, SecurityEventNotificationResponse),
    "SendLocalList": (SendLocalListRequest, SendLocalListResponse),
    "SetChargingProfile": (SetChargingProfileRequest, SetChargingProfileResponse),
    "SetDisplayMessage": (SetDisplayMessageRequest, SetDisplayMessageResponse),
    "SetMonitoringBase": (SetMonitoringBaseRequest, SetMonitoringBaseResponse),
    "SetMonitoringLevel": (SetMonitoringLevelRequest, SetMonitoringLevelResponse),
    "SetNetworkProfile": (SetNetworkProfileRequest, SetNetworkProfileResponse),
    "SetVariableMonitoring": (SetVariableMonitoringRequest, SetVariableMonitoringResponse),
    "SetVariables": (SetVariablesRequest, SetVariablesResponse),
    "SignCertificate": (SignCertificateRequest, SignCertificateResponse),
    "StatusNotification": (StatusNotificationRequest, StatusNotificationResponse),
    "TransactionEvent": (TransactionEventRequest, TransactionEventResponse),
    "TriggerMessage": (TriggerMessageRequest, TriggerMessageResponse),
    "UnlockConnector": (UnlockConnectorRequest, UnlockConnectorResponse),
    "UnpublishFirmware": (UnpublishFirmwareRequest, UnpublishFirmwareResponse),
    "UpdateFirmware": (UpdateFirmwareRequest, UpdateFirmwareResponse),
}

# Action -> what a SEND carries.
SENDS: dict[str, type[Message]] = {
}
