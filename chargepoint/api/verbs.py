"""The verbs: one table from which the HTTP routes, the OpenAPI description and the `ctl` subcommands are made.

A verb that touches hardware moves simulated hardware, the way a driver or an accident would; none changes the station's own state, but
by what a driver or the CSMS may ask of it.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from hal.contract import PilotState
from hal.fault import FaultName


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of the arguments of verbs."""


class Effect(StrEnum):
    """What a verb acts on."""

    NOTHING = "nothing"  # it only looks
    HARDWARE = "hardware"  # simulated hardware
    SESSION = "session"  # what a driver enters at the station
    LINK = "link"  # the way to the CSMS
    MESSAGE = "message"  # what the station says, or answers, to the CSMS
    PROCESS = "process"


Evse = Annotated[int, Meta(ge=1, description="EVSE, counted from 1")]
EvseOrStation = Annotated[int, Meta(ge=0, description="EVSE, counted from 1; 0 = the station")]
Connector = Annotated[int, Meta(ge=1, description="Connector of the EVSE, counted from 1")]


class Nothing(Arguments, frozen=True, kw_only=True):
    """No arguments."""


class AtEvse(Arguments, frozen=True, kw_only=True):
    """Where."""

    evse: Evse = 1


class Plug(Arguments, frozen=True, kw_only=True):
    """A car and where it plugs in. What is left out is as usual for the simulated car."""

    evse: Evse = 1
    connector: Connector = 1
    delay_second: Annotated[float, Meta(ge=0, description="Plug in after this time")] = 0.0
    maximum_ampere: Annotated[float, Meta(gt=0, description="What the onboard charger takes per phase")] | None = None
    phases: Annotated[int, Meta(ge=1, le=3, description="Phases of the onboard charger")] | None = None
    battery_watt_hour: Annotated[float, Meta(gt=0, description="Capacity of the battery")] | None = None
    state_of_charge: Annotated[float, Meta(ge=0, le=1, description="At the start, 0 to 1")] | None = None
    target_state_of_charge: Annotated[float, Meta(ge=0, le=1, description="The car stops there, 0 to 1")] | None = None
    target_watt_hour: Annotated[float, Meta(ge=0, description="The car stops after this energy")] | None = None
    start_delay_second: Annotated[float, Meta(ge=0, description="From plugging in to wanting power")] | None = None
    leave_after_second: (
        Annotated[float, Meta(ge=0, description="The driver unplugs that long after plugging in")] | None
    ) = None
    cable_ampere: Annotated[float, Meta(gt=0, description="Rating of the driver's cable, for a socket")] | None = None
    needs_ventilation: Annotated[bool, Meta(description="The car asks with pilot state D")] | None = None
    ignores_offer: Annotated[bool, Meta(description="The car draws its maximum whatever is offered")] | None = None


class Unplug(Arguments, frozen=True, kw_only=True):
    """Where, and how."""

    evse: Evse = 1
    end: Annotated[
        Literal["station", "vehicle"],
        Meta(description="Which end of the cable; at the vehicle, a loose cable stays in the socket"),
    ] = "station"
    manner: Annotated[Literal["gentle", "force"], Meta(description="force tears it out of its lock")] = "gentle"


class Pilot(Arguments, frozen=True, kw_only=True):
    """Where, and what the board sees from now on."""

    evse: Evse = 1
    state: Annotated[PilotState, Meta(description="Control pilot state")] | None = None


AuthorizationType = Literal["RFID", "KeyCode", "PlugAndCharge", "AutoCharge", "BankCard", "StartButton"]

_TOKEN_KINDS: Final = {
    "RFID": "ISO14443",
    "KeyCode": "KeyCode",
    "PlugAndCharge": "eMAID",
    "AutoCharge": "MacAddress",
    "BankCard": "DirectPayment",
    "StartButton": "NoAuthorization",
}


class Tap(Arguments, frozen=True, kw_only=True):
    """A token, and what it is."""

    token: Annotated[str, Meta(max_length=255, description="Value of the token, e.g. 04A2B3C4")] = ""
    authorization: Annotated[AuthorizationType, Meta(description="How the driver identifies himself")] = "RFID"
    kind: Annotated[str, Meta(description="OCPP IdTokenEnumType; by default as the authorization says")] | None = None
    evses: Annotated[
        tuple[Evse, ...], Meta(description="EVSEs for which it counts; none = as the reader is configured")
    ] = ()
    reader: Annotated[str, Meta(description="Name of the simulated reader")] = "reader"

    @property
    def token_kind(self) -> str:
        """The OCPP 2.x IdTokenEnumType."""
        return self.kind if self.kind is not None else _TOKEN_KINDS[self.authorization]


