"""The tables and keys of the configuration file. This is their one description: `config schema`, the checks and the starter files use it.

Keys that hold a path carry `PATH`: a relative one counts from the folder of the file in which it stands.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from chargepoint.config.driver import BoardDriver, Driver, LockDriver, MeterDriver, ReaderDriver, SystemDriver

PATH = {"path": True}
PASSWORD_ENVIRONMENT = "CHARGEPOINT_CSMS_PASSWORD"  # noqa: S105  # the name of a variable, not a password
TOKEN_ENVIRONMENT = "CHARGEPOINT_CONTROL_TOKEN"  # noqa: S105  # likewise

OcppVersion = Literal["1.6", "2.0.1", "2.1"]
ConnectorKind = Literal[
    "cCCS1",
    "cCCS1-NACS",
    "cCCS2",
    "cChaoJi",
    "cG105",
    "cGBT",
    "cGBT-DC",
    "cLECCS",
    "cMCS",
    "cNACS",
    "cNACS-CCS1",
    "cTesla",
    "cType1",
    "cType2",
    "cUltraChaoJi",
    "s309-1P-16A",
    "s309-1P-32A",
    "s309-3P-16A",
    "s309-3P-32A",
    "sBS1361",
    "sCEE-7-7",
    "sType1",
    "sType2",
    "sType3",
    "bBatterySlot",
    "wInductive",
    "wResonant",
    "OppCharge",
    "Other1PhMax16A",
    "Other1PhOver16A",
    "Other3Ph",
    "Pan",
    "Undetermined",
    "Unknown",
]
"""OCPP 2.1 appendices, ConnectorEnumStringType, and what only 2.0.1 has."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables."""


class Station(Table, frozen=True, kw_only=True):
    """Who the station is."""

    id: Annotated[
        str,
        Meta(
            pattern=r"^[^:/\x00-\x1f]{1,48}$",
            description="The station's identity at the CSMS: the last part of its URL and its user name",
            extra={"expected": "1 to 48 characters without : and /"},  # OCPP 2.0.1 part 4 §3.1.1
            examples=["CP001"],
        ),
    ]
    vendor: Annotated[
        str, Meta(min_length=1, max_length=50, description="Vendor name; 1.6 has room for 20 characters")
    ] = "chargepoint"
    model: Annotated[str, Meta(min_length=1, max_length=20, description="Model name")] = "Simulated"
    serial: Annotated[str, Meta(max_length=25, description="Serial number")] | None = None
    firmware_version: (
        Annotated[str, Meta(max_length=50, description="Firmware version; by default the version of this program")]
        | None
    ) = None
    meter_type: Annotated[str, Meta(max_length=25, description="Type of the main meter (1.6)")] | None = None
    meter_serial: Annotated[str, Meta(max_length=25, description="Serial number of the main meter (1.6)")] | None = None
    iccid: Annotated[str, Meta(max_length=20, description="ICCID of the modem's SIM card")] | None = None
    imsi: Annotated[str, Meta(max_length=20, description="IMSI of the modem's SIM card")] | None = None


