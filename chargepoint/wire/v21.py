"""The messages of OCPP 2.1. Written by scripts/generate_wire.py; change that, not this."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .base import CustomData, Datatype, Maybe, Message

IntegerFrom0 = Annotated[int, Meta(ge=0)]
IntegerFrom0To3 = Annotated[int, Meta(ge=0, le=3)]
IntegerFrom0To100 = Annotated[int, Meta(ge=0, le=100)]
IntegerFrom1 = Annotated[int, Meta(ge=1)]
NumberFrom0To100 = Annotated[float, Meta(ge=0.0, le=100.0)]
NumberTo0 = Annotated[float, Meta(le=0.0)]
String3 = Annotated[str, Meta(max_length=3)]
String6 = Annotated[str, Meta(max_length=6)]
String8 = Annotated[str, Meta(max_length=8)]
String16 = Annotated[str, Meta(max_length=16)]
String20 = Annotated[str, Meta(max_length=20)]
String25 = Annotated[str, Meta(max_length=25)]
String32 = Annotated[str, Meta(max_length=32)]
String36 = Annotated[str, Meta(max_length=36)]
String40 = Annotated[str, Meta(max_length=40)]
String48 = Annotated[str, Meta(max_length=48)]
String50 = Annotated[str, Meta(max_length=50)]
String60 = Annotated[str, Meta(max_length=60)]
String64 = Annotated[str, Meta(max_length=64)]
String80 = Annotated[str, Meta(max_length=80)]
String88 = Annotated[str, Meta(max_length=88)]
String100 = Annotated[str, Meta(max_length=100)]
String128 = Annotated[str, Meta(max_length=128)]
String160 = Annotated[str, Meta(max_length=160)]
String200 = Annotated[str, Meta(max_length=200)]
String255 = Annotated[str, Meta(max_length=255)]
String256 = Annotated[str, Meta(max_length=256)]
String500 = Annotated[str, Meta(max_length=500)]
String512 = Annotated[str, Meta(max_length=512)]
String800 = Annotated[str, Meta(max_length=800)]
String1000 = Annotated[str, Meta(max_length=1000)]
String1024 = Annotated[str, Meta(max_length=1024)]
String2000 = Annotated[str, Meta(max_length=2000)]
String2500 = Annotated[str, Meta(max_length=2500)]
String5500 = Annotated[str, Meta(max_length=5500)]
String10000 = Annotated[str, Meta(max_length=10000)]
String11000 = Annotated[str, Meta(max_length=11000)]
String17000 = Annotated[str, Meta(max_length=17000)]
String18000 = Annotated[str, Meta(max_length=18000)]
String32768 = Annotated[str, Meta(max_length=32768)]

APNAuthentication = Literal["PAP", "CHAP", "NONE", "AUTO"]
Attribute = Literal["Actual", "Target", "MinSet", "MaxSet"]
AuthorizationStatus = Literal[
    "Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation",
    "NotAtThisTime", "Unknown",
]
AuthorizeCertificateStatus = Literal[
    "Accepted", "SignatureError", "CertificateExpired", "CertificateRevoked", "NoCertificateAvailable",
    "CertChainError", "ContractCancelled",
]
BatterySwapEvent = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
BootReason = Literal[
    "ApplicationReset", "FirmwareUpdate", "LocalReset", "PowerUp", "RemoteReset", "ScheduledReset", "Triggered",
    "Unknown", "Watchdog",
]
CancelReservationStatus = Literal["Accepted", "Rejected"]
CertificateAction = Literal["Install", "Update"]
CertificateSignedStatus = Literal["Accepted", "Rejected"]
CertificateSigningUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
CertificateStatusEnum = Literal["Good", "Revoked", "Unknown", "Failed"]
CertificateStatusSource = Literal["CRL", "OCSP"]
ChangeAvailabilityStatus = Literal["Accepted", "Rejected", "Scheduled"]
ChargingProfileKind = Literal["Absolute", "Recurring", "Relative", "Dynamic"]
ChargingProfilePurpose = Literal[
    "ChargingStationExternalConstraints", "ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile",
    "PriorityCharging", "LocalGeneration",
]
ChargingProfileStatus = Literal["Accepted", "Rejected"]
ChargingRateUnit = Literal["W", "A"]
ChargingState = Literal["EVConnected", "Charging", "SuspendedEV", "SuspendedEVSE", "Idle"]
ClearCacheStatus = Literal["Accepted", "Rejected"]
ClearChargingProfileStatus = Literal["Accepted", "Unknown"]
ClearMessageStatus = Literal["Accepted", "Unknown", "Rejected"]
ClearMonitoringStatus = Literal["Accepted", "Rejected", "NotFound"]
ComponentCriterion = Literal["Active", "Available", "Enabled", "Problem"]
ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
ControlMode = Literal["ScheduledControl", "DynamicControl"]
CostDimensionEnum = Literal["Energy", "MaxCurrent", "MinCurrent", "MaxPower", "MinPower", "IdleTIme", "ChargingTime"]
CostKind = Literal["CarbonDioxideEmission", "RelativePricePercentage", "RenewableGenerationPercentage"]
CustomerInformationStatus = Literal["Accepted", "Rejected", "Invalid"]
DERControl = Literal[
    "EnterService", "FreqDroop", "FreqWatt", "FixedPFAbsorb", "FixedPFInject", "FixedVar", "Gradients", "HFMustTrip",
    "HFMayTrip", "HVMustTrip", "HVMomCess", "HVMayTrip", "LimitMaxDischarge", "LFMustTrip", "LVMustTrip", "LVMomCess",
    "LVMayTrip", "PowerMonitoringMustTrip", "VoltVar", "VoltWatt", "WattPF", "WattVar",
]
DERControlStatus = Literal["Accepted", "Rejected", "NotSupported", "NotFound"]
DERUnit = Literal["Not_Applicable", "PctMaxW", "PctMaxVar", "PctWAvail", "PctVarAvail", "PctEffectiveV"]
Data = Literal["string", "decimal", "integer", "dateTime", "boolean", "OptionList", "SequenceList", "MemberList"]
DataTransferStatus = Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
DayOfWeek = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DeleteCertificateStatus = Literal["Accepted", "Failed", "NotFound"]
DisplayMessageStatus = Literal[
    "Accepted", "NotSupportedMessageFormat", "Rejected", "NotSupportedPriority", "NotSupportedState",
    "UnknownTransaction", "LanguageNotSupported",
]
EnergyTransferMode = Literal[
    "AC_single_phase", "AC_two_phase", "AC_three_phase", "DC", "AC_BPT", "AC_BPT_DER", "AC_DER", "DC_BPT", "DC_ACDP",
    "DC_ACDP_BPT", "WPT",
]
EventNotification = Literal["HardWiredNotification", "HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]
EventTrigger = Literal["Alerting", "Delta", "Periodic"]
EvseKind = Literal["AC", "DC"]
FirmwareStatus = Literal[
    "Downloaded", "DownloadFailed", "Downloading", "DownloadScheduled", "DownloadPaused", "Idle", "InstallationFailed",
    "Installing", "Installed", "InstallRebooting", "InstallScheduled", "InstallVerificationFailed", "InvalidSignature",
    "SignatureVerified",
]
GenericDeviceModelStatus = Literal["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]
GenericStatus = Literal["Accepted", "Rejected"]
GetCertificateIdUse = Literal[
    "V2GRootCertificate", "MORootCertificate", "CSMSRootCertificate", "V2GCertificateChain",
    "ManufacturerRootCertificate", "OEMRootCertificate",
]
GetCertificateStatus = Literal["Accepted", "Failed"]
GetChargingProfileStatus = Literal["Accepted", "NoProfiles"]
GetDisplayMessagesStatus = Literal["Accepted", "Unknown"]
GetInstalledCertificateStatus = Literal["Accepted", "NotFound"]
GetVariableStatus = Literal["Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
GridEventFault = Literal[
    "CurrentImbalance", "LocalEmergency", "LowInputPower", "OverCurrent", "OverFrequency", "OverVoltage",
    "PhaseRotation", "RemoteEmergency", "UnderFrequency", "UnderVoltage", "VoltageImbalance",
]
HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
InstallCertificateStatus = Literal["Accepted", "Rejected", "Failed"]
InstallCertificateUse = Literal[
    "V2GRootCertificate", "MORootCertificate", "ManufacturerRootCertificate", "CSMSRootCertificate",
    "OEMRootCertificate",
]
IslandingDetection = Literal[
    "NoAntiIslandingSupport", "RoCoF", "UVP_OVP", "UFP_OFP", "VoltageVectorShift", "ZeroCrossingDetection",
    "OtherPassive", "ImpedanceMeasurement", "ImpedanceAtFrequency", "SlipModeFrequencyShift", "SandiaFrequencyShift",
    "SandiaVoltageShift", "FrequencyJump", "RCLQFactor", "OtherActive",
]
Iso15118EVCertificateStatus = Literal["Accepted", "Failed"]
Location = Literal["Body", "Cable", "EV", "Inlet", "Outlet", "Upstream"]
Log = Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"]
LogStatus = Literal["Accepted", "Rejected", "AcceptedCanceled"]
Measurand = Literal[
    "Current.Export", "Current.Export.Offered", "Current.Export.Minimum", "Current.Import", "Current.Import.Offered",
    "Current.Import.Minimum", "Current.Offered", "Display.PresentSOC", "Display.MinimumSOC", "Display.TargetSOC",
    "Display.MaximumSOC", "Display.RemainingTimeToMinimumSOC", "Display.RemainingTimeToTargetSOC",
    "Display.RemainingTimeToMaximumSOC", "Display.ChargingComplete", "Display.BatteryEnergyCapacity",
    "Display.InletHot", "Energy.Active.Export.Interval", "Energy.Active.Export.Register",
    "Energy.Active.Import.Interval", "Energy.Active.Import.Register", "Energy.Active.Import.CableLoss",
    "Energy.Active.Import.LocalGeneration.Register", "Energy.Active.Net", "Energy.Active.Setpoint.Interval",
    "Energy.Apparent.Export", "Energy.Apparent.Import", "Energy.Apparent.Net", "Energy.Reactive.Export.Interval",
    "Energy.Reactive.Export.Register", "Energy.Reactive.Import.Interval", "Energy.Reactive.Import.Register",
    "Energy.Reactive.Net", "EnergyRequest.Target", "EnergyRequest.Minimum", "EnergyRequest.Maximum",
    "EnergyRequest.Minimum.V2X", "EnergyRequest.Maximum.V2X", "EnergyRequest.Bulk", "Frequency", "Power.Active.Export",
    "Power.Active.Import", "Power.Active.Setpoint", "Power.Active.Residual", "Power.Export.Minimum",
    "Power.Export.Offered", "Power.Factor", "Power.Import.Offered", "Power.Import.Minimum", "Power.Offered",
    "Power.Reactive.Export", "Power.Reactive.Import", "SoC", "Voltage", "Voltage.Minimum", "Voltage.Maximum",
]
MessageFormat = Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]
MessagePriority = Literal["AlwaysFront", "InFront", "NormalCycle"]
MessageState = Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"]
MessageTrigger = Literal[
    "BootNotification", "LogStatusNotification", "FirmwareStatusNotification", "Heartbeat", "MeterValues",
    "SignChargingStationCertificate", "SignV2GCertificate", "SignV2G20Certificate", "StatusNotification",
    "TransactionEvent", "SignCombinedCertificate", "PublishFirmwareStatusNotification", "CustomTrigger",
]
MobilityNeedsMode = Literal["EVCC", "EVCC_SECC"]
Monitor = Literal[
    "UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned", "TargetDelta",
    "TargetDeltaRelative",
]
MonitoringBase = Literal["All", "FactoryDefault", "HardWiredOnly"]
MonitoringCriterion = Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]
Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]
NotifyAllowedEnergyTransferStatus = Literal["Accepted", "Rejected"]
NotifyEVChargingNeedsStatus = Literal["Accepted", "Rejected", "Processing", "NoChargingProfile"]
OCPPInterface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3", "Any",
]
OCPPTransport = Literal["SOAP", "JSON"]
OCPPVersion = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"]
OperationMode = Literal[
    "Idle", "ChargingOnly", "CentralSetpoint", "ExternalSetpoint", "ExternalLimits", "CentralFrequency",
    "LocalFrequency", "LocalLoadBalancing",
]
OperationalStatus = Literal["Inoperative", "Operative"]
PaymentStatus = Literal["Settled", "Canceled", "Rejected", "Failed"]
Phase = Literal["L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"]
PowerDuringCessation = Literal["Active", "Reactive"]
PreconditioningStatus = Literal["Unknown", "Ready", "NotReady", "Preconditioning"]
PriorityChargingStatus = Literal["Accepted", "Rejected", "NoProfile"]
PublishFirmwareStatus = Literal[
    "Idle", "DownloadScheduled", "Downloading", "Downloaded", "Published", "DownloadFailed", "DownloadPaused",
    "InvalidChecksum", "ChecksumVerified", "PublishFailed",
]
ReadingContext = Literal[
    "Interruption.Begin", "Interruption.End", "Other", "Sample.Clock", "Sample.Periodic", "Transaction.Begin",
    "Transaction.End", "Trigger",
]
Reason = Literal[
    "DeAuthorized", "EmergencyStop", "EnergyLimitReached", "EVDisconnected", "GroundFault", "ImmediateReset",
    "MasterPass", "Local", "LocalOutOfCredit", "Other", "OvercurrentFault", "PowerLoss", "PowerQuality", "Reboot",
    "Remote", "SOCLimitReached", "StoppedByEV", "TimeLimitReached", "Timeout", "ReqEnergyTransferRejected",
]
RecurrencyKind = Literal["Daily", "Weekly"]
RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
ReportBase = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]
RequestStartStopStatus = Literal["Accepted", "Rejected"]
ReservationUpdateStatus = Literal["Expired", "Removed", "NoTransaction"]
ReserveNowStatus = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
Reset = Literal["Immediate", "OnIdle", "ImmediateAndResume"]
ResetStatus = Literal["Accepted", "Rejected", "Scheduled"]
SendLocalListStatus = Literal["Accepted", "Failed", "VersionMismatch"]
SetMonitoringStatus = Literal[
    "Accepted", "UnknownComponent", "UnknownVariable", "UnsupportedMonitorType", "Rejected", "Duplicate",
]
SetNetworkProfileStatus = Literal["Accepted", "Rejected", "Failed"]
SetVariableStatus = Literal[
    "Accepted", "Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType", "RebootRequired",
]
TariffChangeStatus = Literal[
    "Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "TxNotFound", "NoCurrencyChange",
]
TariffClearStatus = Literal["Accepted", "Rejected", "NoTariff"]
TariffCost = Literal["NormalCost", "MinCost", "MaxCost"]
TariffGetStatus = Literal["Accepted", "Rejected", "NoTariff"]
TariffKind = Literal["DefaultTariff", "DriverTariff"]
TariffSetStatus = Literal["Accepted", "Rejected", "TooManyElements", "ConditionNotSupported", "DuplicateTariffId"]
TransactionEvent = Literal["Ended", "Started", "Updated"]
TriggerMessageStatus = Literal["Accepted", "Rejected", "NotImplemented"]
TriggerReason = Literal[
    "AbnormalCondition", "Authorized", "CablePluggedIn", "ChargingRateChanged", "ChargingStateChanged",
    "CostLimitReached", "Deauthorized", "EnergyLimitReached", "EVCommunicationLost", "EVConnectTimeout", "EVDeparted",
    "EVDetected", "LimitSet", "MeterValueClock", "MeterValuePeriodic", "OperationModeChanged", "RemoteStart",
    "RemoteStop", "ResetCommand", "RunningCost", "SignedDataReceived", "SoCLimitReached", "StopAuthorized",
    "TariffChanged", "TariffNotAccepted", "TimeLimitReached", "Trigger", "TxResumed", "UnlockCommand",
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
    energy_amount: float
    ev_min_current: float
    ev_max_current: float
    ev_max_voltage: float
    custom_data: Maybe[CustomData] = None


class APN(Datatype, frozen=True, kw_only=True):
    apn: String2000
    apn_authentication: APNAuthentication
    apn_user_name: Maybe[String50] = None
    apn_password: Maybe[String64] = None
    sim_pin: Maybe[int] = None
    preferred_network: Maybe[String6] = None
    use_only_preferred_network: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class AbsolutePriceSchedule(Datatype, frozen=True, kw_only=True, rename={
    "time_anchor": "timeAnchor", "price_schedule_id": "priceScheduleID", "price_algorithm": "priceAlgorithm",
    "price_rule_stacks": "priceRuleStacks", "price_schedule_description": "priceScheduleDescription",
    "minimum_cost": "minimumCost", "maximum_cost": "maximumCost", "tax_rules": "taxRules",
    "overstay_rule_list": "overstayRuleList", "additional_selected_services": "additionalSelectedServices",
    "custom_data": "customData",
}):
    time_anchor: str
    price_schedule_id: IntegerFrom0
    currency: String3
    language: String8
    price_algorithm: String2000
    price_rule_stacks: Annotated[list[PriceRuleStack], Meta(min_length=1, max_length=1024)]
    price_schedule_description: Maybe[String160] = None
    minimum_cost: Maybe[RationalNumber] = None
    maximum_cost: Maybe[RationalNumber] = None
    tax_rules: Maybe[Annotated[list[TaxRule], Meta(min_length=1, max_length=10)]] = None
    overstay_rule_list: Maybe[OverstayRuleList] = None
    additional_selected_services: Maybe[Annotated[list[AdditionalSelectedServices], Meta(min_length=1, max_length=5)]] = None
    custom_data: Maybe[CustomData] = None


class AdditionalInfo(Datatype, frozen=True, kw_only=True):
    additional_id_token: String255
    type: String50
    custom_data: Maybe[CustomData] = None


class AdditionalSelectedServices(Datatype, frozen=True, kw_only=True):
    service_fee: RationalNumber
    service_name: String80
    custom_data: Maybe[CustomData] = None


class Address(Datatype, frozen=True, kw_only=True):
    name: String50
    address1: String100
    city: String100
    country: String50
    address2: Maybe[String100] = None
    postal_code: Maybe[String20] = None
    custom_data: Maybe[CustomData] = None


class AuthorizationData(Datatype, frozen=True, kw_only=True):
    id_token: IdToken
    id_token_info: Maybe[IdTokenInfo] = None
    custom_data: Maybe[CustomData] = None


class BatteryData(Datatype, frozen=True, kw_only=True, rename={
    "evse_id": "evseId", "serial_number": "serialNumber", "soc": "soC", "soh": "soH",
    "production_date": "productionDate", "vendor_info": "vendorInfo", "custom_data": "customData",
}):
    evse_id: IntegerFrom0
    serial_number: String50
    soc: NumberFrom0To100
    soh: NumberFrom0To100
    production_date: Maybe[str] = None
    vendor_info: Maybe[String500] = None
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


class CertificateStatus(Datatype, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData
    source: CertificateStatusSource
    status: CertificateStatusEnum
    next_update: str
    custom_data: Maybe[CustomData] = None


class CertificateStatusRequestInfo(Datatype, frozen=True, kw_only=True):
    certificate_hash_data: CertificateHashData
    source: CertificateStatusSource
    urls: Annotated[list[String2000], Meta(min_length=1, max_length=5)]
    custom_data: Maybe[CustomData] = None


class ChargingLimit(Datatype, frozen=True, kw_only=True):
    charging_limit_source: String20
    is_local_generation: Maybe[bool] = None
    is_grid_critical: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class ChargingNeeds(Datatype, frozen=True, kw_only=True):
    requested_energy_transfer: EnergyTransferMode
    ac_charging_parameters: Maybe[ACChargingParameters] = None
    der_charging_parameters: Maybe[DERChargingParameters] = None
    ev_energy_offer: Maybe[EVEnergyOffer] = None
    dc_charging_parameters: Maybe[DCChargingParameters] = None
    v2x_charging_parameters: Maybe[V2XChargingParameters] = None
    available_energy_transfer: Maybe[Annotated[list[EnergyTransferMode], Meta(min_length=1)]] = None
    control_mode: Maybe[ControlMode] = None
    mobility_needs_mode: Maybe[MobilityNeedsMode] = None
    departure_time: Maybe[str] = None
    custom_data: Maybe[CustomData] = None


class ChargingPeriod(Datatype, frozen=True, kw_only=True):
    start_period: str
    dimensions: Maybe[Annotated[list[CostDimension], Meta(min_length=1)]] = None
    tariff_id: Maybe[String60] = None
    custom_data: Maybe[CustomData] = None


class ChargingProfile(Datatype, frozen=True, kw_only=True):
    id: int
    stack_level: IntegerFrom0
    charging_profile_purpose: ChargingProfilePurpose
    charging_profile_kind: ChargingProfileKind
    charging_schedule: Annotated[list[ChargingSchedule], Meta(min_length=1, max_length=3)]
    recurrency_kind: Maybe[RecurrencyKind] = None
    valid_from: Maybe[str] = None
    valid_to: Maybe[str] = None
    transaction_id: Maybe[String36] = None
    max_offline_duration: Maybe[int] = None
    invalid_after_offline_duration: Maybe[bool] = None
    dyn_update_interval: Maybe[int] = None
    dyn_update_time: Maybe[str] = None
    price_schedule_signature: Maybe[String256] = None
    custom_data: Maybe[CustomData] = None


class ChargingProfileCriterion(Datatype, frozen=True, kw_only=True):
    charging_profile_purpose: Maybe[ChargingProfilePurpose] = None
    stack_level: Maybe[IntegerFrom0] = None
    charging_profile_id: Maybe[Annotated[list[int], Meta(min_length=1)]] = None
    charging_limit_source: Maybe[Annotated[list[String20], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class ChargingSchedule(Datatype, frozen=True, kw_only=True, rename={
    "charging_rate_unit": "chargingRateUnit", "charging_schedule_period": "chargingSchedulePeriod",
    "limit_at_soc": "limitAtSoC", "start_schedule": "startSchedule", "min_charging_rate": "minChargingRate",
    "power_tolerance": "powerTolerance", "signature_id": "signatureId", "digest_value": "digestValue",
    "use_local_time": "useLocalTime", "randomized_delay": "randomizedDelay", "sales_tariff": "salesTariff",
    "absolute_price_schedule": "absolutePriceSchedule", "price_level_schedule": "priceLevelSchedule",
    "custom_data": "customData",
}):
    id: int
    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1, max_length=1024)]
    limit_at_soc: Maybe[LimitAtSoC] = None
    start_schedule: Maybe[str] = None
    duration: Maybe[int] = None
    min_charging_rate: Maybe[float] = None
    power_tolerance: Maybe[float] = None
    signature_id: Maybe[IntegerFrom0] = None
    digest_value: Maybe[String88] = None
    use_local_time: Maybe[bool] = None
    randomized_delay: Maybe[IntegerFrom0] = None
    sales_tariff: Maybe[SalesTariff] = None
    absolute_price_schedule: Maybe[AbsolutePriceSchedule] = None
    price_level_schedule: Maybe[PriceLevelSchedule] = None
    custom_data: Maybe[CustomData] = None


class ChargingSchedulePeriod(Datatype, frozen=True, kw_only=True, rename={
    "start_period": "startPeriod", "limit_l2": "limit_L2", "limit_l3": "limit_L3", "number_phases": "numberPhases",
    "phase_to_use": "phaseToUse", "discharge_limit": "dischargeLimit", "discharge_limit_l2": "dischargeLimit_L2",
    "discharge_limit_l3": "dischargeLimit_L3", "setpoint_l2": "setpoint_L2", "setpoint_l3": "setpoint_L3",
    "setpoint_reactive": "setpointReactive", "setpoint_reactive_l2": "setpointReactive_L2",
    "setpoint_reactive_l3": "setpointReactive_L3", "preconditioning_request": "preconditioningRequest",
    "evse_sleep": "evseSleep", "v2x_baseline": "v2xBaseline", "operation_mode": "operationMode",
    "v2x_freq_watt_curve": "v2xFreqWattCurve", "v2x_signal_watt_curve": "v2xSignalWattCurve",
    "custom_data": "customData",
}):
    start_period: int
    limit: Maybe[float] = None
    limit_l2: Maybe[float] = None
    limit_l3: Maybe[float] = None
    number_phases: Maybe[IntegerFrom0To3] = None
    phase_to_use: Maybe[IntegerFrom0To3] = None
    discharge_limit: Maybe[NumberTo0] = None
    discharge_limit_l2: Maybe[NumberTo0] = None
    discharge_limit_l3: Maybe[NumberTo0] = None
    setpoint: Maybe[float] = None
    setpoint_l2: Maybe[float] = None
    setpoint_l3: Maybe[float] = None
    setpoint_reactive: Maybe[float] = None
    setpoint_reactive_l2: Maybe[float] = None
    setpoint_reactive_l3: Maybe[float] = None
    preconditioning_request: Maybe[bool] = None
    evse_sleep: Maybe[bool] = None
    v2x_baseline: Maybe[float] = None
    operation_mode: Maybe[OperationMode] = None
    v2x_freq_watt_curve: Maybe[Annotated[list[V2XFreqWattPoint], Meta(min_length=1, max_length=20)]] = None
    v2x_signal_watt_curve: Maybe[Annotated[list[V2XSignalWattPoint], Meta(min_length=1, max_length=20)]] = None
    custom_data: Maybe[CustomData] = None


class ChargingScheduleUpdate(Datatype, frozen=True, kw_only=True, rename={
    "limit_l2": "limit_L2", "limit_l3": "limit_L3", "discharge_limit": "dischargeLimit",
    "discharge_limit_l2": "dischargeLimit_L2", "discharge_limit_l3": "dischargeLimit_L3", "setpoint_l2": "setpoint_L2",
    "setpoint_l3": "setpoint_L3", "setpoint_reactive": "setpointReactive",
    "setpoint_reactive_l2": "setpointReactive_L2", "setpoint_reactive_l3": "setpointReactive_L3",
    "custom_data": "customData",
}):
    limit: Maybe[float] = None
    limit_l2: Maybe[float] = None
    limit_l3: Maybe[float] = None
    discharge_limit: Maybe[NumberTo0] = None
    discharge_limit_l2: Maybe[NumberTo0] = None
    discharge_limit_l3: Maybe[NumberTo0] = None
    setpoint: Maybe[float] = None
    setpoint_l2: Maybe[float] = None
    setpoint_l3: Maybe[float] = None
    setpoint_reactive: Maybe[float] = None
    setpoint_reactive_l2: Maybe[float] = None
    setpoint_reactive_l3: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class ChargingStation(Datatype, frozen=True, kw_only=True):
    model: String20
    vendor_name: String50
    serial_number: Maybe[String25] = None
    modem: Maybe[Modem] = None
    firmware_version: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class ClearChargingProfile(Datatype, frozen=True, kw_only=True):
    evse_id: Maybe[IntegerFrom0] = None
    charging_profile_purpose: Maybe[ChargingProfilePurpose] = None
    stack_level: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class ClearMonitoringResult(Datatype, frozen=True, kw_only=True):
    status: ClearMonitoringStatus
    id: IntegerFrom0
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearTariffsResult(Datatype, frozen=True, kw_only=True):
    status: TariffClearStatus
    status_info: Maybe[StatusInfo] = None
    tariff_id: Maybe[String60] = None
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
    evse_id: IntegerFrom0
    duration: int
    schedule_start: str
    charging_rate_unit: ChargingRateUnit
    charging_schedule_period: Annotated[list[ChargingSchedulePeriod], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ConstantStreamData(Datatype, frozen=True, kw_only=True):
    id: IntegerFrom0
    params: PeriodicEventStreamParams
    variable_monitoring_id: IntegerFrom0
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


class CostDetails(Datatype, frozen=True, kw_only=True):
    total_cost: TotalCost
    total_usage: TotalUsage
    charging_periods: Maybe[Annotated[list[ChargingPeriod], Meta(min_length=1)]] = None
    failure_to_calculate: Maybe[bool] = None
    failure_reason: Maybe[String500] = None
    custom_data: Maybe[CustomData] = None


class CostDimension(Datatype, frozen=True, kw_only=True):
    type: CostDimensionEnum
    volume: float
    custom_data: Maybe[CustomData] = None


class DCChargingParameters(Datatype, frozen=True, kw_only=True, rename={
    "ev_max_current": "evMaxCurrent", "ev_max_voltage": "evMaxVoltage", "ev_max_power": "evMaxPower",
    "ev_energy_capacity": "evEnergyCapacity", "energy_amount": "energyAmount", "state_of_charge": "stateOfCharge",
    "full_soc": "fullSoC", "bulk_soc": "bulkSoC", "custom_data": "customData",
}):
    ev_max_current: float
    ev_max_voltage: float
    ev_max_power: Maybe[float] = None
    ev_energy_capacity: Maybe[float] = None
    energy_amount: Maybe[float] = None
    state_of_charge: Maybe[IntegerFrom0To100] = None
    full_soc: Maybe[IntegerFrom0To100] = None
    bulk_soc: Maybe[IntegerFrom0To100] = None
    custom_data: Maybe[CustomData] = None


class DERChargingParameters(Datatype, frozen=True, kw_only=True, rename={
    "ev_supported_der_control": "evSupportedDERControl",
    "ev_over_excited_max_discharge_power": "evOverExcitedMaxDischargePower",
    "ev_over_excited_power_factor": "evOverExcitedPowerFactor",
    "ev_under_excited_max_discharge_power": "evUnderExcitedMaxDischargePower",
    "ev_under_excited_power_factor": "evUnderExcitedPowerFactor", "max_apparent_power": "maxApparentPower",
    "max_charge_apparent_power": "maxChargeApparentPower", "max_charge_apparent_power_l2": "maxChargeApparentPower_L2",
    "max_charge_apparent_power_l3": "maxChargeApparentPower_L3",
    "max_discharge_apparent_power": "maxDischargeApparentPower",
    "max_discharge_apparent_power_l2": "maxDischargeApparentPower_L2",
    "max_discharge_apparent_power_l3": "maxDischargeApparentPower_L3",
    "max_charge_reactive_power": "maxChargeReactivePower", "max_charge_reactive_power_l2": "maxChargeReactivePower_L2",
    "max_charge_reactive_power_l3": "maxChargeReactivePower_L3", "min_charge_reactive_power": "minChargeReactivePower",
    "min_charge_reactive_power_l2": "minChargeReactivePower_L2",
    "min_charge_reactive_power_l3": "minChargeReactivePower_L3",
    "max_discharge_reactive_power": "maxDischargeReactivePower",
    "max_discharge_reactive_power_l2": "maxDischargeReactivePower_L2",
    "max_discharge_reactive_power_l3": "maxDischargeReactivePower_L3",
    "min_discharge_reactive_power": "minDischargeReactivePower",
    "min_discharge_reactive_power_l2": "minDischargeReactivePower_L2",
    "min_discharge_reactive_power_l3": "minDischargeReactivePower_L3", "nominal_voltage": "nominalVoltage",
    "nominal_voltage_offset": "nominalVoltageOffset", "max_nominal_voltage": "maxNominalVoltage",
    "min_nominal_voltage": "minNominalVoltage", "ev_inverter_manufacturer": "evInverterManufacturer",
    "ev_inverter_model": "evInverterModel", "ev_inverter_serial_number": "evInverterSerialNumber",
    "ev_inverter_sw_version": "evInverterSwVersion", "ev_inverter_hw_version": "evInverterHwVersion",
    "ev_islanding_detection_method": "evIslandingDetectionMethod", "ev_islanding_trip_time": "evIslandingTripTime",
    "ev_maximum_level1_dc_injection": "evMaximumLevel1DCInjection",
    "ev_duration_level1_dc_injection": "evDurationLevel1DCInjection",
    "ev_maximum_level2_dc_injection": "evMaximumLevel2DCInjection",
    "ev_duration_level2_dc_injection": "evDurationLevel2DCInjection",
    "ev_reactive_susceptance": "evReactiveSusceptance",
    "ev_session_total_discharge_energy_available": "evSessionTotalDischargeEnergyAvailable",
    "custom_data": "customData",
}):
    ev_supported_der_control: Maybe[Annotated[list[DERControl], Meta(min_length=1)]] = None
    ev_over_excited_max_discharge_power: Maybe[float] = None
    ev_over_excited_power_factor: Maybe[float] = None
    ev_under_excited_max_discharge_power: Maybe[float] = None
    ev_under_excited_power_factor: Maybe[float] = None
    max_apparent_power: Maybe[float] = None
    max_charge_apparent_power: Maybe[float] = None
    max_charge_apparent_power_l2: Maybe[float] = None
    max_charge_apparent_power_l3: Maybe[float] = None
    max_discharge_apparent_power: Maybe[float] = None
    max_discharge_apparent_power_l2: Maybe[float] = None
    max_discharge_apparent_power_l3: Maybe[float] = None
    max_charge_reactive_power: Maybe[float] = None
    max_charge_reactive_power_l2: Maybe[float] = None
    max_charge_reactive_power_l3: Maybe[float] = None
    min_charge_reactive_power: Maybe[float] = None
    min_charge_reactive_power_l2: Maybe[float] = None
    min_charge_reactive_power_l3: Maybe[float] = None
    max_discharge_reactive_power: Maybe[float] = None
    max_discharge_reactive_power_l2: Maybe[float] = None
    max_discharge_reactive_power_l3: Maybe[float] = None
    min_discharge_reactive_power: Maybe[float] = None
    min_discharge_reactive_power_l2: Maybe[float] = None
    min_discharge_reactive_power_l3: Maybe[float] = None
    nominal_voltage: Maybe[float] = None
    nominal_voltage_offset: Maybe[float] = None
    max_nominal_voltage: Maybe[float] = None
    min_nominal_voltage: Maybe[float] = None
    ev_inverter_manufacturer: Maybe[String50] = None
    ev_inverter_model: Maybe[String50] = None
    ev_inverter_serial_number: Maybe[String50] = None
    ev_inverter_sw_version: Maybe[String50] = None
    ev_inverter_hw_version: Maybe[String50] = None
    ev_islanding_detection_method: Maybe[Annotated[list[IslandingDetection], Meta(min_length=1)]] = None
    ev_islanding_trip_time: Maybe[float] = None
    ev_maximum_level1_dc_injection: Maybe[float] = None
    ev_duration_level1_dc_injection: Maybe[float] = None
    ev_maximum_level2_dc_injection: Maybe[float] = None
    ev_duration_level2_dc_injection: Maybe[float] = None
    ev_reactive_susceptance: Maybe[float] = None
    ev_session_total_discharge_energy_available: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class DERCurve(Datatype, frozen=True, kw_only=True):
    curve_data: Annotated[list[DERCurvePoints], Meta(min_length=1, max_length=10)]
    priority: IntegerFrom0
    y_unit: DERUnit
    hysteresis: Maybe[Hysteresis] = None
    reactive_power_params: Maybe[ReactivePowerParams] = None
    voltage_params: Maybe[VoltageParams] = None
    response_time: Maybe[float] = None
    start_time: Maybe[str] = None
    duration: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class DERCurveGet(Datatype, frozen=True, kw_only=True):
    curve: DERCurve
    id: String36
    curve_type: DERControl
    is_default: bool
    is_superseded: bool
    custom_data: Maybe[CustomData] = None


class DERCurvePoints(Datatype, frozen=True, kw_only=True):
    x: float
    y: float
    custom_data: Maybe[CustomData] = None


class EVAbsolutePriceSchedule(Datatype, frozen=True, kw_only=True):
    time_anchor: str
    currency: String3
    ev_absolute_price_schedule_entries: Annotated[list[EVAbsolutePriceScheduleEntry], Meta(min_length=1, max_length=1024)]
    price_algorithm: String2000
    custom_data: Maybe[CustomData] = None


class EVAbsolutePriceScheduleEntry(Datatype, frozen=True, kw_only=True):
    duration: int
    ev_price_rule: Annotated[list[EVPriceRule], Meta(min_length=1, max_length=8)]
    custom_data: Maybe[CustomData] = None


class EVEnergyOffer(Datatype, frozen=True, kw_only=True):
    ev_power_schedule: EVPowerSchedule
    ev_absolute_price_schedule: Maybe[EVAbsolutePriceSchedule] = None
    custom_data: Maybe[CustomData] = None


class EVPowerSchedule(Datatype, frozen=True, kw_only=True):
    ev_power_schedule_entries: Annotated[list[EVPowerScheduleEntry], Meta(min_length=1, max_length=1024)]
    time_anchor: str
    custom_data: Maybe[CustomData] = None


class EVPowerScheduleEntry(Datatype, frozen=True, kw_only=True):
    duration: int
    power: float
    custom_data: Maybe[CustomData] = None


class EVPriceRule(Datatype, frozen=True, kw_only=True):
    energy_fee: float
    power_range_start: float
    custom_data: Maybe[CustomData] = None


class EVSE(Datatype, frozen=True, kw_only=True):
    id: IntegerFrom0
    connector_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class EnterService(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    high_voltage: float
    low_voltage: float
    high_freq: float
    low_freq: float
    delay: Maybe[float] = None
    random_delay: Maybe[float] = None
    ramp_rate: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class EnterServiceGet(Datatype, frozen=True, kw_only=True):
    enter_service: EnterService
    id: String36
    custom_data: Maybe[CustomData] = None


class EventData(Datatype, frozen=True, kw_only=True):
    event_id: IntegerFrom0
    timestamp: str
    trigger: EventTrigger
    actual_value: String2500
    component: Component
    event_notification_type: EventNotification
    variable: Variable
    cause: Maybe[IntegerFrom0] = None
    tech_code: Maybe[String50] = None
    tech_info: Maybe[String500] = None
    cleared: Maybe[bool] = None
    transaction_id: Maybe[String36] = None
    variable_monitoring_id: Maybe[IntegerFrom0] = None
    severity: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class Firmware(Datatype, frozen=True, kw_only=True):
    location: String2000
    retrieve_date_time: str
    install_date_time: Maybe[str] = None
    signing_certificate: Maybe[String5500] = None
    signature: Maybe[String800] = None
    custom_data: Maybe[CustomData] = None


class FixedPF(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    displacement: float
    excitation: bool
    start_time: Maybe[str] = None
    duration: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class FixedPFGet(Datatype, frozen=True, kw_only=True, rename={
    "fixed_pf": "fixedPF", "is_default": "isDefault", "is_superseded": "isSuperseded", "custom_data": "customData",
}):
    fixed_pf: FixedPF
    id: String36
    is_default: bool
    is_superseded: bool
    custom_data: Maybe[CustomData] = None


class FixedVar(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    setpoint: float
    unit: DERUnit
    start_time: Maybe[str] = None
    duration: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class FixedVarGet(Datatype, frozen=True, kw_only=True):
    fixed_var: FixedVar
    id: String36
    is_default: bool
    is_superseded: bool
    custom_data: Maybe[CustomData] = None


class FreqDroop(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    over_freq: float
    under_freq: float
    over_droop: float
    under_droop: float
    response_time: float
    start_time: Maybe[str] = None
    duration: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class FreqDroopGet(Datatype, frozen=True, kw_only=True):
    freq_droop: FreqDroop
    id: String36
    is_default: bool
    is_superseded: bool
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


class Gradient(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    gradient: float
    soft_gradient: float
    custom_data: Maybe[CustomData] = None


class GradientGet(Datatype, frozen=True, kw_only=True):
    gradient: Gradient
    id: String36
    custom_data: Maybe[CustomData] = None


class Hysteresis(Datatype, frozen=True, kw_only=True):
    hysteresis_high: Maybe[float] = None
    hysteresis_low: Maybe[float] = None
    hysteresis_delay: Maybe[float] = None
    hysteresis_gradient: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class IdToken(Datatype, frozen=True, kw_only=True):
    id_token: String255
    type: String20
    additional_info: Maybe[Annotated[list[AdditionalInfo], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class IdTokenInfo(Datatype, frozen=True, kw_only=True):
    status: AuthorizationStatus
    cache_expiry_date_time: Maybe[str] = None
    charging_priority: Maybe[int] = None
    group_id_token: Maybe[IdToken] = None
    language1: Maybe[String8] = None
    language2: Maybe[String8] = None
    evse_id: Maybe[Annotated[list[IntegerFrom0], Meta(min_length=1)]] = None
    personal_message: Maybe[MessageContent] = None
    custom_data: Maybe[CustomData] = None


class LimitAtSoC(Datatype, frozen=True, kw_only=True):
    soc: IntegerFrom0To100
    limit: float
    custom_data: Maybe[CustomData] = None


class LimitMaxDischarge(Datatype, frozen=True, kw_only=True):
    priority: IntegerFrom0
    pct_max_discharge_power: Maybe[float] = None
    power_monitoring_must_trip: Maybe[DERCurve] = None
    start_time: Maybe[str] = None
    duration: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class LimitMaxDischargeGet(Datatype, frozen=True, kw_only=True):
    id: String36
    is_default: bool
    is_superseded: bool
    limit_max_discharge: LimitMaxDischarge
    custom_data: Maybe[CustomData] = None


class LogParameters(Datatype, frozen=True, kw_only=True):
    remote_location: String2000
    oldest_timestamp: Maybe[str] = None
    latest_timestamp: Maybe[str] = None
    custom_data: Maybe[CustomData] = None


class MessageContent(Datatype, frozen=True, kw_only=True):
    format: MessageFormat
    content: String1024
    language: Maybe[String8] = None
    custom_data: Maybe[CustomData] = None


class MessageInfo(Datatype, frozen=True, kw_only=True):
    id: IntegerFrom0
    priority: MessagePriority
    message: MessageContent
    display: Maybe[Component] = None
    state: Maybe[MessageState] = None
    start_date_time: Maybe[str] = None
    end_date_time: Maybe[str] = None
    transaction_id: Maybe[String36] = None
    message_extra: Maybe[Annotated[list[MessageContent], Meta(min_length=1, max_length=4)]] = None
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
    ocpp_interface: OCPPInterface
    ocpp_transport: OCPPTransport
    message_timeout: int
    ocpp_csms_url: String2000
    security_profile: IntegerFrom0
    apn: Maybe[APN] = None
    ocpp_version: Maybe[OCPPVersion] = None
    identity: Maybe[String48] = None
    basic_auth_password: Maybe[String64] = None
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
    responder_url: String2000
    custom_data: Maybe[CustomData] = None


class OverstayRule(Datatype, frozen=True, kw_only=True):
    overstay_fee: RationalNumber
    start_time: int
    overstay_fee_period: int
    overstay_rule_description: Maybe[String32] = None
    custom_data: Maybe[CustomData] = None


class OverstayRuleList(Datatype, frozen=True, kw_only=True):
    overstay_rule: Annotated[list[OverstayRule], Meta(min_length=1, max_length=5)]
    overstay_power_threshold: Maybe[RationalNumber] = None
    overstay_time_threshold: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class PeriodicEventStreamParams(Datatype, frozen=True, kw_only=True):
    interval: Maybe[IntegerFrom0] = None
    values: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class Price(Datatype, frozen=True, kw_only=True):
    excl_tax: Maybe[float] = None
    incl_tax: Maybe[float] = None
    tax_rates: Maybe[Annotated[list[TaxRate], Meta(min_length=1, max_length=5)]] = None
    custom_data: Maybe[CustomData] = None


class PriceLevelSchedule(Datatype, frozen=True, kw_only=True):
    price_level_schedule_entries: Annotated[list[PriceLevelScheduleEntry], Meta(min_length=1, max_length=100)]
    time_anchor: str
    price_schedule_id: IntegerFrom0
    number_of_price_levels: IntegerFrom0
    price_schedule_description: Maybe[String32] = None
    custom_data: Maybe[CustomData] = None


class PriceLevelScheduleEntry(Datatype, frozen=True, kw_only=True):
    duration: int
    price_level: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class PriceRule(Datatype, frozen=True, kw_only=True):
    energy_fee: RationalNumber
    power_range_start: RationalNumber
    parking_fee_period: Maybe[int] = None
    carbon_dioxide_emission: Maybe[IntegerFrom0] = None
    renewable_generation_percentage: Maybe[IntegerFrom0To100] = None
    parking_fee: Maybe[RationalNumber] = None
    custom_data: Maybe[CustomData] = None


class PriceRuleStack(Datatype, frozen=True, kw_only=True):
    duration: int
    price_rule: Annotated[list[PriceRule], Meta(min_length=1, max_length=8)]
    custom_data: Maybe[CustomData] = None


class RationalNumber(Datatype, frozen=True, kw_only=True):
    exponent: int
    value: int
    custom_data: Maybe[CustomData] = None


class ReactivePowerParams(Datatype, frozen=True, kw_only=True):
    v_ref: Maybe[float] = None
    autonomous_v_ref_enable: Maybe[bool] = None
    autonomous_v_ref_time_constant: Maybe[float] = None
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
    id: IntegerFrom0
    sales_tariff_entry: Annotated[list[SalesTariffEntry], Meta(min_length=1, max_length=1024)]
    sales_tariff_description: Maybe[String32] = None
    num_e_price_levels: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class SalesTariffEntry(Datatype, frozen=True, kw_only=True):
    relative_time_interval: RelativeTimeInterval
    e_price_level: Maybe[IntegerFrom0] = None
    consumption_cost: Maybe[Annotated[list[ConsumptionCost], Meta(min_length=1, max_length=3)]] = None
    custom_data: Maybe[CustomData] = None


class SampledValue(Datatype, frozen=True, kw_only=True):
    value: float
    measurand: Maybe[Measurand] = None
    context: Maybe[ReadingContext] = None
    phase: Maybe[Phase] = None
    location: Maybe[Location] = None
    signed_meter_value: Maybe[SignedMeterValue] = None
    unit_of_measure: Maybe[UnitOfMeasure] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringData(Datatype, frozen=True, kw_only=True):
    value: float
    type: Monitor
    severity: IntegerFrom0
    component: Component
    variable: Variable
    id: Maybe[IntegerFrom0] = None
    periodic_event_stream: Maybe[PeriodicEventStreamParams] = None
    transaction: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class SetMonitoringResult(Datatype, frozen=True, kw_only=True):
    status: SetMonitoringStatus
    type: Monitor
    component: Component
    variable: Variable
    severity: IntegerFrom0
    id: Maybe[IntegerFrom0] = None
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetVariableData(Datatype, frozen=True, kw_only=True):
    attribute_value: String2500
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
    signed_meter_data: String32768
    encoding_method: String50
    signing_method: Maybe[String50] = None
    public_key: Maybe[String2500] = None
    custom_data: Maybe[CustomData] = None


class StatusInfo(Datatype, frozen=True, kw_only=True):
    reason_code: String20
    additional_info: Maybe[String1024] = None
    custom_data: Maybe[CustomData] = None


class StreamDataElement(Datatype, frozen=True, kw_only=True):
    t: float
    v: String2500
    custom_data: Maybe[CustomData] = None


class Tariff(Datatype, frozen=True, kw_only=True):
    tariff_id: String60
    currency: String3
    description: Maybe[Annotated[list[MessageContent], Meta(min_length=1, max_length=10)]] = None
    energy: Maybe[TariffEnergy] = None
    valid_from: Maybe[str] = None
    charging_time: Maybe[TariffTime] = None
    idle_time: Maybe[TariffTime] = None
    fixed_fee: Maybe[TariffFixed] = None
    reservation_time: Maybe[TariffTime] = None
    reservation_fixed: Maybe[TariffFixed] = None
    min_cost: Maybe[Price] = None
    max_cost: Maybe[Price] = None
    custom_data: Maybe[CustomData] = None


class TariffAssignment(Datatype, frozen=True, kw_only=True):
    tariff_id: String60
    tariff_kind: TariffKind
    valid_from: Maybe[str] = None
    evse_ids: Maybe[Annotated[list[IntegerFrom0], Meta(min_length=1)]] = None
    id_tokens: Maybe[Annotated[list[String255], Meta(min_length=1)]] = None
    custom_data: Maybe[CustomData] = None


class TariffConditions(Datatype, frozen=True, kw_only=True):
    start_time_of_day: Maybe[str] = None
    end_time_of_day: Maybe[str] = None
    day_of_week: Maybe[Annotated[list[DayOfWeek], Meta(min_length=1, max_length=7)]] = None
    valid_from_date: Maybe[str] = None
    valid_to_date: Maybe[str] = None
    evse_kind: Maybe[EvseKind] = None
    min_energy: Maybe[float] = None
    max_energy: Maybe[float] = None
    min_current: Maybe[float] = None
    max_current: Maybe[float] = None
    min_power: Maybe[float] = None
    max_power: Maybe[float] = None
    min_time: Maybe[int] = None
    max_time: Maybe[int] = None
    min_charging_time: Maybe[int] = None
    max_charging_time: Maybe[int] = None
    min_idle_time: Maybe[int] = None
    max_idle_time: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class TariffConditionsFixed(Datatype, frozen=True, kw_only=True):
    start_time_of_day: Maybe[str] = None
    end_time_of_day: Maybe[str] = None
    day_of_week: Maybe[Annotated[list[DayOfWeek], Meta(min_length=1, max_length=7)]] = None
    valid_from_date: Maybe[str] = None
    valid_to_date: Maybe[str] = None
    evse_kind: Maybe[EvseKind] = None
    payment_brand: Maybe[String20] = None
    payment_recognition: Maybe[String20] = None
    custom_data: Maybe[CustomData] = None


class TariffEnergy(Datatype, frozen=True, kw_only=True):
    prices: Annotated[list[TariffEnergyPrice], Meta(min_length=1)]
    tax_rates: Maybe[Annotated[list[TaxRate], Meta(min_length=1, max_length=5)]] = None
    custom_data: Maybe[CustomData] = None


class TariffEnergyPrice(Datatype, frozen=True, kw_only=True):
    price_kwh: float
    conditions: Maybe[TariffConditions] = None
    custom_data: Maybe[CustomData] = None


class TariffFixed(Datatype, frozen=True, kw_only=True):
    prices: Annotated[list[TariffFixedPrice], Meta(min_length=1)]
    tax_rates: Maybe[Annotated[list[TaxRate], Meta(min_length=1, max_length=5)]] = None
    custom_data: Maybe[CustomData] = None


class TariffFixedPrice(Datatype, frozen=True, kw_only=True):
    price_fixed: float
    conditions: Maybe[TariffConditionsFixed] = None
    custom_data: Maybe[CustomData] = None


class TariffTime(Datatype, frozen=True, kw_only=True):
    prices: Annotated[list[TariffTimePrice], Meta(min_length=1)]
    tax_rates: Maybe[Annotated[list[TaxRate], Meta(min_length=1, max_length=5)]] = None
    custom_data: Maybe[CustomData] = None


class TariffTimePrice(Datatype, frozen=True, kw_only=True):
    price_minute: float
    conditions: Maybe[TariffConditions] = None
    custom_data: Maybe[CustomData] = None


class TaxRate(Datatype, frozen=True, kw_only=True):
    type: String20
    tax: float
    stack: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class TaxRule(Datatype, frozen=True, kw_only=True, rename={
    "tax_rule_id": "taxRuleID", "applies_to_energy_fee": "appliesToEnergyFee",
    "applies_to_parking_fee": "appliesToParkingFee", "applies_to_overstay_fee": "appliesToOverstayFee",
    "applies_to_minimum_maximum_cost": "appliesToMinimumMaximumCost", "tax_rate": "taxRate",
    "tax_rule_name": "taxRuleName", "tax_included_in_price": "taxIncludedInPrice", "custom_data": "customData",
}):
    tax_rule_id: IntegerFrom0
    applies_to_energy_fee: bool
    applies_to_parking_fee: bool
    applies_to_overstay_fee: bool
    applies_to_minimum_maximum_cost: bool
    tax_rate: RationalNumber
    tax_rule_name: Maybe[String100] = None
    tax_included_in_price: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class TotalCost(Datatype, frozen=True, kw_only=True):
    currency: String3
    type_of_cost: TariffCost
    total: TotalPrice
    fixed: Maybe[Price] = None
    energy: Maybe[Price] = None
    charging_time: Maybe[Price] = None
    idle_time: Maybe[Price] = None
    reservation_time: Maybe[Price] = None
    reservation_fixed: Maybe[Price] = None
    custom_data: Maybe[CustomData] = None


class TotalPrice(Datatype, frozen=True, kw_only=True):
    excl_tax: Maybe[float] = None
    incl_tax: Maybe[float] = None
    custom_data: Maybe[CustomData] = None


class TotalUsage(Datatype, frozen=True, kw_only=True):
    energy: float
    charging_time: int
    idle_time: int
    reservation_time: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class Transaction(Datatype, frozen=True, kw_only=True):
    transaction_id: String36
    charging_state: Maybe[ChargingState] = None
    time_spent_charging: Maybe[int] = None
    stopped_reason: Maybe[Reason] = None
    remote_start_id: Maybe[int] = None
    operation_mode: Maybe[OperationMode] = None
    tariff_id: Maybe[String60] = None
    transaction_limit: Maybe[TransactionLimit] = None
    custom_data: Maybe[CustomData] = None


class TransactionLimit(Datatype, frozen=True, kw_only=True, rename={
    "max_cost": "maxCost", "max_energy": "maxEnergy", "max_time": "maxTime", "max_soc": "maxSoC",
    "custom_data": "customData",
}):
    max_cost: Maybe[float] = None
    max_energy: Maybe[float] = None
    max_time: Maybe[int] = None
    max_soc: Maybe[IntegerFrom0To100] = None
    custom_data: Maybe[CustomData] = None


class UnitOfMeasure(Datatype, frozen=True, kw_only=True):
    unit: Maybe[String20] = None
    multiplier: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class V2XChargingParameters(Datatype, frozen=True, kw_only=True, rename={
    "min_charge_power": "minChargePower", "min_charge_power_l2": "minChargePower_L2",
    "min_charge_power_l3": "minChargePower_L3", "max_charge_power": "maxChargePower",
    "max_charge_power_l2": "maxChargePower_L2", "max_charge_power_l3": "maxChargePower_L3",
    "min_discharge_power": "minDischargePower", "min_discharge_power_l2": "minDischargePower_L2",
    "min_discharge_power_l3": "minDischargePower_L3", "max_discharge_power": "maxDischargePower",
    "max_discharge_power_l2": "maxDischargePower_L2", "max_discharge_power_l3": "maxDischargePower_L3",
    "min_charge_current": "minChargeCurrent", "max_charge_current": "maxChargeCurrent",
    "min_discharge_current": "minDischargeCurrent", "max_discharge_current": "maxDischargeCurrent",
    "min_voltage": "minVoltage", "max_voltage": "maxVoltage", "ev_target_energy_request": "evTargetEnergyRequest",
    "ev_min_energy_request": "evMinEnergyRequest", "ev_max_energy_request": "evMaxEnergyRequest",
    "ev_min_v2x_energy_request": "evMinV2XEnergyRequest", "ev_max_v2x_energy_request": "evMaxV2XEnergyRequest",
    "target_soc": "targetSoC", "custom_data": "customData",
}):
    min_charge_power: Maybe[float] = None
    min_charge_power_l2: Maybe[float] = None
    min_charge_power_l3: Maybe[float] = None
    max_charge_power: Maybe[float] = None
    max_charge_power_l2: Maybe[float] = None
    max_charge_power_l3: Maybe[float] = None
    min_discharge_power: Maybe[float] = None
    min_discharge_power_l2: Maybe[float] = None
    min_discharge_power_l3: Maybe[float] = None
    max_discharge_power: Maybe[float] = None
    max_discharge_power_l2: Maybe[float] = None
    max_discharge_power_l3: Maybe[float] = None
    min_charge_current: Maybe[float] = None
    max_charge_current: Maybe[float] = None
    min_discharge_current: Maybe[float] = None
    max_discharge_current: Maybe[float] = None
    min_voltage: Maybe[float] = None
    max_voltage: Maybe[float] = None
    ev_target_energy_request: Maybe[float] = None
    ev_min_energy_request: Maybe[float] = None
    ev_max_energy_request: Maybe[float] = None
    ev_min_v2x_energy_request: Maybe[float] = None
    ev_max_v2x_energy_request: Maybe[float] = None
    target_soc: Maybe[IntegerFrom0To100] = None
    custom_data: Maybe[CustomData] = None


class V2XFreqWattPoint(Datatype, frozen=True, kw_only=True):
    frequency: float
    power: float
    custom_data: Maybe[CustomData] = None


class V2XSignalWattPoint(Datatype, frozen=True, kw_only=True):
    signal: int
    power: float
    custom_data: Maybe[CustomData] = None


class VPN(Datatype, frozen=True, kw_only=True):
    server: String2000
    user: String50
    password: String64
    key: String255
    type: VPNEnum
    group: Maybe[String50] = None
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
    max_elements: Maybe[IntegerFrom1] = None
    values_list: Maybe[String1000] = None
    custom_data: Maybe[CustomData] = None


class VariableMonitoring(Datatype, frozen=True, kw_only=True):
    id: IntegerFrom0
    transaction: bool
    value: float
    type: Monitor
    severity: IntegerFrom0
    event_notification_type: EventNotification
    custom_data: Maybe[CustomData] = None


class VoltageParams(Datatype, frozen=True, kw_only=True):
    hv10_min_mean_value: Maybe[float] = None
    hv10_min_mean_trip_delay: Maybe[float] = None
    power_during_cessation: Maybe[PowerDuringCessation] = None
    custom_data: Maybe[CustomData] = None


class AFRRSignalRequest(Message, frozen=True, kw_only=True):
    timestamp: str
    signal: int
    custom_data: Maybe[CustomData] = None


class AFRRSignalResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class AdjustPeriodicEventStreamRequest(Message, frozen=True, kw_only=True):
    id: IntegerFrom0
    params: PeriodicEventStreamParams
    custom_data: Maybe[CustomData] = None


class AdjustPeriodicEventStreamResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class AuthorizeRequest(Message, frozen=True, kw_only=True):
    id_token: IdToken
    certificate: Maybe[String10000] = None
    iso15118_certificate_hash_data: Maybe[Annotated[list[OCSPRequestData], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class AuthorizeResponse(Message, frozen=True, kw_only=True):
    id_token_info: IdTokenInfo
    certificate_status: Maybe[AuthorizeCertificateStatus] = None
    allowed_energy_transfer: Maybe[Annotated[list[EnergyTransferMode], Meta(min_length=1)]] = None
    tariff: Maybe[Tariff] = None
    custom_data: Maybe[CustomData] = None


class BatterySwapRequest(Message, frozen=True, kw_only=True):
    battery_data: Annotated[list[BatteryData], Meta(min_length=1)]
    event_type: BatterySwapEvent
    id_token: IdToken
    request_id: int
    custom_data: Maybe[CustomData] = None


class BatterySwapResponse(Message, frozen=True, kw_only=True):
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
    reservation_id: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class CancelReservationResponse(Message, frozen=True, kw_only=True):
    status: CancelReservationStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class CertificateSignedRequest(Message, frozen=True, kw_only=True):
    certificate_chain: String10000
    certificate_type: Maybe[CertificateSigningUse] = None
    request_id: Maybe[int] = None
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


class ChangeTransactionTariffRequest(Message, frozen=True, kw_only=True):
    tariff: Tariff
    transaction_id: String36
    custom_data: Maybe[CustomData] = None


class ChangeTransactionTariffResponse(Message, frozen=True, kw_only=True):
    status: TariffChangeStatus
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


class ClearDERControlRequest(Message, frozen=True, kw_only=True):
    is_default: bool
    control_type: Maybe[DERControl] = None
    control_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class ClearDERControlResponse(Message, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearDisplayMessageRequest(Message, frozen=True, kw_only=True):
    id: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class ClearDisplayMessageResponse(Message, frozen=True, kw_only=True):
    status: ClearMessageStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ClearTariffsRequest(Message, frozen=True, kw_only=True):
    tariff_ids: Maybe[Annotated[list[String60], Meta(min_length=1)]] = None
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class ClearTariffsResponse(Message, frozen=True, kw_only=True):
    clear_tariffs_result: Annotated[list[ClearTariffsResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ClearVariableMonitoringRequest(Message, frozen=True, kw_only=True):
    id: Annotated[list[IntegerFrom0], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ClearVariableMonitoringResponse(Message, frozen=True, kw_only=True):
    clear_monitoring_result: Annotated[list[ClearMonitoringResult], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class ClearedChargingLimitRequest(Message, frozen=True, kw_only=True):
    charging_limit_source: String20
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class ClearedChargingLimitResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ClosePeriodicEventStreamRequest(Message, frozen=True, kw_only=True):
    id: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class ClosePeriodicEventStreamResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class CostUpdatedRequest(Message, frozen=True, kw_only=True):
    total_cost: float
    transaction_id: String36
    custom_data: Maybe[CustomData] = None


class CostUpdatedResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class CustomerInformationRequest(Message, frozen=True, kw_only=True):
    request_id: IntegerFrom0
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
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class FirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class Get15118EVCertificateRequest(Message, frozen=True, kw_only=True, rename={
    "iso15118_schema_version": "iso15118SchemaVersion", "exi_request": "exiRequest",
    "maximum_contract_certificate_chains": "maximumContractCertificateChains",
    "prioritized_emaids": "prioritizedEMAIDs", "custom_data": "customData",
}):
    iso15118_schema_version: String50
    action: CertificateAction
    exi_request: String11000
    maximum_contract_certificate_chains: Maybe[IntegerFrom0] = None
    prioritized_emaids: Maybe[Annotated[list[String255], Meta(min_length=1, max_length=8)]] = None
    custom_data: Maybe[CustomData] = None


class Get15118EVCertificateResponse(Message, frozen=True, kw_only=True):
    status: Iso15118EVCertificateStatus
    exi_response: String17000
    status_info: Maybe[StatusInfo] = None
    remaining_contracts: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class GetBaseReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    report_base: ReportBase
    custom_data: Maybe[CustomData] = None


class GetBaseReportResponse(Message, frozen=True, kw_only=True):
    status: GenericDeviceModelStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetCertificateChainStatusRequest(Message, frozen=True, kw_only=True):
    certificate_status_requests: Annotated[list[CertificateStatusRequestInfo], Meta(min_length=1, max_length=4)]
    custom_data: Maybe[CustomData] = None


class GetCertificateChainStatusResponse(Message, frozen=True, kw_only=True):
    certificate_status: Annotated[list[CertificateStatus], Meta(min_length=1, max_length=4)]
    custom_data: Maybe[CustomData] = None


class GetCertificateStatusRequest(Message, frozen=True, kw_only=True):
    ocsp_request_data: OCSPRequestData
    custom_data: Maybe[CustomData] = None


class GetCertificateStatusResponse(Message, frozen=True, kw_only=True):
    status: GetCertificateStatus
    status_info: Maybe[StatusInfo] = None
    ocsp_result: Maybe[String18000] = None
    custom_data: Maybe[CustomData] = None


class GetChargingProfilesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    charging_profile: ChargingProfileCriterion
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class GetChargingProfilesResponse(Message, frozen=True, kw_only=True):
    status: GetChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetCompositeScheduleRequest(Message, frozen=True, kw_only=True):
    duration: int
    evse_id: IntegerFrom0
    charging_rate_unit: Maybe[ChargingRateUnit] = None
    custom_data: Maybe[CustomData] = None


class GetCompositeScheduleResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    schedule: Maybe[CompositeSchedule] = None
    custom_data: Maybe[CustomData] = None


class GetDERControlRequest(Message, frozen=True, kw_only=True):
    request_id: int
    is_default: Maybe[bool] = None
    control_type: Maybe[DERControl] = None
    control_id: Maybe[String36] = None
    custom_data: Maybe[CustomData] = None


class GetDERControlResponse(Message, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class GetDisplayMessagesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    id: Maybe[Annotated[list[IntegerFrom0], Meta(min_length=1)]] = None
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
    retries: Maybe[IntegerFrom0] = None
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


class GetPeriodicEventStreamRequest(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class GetPeriodicEventStreamResponse(Message, frozen=True, kw_only=True):
    constant_stream_data: Maybe[Annotated[list[ConstantStreamData], Meta(min_length=1)]] = None
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


class GetTariffsRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class GetTariffsResponse(Message, frozen=True, kw_only=True):
    status: TariffGetStatus
    status_info: Maybe[StatusInfo] = None
    tariff_assignments: Maybe[Annotated[list[TariffAssignment], Meta(min_length=1)]] = None
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
    certificate: String10000
    custom_data: Maybe[CustomData] = None


class InstallCertificateResponse(Message, frozen=True, kw_only=True):
    status: InstallCertificateStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class LogStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: UploadLogStatus
    request_id: Maybe[int] = None
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class LogStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class MeterValuesRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom0
    meter_value: Annotated[list[MeterValue], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class MeterValuesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyAllowedEnergyTransferRequest(Message, frozen=True, kw_only=True):
    transaction_id: String36
    allowed_energy_transfer: Annotated[list[EnergyTransferMode], Meta(min_length=1)]
    custom_data: Maybe[CustomData] = None


class NotifyAllowedEnergyTransferResponse(Message, frozen=True, kw_only=True):
    status: NotifyAllowedEnergyTransferStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class NotifyChargingLimitRequest(Message, frozen=True, kw_only=True):
    charging_limit: ChargingLimit
    charging_schedule: Maybe[Annotated[list[ChargingSchedule], Meta(min_length=1)]] = None
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class NotifyChargingLimitResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyCustomerInformationRequest(Message, frozen=True, kw_only=True):
    data: String512
    seq_no: IntegerFrom0
    generated_at: str
    request_id: IntegerFrom0
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyCustomerInformationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyDERAlarmRequest(Message, frozen=True, kw_only=True):
    control_type: DERControl
    timestamp: str
    grid_event_fault: Maybe[GridEventFault] = None
    alarm_ended: Maybe[bool] = None
    extra_info: Maybe[String200] = None
    custom_data: Maybe[CustomData] = None


class NotifyDERAlarmResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyDERStartStopRequest(Message, frozen=True, kw_only=True):
    control_id: String36
    started: bool
    timestamp: str
    superseded_ids: Maybe[Annotated[list[String36], Meta(min_length=1, max_length=24)]] = None
    custom_data: Maybe[CustomData] = None


class NotifyDERStartStopResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyDisplayMessagesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    message_info: Maybe[Annotated[list[MessageInfo], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyDisplayMessagesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingNeedsRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom1
    charging_needs: ChargingNeeds
    max_schedule_tuples: Maybe[IntegerFrom0] = None
    timestamp: Maybe[str] = None
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingNeedsResponse(Message, frozen=True, kw_only=True):
    status: NotifyEVChargingNeedsStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingScheduleRequest(Message, frozen=True, kw_only=True):
    time_base: str
    charging_schedule: ChargingSchedule
    evse_id: IntegerFrom1
    selected_charging_schedule_id: Maybe[IntegerFrom0] = None
    power_tolerance_acceptance: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyEVChargingScheduleResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class NotifyEventRequest(Message, frozen=True, kw_only=True):
    generated_at: str
    seq_no: IntegerFrom0
    event_data: Annotated[list[EventData], Meta(min_length=1)]
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyEventResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyMonitoringReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    seq_no: IntegerFrom0
    generated_at: str
    monitor: Maybe[Annotated[list[MonitoringData], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyMonitoringReportResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyPeriodicEventStream(Message, frozen=True, kw_only=True):
    data: Annotated[list[StreamDataElement], Meta(min_length=1)]
    id: IntegerFrom0
    pending: IntegerFrom0
    basetime: str
    custom_data: Maybe[CustomData] = None


class NotifyPriorityChargingRequest(Message, frozen=True, kw_only=True):
    transaction_id: String36
    activated: bool
    custom_data: Maybe[CustomData] = None


class NotifyPriorityChargingResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifyReportRequest(Message, frozen=True, kw_only=True):
    request_id: int
    generated_at: str
    seq_no: IntegerFrom0
    report_data: Maybe[Annotated[list[ReportData], Meta(min_length=1)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class NotifyReportResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class NotifySettlementRequest(Message, frozen=True, kw_only=True):
    psp_ref: String255
    status: PaymentStatus
    settlement_amount: float
    settlement_time: str
    transaction_id: Maybe[String36] = None
    status_info: Maybe[String500] = None
    receipt_id: Maybe[String50] = None
    receipt_url: Maybe[String2000] = None
    vat_company: Maybe[Address] = None
    vat_number: Maybe[String20] = None
    custom_data: Maybe[CustomData] = None


class NotifySettlementResponse(Message, frozen=True, kw_only=True):
    receipt_url: Maybe[String2000] = None
    receipt_id: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class NotifyWebPaymentStartedRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom0
    timeout: int
    custom_data: Maybe[CustomData] = None


class NotifyWebPaymentStartedResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class OpenPeriodicEventStreamRequest(Message, frozen=True, kw_only=True):
    constant_stream_data: ConstantStreamData
    custom_data: Maybe[CustomData] = None


class OpenPeriodicEventStreamResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareRequest(Message, frozen=True, kw_only=True):
    location: String2000
    checksum: String32
    request_id: IntegerFrom0
    retries: Maybe[IntegerFrom0] = None
    retry_interval: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareStatusNotificationRequest(Message, frozen=True, kw_only=True):
    status: PublishFirmwareStatus
    location: Maybe[Annotated[list[String2000], Meta(min_length=1)]] = None
    request_id: Maybe[IntegerFrom0] = None
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class PublishFirmwareStatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class PullDynamicScheduleUpdateRequest(Message, frozen=True, kw_only=True):
    charging_profile_id: int
    custom_data: Maybe[CustomData] = None


class PullDynamicScheduleUpdateResponse(Message, frozen=True, kw_only=True):
    status: ChargingProfileStatus
    schedule_update: Maybe[ChargingScheduleUpdate] = None
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ReportChargingProfilesRequest(Message, frozen=True, kw_only=True):
    request_id: int
    charging_limit_source: String20
    charging_profile: Annotated[list[ChargingProfile], Meta(min_length=1)]
    evse_id: IntegerFrom0
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class ReportChargingProfilesResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ReportDERControlRequest(Message, frozen=True, kw_only=True, rename={
    "request_id": "requestId", "enter_service": "enterService", "fixed_pf_absorb": "fixedPFAbsorb",
    "fixed_pf_inject": "fixedPFInject", "fixed_var": "fixedVar", "freq_droop": "freqDroop",
    "limit_max_discharge": "limitMaxDischarge", "custom_data": "customData",
}):
    request_id: int
    curve: Maybe[Annotated[list[DERCurveGet], Meta(min_length=1, max_length=24)]] = None
    enter_service: Maybe[Annotated[list[EnterServiceGet], Meta(min_length=1, max_length=24)]] = None
    fixed_pf_absorb: Maybe[Annotated[list[FixedPFGet], Meta(min_length=1, max_length=24)]] = None
    fixed_pf_inject: Maybe[Annotated[list[FixedPFGet], Meta(min_length=1, max_length=24)]] = None
    fixed_var: Maybe[Annotated[list[FixedVarGet], Meta(min_length=1, max_length=24)]] = None
    freq_droop: Maybe[Annotated[list[FreqDroopGet], Meta(min_length=1, max_length=24)]] = None
    gradient: Maybe[Annotated[list[GradientGet], Meta(min_length=1, max_length=24)]] = None
    limit_max_discharge: Maybe[Annotated[list[LimitMaxDischargeGet], Meta(min_length=1, max_length=24)]] = None
    tbc: Maybe[bool] = None
    custom_data: Maybe[CustomData] = None


class ReportDERControlResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class RequestBatterySwapRequest(Message, frozen=True, kw_only=True):
    id_token: IdToken
    request_id: int
    custom_data: Maybe[CustomData] = None


class RequestBatterySwapResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class RequestStartTransactionRequest(Message, frozen=True, kw_only=True):
    id_token: IdToken
    remote_start_id: int
    evse_id: Maybe[IntegerFrom1] = None
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
    reservation_id: IntegerFrom0
    reservation_update_status: ReservationUpdateStatus
    custom_data: Maybe[CustomData] = None


class ReservationStatusUpdateResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class ReserveNowRequest(Message, frozen=True, kw_only=True):
    id: IntegerFrom0
    expiry_date_time: str
    id_token: IdToken
    connector_type: Maybe[String20] = None
    evse_id: Maybe[IntegerFrom0] = None
    group_id_token: Maybe[IdToken] = None
    custom_data: Maybe[CustomData] = None


class ReserveNowResponse(Message, frozen=True, kw_only=True):
    status: ReserveNowStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class ResetRequest(Message, frozen=True, kw_only=True):
    type: Reset
    evse_id: Maybe[IntegerFrom0] = None
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
    evse_id: IntegerFrom0
    charging_profile: ChargingProfile
    custom_data: Maybe[CustomData] = None


class SetChargingProfileResponse(Message, frozen=True, kw_only=True):
    status: ChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class SetDERControlRequest(Message, frozen=True, kw_only=True, rename={
    "is_default": "isDefault", "control_id": "controlId", "control_type": "controlType",
    "enter_service": "enterService", "fixed_pf_absorb": "fixedPFAbsorb", "fixed_pf_inject": "fixedPFInject",
    "fixed_var": "fixedVar", "freq_droop": "freqDroop", "limit_max_discharge": "limitMaxDischarge",
    "custom_data": "customData",
}):
    is_default: bool
    control_id: String36
    control_type: DERControl
    curve: Maybe[DERCurve] = None
    enter_service: Maybe[EnterService] = None
    fixed_pf_absorb: Maybe[FixedPF] = None
    fixed_pf_inject: Maybe[FixedPF] = None
    fixed_var: Maybe[FixedVar] = None
    freq_droop: Maybe[FreqDroop] = None
    gradient: Maybe[Gradient] = None
    limit_max_discharge: Maybe[LimitMaxDischarge] = None
    custom_data: Maybe[CustomData] = None


class SetDERControlResponse(Message, frozen=True, kw_only=True):
    status: DERControlStatus
    status_info: Maybe[StatusInfo] = None
    superseded_ids: Maybe[Annotated[list[String36], Meta(min_length=1, max_length=24)]] = None
    custom_data: Maybe[CustomData] = None


class SetDefaultTariffRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom0
    tariff: Tariff
    custom_data: Maybe[CustomData] = None


class SetDefaultTariffResponse(Message, frozen=True, kw_only=True):
    status: TariffSetStatus
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
    severity: IntegerFrom0
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
    hash_root_certificate: Maybe[CertificateHashData] = None
    request_id: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class SignCertificateResponse(Message, frozen=True, kw_only=True):
    status: GenericStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class StatusNotificationRequest(Message, frozen=True, kw_only=True):
    timestamp: str
    connector_status: ConnectorStatus
    evse_id: IntegerFrom0
    connector_id: IntegerFrom0
    custom_data: Maybe[CustomData] = None


class StatusNotificationResponse(Message, frozen=True, kw_only=True):
    custom_data: Maybe[CustomData] = None


class TransactionEventRequest(Message, frozen=True, kw_only=True):
    event_type: TransactionEvent
    timestamp: str
    trigger_reason: TriggerReason
    seq_no: IntegerFrom0
    transaction_info: Transaction
    cost_details: Maybe[CostDetails] = None
    meter_value: Maybe[Annotated[list[MeterValue], Meta(min_length=1)]] = None
    offline: Maybe[bool] = None
    number_of_phases_used: Maybe[IntegerFrom0To3] = None
    cable_max_current: Maybe[int] = None
    reservation_id: Maybe[IntegerFrom0] = None
    preconditioning_status: Maybe[PreconditioningStatus] = None
    evse_sleep: Maybe[bool] = None
    evse: Maybe[EVSE] = None
    id_token: Maybe[IdToken] = None
    custom_data: Maybe[CustomData] = None


class TransactionEventResponse(Message, frozen=True, kw_only=True):
    total_cost: Maybe[float] = None
    charging_priority: Maybe[int] = None
    id_token_info: Maybe[IdTokenInfo] = None
    transaction_limit: Maybe[TransactionLimit] = None
    updated_personal_message: Maybe[MessageContent] = None
    updated_personal_message_extra: Maybe[Annotated[list[MessageContent], Meta(min_length=1, max_length=4)]] = None
    custom_data: Maybe[CustomData] = None


class TriggerMessageRequest(Message, frozen=True, kw_only=True):
    requested_message: MessageTrigger
    evse: Maybe[EVSE] = None
    custom_trigger: Maybe[String50] = None
    custom_data: Maybe[CustomData] = None


class TriggerMessageResponse(Message, frozen=True, kw_only=True):
    status: TriggerMessageStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class UnlockConnectorRequest(Message, frozen=True, kw_only=True):
    evse_id: IntegerFrom0
    connector_id: IntegerFrom0
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


class UpdateDynamicScheduleRequest(Message, frozen=True, kw_only=True):
    charging_profile_id: int
    schedule_update: ChargingScheduleUpdate
    custom_data: Maybe[CustomData] = None


class UpdateDynamicScheduleResponse(Message, frozen=True, kw_only=True):
    status: ChargingProfileStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class UpdateFirmwareRequest(Message, frozen=True, kw_only=True):
    request_id: int
    firmware: Firmware
    retries: Maybe[IntegerFrom0] = None
    retry_interval: Maybe[int] = None
    custom_data: Maybe[CustomData] = None


class UpdateFirmwareResponse(Message, frozen=True, kw_only=True):
    status: UpdateFirmwareStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class UsePriorityChargingRequest(Message, frozen=True, kw_only=True):
    transaction_id: String36
    activate: bool
    custom_data: Maybe[CustomData] = None


class UsePriorityChargingResponse(Message, frozen=True, kw_only=True):
    status: PriorityChargingStatus
    status_info: Maybe[StatusInfo] = None
    custom_data: Maybe[CustomData] = None


class VatNumberValidationRequest(Message, frozen=True, kw_only=True):
    vat_number: String20
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


class VatNumberValidationResponse(Message, frozen=True, kw_only=True):
    vat_number: String20
    status: GenericStatus
    company: Maybe[Address] = None
    status_info: Maybe[StatusInfo] = None
    evse_id: Maybe[IntegerFrom0] = None
    custom_data: Maybe[CustomData] = None


# Action -> what a CALL carries, what its CALLRESULT carries.
ACTIONS: dict[str, tuple[type[Message], type[Message]]] = {
    "AFRRSignal": (AFRRSignalRequest, AFRRSignalResponse),
    "AdjustPeriodicEventStream": (AdjustPeriodicEventStreamRequest, AdjustPeriodicEventStreamResponse),
    "Authorize": (AuthorizeRequest, AuthorizeResponse),
    "BatterySwap": (BatterySwapRequest, BatterySwapResponse),
    "BootNotification": (BootNotificationRequest, BootNotificationResponse),
    "CancelReservation": (CancelReservationRequest, CancelReservationResponse),
    "CertificateSigned": (CertificateSignedRequest, CertificateSignedResponse),
    "ChangeAvailability": (ChangeAvailabilityRequest, ChangeAvailabilityResponse),
    "ChangeTransactionTariff": (ChangeTransactionTariffRequest, ChangeTransactionTariffResponse),
    "ClearCache": (ClearCacheRequest, ClearCacheResponse),
    "ClearChargingProfile": (ClearChargingProfileRequest, ClearChargingProfileResponse),
    "ClearDERControl": (ClearDERControlRequest, ClearDERControlResponse),
    "ClearDisplayMessage": (ClearDisplayMessageRequest, ClearDisplayMessageResponse),
    "ClearTariffs": (ClearTariffsRequest, ClearTariffsResponse),
    "ClearVariableMonitoring": (ClearVariableMonitoringRequest, ClearVariableMonitoringResponse),
    "ClearedChargingLimit": (ClearedChargingLimitRequest, ClearedChargingLimitResponse),
    "ClosePeriodicEventStream": (ClosePeriodicEventStreamRequest, ClosePeriodicEventStreamResponse),
    "CostUpdated": (CostUpdatedRequest, CostUpdatedResponse),
    "CustomerInformation": (CustomerInformationRequest, CustomerInformationResponse),
    "DataTransfer": (DataTransferRequest, DataTransferResponse),
    "DeleteCertificate": (DeleteCertificateRequest, DeleteCertificateResponse),
    "FirmwareStatusNotification": (FirmwareStatusNotificationRequest, FirmwareStatusNotificationResponse),
    "Get15118EVCertificate": (Get15118EVCertificateRequest, Get15118EVCertificateResponse),
    "GetBaseReport": (GetBaseReportRequest, GetBaseReportResponse),
    "GetCertificateChainStatus": (GetCertificateChainStatusRequest, GetCertificateChainStatusResponse),
    "GetCertificateStatus": (GetCertificateStatusRequest, GetCertificateStatusResponse),
    "GetChargingProfiles": (GetChargingProfilesRequest, GetChargingProfilesResponse),
    "GetCompositeSchedule": (GetCompositeScheduleRequest, GetCompositeScheduleResponse),
    "GetDERControl": (GetDERControlRequest, GetDERControlResponse),
    "GetDisplayMessages": (GetDisplayMessagesRequest, GetDisplayMessagesResponse),
    "GetInstalledCertificateIds": (GetInstalledCertificateIdsRequest, GetInstalledCertificateIdsResponse),
    "GetLocalListVersion": (GetLocalListVersionRequest, GetLocalListVersionResponse),
    "GetLog": (GetLogRequest, GetLogResponse),
    "GetMonitoringReport": (GetMonitoringReportRequest, GetMonitoringReportResponse),
    "GetPeriodicEventStream": (GetPeriodicEventStreamRequest, GetPeriodicEventStreamResponse),
    "GetReport": (GetReportRequest, GetReportResponse),
    "GetTariffs": (GetTariffsRequest, GetTariffsResponse),
    "GetTransactionStatus": (GetTransactionStatusRequest, GetTransactionStatusResponse),
    "GetVariables": (GetVariablesRequest, GetVariablesResponse),
    "Heartbeat": (HeartbeatRequest, HeartbeatResponse),
    "InstallCertificate": (InstallCertificateRequest, InstallCertificateResponse),
    "LogStatusNotification": (LogStatusNotificationRequest, LogStatusNotificationResponse),
    "MeterValues": (MeterValuesRequest, MeterValuesResponse),
    "NotifyAllowedEnergyTransfer": (NotifyAllowedEnergyTransferRequest, NotifyAllowedEnergyTransferResponse),
    "NotifyChargingLimit": (NotifyChargingLimitRequest, NotifyChargingLimitResponse),
    "NotifyCustomerInformation": (NotifyCustomerInformationRequest, NotifyCustomerInformationResponse),
    "NotifyDERAlarm": (NotifyDERAlarmRequest, NotifyDERAlarmResponse),
    "NotifyDERStartStop": (NotifyDERStartStopRequest, NotifyDERStartStopResponse),
    "NotifyDisplayMessages": (NotifyDisplayMessagesRequest, NotifyDisplayMessagesResponse),
    "NotifyEVChargingNeeds": (NotifyEVChargingNeedsRequest, NotifyEVChargingNeedsResponse),
    "NotifyEVChargingSchedule": (NotifyEVChargingScheduleRequest, NotifyEVChargingScheduleResponse),
    "NotifyEvent": (NotifyEventRequest, NotifyEventResponse),
    "NotifyMonitoringReport": (NotifyMonitoringReportRequest, NotifyMonitoringReportResponse),
    "NotifyPriorityCharging": (NotifyPriorityChargingRequest, NotifyPriorityChargingResponse),
    "NotifyReport": (NotifyReportRequest, NotifyReportResponse),
    "NotifySettlement": (NotifySettlementRequest, NotifySettlementResponse),
    "NotifyWebPaymentStarted": (NotifyWebPaymentStartedRequest, NotifyWebPaymentStartedResponse),
    "OpenPeriodicEventStream": (OpenPeriodicEventStreamRequest, OpenPeriodicEventStreamResponse),
    "PublishFirmware": (PublishFirmwareRequest, PublishFirmwareResponse),
    "PublishFirmwareStatusNotification": (PublishFirmwareStatusNotificationRequest, PublishFirmwareStatusNotificationResponse),
    "PullDynamicScheduleUpdate": (PullDynamicScheduleUpdateRequest, PullDynamicScheduleUpdateResponse),
    "ReportChargingProfiles": (ReportChargingProfilesRequest, ReportChargingProfilesResponse),
    "ReportDERControl": (ReportDERControlRequest, ReportDERControlResponse),
    "RequestBatterySwap": (RequestBatterySwapRequest, RequestBatterySwapResponse),
    "RequestStartTransaction": (RequestStartTransactionRequest, RequestStartTransactionResponse),
    "RequestStopTransaction": (RequestStopTransactionRequest, RequestStopTransactionResponse),
    "ReservationStatusUpdate": (ReservationStatusUpdateRequest, ReservationStatusUpdateResponse),
    "ReserveNow": (ReserveNowRequest, ReserveNowResponse),
    "Reset": (ResetRequest, ResetResponse),
    "SecurityEventNotification": (SecurityEventNotificationRequest, SecurityEventNotificationResponse),
    "SendLocalList": (SendLocalListRequest, SendLocalListResponse),
    "SetChargingProfile": (SetChargingProfileRequest, SetChargingProfileResponse),
    "SetDERControl": (SetDERControlRequest, SetDERControlResponse),
    "SetDefaultTariff": (SetDefaultTariffRequest, SetDefaultTariffResponse),
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
    "UpdateDynamicSchedule": (UpdateDynamicScheduleRequest, UpdateDynamicScheduleResponse),
    "UpdateFirmware": (UpdateFirmwareRequest, UpdateFirmwareResponse),
    "UsePriorityCharging": (UsePriorityChargingRequest, UsePriorityChargingResponse),
    "VatNumberValidation": (VatNumberValidationRequest, VatNumberValidationResponse),
}

# Action -> what a SEND carries.
SENDS: dict[str, type[Message]] = {
    "NotifyPeriodicEventStream": NotifyPeriodicEventStream,
}
