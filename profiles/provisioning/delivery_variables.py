"""The variables that delivery obeys: how long to wait for an answer, how often to try, what to keep."""

from chargepoint.station.variables import DataType, Mutability, Variable

MESSAGE_TIMEOUT = Variable(
    "OCPPCommCtrlr",
    "MessageTimeout",
    DataType.INTEGER,
    30,
    instance="Default",
    mutability=Mutability.READ_ONLY,
    minimum=1,
    unit="s",
)
"""How long the CSMS may take to answer. Read-only for the CSMS: it is set with the network profile (B09)."""

MESSAGE_ATTEMPTS = Variable(
    "OCPPCommCtrlr",
    "MessageAttempts",
    DataType.INTEGER,
    5,
    instance="TransactionEvent",
    key16="TransactionMessageAttempts",
    minimum=1,
    maximum=1000,
)
"""How often a message that the CSMS fails to process is sent before it is given up (E13.FR.02; 1.6 §3.7.1).

What is given up is somebody's bill, so the factory values ride out a CSMS that is broken for ten minutes: with 60 s between the first
two attempts, waits of 60 + 120 + 180 + 240 s. The specifications' own example, 3 and 60 s, is over after three minutes.
"""

MESSAGE_ATTEMPT_INTERVAL = Variable(
    "OCPPCommCtrlr",
    "MessageAttemptInterval",
    DataType.INTEGER,
    60,
    instance="TransactionEvent",
    key16="TransactionMessageRetryInterval",
    minimum=0,
    maximum=86_400,
    unit="s",
)
"""The wait before the second attempt; before the n-th it is n - 1 times as long (E13.FR.03; 1.6 §3.7.1)."""

QUEUE_ALL_MESSAGES = Variable("OCPPCommCtrlr", "QueueAllMessages", DataType.BOOLEAN, default=False)
"""Whether states that could not be told are kept and delivered too. Requests are not: who asked has gone on without an answer."""
