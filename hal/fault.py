"""Hardware faults: one closed list of names, what each one does to the EVSE, and its MREC code.

A fault is identified by (name, evse, connector); raising the same one twice is one fault. Names are the ones that charger
firmware uses; `Mxx` codes are the Minimum Required Error Codes of the ChargeX consortium.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class FaultName(StrEnum):
    """What went wrong, independent of the board that saw it."""

    # board and supply
    DIODE_FAULT = "DiodeFault"
    VENTILATION_NOT_AVAILABLE = "VentilationNotAvailable"
    BROWN_OUT = "BrownOut"
    ENERGY_MANAGEMENT = "EnergyManagement"
    PERMANENT_FAULT = "PermanentFault"
    GROUND_FAILURE = "GroundFailure"
    HIGH_TEMPERATURE = "HighTemperature"
    OVER_CURRENT_FAILURE = "OverCurrentFailure"
    OVER_VOLTAGE = "OverVoltage"
    UNDER_VOLTAGE = "UnderVoltage"
    EMERGENCY_STOP = "EmergencyStop"
    INVALID_VEHICLE_MODE = "InvalidVehicleMode"
    PILOT_FAULT = "PilotFault"
    POWER_LOSS = "PowerLoss"
    CONTACTOR_FAULT = "EVSEContactorFault"
    CABLE_OVER_TEMP_DERATE = "CableOverTempDerate"
    CABLE_OVER_TEMP_STOP = "CableOverTempStop"
    PARTIAL_INSERTION = "PartialInsertion"
    PROXIMITY_FAULT = "ProximityFault"
    CONNECTOR_VOLTAGE_HIGH = "ConnectorVoltageHigh"
    BROKEN_LATCH = "BrokenLatch"
    CUT_CABLE = "CutCable"
    TILT_DETECTED = "TiltDetected"
    WATER_INGRESS_DETECTED = "WaterIngressDetected"
    ENCLOSURE_OPEN = "EnclosureOpen"
    VENDOR_ERROR = "VendorError"
    VENDOR_WARNING = "VendorWarning"
    COMMUNICATION_FAULT = "CommunicationFault"
    # residual current device
    RCD_SELF_TEST = "RcdSelftest"
    RCD_DC = "RcdDC"
    RCD_AC = "RcdAC"
    # connector lock
    LOCK_CAP_NOT_CHARGED = "LockCapNotCharged"
    LOCK_UNEXPECTED_OPEN = "LockUnexpectedOpen"
    LOCK_UNEXPECTED_CLOSE = "LockUnexpectedClose"
    LOCK_FAILED_LOCK = "LockFailedLock"
    LOCK_FAILED_UNLOCK = "LockFailedUnlock"
    # energy meter
    METER_COMMUNICATION_FAULT = "MeterCommunicationFault"
    METER_IMPLAUSIBLE = "MeterImplausible"
    METER_TRANSACTION_START_FAILED = "PowermeterTransactionStartFailed"
    # token reader
    READER_FAULT = "ReaderFault"
    # DC supply, isolation
    ISOLATION_FAULT = "IsolationFault"
    DC_SUPPLY_HARDWARE_FAULT = "DcSupplyHardwareFault"
    CABLE_CHECK_FAULT = "CableCheckFault"
    # the EVSE as a whole
    INTERNAL = "Internal"
    INOPERATIVE = "Inoperative"


class FaultEffect(NamedTuple):
    """What a fault does to its EVSE.

    stops: power is forbidden at once and a running session ends; the connector status becomes Faulted.
    mrec: the ChargeX Minimum Required Error Code, "" where there is none.
    code16: the closest 1.6 ChargePointErrorCode (OCPP 1.6 §7.6).
    """

    stops: bool
    mrec: str
    code16: str


_STOP, _WARN = True, False

EFFECTS: dict[FaultName, FaultEffect] = {
    FaultName.DIODE_FAULT: FaultEffect(_STOP, "", "EVCommunicationError"),
    FaultName.VENTILATION_NOT_AVAILABLE: FaultEffect(_STOP, "", "OtherError"),
    FaultName.BROWN_OUT: FaultEffect(_STOP, "", "UnderVoltage"),
    FaultName.ENERGY_MANAGEMENT: FaultEffect(_STOP, "", "OtherError"),
    FaultName.PERMANENT_FAULT: FaultEffect(_STOP, "", "InternalError"),
    FaultName.GROUND_FAILURE: FaultEffect(_STOP, "M02", "GroundFailure"),
    FaultName.HIGH_TEMPERATURE: FaultEffect(_STOP, "M03", "HighTemperature"),
    FaultName.OVER_CURRENT_FAILURE: FaultEffect(_STOP, "M04", "OverCurrentFailure"),
    FaultName.OVER_VOLTAGE: FaultEffect(_STOP, "M05", "OverVoltage"),
    FaultName.UNDER_VOLTAGE: FaultEffect(_STOP, "M06", "UnderVoltage"),
    FaultName.EMERGENCY_STOP: FaultEffect(_STOP, "M08", "OtherError"),
    FaultName.INVALID_VEHICLE_MODE: FaultEffect(_STOP, "M10", "EVCommunicationError"),
    FaultName.PILOT_FAULT: FaultEffect(_STOP, "M14", "EVCommunicationError"),
    FaultName.POWER_LOSS: FaultEffect(_STOP, "M15", "UnderVoltage"),
    FaultName.CONTACTOR_FAULT: FaultEffect(_STOP, "M17", "PowerSwitchFailure"),
    FaultName.CABLE_OVER_TEMP_DERATE: FaultEffect(_WARN, "M18", "HighTemperature"),
    FaultName.CABLE_OVER_TEMP_STOP: FaultEffect(_STOP, "M19", "HighTemperature"),
    FaultName.PARTIAL_INSERTION: FaultEffect(_STOP, "M20", "OtherError"),
    FaultName.PROXIMITY_FAULT: FaultEffect(_STOP, "M23", "EVCommunicationError"),
    FaultName.CONNECTOR_VOLTAGE_HIGH: FaultEffect(_STOP, "M24", "OverVoltage"),
    FaultName.BROKEN_LATCH: FaultEffect(_STOP, "M25", "ConnectorLockFailure"),
    FaultName.CUT_CABLE: FaultEffect(_STOP, "M26", "OtherError"),
    FaultName.TILT_DETECTED: FaultEffect(_STOP, "", "OtherError"),
    FaultName.WATER_INGRESS_DETECTED: FaultEffect(_STOP, "", "OtherError"),
    FaultName.ENCLOSURE_OPEN: FaultEffect(_STOP, "", "OtherError"),
    FaultName.VENDOR_ERROR: FaultEffect(_STOP, "", "OtherError"),
    FaultName.VENDOR_WARNING: FaultEffect(_WARN, "", "OtherError"),
    FaultName.COMMUNICATION_FAULT: FaultEffect(_STOP, "", "InternalError"),
    FaultName.RCD_SELF_TEST: FaultEffect(_STOP, "", "GroundFailure"),
    FaultName.RCD_DC: FaultEffect(_STOP, "M02", "GroundFailure"),
    FaultName.RCD_AC: FaultEffect(_STOP, "M02", "GroundFailure"),
    FaultName.LOCK_CAP_NOT_CHARGED: FaultEffect(_STOP, "M01", "ConnectorLockFailure"),
    FaultName.LOCK_UNEXPECTED_OPEN: FaultEffect(_STOP, "M01", "ConnectorLockFailure"),
    FaultName.LOCK_UNEXPECTED_CLOSE: FaultEffect(_WARN, "M01", "ConnectorLockFailure"),
    FaultName.LOCK_FAILED_LOCK: FaultEffect(_STOP, "M01", "ConnectorLockFailure"),
    FaultName.LOCK_FAILED_UNLOCK: FaultEffect(_WARN, "M01", "ConnectorLockFailure"),
    FaultName.METER_COMMUNICATION_FAULT: FaultEffect(_WARN, "", "PowerMeterFailure"),
    FaultName.METER_IMPLAUSIBLE: FaultEffect(_WARN, "", "PowerMeterFailure"),
    FaultName.METER_TRANSACTION_START_FAILED: FaultEffect(_WARN, "", "PowerMeterFailure"),
    FaultName.READER_FAULT: FaultEffect(_WARN, "", "ReaderFailure"),
    FaultName.ISOLATION_FAULT: FaultEffect(_STOP, "M05", "GroundFailure"),
    FaultName.DC_SUPPLY_HARDWARE_FAULT: FaultEffect(_STOP, "", "InternalError"),
    FaultName.CABLE_CHECK_FAULT: FaultEffect(_STOP, "M11", "GroundFailure"),
    FaultName.INTERNAL: FaultEffect(_STOP, "", "InternalError"),
    FaultName.INOPERATIVE: FaultEffect(_STOP, "", "InternalError"),
}


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong now.

    evse_id: 0 = the whole station. connector_id: 0 = the EVSE as a whole.
    message: a sentence for the person who must act. vendor_code: the board's own code, "" for none.
    """

    name: FaultName
    evse_id: int = 0
    connector_id: int = 0
    message: str = ""
    vendor_code: str = ""

    @property
    def key(self) -> tuple[FaultName, int, int]:
        """What makes two reports the same fault."""
        return (self.name, self.evse_id, self.connector_id)

    @property
    def effect(self) -> FaultEffect:
        """What this fault does to its EVSE."""
        return EFFECTS[self.name]