class Limit(Arguments, frozen=True, kw_only=True):
    """Where, and how much a driver wants at most; what is left out stays as it is."""

    evse: Evse = 1
    cost: Annotated[float, Meta(gt=0, description="In the currency of the tariff, taxes included")] | None = None
    energy_watt_hour: Annotated[float, Meta(gt=0, description="From the start of the transaction")] | None = None
    time_second: Annotated[int, Meta(gt=0, description="From the start of the transaction")] | None = None
    charge_percent: Annotated[int, Meta(ge=0, le=100, description="State of charge of the vehicle")] | None = None


class RaiseFault(Arguments, frozen=True, kw_only=True):
    """A fault and where it is."""

    name: Annotated[FaultName, Meta(description="Name of the fault")]
    evse: EvseOrStation = 1
    connector: Annotated[int, Meta(ge=0, description="0 = the EVSE as a whole")] = 0
    message: Annotated[str, Meta(description="A sentence for the operator")] = ""
    vendor_code: Annotated[str, Meta(description="The board's own code")] = ""


class ClearFault(Arguments, frozen=True, kw_only=True):
    """A fault and where it was."""

    name: Annotated[FaultName, Meta(description="Name of the fault")]
    evse: EvseOrStation = 1
    connector: Annotated[int, Meta(ge=0, description="0 = the EVSE as a whole")] = 0


class MeterSet(Arguments, frozen=True, kw_only=True):
    """A meter and what it shows."""

    energy_watt_hour: Annotated[float, Meta(description="What the import register shows from now on")]
    evse: EvseOrStation = 1
    export_watt_hour: Annotated[float, Meta(description="What the export register shows")] = 0.0


class AtMeter(Arguments, frozen=True, kw_only=True):
    """Which meter."""

    evse: EvseOrStation = 1


class FailLock(Arguments, frozen=True, kw_only=True):
    """A lock and how it behaves from now on."""

    mode: Annotated[
        Literal["ok", "will-not-lock", "will-not-unlock", "jammed", "springs-open"],
        Meta(description="ok repairs it; springs-open happens once"),
    ]
    evse: Evse = 1
    connector: Connector = 1


class FailContactor(Arguments, frozen=True, kw_only=True):
    """A contactor and how it behaves from now on."""

    mode: Annotated[
        Literal["ok", "welded", "will-not-close", "slow", "feedback-stuck-open", "feedback-stuck-closed"],
        Meta(description="ok repairs it"),
    ]
    evse: Evse = 1
    slow_second: Annotated[float, Meta(ge=0, description="How long a slow contactor takes")] = 0.0


class FailBoard(Arguments, frozen=True, kw_only=True):
    """A board and whether the agent reaches it."""

    mode: Annotated[Literal["ok", "silent"], Meta(description="silent: the agent no longer reaches the board")]
    evse: Evse = 1


class FailReader(Arguments, frozen=True, kw_only=True):
    """A reader and whether it works."""

    mode: Annotated[Literal["ok", "broken"], Meta(description="broken: the reader falls silent")]
    reader: Annotated[str, Meta(description="Name of the simulated reader")] = "reader"


class Disconnect(Arguments, frozen=True, kw_only=True):
    """How the link goes, and for how long."""

    manner: Annotated[Literal["close", "cut"], Meta(description="close says goodbye; cut is a lost network")] = "cut"
    for_second: (
        Annotated[float, Meta(gt=0, description="Connect again after this time; by default on `connect`")] | None
    ) = None


class DataTransfer(Arguments, frozen=True, kw_only=True):
    """A DataTransfer to send."""

    vendor_id: Annotated[str, Meta(min_length=1, max_length=255, description="Vendor")]
    message_id: Annotated[str, Meta(max_length=50, description="Message of the vendor")] | None = None
    data: Annotated[str, Meta(description="Payload")] | None = None


class DataTransferAnswer(Arguments, frozen=True, kw_only=True):
    """What to answer to a DataTransfer from the CSMS, from now on."""

    vendor_id: Annotated[str, Meta(min_length=1, max_length=255, description="Vendor")]
    message_id: (
        Annotated[str, Meta(max_length=50, description="Message of the vendor; by default all of them")] | None
    ) = None
    status: Annotated[
        Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"],
        Meta(description="Status of the answer"),
    ] = "Accepted"
    data: Annotated[str, Meta(description="Payload of the answer")] | None = None


class SecurityEvent(Arguments, frozen=True, kw_only=True):
    """A security event."""

    kind: Annotated[str, Meta(min_length=1, max_length=50, description="Type, e.g. TamperDetectionActivated")]
    tech_info: Annotated[str, Meta(max_length=255, description="What a technician wants to know")] = ""


class Verb(NamedTuple):
    """One verb.

    arguments: what it takes. positional: the arguments that `ctl` takes without a name, in this order. safe: reads only (GET).
    example: of `ctl`.
    """

    name: str
    arguments: type[Arguments]
    effect: Effect
    summary: str
    positional: tuple[str, ...] = ()
    example: str = ""

    @property
    def safe(self) -> bool:
        """Whether it only looks."""
        return self.effect is Effect.NOTHING


