"""Variables of transactions: what begins and ends one, and what happens when something is amiss."""

from typing import Any

from chargepoint.station.variables import Address, DataType, Mutability, Variable

TRANSACTION_POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""2.x TxStartStopPoint values that any station can see; a station whose meter signs can start by DataSigned too."""

TX_START_POINT: Variable[tuple[str, ...]] = Variable(
    "TxCtrlr", "TxStartPoint", DataType.MEMBER_LIST, ("PowerPathClosed",), minimum=1, values=TRANSACTION_POINTS
)
TX_STOP_POINT: Variable[tuple[str, ...]] = Variable(
    "TxCtrlr", "TxStopPoint", DataType.MEMBER_LIST, ("EVConnected", "Authorized"), minimum=1, values=TRANSACTION_POINTS
)
EV_CONNECTION_TIMEOUT = Variable(
    "TxCtrlr", "EVConnectionTimeOut", DataType.INTEGER, 120, key16="ConnectionTimeOut", minimum=1, unit="s"
)
STOP_TX_ON_EV_SIDE_DISCONNECT = Variable(
    "TxCtrlr", "StopTxOnEVSideDisconnect", DataType.BOOLEAN, True, key16="StopTransactionOnEVSideDisconnect"
)
STOP_TX_ON_INVALID_ID = Variable(
    "TxCtrlr", "StopTxOnInvalidId", DataType.BOOLEAN, True, key16="StopTransactionOnInvalidId"
)
MAX_ENERGY_ON_INVALID_ID = Variable(
    "TxCtrlr", "MaxEnergyOnInvalidId", DataType.INTEGER, 0, key16="MaxEnergyOnInvalidId", minimum=0, unit="Wh"
)
TX_BEFORE_ACCEPTED_ENABLED = Variable("TxCtrlr", "TxBeforeAcceptedEnabled", DataType.BOOLEAN, True)
UNLOCK_ON_EV_SIDE_DISCONNECT = Variable(
    "OCPPCommCtrlr",
    "UnlockOnEVSideDisconnect",
    DataType.BOOLEAN,
    True,
    key16="UnlockConnectorOnEVSideDisconnect",
)
MAX_ENDED_SAMPLES = Variable(
    "",
    "",
    DataType.INTEGER,
    500,
    key16="StopTransactionMaxMeterValues",
    mutability=Mutability.READ_ONLY,
    minimum=3,
)

# --- after a restart (2.1 E17) -----------------------------------------------------------------------------------------

RESUMPTION_TIMEOUT = Variable("TxCtrlr", "ResumptionTimeout", DataType.INTEGER, 0, minimum=0, maximum=604_800, unit="s")
"""How long a transaction may be interrupted and still go on; 0 = it ends (E17)."""
ALLOW_ENERGY_TRANSFER_RESUMPTION = Variable("TxCtrlr", "AllowEnergyTransferResumption", DataType.BOOLEAN, False)
ENERGY_TRANSFER_RESUMPTION_RANDOM_RANGE = Variable(
    "TxCtrlr", "EnergyTransferResumptionRandomRange", DataType.INTEGER, 0, minimum=0, maximum=3_600, unit="s"
)
AFTER_ANY_POWER_CUT: dict[Address, Any] = {
    (RESUMPTION_TIMEOUT, 0, 0): 604_800,
    (ALLOW_ENERGY_TRANSFER_RESUMPTION, 0, 0): True,
}
"""Factory values of a station that goes on after every power cut."""

# --- limits (2.1 E16) --------------------------------------------------------------------------------------------------

LIMITS = ("maxCost", "maxEnergy", "maxTime", "maxSoC")
"""The fields of TransactionLimitType."""
SUPPORTED_LIMITS: Variable[tuple[str, ...]] = Variable(
    "TxCtrlr",
    "SupportedLimits",
    DataType.MEMBER_LIST,
    ("maxCost", "maxEnergy", "maxTime"),
    mutability=Mutability.READ_ONLY,
    values=LIMITS,
)
"""maxSoC only where the state of charge is known. Cost is what the CSMS says it is."""
