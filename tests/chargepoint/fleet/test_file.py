"""A fleet file becomes a plan: templates, what they extend, groups, and what --set and --csms put over it."""

import pickle
from pathlib import Path

import pytest

from chargepoint.config.problem import ConfigurationError
from chargepoint.fleet.file import LoadedFleet, load_fleet
from chargepoint.fleet.load.faults import LinkDrop
from chargepoint.fleet.load.shapes import Ramp
from chargepoint.fleet.plan import Template, TimePlan

MINIMAL = """\
[[csms]]
url = "ws://127.0.0.1:9000/ocpp"

[[group]]
count = 3
"""

MIXED = """\
[fleet]
name = "mixed"
seed = 7
source_addresses = ["127.0.0.2", "127.0.1.0/30"]

[time]
speed = 10
start = 2025-01-06T08:00:00+02:00
duration = "8h"

[[csms]]
url = "ws://a.example/ocpp"
name = "a"
weight = 3

[[csms]]
url = "ws://b.example/ocpp"
name = "b"

[template.base]
csms.versions = ["1.6"]
station.vendor = "Acme"

[template.base.variables]
HeartbeatInterval = 300
WebSocketPingInterval = 60

[template.base.sessions.generator]
enable = true
maxDuration = 90

[template.home]
extends = "base"
station.model = "Home"
variables.HeartbeatInterval = 60

[[template.home.evse]]
maximum_ampere = 16
connector = [{ kind = "sType2" }]

[template.hub]
extends = "home"
csms.versions = ["2.0.1", "2.1"]
evse = [{ supply = "DC", voltage_volt = 400, connector = [{ kind = "cCCS2" }, { kind = "cNACS" }] }, {}]

[[group]]
template = "home"
count = 4
id = "HOME{n:03d}"
password = "secret-{id}"

[[group]]
template = "hub"
count = 2
first = 10
csms = ["b"]

[[load]]
shape = "ramp"
over_second = 10

[[fault]]
fault = "link-drop"
share = 0.1

[report]
html = "out/report.html"
"""


def fleet(tmp_path: Path, text: str, *settings: str, csms: tuple[str, ...] = ()) -> LoadedFleet:
    file = tmp_path / "fleet.toml"
    file.write_text(text)
    return load_fleet(file, settings=settings, csms=csms, environ={})


def template_of(loaded: LoadedFleet, name: str) -> Template:
    return next(template for template in loaded.plan.templates if template.name == name)


def test_a_csms_and_a_number_are_a_fleet(tmp_path: Path) -> None:
    plan = fleet(tmp_path, MINIMAL).plan
    assert [station.id for station in plan.stations()] == ["CP00001", "CP00002", "CP00003"]
    (template,) = plan.templates
    assert template.sessions is None
    configuration = template.configuration
    assert [(evse_id, driver.kind, driver.name) for evse_id, _, driver in configuration.drivers()] == [
        (1, "board", "simulated"),
        (1, "meter", "simulated"),
        (0, "reader", "simulated"),
        (0, "system", "simulated"),
    ]
    assert configuration.state.keep == "memory"
    assert configuration.control.listen == "off"
    assert configuration.csms.compression is False


def test_everything_of_the_file_is_in_the_plan(tmp_path: Path) -> None:
    loaded = fleet(tmp_path, MIXED)
    plan = loaded.plan
    assert (plan.name, plan.seed, plan.count) == ("mixed", 7, 6)
    assert plan.source_addresses == ("127.0.0.2", "127.0.1.1", "127.0.1.2")
    assert plan.time == TimePlan(kind="accelerated", speed=10.0, start=1736143200.0, duration_second=28800.0)
    assert [(endpoint.name, endpoint.url, endpoint.weight) for endpoint in plan.endpoints] == [
        ("a", "ws://a.example/ocpp", 3.0),
        ("b", "ws://b.example/ocpp", 1.0),
    ]
    assert plan.shapes == (Ramp(over_second=10.0),)
    assert plan.faults == (LinkDrop(share=0.1),)
    assert loaded.report.html == str(tmp_path / "out/report.html")
    told = [
        (station.index, station.id, station.group.name, station.template.name, station.endpoint.name)
        for station in plan.stations()
    ]
    assert told == [
        (0, "HOME001", "home", "home", "a"),
        (1, "HOME002", "home", "home", "a"),
        (2, "HOME003", "home", "home", "b"),
        (3, "HOME004", "home", "home", "a"),
        (4, "CP00010", "hub", "hub", "b"),
        (5, "CP00011", "hub", "hub", "b"),
    ]
    passwords = [station.credentials.password for station in plan.stations() if station.credentials is not None]
    assert passwords == ["secret-HOME001", "secret-HOME002", "secret-HOME003", "secret-HOME004"]