_HARDWARE, _MESSAGE, _LINK = Effect.HARDWARE, Effect.MESSAGE, Effect.LINK

VERBS: Final[dict[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("describe", Nothing, Effect.NOTHING, "Show the station as it is now.", (), "describe --json"),
        Verb("watch", Nothing, Effect.NOTHING, "Follow what happens to the station.", (), "watch"),
        Verb("plug", Plug, _HARDWARE, "A car plugs in.", ("evse",), "plug 1 --phases 1 --leave-after-second 60"),
        Verb("unplug", Unplug, _HARDWARE, "The driver unplugs.", ("evse",), "unplug 1"),
        Verb("pause", AtEvse, _HARDWARE, "The car stops asking for power.", ("evse",), "pause 1"),
        Verb("resume", AtEvse, _HARDWARE, "The car asks for power again.", ("evse",), "resume 1"),
        Verb(
            "pilot",
            Pilot,
            _HARDWARE,
            "Force the control pilot; without a state, let it go.",
            ("evse", "state"),
            "pilot 1 E",
        ),
        Verb("tap", Tap, _HARDWARE, "A driver presents a token at the reader.", ("token",), "tap 04A2B3C4"),
        Verb(
            "limit",
            Limit,
            Effect.SESSION,
            "A driver limits his transaction, or the next one.",
            ("evse",),
            "limit 1 --energy-watt-hour 10000 --time-second 3600",
        ),
        Verb("press-stop", AtEvse, _HARDWARE, "The driver presses the stop button.", ("evse",), "press-stop 1"),
        Verb("occupy", AtEvse, _HARDWARE, "A vehicle comes to stand in the bay.", ("evse",), "occupy 1"),
        Verb("leave", AtEvse, _HARDWARE, "The bay becomes free.", ("evse",), "leave 1"),
        Verb(
            "fault",
            RaiseFault,
            _HARDWARE,
            "Something breaks, and stays broken.",
            ("name", "evse"),
            "fault GroundFailure 1",
        ),
        Verb(
            "clear-fault", ClearFault, _HARDWARE, "The fault is over.", ("name", "evse"), "clear-fault GroundFailure 1"
        ),
        Verb(
            "meter-set", MeterSet, _HARDWARE, "Exchange the meter.", ("energy_watt_hour", "evse"), "meter-set 1000000 1"
        ),
        Verb("meter-freeze", AtMeter, _HARDWARE, "The meter repeats what it shows now.", ("evse",), "meter-freeze 1"),
        Verb("meter-break", AtMeter, _HARDWARE, "The meter falls silent.", ("evse",), "meter-break 1"),
        Verb("meter-repair", AtMeter, _HARDWARE, "The meter works again.", ("evse",), "meter-repair 1"),
        Verb("lock", FailLock, _HARDWARE, "Break a connector lock, or repair it.", ("mode", "evse"), "lock jammed 1"),
        Verb(
            "contactor",
            FailContactor,
            _HARDWARE,
            "Break a contactor, or repair it.",
            ("mode", "evse"),
            "contactor welded 1",
        ),
        Verb(
            "board",
            FailBoard,
            _HARDWARE,
            "Cut the agent off from a board, or restore contact.",
            ("mode", "evse"),
            "board silent 1",
        ),
        Verb("reader", FailReader, _HARDWARE, "Break a token reader, or repair it.", ("mode",), "reader broken"),
        Verb("disconnect", Disconnect, _LINK, "Take the link to the CSMS away.", (), "disconnect --for-second 30"),
        Verb("connect", Nothing, _LINK, "Give the link back.", (), "connect"),
        Verb(
            "data-transfer",
            DataTransfer,
            _MESSAGE,
            "Send a DataTransfer; the answer is an event.",
            ("vendor_id",),
            "data-transfer com.acme",
        ),
        Verb(
            "data-transfer-answer",
            DataTransferAnswer,
            _MESSAGE,
            "Say how to answer a DataTransfer from the CSMS.",
            ("vendor_id",),
            "data-transfer-answer com.acme --data hello",
        ),
        Verb(
            "security-event",
            SecurityEvent,
            _MESSAGE,
            "Raise a security event.",
            ("kind",),
            "security-event TamperDetectionActivated",
        ),
        Verb(
            "cut-power",
            Nothing,
            Effect.PROCESS,
            "Cut the power: the process ends at once, without clean-up.",
            (),
            "cut-power",
        ),
    )
}


def argument_schema(verb: Verb) -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON schema of a verb's arguments, and the definitions it refers to."""
    (schema,), components = msgspec.json.schema_components(
        (verb.arguments,), ref_template="#/components/schemas/{name}"
    )
    return schema, components
