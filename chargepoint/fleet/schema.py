"""The tables and keys of the fleet file. This is their one description: the checks, `fleet schema` and docs/fleet.md use it.

A template is made of the tables of a station's configuration (`chargepoint.config.schema`): all of it but what a fleet decides by itself.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Optional

import msgspec
from msgspec import Meta, field

from chargepoint.config.schema import PATH, Behaviour, Configuration, Csms, Evse, Station, Table
from chargepoint.fleet.duration import EXPECTED
from chargepoint.fleet.load.faults import FaultPlan
from chargepoint.fleet.load.shapes import Shape
from chargepoint.fleet.options import Live
from chargepoint.fleet.sessions.plan import Sessions

DEFAULT_ID: Final = "CP{n:05d}"
DEFAULT_AMPERE: Final = 32.0


class Fleet(Table, frozen=True, kw_only=True):
    """The fleet as a whole."""

    name: Annotated[str, Meta(min_length=1, description="Name of the fleet, for reports")] = "fleet"
    seed: Annotated[
        int,
        Meta(
            description="All chance comes from it: the same seed gives the same fleet, whatever the number of processes"
        ),
    ] = 0
    source_addresses: Annotated[
        tuple[str, ...],
        Meta(
            description="Local IP addresses or networks from which stations connect, in turn; one address has about 28,000 ports",
            examples=[["10.0.0.1", "10.0.1.0/28"]],
        ),
    ] = ()


class Time(Table, frozen=True, kw_only=True):
    """How time passes."""

    kind: (
        Annotated[
            Literal["real", "accelerated", "virtual"],
            Meta(
                description="real; accelerated: `speed` times as fast; virtual: as fast as the machine can, with an embedded CSMS only. "
                "By default accelerated where a speed is given, else real"
            ),
        ]
        | None
    ) = None
    speed: (
        Annotated[float, Meta(gt=0, le=10000, description="Seconds of the fleet in one second; for accelerated time")]
        | None
    ) = None
    start: (
        Annotated[
            datetime,
            Meta(
                tz=True,
                description="The fleet's wall clock at the beginning; by default now, in virtual time 2025-01-06T00:00:00Z",
                extra={"expected": "a date and time with a time zone, such as 2025-01-06T06:00:00Z"},
            ),
        ]
        | None
    ) = None
    duration: (
        Annotated[
            float | str,
            Meta(
                description='Length of the run in the fleet\'s own time: seconds, or text such as "8h"; by default until stopped',
                extra={"expected": EXPECTED},
                examples=["8h"],
            ),
        ]
        | None
    ) = None


class FleetCsms(Table, frozen=True, kw_only=True):
    """A CSMS to which stations connect."""

    url: (
        Annotated[
            str,
            Meta(
                pattern=r"^wss?://[^\s/]+",
                description="WebSocket URL, without the station's identity",
                extra={"expected": "a URL that starts with ws:// or wss://"},
                examples=["wss://csms.example/ocpp"],
            ),
        ]
        | None
    ) = None
    embedded: Annotated[bool, Meta(description="The CSMS of this program, in memory, instead of a URL")] = False
    name: Annotated[str, Meta(min_length=1, description="What groups call it; by default csms-1, csms-2, …")] | None = (
        None
    )
    weight: Annotated[float, Meta(gt=0, description="Its share of the stations, relative to the others")] = 1.0
    ca_file: (
        Annotated[str, Meta(description="CA certificates (PEM) instead of the template's or the system's", extra=PATH)]
        | None
    ) = None
    heartbeat_interval_second: (
        Annotated[
            int,
            Meta(
                ge=0,
                description="Of an embedded CSMS: the interval that it answers to BootNotification; by default 300. 0 = none, so that "
                "the stations' variable HeartbeatInterval holds",
            ),
        ]
        | None
    ) = None


class FleetGroup(Table, frozen=True, kw_only=True):
    """A number of stations of one template."""

    name: (
        Annotated[str, Meta(min_length=1, description="Name for reports and patterns; by default that of the template")]
        | None
    ) = None
    template: (
        Annotated[str, Meta(description="The template of these stations; may be left out where there is only one")]
        | None
    ) = None
    count: (
        Annotated[int, Meta(ge=0, description="Number of stations; by default one for each row of credentials_file")]
        | None
    ) = None
    id: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description=f"Pattern of the identities: {{n}}, {{group}}, {{template}}, also as {{n:05d}}; by default {DEFAULT_ID}",
                examples=[DEFAULT_ID],
            ),
        ]
        | None
    ) = None
    first: (
        Annotated[
            int,
            Meta(
                ge=0,
                description="The first {n}; by default it goes on where the last group with this pattern ended, else 1",
            ),
        ]
        | None
    ) = None
    csms: Annotated[
        tuple[str, ...],
        Meta(description="Names of the CSMSs among which these stations are distributed by weight; by default all"),
    ] = ()
    credentials_file: (
        Annotated[
            str,
            Meta(
                description="CSV file with the columns id, password, client_certificate, client_key: one station a row",
                extra=PATH,
            ),
        ]
        | None
    ) = None
    password: (
        Annotated[
            str, Meta(min_length=1, description="Pattern of the passwords, with {id} as well", examples=["secret-{id}"])
        ]
        | None
    ) = None
    client_certificate: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description="Pattern of the client certificates' files (PEM), with {id} as well",
                examples=["certs/{id}.pem"],
            ),
        ]
        | None
    ) = None
    client_key: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description="Pattern of the private keys' files (PEM), with {id} as well",
                examples=["certs/{id}.key"],
            ),
        ]
        | None
    ) = None


class FleetReport(Table, frozen=True, kw_only=True):
    """What is reported, and what decides the exit code."""

    service_levels: Annotated[
        tuple[str, ...],
        Meta(
            description="What must hold for the run to succeed; see Service levels",
            examples=[["p99.BootNotification < 2s"]],
        ),
    ] = ()
    text: Annotated[str, Meta(description="File for the report as text", extra=PATH)] | None = None
    json: Annotated[str, Meta(description="File for the report as JSON", extra=PATH)] | None = None
    html: Annotated[str, Meta(description="File for the report as one HTML page", extra=PATH)] | None = None
    junit: Annotated[str, Meta(description="File for the service levels as JUnit XML", extra=PATH)] | None = None
    prometheus: (
        Annotated[
            str,
            Meta(description="ADDRESS:PORT at which metrics can be read during the run", examples=["127.0.0.1:9090"]),
        ]
        | None
    ) = None
    live: Annotated[
        Live, Meta(description="How the run is shown; auto: a table on a terminal where rich is installed, else lines")
    ] = "auto"


def _part(
    name: str,
    of: type[msgspec.Struct],
    *,
    without: tuple[str, ...] = (),
    kinds: dict[str, Any] | None = None,
    **more: Any,
) -> type[msgspec.Struct]:
    """A table with the keys of another one; those of `kinds` have another type and are optional. more: further optional keys, first."""
    kinds = kinds or {}
    fields: list[tuple[str, Any, Any]] = [(key, kind, field(default=None)) for key, kind in more.items()]
    for info in msgspec.structs.fields(of):
        if info.name in without:
            continue
        if info.name in kinds:
            kind, default = kinds[info.name]
            fields.append((info.name, kind, field(default=default, name=info.encode_name)))
        elif info.default_factory is not msgspec.NODEFAULT:
            fields.append((info.name, info.type, field(default_factory=info.default_factory, name=info.encode_name)))
        else:
            fields.append((info.name, info.type, field(default=info.default, name=info.encode_name)))
    made: type[msgspec.Struct] = msgspec.defstruct(
        name, fields, bases=(Table,), module=__name__, frozen=True, kw_only=True, forbid_unknown_fields=True
    )
    made.__doc__ = of.__doc__
    return made


def _type(of: type[msgspec.Struct], name: str) -> Any:
    return next(info.type for info in msgspec.structs.fields(of) if info.name == name)


ELSEWHERE: Final = {
    ("station", "id"): f'a group makes the identities of its stations: write id = "{DEFAULT_ID}" in [[group]]',
    ("csms", "url"): "it stands in [[csms]], which all templates share",
    ("behaviour", "on_reset"): "a station of a fleet starts anew after a reset, and its process goes on",
    ("control",): "a station of a fleet has no control API of its own; the fleet has one, with --control",
    ("log",): "a station of a fleet has no log of its own; the fleet has a trace, with --trace",
    ("state",): "the stations of a fleet keep their state in memory",
    ("simulation",): "seed and speed belong to the whole fleet: fleet.seed, time.speed",
}
"""What a station's configuration has and a template has not, and where it is instead."""