class Csms(Table, frozen=True, kw_only=True):
    """The way to the CSMS, as first used; network profiles that the CSMS sets later win over it."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^wss?://[^\s/]+",
            description="WebSocket URL of the CSMS, without the station's identity",
            extra={"expected": "a URL that starts with ws:// or wss://"},
            examples=["wss://csms.example/ocpp"],
        ),
    ]
    append_id: Annotated[bool, Meta(description="Add /<identity> to the URL")] = True
    versions: Annotated[
        tuple[OcppVersion, ...],
        Meta(min_length=1, description="OCPP versions to offer, the preferred one first"),
    ] = ("2.1", "2.0.1", "1.6")
    security_profile: (
        Annotated[
            Literal[0, 1, 2, 3],
            Meta(description="0 none, 1 password, 2 TLS and password, 3 TLS with client certificate"),
        ]
        | None
    ) = None
    password_file: (
        Annotated[str, Meta(description="File that holds the password (1.6 AuthorizationKey)", extra=PATH)] | None
    ) = None
    password_env: Annotated[str, Meta(description="Environment variable that holds the password")] = (
        PASSWORD_ENVIRONMENT
    )
    ca_file: Annotated[str, Meta(description="CA certificates (PEM) instead of the system's", extra=PATH)] | None = None
    client_certificate: (
        Annotated[str, Meta(description="Client certificate chain (PEM), security profile 3", extra=PATH)] | None
    ) = None
    client_key: Annotated[str, Meta(description="Private key of the client certificate (PEM)", extra=PATH)] | None = (
        None
    )
    minimum_tls_version: Annotated[Literal["1.2", "1.3"], Meta(description="Oldest TLS version to accept")] = "1.2"
    compression: Annotated[bool, Meta(description="Offer permessage-deflate: less data, more memory and time")] = False
    ping_interval_second: (
        Annotated[
            int,
            Meta(
                ge=0,
                description="WebSocket ping interval, 0 = none; by default that of the variable WebSocketPingInterval",
            ),
        ]
        | None
    ) = None


class Connector(Table, frozen=True, kw_only=True):
    """A socket or a tethered cable of an EVSE."""

    kind: Annotated[ConnectorKind, Meta(description="OCPP ConnectorEnumType")] = "cType2"
    cable: (
        Annotated[
            Literal["fixed", "detachable"],
            Meta(
                description="Tethered, or brought by the driver; by default as the kind says (c… fixed, s… detachable)"
            ),
        ]
        | None
    ) = None
    cable_ampere: (
        Annotated[float, Meta(gt=0, description="Rating of the tethered cable; by default that of the EVSE")] | None
    ) = None
    lock: Annotated[LockDriver, Meta(description="Bolt of this socket")] | None = None

    @property
    def fixed_cable(self) -> bool:
        """Whether the cable is tethered."""
        return self.cable == "fixed" if self.cable is not None else not self.kind.startswith("s")


class Evse(Table, frozen=True, kw_only=True):
    """An EVSE: one vehicle at a time. Its id is its place in the file, counted from 1."""

    maximum_ampere: Annotated[float, Meta(gt=0, description="What contactor, wiring and fuse carry, per phase")]
    board: Annotated[BoardDriver, Meta(description="Control pilot and contactor")]
    phases: Annotated[Literal[1, 2, 3], Meta(description="Wired phases")] = 3
    voltage_volt: Annotated[float, Meta(gt=0, description="Phase to neutral; DC: of the output")] = 230.0
    supply: Annotated[Literal["AC", "DC"], Meta(description="What the vehicle gets")] = "AC"
    meter: Annotated[MeterDriver, Meta(description="Energy meter of this EVSE")] | None = None
    lock: Annotated[LockDriver, Meta(description="Bolt of the only socket of this EVSE")] | None = None
    connectors: Annotated[tuple[Connector, ...], Meta(min_length=1, description="Connectors, ids counted from 1")] = (
        field(default=(Connector(),), name="connector")
    )

    def lock_of(self, connector_id: int) -> LockDriver | None:
        """The bolt of a connector, counted from 1: its own, or the EVSE's when the connector is its only socket."""
        connector = self.connectors[connector_id - 1]
        return connector.lock if connector.lock is not None or connector.fixed_cable else self.lock


class Behaviour(Table, frozen=True, kw_only=True):
    """What no OCPP variable says."""

    on_reset: Annotated[
        Literal["exit", "reboot"],
        Meta(
            description="After a Reset: end the process, so that the service manager starts it anew, or restart the machine"
        ),
    ] = "exit"
    transactions_after_power_cut: Annotated[
        Literal["end", "resume"],
        Meta(description="What becomes of a transaction that a power cut interrupted, when the vehicle is still there"),
    ] = "end"


