"""Variables of the network connection profiles: one NetworkConfiguration component for each configuration slot (2.1 §2.1.8).

They are where profiles are kept, however they came: 2.0.1 and 2.1 SetNetworkProfile, 2.1 SetVariables, or the owner's configuration.
"""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chargepoint.station.variables import DataType, InvalidValue, Mutability, RefusalReason, Variable
from profiles.provisioning.variables import NETWORK_PROFILE_SLOTS

INTERFACES = ("Any", *(f"Wired{n}" for n in range(4)), *(f"Wireless{n}" for n in range(4)))
"""2.x OCPPInterfaceEnumType. A preference: the operating system knows the way when that one does not lead there (2.1 part 2 §2.71)."""
TRANSPORTS = ("JSON",)
VERSIONS = ("OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21")
"""2.x OCPPVersionEnumType. Kept and told back, and ignored: both ends agree on the version when they connect (2.1 part 2 §2.71)."""


class SlotVariables(NamedTuple):
    """The variables of one slot."""

    url: Variable[str]
    interface: Variable[str]
    transport: Variable[str]
    version: Variable[str]
    message_timeout_second: Variable[int]
    security_profile: Variable[int]
    identity: Variable[str]
    password: Variable[str]
    vpn_enabled: Variable[bool]
    apn_enabled: Variable[bool]

    @property
    def writable(self) -> tuple[Variable[Any], ...]:
        """Those that the CSMS can set (B09.FR.10). This station dials no APN and no VPN by itself (B09.FR.13)."""
        return self[:-2]


def check_url(url: str) -> None:
    """Raises: InvalidValue: no WebSocket URL without an identity, a user or a password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidValue(str(error)) from None
    if url and (parts.scheme.casefold() not in ("ws", "wss") or not host or port == 0 or not url.isprintable()):
        raise InvalidValue("expected a URL that begins with ws:// or wss://")
    if url and (" " in url or parts.username is not None or parts.password is not None or parts.fragment):
        raise InvalidValue("expected a URL without blanks, user name, password and fragment")


def check_identity(identity: str) -> None:
    """Raises: InvalidValue: no identity of a station (part 4 §3.1.1)."""
    if any(character in ":/" or not character.isprintable() for character in identity):
        raise InvalidValue("an identity has neither colon, slash nor control characters")


def check_password(password: str) -> None:
    """Raises: InvalidValue OUT_OF_RANGE: too short to be one, and not empty either (A00.FR.205)."""
    if 0 < len(password) < 16:
        raise InvalidValue("a password has 16 characters at least", RefusalReason.OUT_OF_RANGE)


def _slot(slot: str) -> SlotVariables:
    def variable(name: str, kind: DataType, default: Any, **more: Any) -> Variable[Any]:
        return Variable("NetworkConfiguration", name, kind, default, component_instance=slot, **more)

    fixed = Mutability.READ_ONLY
    return SlotVariables(
        url=variable("OcppCsmsUrl", DataType.STRING, "", maximum=1000, check=check_url),
        interface=variable("OcppInterface", DataType.OPTION_LIST, "Any", values=INTERFACES),
        transport=variable("OcppTransport", DataType.OPTION_LIST, "JSON", values=TRANSPORTS),
        version=variable("OcppVersion", DataType.OPTION_LIST, "OCPP201", values=VERSIONS),
        message_timeout_second=variable("MessageTimeout", DataType.INTEGER, 30, minimum=1, maximum=3600, unit="s"),
        security_profile=variable("SecurityProfile", DataType.INTEGER, 0, minimum=0, maximum=3),
        identity=variable("Identity", DataType.STRING, "", maximum=48, check=check_identity),
        password=variable(
            "BasicAuthPassword",
            DataType.STRING,
            "",
            maximum=64,
            check=check_password,
            secret=True,
            mutability=Mutability.WRITE_ONLY,
        ),
        vpn_enabled=variable("VpnEnabled", DataType.BOOLEAN, False, mutability=fixed),
        apn_enabled=variable("ApnEnabled", DataType.BOOLEAN, False, mutability=fixed),
    )


SLOTS: dict[int, SlotVariables] = {int(slot): _slot(slot) for slot in NETWORK_PROFILE_SLOTS}
"""The configuration slots (B09.FR.06: at least two)."""
SLOT_OF: dict[Variable[Any], tuple[int, bool]] = {
    variable: (slot, variable is of_slot.security_profile)
    for slot, of_slot in SLOTS.items()
    for variable in of_slot.writable
}
"""Of each variable of a slot that the CSMS can set: the slot, and whether it is its security profile."""
NETWORK_VARIABLES: tuple[Variable[Any], ...] = tuple(one for variables in SLOTS.values() for one in variables)
