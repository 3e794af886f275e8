"""What the machine can give: file descriptors, ports and addresses. Looked at before a fleet starts, so that no station fails for them."""

from __future__ import annotations

import errno
import os
import resource
import socket
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chargepoint.fleet.plan import Plan

SPARE_DESCRIPTORS = 100
"""For the event loop, pipes, traces, certificates being read."""
SPARE_PORTS = 500
"""For whatever else connects from this machine."""
UNLIMITED = 1 << 30
_LINUX_PORTS = 28_232  # 32768 to 60999
_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_PORTS_OF = {"ws": 80, "wss": 443}


class Machine(NamedTuple):
    """descriptors: that a process may have open, at most. ports: for connections from one address to one CSMS."""

    descriptors: int
    ports: int

    @classmethod
    def read(cls) -> Machine:
        """Of this machine. The soft limit of descriptors is raised to the hard one."""
        return cls(raise_descriptors(), _ports())


def raise_descriptors() -> int:
    """Let this process, and those that it starts, have as many files open as they may. Returns how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):
            pass  # some systems name a hard limit that they do not grant
    return soft if soft != resource.RLIM_INFINITY else UNLIMITED


def _ports() -> int:
    try:
        low, high = map(int, _PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        return _LINUX_PORTS
    return high - low + 1


def check(
    plan: Plan, processes: int, shard: tuple[int, int] | None = None, machine: Machine | None = None
) -> list[str]:
    """Sentences on what the machine cannot give to `processes` processes; none when all is well. shard: the part that runs here."""
    machine = machine or Machine.read()
    parts = shard[1] if shard is not None else 1
    connections = connections_of(plan)
    here = -(-sum(connections.values()) // parts)
    return [
        *_descriptors(here, processes, machine),
        *_missing_ports(plan, connections, parts, machine),
        *(_foreign_addresses(plan.source_addresses) if connections else ()),
    ]


def connections_of(plan: Plan) -> dict[str, int]:
    """How many stations connect over the network, by host and port of their CSMS."""
    shares: dict[str, float] = {}
    for group in plan.groups:
        among = [plan.endpoints[i] for i in group.endpoints] or list(plan.endpoints)
        total = sum(endpoint.weight for endpoint in among)
        for endpoint in among:
            if endpoint.url is not None:
                where = _where(endpoint.url)
                shares[where] = shares.get(where, 0.0) + group.count * endpoint.weight / total
    return {where: round(share) for where, share in shares.items()}


def _where(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or _PORTS_OF.get(parts.scheme, 0)}"


def _descriptors(here: int, processes: int, machine: Machine) -> Iterable[str]:
    each = -(-here // processes)
    room = machine.descriptors - SPARE_DESCRIPTORS
    if each <= room:
        return
    if room < 1:
        yield (
            f"the limit of {machine.descriptors} file descriptors is too low for any station: "
            f"raise it (ulimit -n {each + SPARE_DESCRIPTORS})"
        )
        return
    yield (
        f"{_stations(each)} in {'one process' if processes == 1 else f'each of {processes} processes'} need "
        f"{each + SPARE_DESCRIPTORS} file descriptors, and the limit is {machine.descriptors}: use --processes {-(-here // room)}, "
        f"or raise the limit (ulimit -n {each + SPARE_DESCRIPTORS})"
    )


def _missing_ports(plan: Plan, connections: dict[str, int], parts: int, machine: Machine) -> Iterable[str]:
    """A connection needs a port of its own among those from one address to one CSMS; with named addresses, among all from one address."""
    each = machine.ports - SPARE_PORTS
    named = len(plan.source_addresses)
    wanted = {"": sum(connections.values())} if named else connections
    for where, count in wanted.items():
        here = -(-count // parts)
        if each >= 1 and here <= each * max(1, named):
            continue
        to = f" to {where}" if where else ""
        if each < 1:
            yield f"{machine.ports} ports are too few for any station: widen net.ipv4.ip_local_port_range"
            return
        have = "have" if named > 1 else "has"
        yield (
            f"{_stations(here)} connect{to} from {max(1, named)} address{'es' if named > 1 else ''} of this machine, which {have} "
            f"ports for {each * max(1, named)}: name {-(-here // each)} of its addresses in [fleet] source_addresses, "
            "or widen net.ipv4.ip_local_port_range"
        )


def _foreign_addresses(addresses: Iterable[str]) -> Iterable[str]:
    """What cannot be connected from: each address is tried once."""
    found: dict[int, list[str]] = {}
    for address in addresses:
        try:
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as one:
                one.bind((address, 0))
        except OSError as error:
            found.setdefault(error.errno or 0, []).append(address)
    for number, named in found.items():
        many = f" and {len(named) - 1} more" if len(named) > 1 else ""
        which = f"{named[0]}{many} in [fleet] source_addresses"
        if number == errno.EADDRNOTAVAIL:
            are = "are no addresses" if many else "is no address"
            yield f"{which} {are} of this machine: add what is missing to a network interface, or leave it out"
        else:
            yield f"{which} cannot be used: {os.strerror(number)}"


def _stations(count: int) -> str:
    return f"{count} station{'' if count == 1 else 's'}"
