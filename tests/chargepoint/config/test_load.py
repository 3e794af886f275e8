"""A configuration is read from file, environment and options, and every mistake is named with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chargepoint.config import Configuration, ConfigurationError, load
from hal.sim.board_options import BoardOptions

MINIMAL = """\
[station]
id = "CP001"

[csms]
url = "ws://127.0.0.1:9000/ocpp"

[[evse]]
maximum_ampere = 16
board = { driver = "simulated", switches_phases = false }
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        Path("station.toml").write_text(text)
        return Path("station.toml")

    return write


def configuration_of(file: Path | None, *settings: str, **environ: str) -> Configuration:
    return load(file, environ=environ, settings=settings).configuration


def complaints(file: Path | None, *settings: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(file, environ=environ, settings=settings)
    return [str(problem) for problem in caught.value.problems]


def test_identity_address_and_one_evse_are_enough(write: Write) -> None:
    configuration = configuration_of(write(MINIMAL))
    assert configuration.station.id == "CP001"
    assert configuration.csms.versions == ("2.1", "2.0.1", "1.6")
    (evse,) = configuration.evses
    assert evse.connectors[0].fixed_cable
    assert evse.board.options == BoardOptions(maximum_ampere=16, switches_phases=False, connector_cable_ampere=(16,))
    assert evse.board.given == {"switches_phases": False}
    assert evse.meter is None


def test_without_a_file_there_is_a_simulated_station() -> None:
    configuration = configuration_of(None, "station.id=CP2", "csms.url=ws://h/ocpp")
    assert [(evse_id, driver.kind, driver.name) for evse_id, _, driver in configuration.drivers()] == [
        (1, "board", "simulated"),
        (1, "meter", "simulated"),
        (0, "reader", "simulated"),
        (0, "system", "simulated"),
    ]


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_key(write: Write) -> None:
    assert complaints(write(MINIMAL.replace("maximum_ampere", "max_ampere"))) == [
        "station.toml:8: unknown key evse.1.max_ampere; did you mean maximum_ampere?"
    ]
    assert complaints(write(MINIMAL + "[behaviur]\n")) == [
        "station.toml:10: unknown key behaviur; did you mean behaviour?"
    ]


def test_an_unknown_option_of_a_driver_is_named_with_its_line_and_the_nearest_option(write: Write) -> None:
    text = MINIMAL + "meter = { driver = 'simulated', resolution_wh = 1 }\n"
    assert complaints(write(text)) == [
        "station.toml:10: unknown key evse.1.meter.resolution_wh; did you mean resolution_watt_hour?"
    ]


def test_a_key_in_the_wrong_table_is_sent_to_the_right_one(write: Write) -> None:
    text = MINIMAL.replace("maximum_ampere = 16", "maximum_ampere = 16\nfirmware_version = '1'")
    assert complaints(write(text)) == [
        "station.toml:9: unknown key evse.1.firmware_version; firmware_version belongs in [station]"
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('maximum_ampere = "16"', '8: evse.1.maximum_ampere is "16": expected a number greater than 0'),
        ("maximum_ampere = 0", "8: evse.1.maximum_ampere is 0: expected a number greater than 0"),
        ("maximum_ampere = 9\nphases = 4", "9: evse.1.phases is 4: expected one of 1, 2, 3"),
        (
            "maximum_ampere = 9\nsupply = 'ac'",
            '9: evse.1.supply is "ac": expected one of "AC", "DC"; did you mean "AC"?',
        ),
        (
            "maximum_ampere = 9\nmeter = 'simulated'",
            '9: evse.1.meter is "simulated": expected a table such as { driver = "simulated" }',
        ),
        (
            "maximum_ampere = 9\nmeter = {}",
            '9: evse.1.meter needs a driver: expected { driver = "…" } with one of modbus, simulated',
        ),
        (
            "maximum_ampere = 9\nmeter.driver = 'modbuss'",
            '9: there is no meter driver "modbuss"; did you mean "modbus"?',
        ),
        ("maximum_ampere = 9\nconnector = 2", "9: evse.1.connector is 2: expected a list, each item a table"),
        ("maximum_ampere = 9\nconnector = []", "9: evse.1.connector is empty: expected at least 1"),
        ("maximum_ampere = 9\nconnector = [\n 1]", "10: evse.1.connector.1 is 1: expected a table"),
    ],
)
def test_a_wrong_type_says_what_was_expected_and_where(write: Write, line: str, complaint: str) -> None:
    assert complaints(write(MINIMAL.replace("maximum_ampere = 16", line))) == [f"station.toml:{complaint}"]


