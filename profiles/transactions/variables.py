"""Variables of transactions: what begins and ends one, and what happens when something is amiss."""

from chargepoint.station.variables import DataType, Mutability, Variable

TRANSACTION_POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")
"""2.x TxStartStopPoint values that this station can see; DataSigned would need a meter that signs the start."""

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
