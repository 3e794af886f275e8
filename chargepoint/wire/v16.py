"""The messages of OCPP 1.6. Written by scripts/generate_wire.py; change that, not this."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from .base import Datatype, Maybe, Message, require_tenth

String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String40 = Annotated[str, Meta(max_length=40)]
String50 = Annotated[str, Meta(max_length=50)]
String128 = Annotated[str, Meta(max_length=128)]
String255 = Annotated[str, Meta(max_length=255)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String5500 = Annotated[str, Meta(max_length=5500)]
String10000 = Annotated[str, Meta(max_length=10000)]

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
AvailabilityStatus = Literal["Accepted", "Rejected", "Scheduled"]
AvailabilityType = Literal["Inoperative", "Operative"]
CancelReservationStatus = Literal["Accepted", "Rejected"]
CertificateSignedStatus = Literal["Accepted", "Rejected"]
CertificateUse = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
ChargePointErrorCode = Literal[
    "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError",
    "LocalListConflict", "NoError", "OtherError", "OverCurrentFailure", "PowerMeterFailure", "PowerSwitchFailure",
    "ReaderFailure", "ResetFailure", "UnderVoltage", "OverVoltage", "WeakSignal",
]
ChargePointStatus = Literal[
    "Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Reserved", "Unavailable",
    "Faulted",
]
ChargingProfileKindType = Literal["Absolute", "Recurring", "Relative"]
ChargingProfilePurposeType = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
ChargingProfileStatus = Literal["Accepted", "Rejected", "NotSupported"]
ChargingRateUnitType = Literal["A", "W"]
ClearCacheStatus = Literal["Accepted", "Rejected"]
ClearChargingProfileStatus = Literal["Accepted", "Unknown"]
ConfigurationStatus = Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
DeleteCertificateStatus = Literal["Accepted", "Failed", "NotFound"]
DiagnosticsStatus = Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]
ExtendedMessageTrigger = Literal[
    "BootNotification", "LogStatusNotification", "FirmwareStatusNotification", "Heartbeat", "MeterValues",
    "SignChargePointCertificate", "StatusNotification",
]
FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed",
]
GenericStatus = Literal["Accepted", "Rejected"]
GetCompositeScheduleStatus = Literal["Accepted", "Rejected"]
GetInstalledCertificateStatus = Literal["Accepted", "NotFound"]
HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
InstallCertificateStatus = Literal["Accepted", "Failed", "Rejected"]
Location = Literal["Cable", "EV", "Inlet", "Outlet", "Body"]
Log = Literal["DiagnosticsLog", "SecurityLog"]
LogStatus = Literal["Accepted", "Rejected", "AcceptedCanceled"]
Measurand = Literal[
    "Energy.Active.Export.Register", "Energy.Active.Import.Register", "Energy.Reactive.Export.Register",
    "Energy.Reactive.Import.Register", "Energy.Active.Export.Interval", "Energy.Active.Import.Interval",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval", "Power.Active.Export", "Power.Active.Import",
    "Power.Offered", "Power.Reactive.Export", "Power.Reactive.Import", "Power.Factor", "Current.Import",
    "Current.Export", "Current.Offered", "Voltage", "Frequency", "Temperature", "SoC", "RPM",
]
MessageTrigger = Literal[
    "BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Heartbeat", "MeterValues",
    "StatusNotification",
]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
ReadingContext = Literal[
    "Interruption.Begin", "Interruption.End", "Sample.Clock", "Sample.Periodic", "Transaction.Begin", "Transaction.End",
    "Trigger", "Other",
]
Reason = Literal[
    "EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote", "SoftReset",
    "UnlockCommand", "DeAuthorized",
]
RecurrencyKindType = Literal["Daily", "Weekly"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
RemoteStartStopStatus = Literal["Accepted", "Rejected"]
ReservationStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
ResetStatus = Literal["Accepted", "Rejected"]
ResetType = Literal["Hard", "Soft"]
SignedFirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "DownloadScheduled", "DownloadPaused", "Idle", "InstallationFailed",
    "Installing", "Installed", "InstallRebooting", "InstallScheduled", "InstallVerificationFailed", "InvalidSignature",
    "SignatureVerified",
]
TransactionUnitOfMeasure = Literal[
    "Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "K", "Celcius", "Celsius",
    "Fahrenheit", "Percent",
]
TriggerMessageStatus = Literal["Accepted", "Rejected", "NotImplemented"]
UnitOfMeasure = Literal[
    "Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "K", "Celcius", "Celsius",
    "Fahrenheit", "Percent", "Hertz",
]
UnlockStatus = Literal["Unlocked", "UnlockFailed", "NotSupported"]
UpdateFirmwareStatus = Literal["Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"]
UpdateStatus = Literal["Accepted", "Failed", "NotSupported", "VersionMismatch"]
UpdateType = Literal["Differential", "Full"]
UploadLogStatus = Literal[
    "BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded", "UploadFailure", "Uploading",
]
ValueFormat = Literal["Raw", "SignedData"]


class AuthorizationData(Datatype, frozen=True, kw_only=True):
    id_tag: String20
    id_tag_info: Maybe[IdTagInfo] = None


class CertificateHashData(Datatype, frozen=True, kw_only=True):
    hash_algorithm: HashAlgorithm
    issuer_name_hash: String128
    issuer_key_hash: String128
    serial_number: String40


class ChargingProfile(Datatype, frozen=True, kw_only=True):
    charging_profile_id: int
    stack_level: int
    charging_profile_purpose: ChargingProfilePurposeType
    charging_profile_kind: ChargingProfileKindType
    charging_schedule: ChargingSchedule
    transaction_id: Maybe[int] = None
    recurrency_kind: Maybe[RecurrencyKindType] = None
    valid_from: Maybe[str] = None
    valid_to: Maybe[str] = None


class ChargingSchedule(Datatype, frozen=True, kw_only=True):
    charging_rate_unit: ChargingRateUnitType
    charging_schedule_period: list[ChargingSchedulePeriod]
    duration: Maybe[int] = None
    start_schedule: Maybe[str] = None
    min_charging_rate: Maybe[float] = None

    def __post_init__(self) -> None:
        require_tenth(minChargingRate=self.min_charging_rate)


class ChargingSchedulePeriod(Datatype, frozen=True, kw_only=True):
    start_period: int
    limit: float
    number_phases: Maybe[int] = None

    def __post_init__(self) -> None:
        require_tenth(limit=self.limit)


class Firmware(Datatype, frozen=True, kw_only=True):
    location: String512
    retrieve_date_time: str
    signing_certificate: String5500
    signature: String800
    install_date_time: Maybe[str] = None


class IdTagInfo(Datatype, frozen=True, kw_only=True):
    status: AuthorizationStatus
    expiry_date: Maybe[str] = None
    parent_id_tag: Maybe[String20] = None


class KeyValue(Datatype, frozen=True, kw_only=True):
    key: String50
    readonly: bool
    value: Maybe[String500] = None


class LogParameters(Datatype, frozen=True, kw_only=True):
    remote_location: String512
    oldest_timestamp: Maybe[str] = None
    latest_timestamp: Maybe[str] = None


class MeterValue(Datatype, frozen=True, kw_only=True):
    timestamp: str
    sampled_value: Annotated[list[SampledValue], Meta(min_length=1)]


class SampledValue(Datatype, frozen=True, kw_only=True):
    value: str
    context: Maybe[ReadingContext] = None
    format: Maybe[ValueFormat] = None
    measurand: Maybe[Measurand] = None
    phase: Maybe[Phase] = None
    location: Maybe[Location] = None
    unit: Maybe[UnitOfMeasure] = None


class TransactionMeterValue(Datatype, frozen=True, kw_only=True):
    timestamp: str
    sampled_value: list[TransactionSampledValue]


class TransactionSampledValue(Datatype, frozen=True, kw_only=True):
    value: str
    context: Maybe[ReadingContext] = None
    format: Maybe[ValueFormat] = None
    measurand: Maybe[Measurand] = None
    phase: Maybe[Phase] = None
    location: Maybe[Location] = None
    unit: Maybe[TransactionUnitOfMeasure] = None


class AuthorizeRequest(Message, frozen=True, kw_only=True):
    id_tag: String20


class AuthorizeResponse(Message, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo


class BootNotificationRequest(Message, frozen=True, kw_only=True):
    charge_point_vendor: String20
    charge_point_model: String20
    charge_point_serial_number: Maybe[String25] = None
    charge_box_serial_number: Maybe[String25] = None
    firmware_version: Maybe[String50] = None
    iccid: Maybe[String20] = None
    imsi: Maybe[String20] = None
    meter_type: Maybe[String25] = None
    meter_serial_number: Maybe[String25] = None


class BootNotificationResponse(Message, frozen=True, kw_only=True):
    status: RegistrationStatus
    current_time: str
    interval: int


class CancelReservationRequest(Message, frozen=True, kw_only=True):
    reservation_id: int


class CancelReservationResponse(Message, frozen=True, kw_only=True):
    status: CancelReservationStatus


class CertificateSignedRequest(Message, frozen=True, kw_only=True):
    certificate_chain: String10000


class CertificateSignedResponse(Message, frozen=True, kw_only=True):
    status: CertificateSignedStatus


class ChangeAvailabilityRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    type: AvailabilityType


class ChangeAvailabilityResponse(Message, frozen=True, kw_only=True):
    status: AvailabilityStatus


class ChangeConfigurationRequest(Message, frozen=True, kw_only=True):
    key: String50
    value: String500


class ChangeConfigurationResponse(Message, frozen=True, kw_only=True):
    status: ConfigurationStatus


class ClearCacheRequest(Message, frozen=True, kw_only=True):
    pass


class ClearCacheResponse(Message, frozen=True, kw_only=True):
    status: ClearCacheStatus


class ClearChargingProfileRequest(Message, frozen=True, kw_only=True):
    id: Maybe[int] = None
    connector_id: Maybe[int] = None
    charging_profile_purpose: Maybe[ChargingProfilePurposeType] = None
    stack_level: Maybe[int] = None


class ClearChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: ClearChargingProfileStatus


class DataTransferRequest(Message, frozen=True, kw_only=True):
    vendor_id: String255
    message_id: Maybe[String50] = None
    data: Maybe[str] = None


class DataTransferResponse(Message, frozen=True, kw_only=True):
    status: DataTransferStatus
    data: Maybe[str] = None


class DeleteCertificateRequest(Message, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData


class DeleteCertificateResponse(Message, frozen=True, kw_only=True):
    status: DeleteCertificateStatus


class DiagnosticsStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: DiagnosticsStatus


class DiagnosticsStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class ExtendedTriggerMessageRequest(Message, frozen=True, kw_only=True):
    requested_message: ExtendedMessageTrigger
    connector_id: Maybe[int] = None


class ExtendedTriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerMessageStatus


class FirmwareStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: FirmwareStatus


class FirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class GetCompositeScheduleRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    duration: int
    charging_rate_unit: Maybe[ChargingRateUnitType] = None


class GetCompositeScheduleResponse(Message, frozen=True, kw_only=True):
    status: GetCompositeScheduleStatus
    connector_id: Maybe[int] = None
    schedule_start: Maybe[str] = None
    charging_schedule: Maybe[ChargingSchedule] = None


class GetConfigurationRequest(Message, frozen=True, kw_only=True):
    key: Maybe[list[String50]] = None


class GetConfigurationResponse(Message, frozen=True, kw_only=True):
    configuration_key: Maybe[list[KeyValue]] = None
    unknown_key: Maybe[list[String50]] = None


class GetDiagnosticsRequest(Message, frozen=True, kw_only=True):
    location: str
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None
    start_time: Maybe[str] = None
    stop_time: Maybe[str] = None


class GetDiagnosticsResponse(Message, frozen=True, kw_only=True):
    file_name: Maybe[String255] = None


class GetInstalledCertificateIdsRequest(Message, frozen=True, kw_only=True):
    certificate_type: CertificateUse


class GetInstalledCertificateIdsResponse(Message, frozen=True, kw_only=True):
    status: GetInstalledCertificateStatus
    certificate_hash_data: Maybe[Annotated[list[CertificateHashData], Meta(min_length=1)]] = None


class GetLocalListVersionRequest(Message, frozen=True, kw_only=True):
    pass


class GetLocalListVersionResponse(Message, frozen=True, kw_only=True):
    list_version: int


class GetLogRequest(Message, frozen=True, kw_only=True):
    log: LogParameters
    log_type: Log
    request_id: int
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None


class GetLogResponse(Message, frozen=True, kw_only=True):
    status: LogStatus
    filename: Maybe[String255] = None


class HeartbeatRequest(Message, frozen=True, kw_only=True):
    pass


class HeartbeatResponse(Message, frozen=True, kw_only=True):
    current_time: str


class InstallCertificateRequest(Message, frozen=True, kw_only=True):
    certificate_type: CertificateUse
    certificate: String5500


class InstallCertificateResponse(Message, frozen=True, kw_only=True):
    status: InstallCertificateStatus


class LogStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: UploadLogStatus
    request_id: Maybe[int] = None


class LogStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class MeterValuesRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]
    transaction_id: Maybe[int] = None


class MeterValuesResponse(Message, frozen=True, kw_only=True):
    pass


class RemoteStartTransactionRequest(Message, frozen=True, kw_only=True):
    id_tag: String20
    connector_id: Maybe[int] = None
    charging_profile: Maybe[ChargingProfile] = None


class RemoteStartTransactionResponse(Message, frozen=True, kw_only=True):
    status: RemoteStartStopStatus


class RemoteStopTransactionRequest(Message, frozen=True, kw_only=True):
    transaction_id: int


class RemoteStopTransactionResponse(Message, frozen=True, kw_only=True):
    status: RemoteStartStopStatus


class ReserveNowRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    expiry_date: str
    id_tag: String20
    reservation_id: int
    parent_id_tag: Maybe[String20] = None


class ReserveNowResponse(Message, frozen=True, kw_only=True):
    status: ReservationStatus


class ResetRequest(Message, frozen=True, kw_only=True):
    type: ResetType


class ResetResponse(Message, frozen=True, kw_only=True):
    status: ResetStatus


class SecurityEventNotificationRequest(Message, frozen=True, kw_only=True):
    type: String50
    timestamp: str
    tech_info: Maybe[String255] = None


class SecurityEventNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class SendLocalListRequest(Message, frozen=True, kw_only=True):
    list_version: int
    update_type: UpdateType
    local_authorization_list: Maybe[list[AuthorizationData]] = None


class SendLocalListResponse(Message, frozen=True, kw_only=True):
    status: UpdateStatus


class SetChargingProfileRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    cs_charging_profiles: ChargingProfile


class SetChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: ChargingProfileStatus


class SignCertificateRequest(Message, frozen=True, kw_only=True):
    csr: String5500


class SignCertificateResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus


class SignedFirmwareStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: SignedFirmwareStatus
    request_id: Maybe[int] = None


class SignedFirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class SignedUpdateFirmwareRequest(Message, frozen=True, kw_only=True):
    request_id: int
    firmware: Firmware
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None


class SignedUpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    status: UpdateFirmwareStatus


class StartTransactionRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    id_tag: String20
    meter_start: int
    timestamp: str
    reservation_id: Maybe[int] = None


class StartTransactionResponse(Message, frozen=True, kw_only=True):
    id_tag_info: IdTagInfo
    transaction_id: int


class StatusNotificationRequest(Message, frozen=True, kw_only=True):
    connector_id: int
    error_code: ChargePointErrorCode
    status: ChargePointStatus
    info: Maybe[String50] = None
    timestamp: Maybe[str] = None
    vendor_id: Maybe[String255] = None
    vendor_error_code: Maybe[String50] = None


class StatusNotificationResponse(Message, frozen=True, kw_only=True):
    pass


class StopTransactionRequest(Message, frozen=True, kw_only=True):
    meter_stop: int
    timestamp: str
    transaction_id: int
    id_tag: Maybe[String20] = None
    reason: Maybe[Reason] = None
    transaction_data: Maybe[list[TransactionMeterValue]] = None


class StopTransactionResponse(Message, frozen=True, kw_only=True):
    id_tag_info: Maybe[IdTagInfo] = None


class TriggerMessageRequest(Message, frozen=True, kw_only=True):
    requested_message: MessageTrigger
    connector_id: Maybe[int] = None


class TriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerMessageStatus


class UnlockConnectorRequest(Message, frozen=True, kw_only=True):
    connector_id: int


class UnlockConnectorResponse(Message, frozen=True, kw_only=True):
    status: UnlockStatus


class UpdateFirmwareRequest(Message, frozen=True, kw_only=True):
    location: str
    retrieve_date: str
    retries: Maybe[int] = None
    retry_interval: Maybe[int] = None


class UpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    pass


# Action -> what a CALL carries, what its CALLRESULT carries.
ACTIONS: dict[str, tuple[type[Message], type[Message]]] = {
    "Authorize": (AuthorizeRequest, AuthorizeResponse),
    "BootNotification": (BootNotificationRequest, BootNotificationResponse),
    "CancelReservation": (CancelReservationRequest, CancelReservationResponse),
    "CertificateSigned": (CertificateSignedRequest, CertificateSignedResponse),
    "ChangeAvailability": (ChangeAvailabilityRequest, ChangeAvailabilityResponse),
    "ChangeConfiguration": (ChangeConfigurationRequest, ChangeConfigurationResponse),
    "ClearCache": (ClearCacheRequest, ClearCacheResponse),
    "ClearChargingProfile": (ClearChargingProfileRequest, ClearChargingProfileResponse),
    "DataTransfer": (DataTransferRequest, DataTransferResponse),
    "DeleteCertificate": (DeleteCertificateRequest, DeleteCertificateResponse),
    "DiagnosticsStatusNotification": (DiagnosticsStatusNotificationRequest, DiagnosticsStatusNotificationResponse),
    "ExtendedTriggerMessage": (ExtendedTriggerMessageRequest, ExtendedTriggerMessageResponse),
    "FirmwareStatusNotification": (FirmwareStatusNotificationRequest, FirmwareStatusNotificationResponse),
    "GetCompositeSchedule": (GetCompositeScheduleRequest, GetCompositeScheduleResponse),
    "GetConfiguration": (GetConfigurationRequest, GetConfigurationResponse),
    "GetDiagnostics": (GetDiagnosticsRequest, GetDiagnosticsResponse),
    "GetInstalledCertificateIds": (GetInstalledCertificateIdsRequest, GetInstalledCertificateIdsResponse),
    "GetLocalListVersion": (GetLocalListVersionRequest, GetLocalListVersionResponse),
    "GetLog": (GetLogRequest, GetLogResponse),
    "Heartbeat": (HeartbeatRequest, HeartbeatResponse),
    "InstallCertificate": (InstallCertificateRequest, InstallCertificateResponse),
    "LogStatusNotification": (LogStatusNotificationRequest, LogStatusNotificationResponse),
    "MeterValues": (MeterValuesRequest, MeterValuesResponse),
    "RemoteStartTransaction": (RemoteStartTransactionRequest, RemoteStartTransactionResponse),
    "RemoteStopTransaction": (RemoteStopTransactionRequest, RemoteStopTransactionResponse),
    "ReserveNow": (ReserveNowRequest, ReserveNowResponse),
    "Reset": (ResetRequest, ResetResponse),
    "SecurityEventNotification": (SecurityEventNotificationRequest, SecurityEventNotificationResponse),
    "SendLocalList": (SendLocalListRequest, SendLocalListResponse),
    "SetChargingProfile": (SetChargingProfileRequest, SetChargingProfileResponse),
    "SignCertificate": (SignCertificateRequest, SignCertificateResponse),
    "SignedFirmwareStatusNotification": (SignedFirmwareStatusNotificationRequest, SignedFirmwareStatusNotificationResponse),
    "SignedUpdateFirmware": (SignedUpdateFirmwareRequest, SignedUpdateFirmwareResponse),
    "StartTransaction": (StartTransactionRequest, StartTransactionResponse),
    "StatusNotification": (StatusNotificationRequest, StatusNotificationResponse),
    "StopTransaction": (StopTransactionRequest, StopTransactionResponse),
    "TriggerMessage": (TriggerMessageRequest, TriggerMessageResponse),
    "UnlockConnector": (UnlockConnectorRequest, UnlockConnectorResponse),
    "UpdateFirmware": (UpdateFirmwareRequest, UpdateFirmwareResponse),
}

# Action -> what a SEND carries.
SENDS: dict[str, type[Message]] = {
}
