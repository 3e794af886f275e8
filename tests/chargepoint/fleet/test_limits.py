"""What is said before a fleet starts that the machine cannot carry."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chargepoint.fleet.limits import Machine, check, connections_of
from chargepoint.fleet.plan import Endpoint, Group, Plan, Template
from tests.chargepoint.fleet.sessions.town import configuration_of

ROOMY = Machine(descriptors=1_000_000, ports=1_000_000)
LINUX = Machine(descriptors=20_000, ports=28_232)


def plan_of(count: int, *urls: str | None, sources: int = 0) -> Plan:
    return Plan(
        templates=(Template(name="home", configuration=configuration_of("1.6")),),
        groups=(Group(name="home", template=0, count=count),),
        endpoints=tuple(Endpoint(url=url) for url in urls or ("ws://a:9000/ocpp",)),
        source_addresses=tuple(f"127.0.0.{n}" for n in range(2, 2 + sources)),
    )


@pytest.mark.parametrize(
    ("plan", "processes", "shard"),
    [
        (plan_of(19_900), 1, None),
        (plan_of(27_732), 2, None),
        (plan_of(27_732 * 2, "ws://a/", "ws://b/"), 3, None),
        (plan_of(27_732 * 2, sources=2), 3, None),
        (plan_of(100_000), 2, (3, 4)),
        (plan_of(1_000_000, None), 1, None),
        (plan_of(50_000, None, "ws://a/"), 2, None),
    ],
)
def test_what_fits_is_not_talked_about(plan: Plan, processes: int, shard: tuple[int, int] | None) -> None:
    assert check(plan, processes, shard, LINUX) == []


@pytest.mark.parametrize(
    ("plan", "processes", "machine", "sentence"),
    [
        (
            plan_of(19_901),
            1,
            LINUX,
            "19901 stations in one process need 20001 file descriptors, and the limit is 20000: use --processes 2, "
            "or raise the limit (ulimit -n 20001)",
        ),
        (
            plan_of(1000),
            2,
            ROOMY._replace(descriptors=300),
            "500 stations in each of 2 processes need 600 file descriptors, and the limit is 300: use --processes 5, "
            "or raise the limit (ulimit -n 600)",
        ),
        (
            plan_of(1),
            1,
            ROOMY._replace(descriptors=64),
            "the limit of 64 file descriptors is too low for any station: raise it (ulimit -n 101)",
        ),
        (
            plan_of(27_733),
            2,
            LINUX,
            "27733 stations connect to a:9000 from 1 address of this machine, which has ports for 27732: "
            "name 2 of its addresses in [fleet] source_addresses, or widen net.ipv4.ip_local_port_range",
        ),
        (
            plan_of(80_000, sources=2),
            10,
            LINUX,
            "80000 stations connect from 2 addresses of this machine, which have ports for 55464: "
            "name 3 of its addresses in [fleet] source_addresses, or widen net.ipv4.ip_local_port_range",
        ),
        (
            # ports are counted for each CSMS, unless a connection is bound to a named address before it is made
            plan_of(30_000, "ws://a/", "ws://b/", sources=1),
            10,
            LINUX,
            "30000 stations connect from 1 address of this machine, which has ports for 27732: "
            "name 2 of its addresses in [fleet] source_addresses, or widen net.ipv4.ip_local_port_range",
        ),
        (
            plan_of(1),
            1,
            ROOMY._replace(ports=100),
            "100 ports are too few for any station: widen net.ipv4.ip_local_port_range",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_what_to_do(plan: Plan, processes: int, machine: Machine, sentence: str) -> None:
    assert check(plan, processes, None, machine) == [sentence]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(check(plan_of(100_000), 2, None, LINUX)) == 2


def test_only_the_part_that_runs_here_counts() -> None:
    assert len(check(plan_of(100_000), 2, (0, 2), LINUX)) == 2
    assert check(plan_of(100_000), 2, (0, 4), LINUX) == []


def test_connections_follow_weights_groups_and_default_ports() -> None:
    plan = Plan(
        templates=(Template(name="home", configuration=configuration_of("1.6")),),
        groups=(
            Group(name="one", template=0, count=90),
            Group(name="two", template=0, count=10, endpoints=(2,)),
        ),
        endpoints=(
            Endpoint(url="wss://a/x", weight=2),
            Endpoint(url="wss://a:443/y", weight=1),
            Endpoint(url=None, weight=3),
            Endpoint(url="ws://[::1]:9000/", weight=3),
        ),
    )
    assert connections_of(plan) == {"a:443": 30, "::1:9000": 30}


@pytest.mark.parametrize(
    ("addresses", "sentence"),
    [
        (("127.0.0.1", "127.0.0.2"), None),
        (
            ("127.0.0.1", "192.0.2.77"),
            "192.0.2.77 in [fleet] source_addresses is no address of this machine: add what is missing to a network interface, "
            "or leave it out",
        ),
        (
            ("192.0.2.7", "192.0.2.8", "127.0.0.1", "192.0.2.9"),
            "192.0.2.7 and 2 more in [fleet] source_addresses are no addresses of this machine: add what is missing to a network "
            "interface, or leave it out",
        ),
    ],
)
def test_a_source_address_that_is_of_another_machine_is_said(addresses: tuple[str, ...], sentence: str | None) -> None:
    plan = replace(plan_of(10), source_addresses=addresses)
    assert check(plan, 1, None, LINUX) == ([] if sentence is None else [sentence])
    in_memory = replace(plan_of(10, None), source_addresses=addresses)
    assert check(in_memory, 1, None, LINUX) == []


def test_this_machine_is_read() -> None:
    machine = Machine.read()
    assert machine.descriptors > 0
    assert 0 < machine.ports < 65_536