def test_what_is_missing_is_named_at_its_table_with_an_example(write: Write) -> None:
    file = write(MINIMAL.replace('id = "CP001"', ""))
    assert complaints(file) == [
        'station.toml:1: station.id is missing: expected 1 to 48 characters without : and /, for example "CP001"'
    ]
    assert complaints(write("")) == [
        'station.toml: station.id is missing: expected 1 to 48 characters without : and /, for example "CP001"',
        "station.toml: csms.url is missing: expected a URL that starts with ws:// or wss://, "
        'for example "wss://csms.example/ocpp"',
        "station.toml: evse is missing: expected a list, each item a table",
    ]


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    found = complaints(write(MINIMAL.replace("url", "ulr").replace("= 16", "= true")), "csms.verions=1.6")
    assert found == [
        "--set: unknown key csms.verions; did you mean versions?",
        "station.toml:5: unknown key csms.ulr; did you mean url?",
        "station.toml:8: evse.1.maximum_ampere is true: expected a number greater than 0",
    ]


def test_a_password_in_the_open_is_refused_with_where_it_belongs(write: Write) -> None:
    advice = (
        "unknown key csms.password; a secret stands in a file or the environment: use password_file or password_env"
    )
    assert complaints(write(MINIMAL.replace("[[evse]]", 'password = "x"\n[[evse]]'))) == [f"station.toml:7: {advice}"]
    assert complaints(write(MINIMAL), "csms.password=x") == [f"--set: {advice}"]
    assert complaints(write(MINIMAL), "csms.url=wss://CP001:x@host/")[0].startswith("--set: csms.url holds a password")


def test_environment_overrides_the_file_and_set_overrides_both(write: Write) -> None:
    file = write(MINIMAL)
    environ = {
        "CHARGEPOINT_CSMS_URL": "ws://env/",
        "CHARGEPOINT__EVSE__1__PHASES": "1",
        "CHARGEPOINT_STATION_ID": "ENV",
    }
    loaded = load(file, environ=environ, settings=["csms.url=ws://set/", "evse.1.connector.1.kind=sType2"])
    configuration = loaded.configuration
    assert (configuration.station.id, configuration.csms.url, configuration.evses[0].phases) == ("ENV", "ws://set/", 1)
    assert not configuration.evses[0].connectors[0].fixed_cable
    assert loaded.origin_of(("csms", "url")).text == "--set"
    assert loaded.origin_of(("station", "id")).text == "CHARGEPOINT_STATION_ID"
    assert loaded.origin_of(("evse", 0, "phases")).text == "CHARGEPOINT__EVSE__1__PHASES"
    assert loaded.origin_of(("evse", 0, "maximum_ampere")).text == "station.toml:8"
    assert loaded.origin_of(("evse", 0, "supply")).text == "default"
    assert loaded.origin_of(("csms", "compression")).text == "default"


def test_values_of_options_are_read_by_the_type_of_their_key(write: Write) -> None:
    configuration = configuration_of(
        write(MINIMAL),
        "csms.versions=1.6, 2.1",
        "csms.compression=TRUE",
        "csms.ping-interval-second=5",
        "station.model=007",
        'station.serial="7"',
        "evse.1.meter=simulated",
        "evse.1.meter.resolution_watt_hour=10",
        'evse.2={maximum_ampere=8, board={driver="simulated"}}',
        "reader.1.driver=simulated",
        "reader.1.evse_ids=1,2",
    )
    assert configuration.csms.versions == ("1.6", "2.1")
    assert configuration.csms.compression
    assert configuration.csms.ping_interval_second == 5
    assert (configuration.station.model, configuration.station.serial) == ("007", "7")
    assert configuration.evses[0].meter is not None
    assert configuration.evses[0].meter.given == {"resolution_watt_hour": 10}
    assert configuration.evses[1].maximum_ampere == 8
    assert configuration.readers[0].given == {"evse_ids": [1, 2]}