def test_a_template_is_as_the_one_it_extends_but_for_what_it_says(tmp_path: Path) -> None:
    loaded = fleet(tmp_path, MIXED)
    base, home, hub = (template_of(loaded, name) for name in ("base", "home", "hub"))
    assert [each.configuration.csms.versions for each in (base, home, hub)] == [("1.6",), ("1.6",), ("2.0.1", "2.1")]
    assert base.configuration.variables == {"HeartbeatInterval": 300, "WebSocketPingInterval": 60}
    assert home.configuration.variables == {"HeartbeatInterval": 60, "WebSocketPingInterval": 60}
    assert hub.configuration.variables == home.configuration.variables
    assert [each.configuration.station.model for each in (base, home, hub)] == ["Simulated", "Home", "Home"]
    assert [each.configuration.station.vendor for each in (base, home, hub)] == ["Acme"] * 3
    assert all(each.sessions is not None and each.sessions.generator.maxDuration == 90 for each in (base, home, hub))
    # a list is taken over or said anew as a whole
    assert [len(each.configuration.evses) for each in (base, home, hub)] == [1, 1, 2]
    assert [len(evse.connectors) for evse in hub.configuration.evses] == [2, 1]
    assert [evse.maximum_ampere for evse in hub.configuration.evses] == [32, 32]


def test_a_socket_has_a_bolt_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    text = MINIMAL + '[[template.station.evse]]\nconnector = [{ kind = "sType2" }, { kind = "cType2" }]\n'
    (template,) = fleet(tmp_path, text).plan.templates
    (evse,) = template.configuration.evses
    assert [connector.lock is not None for connector in evse.connectors] == [True, False]
    text = MINIMAL + '[[template.station.evse]]\nlock = { driver = "none" }\nconnector = [{ kind = "sType2" }]\n'
    (template,) = fleet(tmp_path, text).plan.templates
    lock = template.configuration.evses[0].lock_of(1)
    assert lock is not None
    assert lock.name == "none"


def test_a_table_of_another_kind_takes_nothing_over(tmp_path: Path) -> None:
    text = MINIMAL + (
        "[template.base.sessions]\n"
        'ev = [{ profile = "van" }]\n'
        '[template.base.sessions.drivers.handling_second]\nkind = "uniform"\nminimum = 1\nmaximum = 2\n'
        '[template.home]\nextends = "base"\n'
        "[template.home.sessions.drivers.handling_second]\nkind = 'fixed'\nmean = 5\n"
    )
    sessions = template_of(fleet(tmp_path, text, "group.1.template=home"), "home").sessions
    assert sessions is not None
    handling = sessions.drivers.handling_second
    assert (handling.kind, handling.mean, handling.minimum) == ("fixed", 5.0, None)
    assert sessions.evs[0].profile == "van"


def test_groups_go_on_counting_where_the_last_one_with_the_same_pattern_ended(tmp_path: Path) -> None:
    text = MINIMAL + '[[group]]\ncount = 2\nid = "X{n}"\n[[group]]\ncount = 2\n'
    plan = fleet(tmp_path, text).plan
    assert [station.id for station in plan.stations()] == [
        "CP00001", "CP00002", "CP00003", "X1", "X2", "CP00004", "CP00005",
    ]  # fmt: skip
    assert [group.name for group in plan.groups] == ["station", "station-2", "station-3"]


@pytest.mark.parametrize(
    ("duration", "second"),
    [
        ("90", 90),
        ('"90"', 90),
        ('"1.5 h"', 5400),
        ('"1h30m"', 5400),
        ('"2 days"', 172800),
        ('"500ms"', 0.5),
        ("0.25", 0.25),
    ],
)
def test_a_duration_is_seconds_or_a_text_with_units(tmp_path: Path, duration: str, second: float) -> None:
    assert fleet(tmp_path, MINIMAL, f"time.duration={duration}").plan.time.duration_second == second


def test_virtual_time_begins_at_the_same_moment_every_time(tmp_path: Path) -> None:
    text = "[[csms]]\nembedded = true\n[[group]]\ncount = 1\n[time]\nkind = 'virtual'\nduration = 60\n"
    plan = fleet(tmp_path, text).plan
    assert plan.time == TimePlan(kind="virtual", start=1736121600.0, duration_second=60.0)
    assert plan.endpoints[0].url is None


