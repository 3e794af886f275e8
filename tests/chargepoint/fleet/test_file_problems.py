"""What is wrong with a fleet file is said in one sentence each, with its place, and all of it at once."""

from pathlib import Path

import pytest

from chargepoint.config.problem import ConfigurationError
from chargepoint.fleet.file import load_fleet

TOP = """\
[fleet]
seed = 1
[[csms]]
url = "ws://127.0.0.1:9000/ocpp"
[template.base]
csms.versions = ["1.6"]
[template.home]
extends = "base"
[[group]]
template = "home"
count = 2
"""
LINES = TOP.count("\n")


def complaints(text: str, *settings: str, csms: tuple[str, ...] = ()) -> list[str]:
    Path("fleet.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_fleet("fleet.toml", settings=settings, csms=csms, environ={})
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_file_of_these_tests_is_right_by_itself() -> None:
    Path("fleet.toml").write_text(TOP)
    assert load_fleet("fleet.toml", environ={}).plan.count == 2


APPENDED = [
    # --- keys
    ("[fleeet]\n", "12: unknown key fleeet; did you mean fleet?"),
    ("[time]\ndurationn = 5\n", "13: unknown key time.durationn; did you mean duration?"),
    (
        "[[template.home.evse]]\nmaximun_ampere = 16\n",
        "13: unknown key template.home.evse.1.maximun_ampere; did you mean maximum_ampere?",
    ),
    (
        "[template.home.station]\nfirmware_versoin = '1'\n",
        "13: unknown key template.home.station.firmware_versoin; did you mean firmware_version?",
    ),
    (
        "[template.home.csms]\nphases = 1\n",
        "13: unknown key template.home.csms.phases; phases belongs in [template.home.evse]",
    ),
    (
        "[report]\nservice_levels = ['boots@csms-1>1', 'boots@hone>1']\n",
        '13: report.service_levels.2: "boots@hone>1" is about "hone": there is no such group or CSMS; did you mean "home"?',
    ),
    (
        "[[csms]]\nurl = 'ws://x'\nheartbeat_interval_second = 5\n",
        "14: csms.2.heartbeat_interval_second is for an embedded CSMS; another one decides for itself",
    ),
    ("[template.home.evze]\n", "12: unknown key template.home.evze; did you mean evse?"),
    (
        "[template.home.sessions.arrivals]\nper_dya = 3\n",
        "13: unknown key template.home.sessions.arrivals.per_dya; did you mean per_day?",
    ),
    (
        "[template.home.sessions.generator]\nprobabilityOfStrat = 1\n",
        "13: unknown key template.home.sessions.generator.probabilityOfStrat; did you mean probabilityOfStart?",
    ),
    (
        "[[load]]\nshape = 'ramp'\nover_seconds = 1\n",
        "14: unknown key load.1.over_seconds; did you mean over_second?",
    ),
    # --- what a template leaves to the fleet
    (
        "[template.home.station]\nid = 'CP1'\n",
        "13: template.home.station.id is not for templates: a group makes the identities of its stations: "
        'write id = "CP{n:05d}" in [[group]]',
    ),
    (
        "[template.home.csms]\nurl = 'ws://x'\n",
        "13: template.home.csms.url is not for templates: it stands in [[csms]], which all templates share",
    ),
    (
        "[template.home.log]\nlevel = 'debug'\n",
        "12: template.home.log is not for templates: a station of a fleet has no log of its own; the fleet has a trace, with --trace",
    ),
    (
        "[template.home.state]\ndirectory = 'x'\n",
        "12: template.home.state is not for templates: the stations of a fleet keep their state in memory",
    ),
    (
        "[template.home.control]\nlisten = 'off'\n",
        "12: template.home.control is not for templates: a station of a fleet has no control API of its own; the fleet has one, "
        "with --control",
    ),
    (
        "[template.home.simulation]\nspeed = 2\n",
        "12: template.home.simulation is not for templates: seed and speed belong to the whole fleet: fleet.seed, time.speed",
    ),
    (
        "[template.home.behaviour]\non_reset = 'exit'\n",
        "13: template.home.behaviour.on_reset is not for templates: a station of a fleet starts anew after a reset, and its "
        "process goes on",
    ),
    # --- values
    (
        "[template.other]\nextends = 'hom'\n",
        '13: template.other.extends is "hom": there is no such template; did you mean "home"?',
    ),
    ("[template.other]\nextends = 7\n", "13: template.other.extends is 7: expected the name of a template"),
    ("[template]\nother = 3\n", "13: template.other is 3: expected a table"),
    (
        "[[template.home.evse]]\nmeter = { driver = 'modbus', map = 'eastron_sdm630', port = '/dev/x' }\n",
        '13: template.home: the meter of EVSE 1 is "modbus": the hardware of a fleet is simulated',
    ),
    (
        "[[template.home.evse]]\nlock = { driver = 'simulated' }\n",
        "13: template.home.evse.1.lock: the EVSE has no socket",
    ),
    (
        "[template.home.station]\nvendor = 'a vendor with a long name'\n",
        "13: template.home.station.vendor has 25 characters: OCPP 1.6 has room for 20",
    ),
    (
        "[template.home.variables]\nHeartbeatIntervall = 5\n",
        "13: template.home.variables: HeartbeatIntervall: there is no such 1.6 key or 2.x variable; did you mean HeartbeatInterval or "
        "OCPPCommCtrlr.HeartbeatInterval?",
    ),
    (
        "[template.home.sessions.arrivals]\nper_day = -1\n",
        "13: template.home.sessions.arrivals.per_day is -1: expected a number at least 0",
    ),
    (
        "[template.home.sessions.arrivals]\nhourly = [1, 2]\n",
        "13: template.home.sessions.arrivals.hourly has 2 items: expected at least 24",
    ),
    (
        "[template.home.sessions]\nidTagsFile = 'tags.json'\n",
        "13: template.home.sessions.idTagsFile: the tokens cannot be read from ",
    ),
    (
        "[[load]]\nshape = 'rmap'\n",
        '13: load.1.shape is "rmap": expected one of "ramp", "steady", "step", "spike", "soak", "reconnect-storm", '
        '"blackout", "rolling-restart"; did you mean "ramp"?',
    ),
    (
        "[[load]]\nover_second = 1\n",
        '12: load.1.shape is missing: expected one of "ramp", "steady", "step", "spike", "soak", "reconnect-storm", '
        '"blackout", "rolling-restart"',
    ),
    ("[[load]]\nshape = 'spike'\n", "12: load.1.at_second is missing: expected a number at least 0"),
    (
        "[[fault]]\nfault = 'link-drop'\nshare = 2\n",
        "14: fault.1.share is 2: expected a number at least 0 and at most 1",
    ),
    ("[[csms]]\nurl = 'http://x'\n", '13: csms.2.url is "http://x": expected a URL that starts with ws:// or wss://'),
    ("[[csms]]\nurl = 'ws://x'\nweight = 0\n", "14: csms.2.weight is 0: expected a number greater than 0"),
    ("[[csms]]\nurl = 'ws://x'\nweight = -1.5\n", "14: csms.2.weight is -1.5: expected a number greater than 0"),
    ("[[csms]]\nweight = 1\n", "12: csms.2.url is missing: expected a URL, or embedded = true"),
    ("[[csms]]\nurl = 'ws://x'\nembedded = true\n", "14: csms.2 is embedded and has a url: remove one of them"),
    ("[[csms]]\nembedded = true\n[[csms]]\nembedded = true\n", "15: csms.3: there is only one embedded CSMS"),
    ("[[csms]]\nurl = 'ws://x'\nname = 'csms-1'\n", '14: csms.2.name is "csms-1": another one has this name already'),
    ("[[csms]]\nurl = 'wss://x'\nca_file = '/none/ca.pem'\n", "14: csms.2.ca_file: there is no file /none/ca.pem"),
    (
        "[time]\nduration = '8 parsecs'\n",
        '13: time.duration is "8 parsecs": expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m"',
    ),
    (
        "[time]\nduration = 0\n",
        '13: time.duration is 0.0: expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m"',
    ),
    (
        "[time]\nduration = true\n",
        '13: time.duration is true: expected seconds greater than 0, or text such as "90s", "15min", "8h", "1h30m"',
    ),
    ("[time]\nspeed = 0\n", "13: time.speed is 0: expected a number greater than 0 and at most 10000"),
    ("[time]\nkind = 'fast'\n", '13: time.kind is "fast": expected one of "real", "accelerated", "virtual"'),
    ("[time]\nkind = 'accelerated'\n", "13: time.speed is missing: accelerated time is so many times as fast"),
    (
        "[time]\nkind = 'real'\nspeed = 2\n",
        '14: time.speed has no use in real time; remove it, or set kind = "accelerated"',
    ),
    ("[time]\nstart = 2025-01-06T06:00:00Z\n", "13: time.start has no use in real time: it is now"),
    (
        "[time]\nspeed = 2\nstart = 2025-01-06T06:00:00\n",
        "14: time.start is 2025-01-06 06:00:00: expected a date and time with a time zone, such as 2025-01-06T06:00:00Z",
    ),
    ("[fleet.x]\n", "12: unknown key fleet.x; the keys here are name, seed, source_addresses"),
    # --- groups
    (
        "[[group]]\ntemplate = 'hoem'\ncount = 1\n",
        '13: group.2.template is "hoem": there is no such template; did you mean "home"?',
    ),
    ("[[group]]\ncount = 1\n", '12: group.2.template is missing: expected one of "base", "home"'),
    (
        "[[group]]\ntemplate = 'home'\n",
        "12: group.2.count is missing: expected a whole number at least 0, or a credentials_file",
    ),
    ("[[group]]\ntemplate = 'home'\ncount = -1\n", "14: group.2.count is -1: expected a whole number at least 0"),
    (
        "[[group]]\ntemplate = 'home'\ncount = 1\nname = 'home'\n",
        '15: group.2.name is "home": another group has this name already',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 1\ncsms = ['csms-9']\n",
        '15: group.2.csms names "csms-9": there is no such [[csms]]; did you mean "csms-1"?',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 1\ncsms = ['csms-1', 'csms-1']\n",
        "15: group.2.csms names a CSMS twice; its share is its weight",
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{foo}'\n",
        '15: group.2.id is "CP{foo}": {foo} is unknown; expected {n}, {group}, {template}',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{m}'\n",
        '15: group.2.id is "CP{m}": {m} is unknown; expected {n}, {group}, {template}',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{templat}'\n",
        '15: group.2.id is "CP{templat}": {templat} is unknown; did you mean {template}?',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{n'\n",
        "15: group.2.id is \"CP{n\": not a pattern: expected '}' before end of string; a brace of its own is written twice",
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{n:05q}'\n",
        "15: group.2.id is \"CP{n:05q}\": not a pattern: unknown format code 'q' for object of type 'int'; a "
        "brace of its own is written twice",
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{n.real}'\n",
        '15: group.2.id is "CP{n.real}": {n.real} is unknown; expected {n}, {group}, {template}',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP{n:{n}}'\n",
        '15: group.2.id is "CP{n:{n}}": the format of {n} has braces of its own',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP'\n",
        '15: group.2.id is "CP": without {n}, 9 stations would have the same identity',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP/{n}'\n",
        '15: group.2.id: the identity "CP/1" contains /, which OCPP forbids',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 9\nid = 'CP:{n}'\n",
        '15: group.2.id: the identity "CP:1" contains :, which OCPP forbids',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 1\nid = \"a\\tb\"\n",
        '15: group.2.id: the identity "a\tb" contains a control character',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 2\nfirst = 9\nid = 'CP-0123456789-0123456789-0123456789-0123456789-{n}'\n",
        '16: group.2.id: the identity "CP-0123456789-0123456789-0123456789-0123456789-10" has 49 characters: expected at most 48',
    ),
    ("[[group]]\ntemplate = 'home'\ncount = 20\nid = 'CP{n:.0e}'\n", '15: group.2.id: two stations would be "CP2e+01"'),
    (
        "[[group]]\ntemplate = 'home'\ncount = 5\nfirst = 2\n",
        '12: group.2 and group.1 both have the identity "CP00002"; give one of them another id or first',
    ),
    (
        "[[group]]\ntemplate = 'home'\ncount = 5\nid = 'CP0000{n}'\n",
        '15: group.2 and group.1 both have the identity "CP00001" and 1 more; give one of them another id or first',
    ),
    (
        "[[group]]\ntemplate = 'base'\ncount = 1\npassword = '{idd}'\n",
        '15: group.2.password is "{idd}": {idd} is unknown; did you mean {id}?',
    ),
    (
        "[[group]]\ntemplate = 'base'\ncount = 1\nclient_certificate = 'c.pem'\n",
        "12: group.2.client_key is missing: a client certificate and its key belong together",
    ),
    # --- link
    (
        "[template.base.csms]\nsecurity_profile = 1\n",
        '9: group.1: security profile 1 needs a password: set password = "…-{id}", a credentials_file, or '
        "template.home.csms.password_file",
    ),
    ("[template.base.csms]\nca_file = 'no.pem'\n", "13: template.base.csms.ca_file: there is no file "),
]


@pytest.mark.parametrize(("more", "complaint"), APPENDED, ids=[complaint[:60] for _, complaint in APPENDED])
def test_a_mistake_is_one_sentence_with_its_line(more: str, complaint: str) -> None:
    text = TOP.replace('csms.versions = ["1.6"]\n', "\n") if "[template.base.csms]" in more else TOP
    found = complaints(text + more)
    if complaint.endswith(("there is no file ", "read from ")):
        assert [each[: len(complaint) + len("fleet.toml:")] for each in found] == [f"fleet.toml:{complaint}"]
    else:
        assert found == [f"fleet.toml:{complaint}"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("count = 2", "count = 0", "fleet.toml:9: the fleet has no stations: the groups' counts are all 0"),
        (
            'extends = "base"',
            'extends = "home"',
            "fleet.toml:8: template.home.extends: templates extend each other in a circle: home → home",
        ),
        (
            'csms.versions = ["1.6"]',
            'extends = "home"',
            "fleet.toml:6: template.base.extends: templates extend each other in a circle: base → home → base",
        ),
        (
            'csms.versions = ["1.6"]',
            'csms.versions = ["1.5"]',
            'fleet.toml:6: template.base.csms.versions.1 is "1.5": expected one of "1.6", "2.0.1", "2.1"; did you mean "1.6"?',
        ),
        (
            'csms.versions = ["1.6"]',
            'csms.versions = ["1.6", "1.6"]',
            "fleet.toml:6: template.home.csms.versions names a version twice",
        ),
        (
            "seed = 1",
            'source_addresses = ["10.0.0.0/8", "localhost"]',
            'fleet.toml:2: fleet.source_addresses.1 is "10.0.0.0/8": expected a network of at most 4096 addresses\n'
            'fleet.toml:2: fleet.source_addresses.2 is "localhost": expected an IP address or a network such as "10.0.1.0/28"',
        ),
        (
            'csms.versions = ["1.6"]',
            "csms.versions = []",
            "fleet.toml:6: template.base.csms.versions is empty: expected at least 1",
        ),
        (
            "count = 2",
            "count = 2\npassword = 'x'\n[template.home.csms]\nsecurity_profile = 2",
            "fleet.toml:9: group.1 at ws://127.0.0.1:9000/ocpp: security profile 2 needs TLS: csms.url must start with wss://",
        ),
        (
            "seed = 1",
            "seed = 1\n[time]\nkind = 'virtual'\nduration = 5",
            'fleet.toml:6: csms.1 is in real time: virtual time needs an embedded CSMS, or time.kind = "accelerated"',
        ),
        (
            'url = "ws://127.0.0.1:9000/ocpp"',
            "embedded = true\n[time]\nkind = 'virtual'",
            'fleet.toml:6: time.duration is missing: virtual time would never end; for example "8h"',
        ),
        (
            'url = "ws://127.0.0.1:9000/ocpp"',
            'url = "ws://me:pw@host"',
            "fleet.toml:4: csms.1.url holds a password: stations have their own, with group.password or group.credentials_file",
        ),
    ],
    ids=lambda text: str(text)[:40],
)
def test_a_mistake_in_the_top_is_one_sentence_with_its_line(old: str, new: str, complaint: str) -> None:
    assert complaints(TOP.replace(old, new)) == complaint.split("\n")


def test_what_is_taken_over_is_complained_about_where_it_stands_and_once() -> None:
    text = TOP + "[[template.base.evse]]\nphases = 4\n[template.third]\nextends = 'home'\n"
    assert complaints(text) == ["fleet.toml:13: template.base.evse.1.phases is 4: expected one of 1, 2, 3"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = TOP.replace("seed = 1", "sed = 1").replace('url = "ws', 'url = "w').replace('["1.6"]', '["1.9"]')
    text = text.replace("count = 2", "count = 2.5") + "[[load]]\nshape = 1\n[template.home.evse]\n[nonsense]\n"
    found = complaints(text, "template.hom.x=1", "fleet.naem=x")
    assert [each.split(": ", 1)[0] for each in found] == [
        "--set", "--set", *(f"fleet.toml:{line}" for line in (2, 4, 6, 11, 13, 14, 15)),
    ]  # fmt: skip
    assert found[:2] == [
        "--set: unknown key fleet.naem; did you mean name?",
        '--set: template.hom: there is no such template; did you mean "home"?',
    ]


def test_nothing_at_all_is_answered_with_what_is_needed() -> None:
    assert complaints("") == [
        "fleet.toml: csms is missing: expected a list, each item a table",
        "fleet.toml: group is missing: expected a list, each item a table",
    ]


def test_what_an_option_says_wrong_is_said_of_the_option() -> None:
    assert complaints(TOP, csms=("http://x",)) == [
        '--csms: csms.1.url is "http://x": expected a URL that starts with ws:// or wss://'
    ]
    assert complaints(TOP, "group.1.count=-1") == ["--set: group.1.count is -1: expected a whole number at least 0"]


def test_a_file_that_is_no_toml_is_said_to_be_none() -> None:
    assert complaints("[fleet\n") == [
        "fleet.toml:1: not TOML: expected ']' at the end of a table declaration (column 7)",
    ]