TemplateStation = _part("TemplateStation", Station, without=("id",))
TemplateCsms = _part("TemplateCsms", Csms, without=("url",))
TemplateBehaviour = _part("TemplateBehaviour", Behaviour, without=("on_reset",))
TemplateEvse = _part(
    "TemplateEvse",
    Evse,
    kinds={
        "maximum_ampere": (_type(Evse, "maximum_ampere"), DEFAULT_AMPERE),
        "board": (Optional[_type(Evse, "board")], None),  # noqa: UP045 - a value, not an annotation
    },
)
Template = _part(
    "Template",
    Configuration,
    without=tuple(place[0] for place in ELSEWHERE if len(place) == 1),
    kinds={
        "station": (
            Annotated[TemplateStation, Meta(description="What the stations say about themselves")],
            TemplateStation(),
        ),
        "csms": (Annotated[TemplateCsms, Meta(description="How they speak to their CSMS")], TemplateCsms()),
        "behaviour": (
            Annotated[TemplateBehaviour, Meta(description="What no OCPP variable says")],
            TemplateBehaviour(),
        ),
        "evses": (
            Annotated[
                tuple[TemplateEvse, ...],  # type: ignore[valid-type]  # made above
                Meta(min_length=1, description="EVSEs, ids counted from 1; by default one with 32 A and a meter"),
            ],
            (TemplateEvse(),),
        ),
    },
    extends=Annotated[str, Meta(description="Another template: what is not said here is as it says")] | None,
    sessions=Annotated[
        Sessions, Meta(description="What drivers do at these stations; nobody comes where it is missing")
    ]
    | None,
)
Template.__doc__ = "What the stations of a group have in common; hardware is simulated, and may be left out."


class FleetFile(Table, frozen=True, kw_only=True):
    """The whole file."""

    fleet: Annotated[Fleet, Meta(description="The fleet as a whole")] = Fleet()
    time: Annotated[Time, Meta(description="How time passes")] = Time()
    csms: Annotated[tuple[FleetCsms, ...], Meta(min_length=1, description="The CSMSs to which stations connect")]
    template: Annotated[
        dict[str, Template],  # type: ignore[valid-type]  # made above
        Meta(description="Kinds of stations, by name"),
    ] = field(default_factory=dict)
    group: Annotated[tuple[FleetGroup, ...], Meta(min_length=1, description="The stations")]
    load: Annotated[tuple[Shape, ...], Meta(description="When stations are switched on and off")] = ()
    fault: Annotated[tuple[FaultPlan, ...], Meta(description="What goes wrong, and when")] = ()
    report: Annotated[FleetReport, Meta(description="What is reported, and what decides the exit code")] = FleetReport()