class Control(Table, frozen=True, kw_only=True):
    """The control API."""

    listen: (
        Annotated[
            str,
            Meta(
                description="unix:PATH, ADDRESS:PORT or off; by default a socket in the runtime directory",
                examples=["unix:/run/chargepoint/control.sock", "127.0.0.1:8887", "off"],
            ),
        ]
        | None
    ) = None
    token_file: (
        Annotated[str, Meta(description="File with the bearer token; needed beyond loopback", extra=PATH)] | None
    ) = None
    token_env: Annotated[str, Meta(description="Environment variable with the bearer token")] = TOKEN_ENVIRONMENT


class Log(Table, frozen=True, kw_only=True):
    """What is written down."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="Least level to log")] = "info"
    format: Annotated[Literal["text", "json"], Meta(description="One line an event, for people or for programs")] = (
        "text"
    )
    trace: Annotated[str, Meta(description="File for every OCPP frame as a JSON line", extra=PATH)] | None = None
    trace_megabyte: Annotated[float, Meta(gt=0, description="Size at which the trace is moved to FILE.1")] = 10.0
    unredacted: Annotated[bool, Meta(description="Write passwords, keys and tokens in full. For a laboratory only")] = (
        False
    )


class State(Table, frozen=True, kw_only=True):
    """What survives a restart."""

    directory: (
        Annotated[str, Meta(description="Folder of the database; by default in the state directory", extra=PATH)] | None
    ) = None
    keep: Annotated[Literal["disk", "memory"], Meta(description="memory: everything is forgotten at the end")] = "disk"


class Simulation(Table, frozen=True, kw_only=True):
    """What simulated hardware shares."""

    seed: Annotated[int, Meta(description="The same seed gives the same noise")] = 0
    speed: Annotated[
        float,
        Meta(gt=0, le=10000, description="How much faster than real time the station lives; simulated hardware only"),
    ] = 1.0


VariableValue = bool | int | float | str | tuple[str, ...]


class Configuration(Table, frozen=True, kw_only=True):
    """The whole file."""

    station: Annotated[Station, Meta(description="Who the station is")]
    csms: Annotated[Csms, Meta(description="The way to the CSMS")]
    evses: Annotated[tuple[Evse, ...], Meta(min_length=1, description="EVSEs, ids counted from 1")] = field(name="evse")
    meter: Annotated[MeterDriver, Meta(description="Main meter of the station")] | None = None
    readers: Annotated[tuple[ReaderDriver, ...], Meta(description="Token readers")] = field(default=(), name="reader")
    system: Annotated[SystemDriver, Meta(description="The machine; needed to restart it")] | None = None
    behaviour: Annotated[Behaviour, Meta(description="What no OCPP variable says")] = Behaviour()
    variables: Annotated[
        dict[str, VariableValue],
        Meta(
            description="Factory values of 1.6 keys and 2.x variables: HeartbeatInterval, Component.Variable, Component.Variable@evse"
        ),
    ] = field(default_factory=dict)
    control: Annotated[Control, Meta(description="The control API")] = Control()
    log: Annotated[Log, Meta(description="What is written down")] = Log()
    state: Annotated[State, Meta(description="What survives a restart")] = State()
    simulation: Annotated[Simulation, Meta(description="What simulated hardware shares")] = Simulation()

    def drivers(self) -> list[tuple[int, int, Driver]]:
        """Every driver with where it belongs: (evse_id, connector_id, driver); 0 = the station, the EVSE as a whole."""
        found: list[tuple[int, int, Driver]] = []
        for evse_id, evse in enumerate(self.evses, 1):
            own = (
                (0, evse.board),
                (0, evse.meter),
                *((n, evse.lock_of(n)) for n in range(1, len(evse.connectors) + 1)),
            )
            found.extend((evse_id, connector_id, driver) for connector_id, driver in own if driver is not None)
        found.extend((0, 0, driver) for driver in (self.meter, *self.readers, self.system) if driver is not None)
        return found