def test_variables_are_set_by_either_name_whatever_their_case(write: Write) -> None:
    configuration = configuration_of(
        write(MINIMAL + '[variables]\nHeartbeatInterval = 300\n"A.B" = "x"\n'),
        "variables.SampledDataCtrlr.TxUpdatedInterval=30",
        'variables."EVSE.Power@1"=11000.5',
        "variables.StopTxnSampledData=Voltage,Current.Import",
        "variables.OCPPCommCtrlr.MessageTimeout[Default]=600",
        CHARGEPOINT__VARIABLES__HEARTBEATINTERVAL="60",
    )
    assert configuration.variables == {
        "HeartbeatInterval": 60,
        "A.B": "x",
        "SampledDataCtrlr.TxUpdatedInterval": 30,
        "EVSE.Power@1": 11000.5,
        "StopTxnSampledData": "Voltage,Current.Import",
        "OCPPCommCtrlr.MessageTimeout[Default]": 600,
    }


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("csms", "--set: 'csms' sets nothing; write --set KEY=VALUE, for example csms.url=ws://host/ocpp"),
        ("=1", "--set: '=1' sets nothing; write --set KEY=VALUE, for example csms.url=ws://host/ocpp"),
        ("a b=1", "--set: 'a b=1' has no key that TOML could read before its equals sign"),
        ("evse.3.phases=1", "--set: evse has no '3': expected 1 to 1, or 2 for another one"),
        ("evse.x.phases=1", "--set: evse has no 'x': expected 1 to 1, or 2 for another one"),
        ("evse.1.phases=x", '--set: evse.1.phases is "x": expected one of 1, 2, 3'),
        ("csms.url.x=1", "--set: csms.url is a single value; nothing can be set within it"),
        (
            "evse.1.board.volt=1",
            "--set: unknown key evse.1.board.volt; the keys here are driver, maximum_ampere, minimum_ampere,",
        ),
    ],
)
def test_a_wrong_set_is_told_like_a_wrong_line(write: Write, setting: str, complaint: str) -> None:
    assert complaints(write(MINIMAL), setting)[0].startswith(complaint)


def test_other_variables_of_the_environment_are_left_alone(write: Write) -> None:
    configuration_of(write(MINIMAL), CHARGEPOINT_PORT="tcp://10.0.0.1:80", CHARGEPOINT_SERVICE_HOST="10.0.0.1")
    assert complaints(write(MINIMAL), CHARGEPOINT__CSMS__ULR="x") == [
        "CHARGEPOINT__CSMS__ULR: unknown key csms.ulr; did you mean url?"
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "why"),
    [
        ("a = 1\nx = [", 2, 1, "invalid value"),
        ("a = 1\n  x = [\n  1, 2,\n", 2, 3, "invalid value"),
        ("a = 1\nx = [1,\n2\n\n# the end\n", 2, 1, "unclosed array"),
        ('a = 1\n[t]\nb = 2\ns = """\nlong\nc = 3\n', 4, 1, "unterminated string"),
        ("x", 1, 1, "expected '=' after a key in a key/value pair"),
    ],
)
def test_what_is_not_closed_is_said_where_it_begins(write: Write, text: str, line: int, column: int, why: str) -> None:
    hint = "" if why.startswith("expected") else "; close its bracket, brace or quote"
    assert complaints(write(text)) == [
        f"station.toml:{line}: not TOML: what begins here in column {column} is not complete at the end of the file ({why}){hint}"
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            'a = 1\n  x = [\n  "b",\n  "c"\n[t]\nb = 2\n',
            "station.toml:2: not TOML: what begins here in column 3 is not complete where line 5 goes on with something else "
            "(unclosed array); close its bracket or brace",
        ),
        ("a = 1\nx = [1 2]\n", "station.toml:2: not TOML: unclosed array (column 8)"),
        ("x = [\n  1,\n  foo,\n]\n", "station.toml:3: not TOML: invalid value (column 3)"),
        ("x = {a = 1\nb = 2\n", "station.toml:1: not TOML: unclosed inline table (column 11)"),
    ],
)
def test_what_is_closed_too_late_is_said_where_it_begins_or_is_wrong(write: Write, text: str, complaint: str) -> None:
    assert complaints(write(text)) == [complaint]