# --- what is put over the file ----------------------------------------------------------------------------------------


def test_any_key_can_be_set_on_the_command_line(tmp_path: Path) -> None:
    loaded = fleet(
        tmp_path,
        MIXED,
        "group.1.count=7",
        "template.home.evse.1.maximum_ampere=20",
        "template.hub.evse.2.phases=1",
        "template.base.sessions.generator.maxduration=100",
        "template.home.variables.SampledDataCtrlr.TxUpdatedInterval=15",
        "load.1.over_second=99",
        "fault.2.fault=clock-step",
        "fault.2.step_second=-60",
        "csms.2.weight=2",
    )
    plan = loaded.plan
    assert plan.groups[0].count == 7
    assert template_of(loaded, "home").configuration.evses[0].maximum_ampere == 20
    assert template_of(loaded, "hub").configuration.evses[1].phases == 1
    assert template_of(loaded, "home").configuration.variables["SampledDataCtrlr.TxUpdatedInterval"] == 15
    assert plan.shapes == (Ramp(over_second=99.0),)
    assert [fault.__struct_config__.tag for fault in plan.faults] == ["link-drop", "clock-step"]
    assert plan.endpoints[1].weight == 2


def test_what_is_set_in_a_template_holds_for_those_that_extend_it(tmp_path: Path) -> None:
    loaded = fleet(tmp_path, MIXED, "template.base.station.vendor=Other", "template.base.csms.versions=2.1")
    for name, versions in (("base", ("2.1",)), ("home", ("2.1",)), ("hub", ("2.0.1", "2.1"))):
        configuration = template_of(loaded, name).configuration
        assert (configuration.station.vendor, configuration.csms.versions) == ("Other", versions)


def test_another_list_item_can_be_set_in_a_template_that_has_taken_the_list_over(tmp_path: Path) -> None:
    text = MIXED.replace('"hub"\ncount', '"small"\ncount') + '[template.small]\nextends = "hub"\n'
    loaded = fleet(tmp_path, text, "template.small.evse.2.maximum_ampere=11", "template.small.evse.3.maximum_ampere=7")
    assert [evse.maximum_ampere for evse in template_of(loaded, "small").configuration.evses] == [32, 11, 7]
    assert [evse.maximum_ampere for evse in template_of(loaded, "hub").configuration.evses] == [32, 32]


def test_what_a_template_extends_can_be_set(tmp_path: Path) -> None:
    loaded = fleet(tmp_path, MIXED, "template.hub.extends=base")
    assert template_of(loaded, "hub").configuration.station.model == "Simulated"


def test_a_fleet_can_be_aimed_at_another_csms(tmp_path: Path) -> None:
    plan = fleet(tmp_path, MIXED, csms=("ws://other/ocpp",)).plan
    assert [endpoint.url for endpoint in plan.endpoints] == ["ws://other/ocpp"]
    assert {station.endpoint.url for station in plan.stations()} == {"ws://other/ocpp"}


def test_what_nobody_uses_is_noted(tmp_path: Path) -> None:
    text = MIXED + "[template.spare]\n"
    line = len(text.splitlines())
    file = tmp_path / "fleet.toml"
    assert fleet(tmp_path, text).notices == (f"{file}:{line}: template.spare is used by no group",)
    assert fleet(tmp_path, text, "group.1.csms=b").notices[1] == f"{file}:11: csms.1 (a) is used by no group"


# --- size -------------------------------------------------------------------------------------------------------------


def test_a_plan_is_as_small_for_many_stations_as_for_few(tmp_path: Path) -> None:
    few = fleet(tmp_path, MIXED).plan
    many = fleet(tmp_path, MIXED, "group.1.count=50000").plan
    assert many.count == 50002
    assert abs(len(pickle.dumps(many)) - len(pickle.dumps(few))) < 100
    assert len(pickle.dumps(many)) < 20_000


def test_a_plan_crosses_to_another_process_unchanged(tmp_path: Path) -> None:
    plan = fleet(tmp_path, MIXED).plan
    there = pickle.loads(pickle.dumps(plan))  # noqa: S301  # our own
    assert there == plan
    assert [station.id for station in there.stations()] == [station.id for station in plan.stations()]


def test_a_file_that_is_not_there_is_answered_with_how_to_write_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_fleet("none.toml")
    assert str(caught.value) == "there is no file none.toml; write one with `chargepoint fleet init none.toml`"
