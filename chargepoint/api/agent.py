"""The seam between the process around a station and the station itself.

`chargepoint.assembly.build()` makes an `Agent`; the control API, `run` and `demo` know nothing else of a station.

    agent = build(configuration, on_frame=trace)
    await agent.start()      # hardware is open, contactors are open, the link is being made; never waits for the CSMS
    agent.verb("plug", Plug(evse=1))
    await agent.stop()       # contactors are open first, then the link is closed and the state is on disk
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

Details = Mapping[str, Any]
Subscriber = Callable[[str, Details], None]
"""Is told (event, details) of what happens to the station, on the event loop's thread. It may not raise and may not wait."""


class Direction(StrEnum):
    """Which way a frame goes, seen from the station."""

    SENT = "sent"
    RECEIVED = "received"


FrameSink = Callable[[str, Direction, bytes], None]
"""Is told (station id, direction, frame as it is on the wire) of every OCPP-J frame."""


class Ending(StrEnum):
    """Why a station wants its process to end."""

    RESET = "reset"  # the CSMS asked for it and the process is to be started anew
    REBOOT = "reboot"  # the machine is about to restart
    FAILED = "failed"  # it cannot go on; the log says why


class Agent(Protocol):
    """A running station. All methods are called on the event loop's thread."""

    def describe(self) -> "Description":
        """The station as it is now; costs no I/O, and is there before `start()` has returned."""
        ...

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of every event from now on. Returns what ends that."""
        ...

    def verb(self, name: str, arguments: msgspec.Struct) -> dict[str, Any]:
        """Carry out a verb of `chargepoint.api.verbs.VERBS` and return what is known at once.

        It is synchronous, so that it cannot wait for the CSMS: what comes of it is told to subscribers.
        Raises: VerbRefused.
        """
        ...

    async def start(self) -> None:
        """Open state, hardware and link, in that order. Returns without waiting for the CSMS.

        Raises: StartFailed.
        """

    async def stop(self) -> None:
        """Open the contactors, then close link, hardware and state. Idempotent; also ends a `start()` that has not returned."""

    async def ended(self) -> Ending:
        """Wait until the station wants its process to end."""
        ...

    async def reboot(self) -> None:
        """Restart the machine, after `stop()`; does not return where it works. Called when `ended()` said REBOOT.

        Raises: HardwareError.
        """

    def healthy(self) -> bool:
        """Whether board loop, link and store have all ticked lately; what the service manager's watchdog hangs on."""
        ...


class RefusalReason(StrEnum):
    """Why a verb was not carried out; each has its HTTP status."""

    UNKNOWN_VERB = "unknown-verb"  # 404
    WRONG_ARGUMENT = "wrong-argument"  # 400
    NO_SUCH_PLACE = "no-such-place"  # 404: no such EVSE, connector or reader
    NOT_SIMULATED = "not-simulated"  # 409: the hardware is real
    NOT_NOW = "not-now"  # 409: the state of the world forbids it (plug locked, nothing plugged in …)
    NOT_READY = "not-ready"  # 503: the station has not started yet, or is stopping


class VerbRefused(Exception):  # noqa: N818  # a refusal is an answer, not a fault of the program
    """A verb was not carried out; the text says what to do."""

    def __init__(self, reason: RefusalReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class StartFailure(StrEnum):
    """What kept a station from starting; each has its exit code."""

    CONFIGURATION = "configuration"
    HARDWARE = "hardware"
    STATE = "state"
    LINK = "link"


class StartFailed(Exception):  # noqa: N818  # named after what happened
    """A station cannot start; the text says what to do."""

    def __init__(self, failure: StartFailure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


# --- what describe() tells -------------------------------------------------------------------------------------------


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the views: plain values that are sent as JSON."""


class FaultView(View, frozen=True, kw_only=True):
    """A present fault."""

    name: str
    connector: int = 0
    message: str = ""
    vendor_code: str = ""
    stops: bool = True


class TransactionView(View, frozen=True, kw_only=True):
    """The running transaction. token: masked. id: the station's own; csms_id: the number of a 1.6 CSMS."""

    id: str
    started: str
    energy_watt_hour: float | None = None
    charging_state: str | None = None
    csms_id: int | None = None
    token: str | None = None


class ConnectorView(View, frozen=True, kw_only=True):
    """A connector. status: as last told to the CSMS. locked: None where there is no lock."""

    id: int
    kind: str
    status: str
    cable_ampere: float | None = None
    locked: bool | None = None


class EvseView(View, frozen=True, kw_only=True):
    """An EVSE. limit_ampere: what it offers, None = nothing. authorized: the masked token of a driver who may charge here."""

    id: int
    pilot: str
    connectors: tuple[ConnectorView, ...]
    simulated: bool
    contactor_closed: bool = False
    occupied: bool = False
    limit_ampere: float | None = None
    power_watt: float | None = None
    energy_watt_hour: float | None = None
    authorized: str | None = None
    transaction: TransactionView | None = None
    faults: tuple[FaultView, ...] = ()


class LinkView(View, frozen=True, kw_only=True):
    """The way to the CSMS. state: offline, connecting, connected or disconnected (on request). waiting: stored messages.

    registration: the CSMS's answer to BootNotification, None before there is one.
    """

    url: str
    state: str
    version: str | None = None
    registration: str | None = None
    waiting: int = 0


class Description(View, frozen=True, kw_only=True):
    """A station as it is now. state: starting, running or stopping."""

    id: str
    vendor: str
    model: str
    program: str
    state: str
    link: LinkView
    evses: tuple[EvseView, ...]
    faults: tuple[FaultView, ...] = ()
    uptime_second: float = 0.0
