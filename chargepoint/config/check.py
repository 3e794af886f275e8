"""What no single key can say: rules between keys of a configuration."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from chargepoint.config.problem import Place
from chargepoint.config.schema import Configuration, Connector, Evse

Finding = tuple[Place, str]

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def problems_of(configuration: Configuration, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What makes the configuration unusable."""
    yield from _station(configuration)
    yield from _csms(configuration, environ)
    for index, evse in enumerate(configuration.evses):
        yield from _evse(evse, ("evse", index))
    yield from _readers(configuration)
    if configuration.behaviour.on_reset == "reboot" and configuration.system is None:
        yield (
            ("behaviour", "on_reset"),
            'behaviour.on_reset is "reboot": add a [system] table with the driver that restarts the machine',
        )
    if configuration.simulation.speed != 1.0:
        for evse_id, _, driver in configuration.drivers():
            if driver.kind != "system" and not driver.name.startswith("simulated"):
                where = f"EVSE {evse_id}" if evse_id else "the station"
                sentence = f"simulation.speed needs simulated hardware throughout, and the {driver.kind} of {where} is {driver.name!r}"
                yield (("simulation", "speed"), sentence)


def notices_of(configuration: Configuration, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What is legal, but probably not meant."""
    csms, station = configuration.csms, configuration.station
    if csms.append_id and urlsplit(csms.url).path.rstrip("/").endswith(f"/{station.id}"):
        yield (("csms", "url"), f"csms.url ends with {station.id} already, and csms.append_id adds it again")
    url = urlsplit(csms.url)
    if security_profile(configuration, environ) == 0 and url.scheme == "ws" and url.hostname not in _THIS_MACHINE:
        yield (
            ("csms", "url"),
            "security profile 0: nothing on the way to the CSMS is encrypted, and no password is asked for",
        )
    for key in ("password_file", "ca_file", "client_certificate", "client_key"):
        path = getattr(csms, key)
        if path is not None and not Path(path).is_file():
            yield (("csms", key), f"csms.{key}: there is no file {path} on this machine")
    if configuration.log.unredacted:
        yield (("log", "unredacted"), "log.unredacted: passwords, keys and tokens are written in full")


def security_profile(configuration: Configuration, environ: Mapping[str, str]) -> int:
    """The security profile: as configured, else what URL, password and certificate amount to."""
    csms = configuration.csms
    if csms.security_profile is not None:
        return csms.security_profile
    if csms.client_certificate is not None:
        return 3
    if csms.password_file is not None or environ.get(csms.password_env):
        return 2 if csms.url.startswith("wss:") else 1
    return 0


def _station(configuration: Configuration) -> Iterator[Finding]:
    vendor = configuration.station.vendor
    if "1.6" in configuration.csms.versions and len(vendor) > 20:  # 1.6 §6.3: CiString20Type
        yield (("station", "vendor"), f"station.vendor has {len(vendor)} characters: OCPP 1.6 has room for 20")


def _csms(configuration: Configuration, environ: Mapping[str, str]) -> Iterator[Finding]:
    csms = configuration.csms
    profile = security_profile(configuration, environ)
    parts = urlsplit(csms.url)
    if parts.password is not None:
        yield (("csms", "url"), "csms.url holds a password: put it into a file and name that as csms.password_file")
    if len(set(csms.versions)) != len(csms.versions):
        yield (("csms", "versions"), "csms.versions names a version twice")
    if profile >= 2 and parts.scheme != "wss":
        yield (("csms", "url"), f"security profile {profile} needs TLS: csms.url must start with wss://")
    if profile == 1 and parts.scheme == "wss":
        yield (
            ("csms", "security_profile"),
            "security profile 1 is a password without TLS: with wss:// it is profile 2",
        )
    if profile == 3 and csms.client_certificate is None:
        yield (("csms", "security_profile"), "security profile 3 needs csms.client_certificate and csms.client_key")
    if (csms.client_certificate is None) != (csms.client_key is None):
        missing = "client_key" if csms.client_key is None else "client_certificate"
        yield (("csms",), f"csms.{missing} is missing: a client certificate and its key belong together")


def _evse(evse: Evse, place: Place) -> Iterator[Finding]:
    number = int(place[-1]) + 1
    sockets = [connector for connector in evse.connectors if not connector.fixed_cable]
    if evse.lock is not None and len(sockets) != 1:
        which = "no socket" if not sockets else f"{len(sockets)} sockets: give each connector its own lock"
        yield ((*place, "lock"), f"evse.{number}.lock: the EVSE has {which}")
    for index, connector in enumerate(evse.connectors):
        yield from _connector(connector, (*place, "connector", index), f"evse.{number}.connector.{index + 1}")


def _connector(connector: Connector, place: Place, name: str) -> Iterator[Finding]:
    if connector.fixed_cable and connector.lock is not None:
        yield ((*place, "lock"), f"{name}.lock: a fixed cable has no bolt at the station")
    if not connector.fixed_cable and connector.cable_ampere is not None:
        yield ((*place, "cable_ampere"), f"{name}.cable_ampere: a detachable cable says its rating itself")
    # OCPP 2.x ConnectorEnumType: c… is captive cabled, s… is a socket
    if connector.cable == "detachable" and connector.kind.startswith("c"):
        yield (
            (*place, "cable"),
            f'{name}.cable is "detachable", but {connector.kind} is a fixed cable; the socket is s{connector.kind[1:]}',
        )
    if connector.cable == "fixed" and connector.kind.startswith("s"):
        yield (
            (*place, "cable"),
            f'{name}.cable is "fixed", but {connector.kind} is a socket; the cable is c{connector.kind[1:]}',
        )


def _readers(configuration: Configuration) -> Iterator[Finding]:
    for index, reader in enumerate(configuration.readers):
        for evse_id in getattr(reader.options, "evse_ids", ()):
            if not 1 <= evse_id <= len(configuration.evses):
                yield (
                    ("reader", index, "evse_ids"),
                    f"reader.{index + 1}.evse_ids names EVSE {evse_id}, but the EVSEs are 1 to {len(configuration.evses)}",
                )