def test_files_that_cannot_be_read_are_a_sentence(write: Write, tmp_path: Path) -> None:
    assert complaints(Path("none.toml")) == [
        "there is no file none.toml; write one with `chargepoint config init none.toml`"
    ]
    assert complaints(write("a = 1\nb = = 2\n")) == ["station.toml:2: not TOML: invalid value (column 5)"]
    Path("station.toml").write_bytes(b"a = '\xff'")
    assert complaints(Path("station.toml")) == ["station.toml: the file is not UTF-8 (byte 5)"]
    assert complaints(tmp_path)[0].endswith("cannot be read: Is a directory")


def test_relative_paths_count_from_the_file_in_which_they_stand(write: Write, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "station.toml").write_text(MINIMAL + '[state]\ndirectory = "state"\n')
    file = tmp_path / "etc" / "station.toml"
    assert configuration_of(file).state.directory == str(tmp_path / "etc" / "state")
    assert configuration_of(file, "state.directory=here").state.directory == "here"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("csms.security_profile=2",), "station.toml:5: security profile 2 needs TLS: csms.url must start with wss://"),
        (("csms.security_profile=1", "csms.url=wss://h"), "--set: security profile 1 is a password without TLS"),
        (("csms.security_profile=3", "csms.url=wss://h"), "--set: security profile 3 needs csms.client_certificate"),
        (("csms.client_key=k",), "station.toml:4: csms.client_certificate is missing"),
        (("csms.versions=1.6,1.6",), "--set: csms.versions names a version twice"),
        (
            ("station.vendor=A vendor with a long name",),
            "--set: station.vendor has 25 characters: OCPP 1.6 has room for 20",
        ),
        (("behaviour.on_reset=reboot",), '--set: behaviour.on_reset is "reboot": add a [system] table'),
        (("evse.1.lock=simulated",), "--set: evse.1.lock: the EVSE has no socket"),
        (
            ("evse.1.connector.1.kind=sType2", "evse.1.connector.1.cable=fixed"),
            '--set: evse.1.connector.1.cable is "fixed", but sType2 is',
        ),
        (
            ("evse.1.connector.1.cable=detachable",),
            '--set: evse.1.connector.1.cable is "detachable", but cType2 is a fixed cable',
        ),
        (("evse.1.connector.1.lock=simulated",), "--set: evse.1.connector.1.lock: a fixed cable has no bolt"),
        (
            ("reader.1.driver=simulated", "reader.1.evse_ids=2"),
            "--set: reader.1.evse_ids names EVSE 2, but the EVSEs are 1 to 1",
        ),
        (
            ("simulation.speed=60", "evse.1.meter.driver=modbus", "evse.1.meter.map=eastron_sdm630"),
            "--set: simulation.speed needs simulated",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(write: Write, change: tuple[str, ...], complaint: str) -> None:
    assert complaints(write(MINIMAL), *change)[0].startswith(complaint)


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        (("csms.url=wss://h/CP001",), "--set: csms.url ends with CP001 already, and csms.append_id adds it again"),
        (("csms.ca_file=/none",), "--set: csms.ca_file: there is no file /none on this machine"),
        (("log.unredacted=true",), "--set: log.unredacted: passwords, keys and tokens are written in full"),
        (
            ("csms.url=ws://csms.example/ocpp",),
            "--set: security profile 0: nothing on the way to the CSMS is encrypted, and no password is asked for",
        ),
    ],
)
def test_what_is_legal_but_probably_not_meant_is_noticed(write: Write, change: tuple[str, ...], notice: str) -> None:
    assert notice in load(write(MINIMAL), environ={}, settings=change).notices


def test_a_board_takes_current_phases_and_connectors_from_its_evse(write: Write) -> None:
    board = configuration_of(write(MINIMAL), "evse.1.phases=1").evses[0].board
    assert board.options == BoardOptions(
        maximum_ampere=16, phases=1, switches_phases=False, connector_cable_ampere=(16,)
    )
    socket = (
        configuration_of(write(MINIMAL), "evse.1.connector.1.kind=sType2", "evse.1.connector.2.cable_ampere=13")
        .evses[0]
        .board
    )
    assert socket.options == BoardOptions(maximum_ampere=16, switches_phases=False, connector_cable_ampere=(None, 13))
    direct = (
        configuration_of(write(MINIMAL), "evse.1.supply=DC", "evse.1.board.maximum_ampere=10").evses[0].board.options
    )
    assert direct == BoardOptions(
        maximum_ampere=10, switches_phases=False, direct_current=True, connector_cable_ampere=(16,)
    )
