"""What is shown of a configuration: complete, with origins, loadable again, and without secrets."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from chargepoint.config import Configuration, ConfigurationError, Driver, load, starter
from chargepoint.config.json_schema import json_schema
from chargepoint.config.overlay import SHORT_NAMES, settings_of_environment
from chargepoint.config.secret import control_token, csms_password
from chargepoint.config.shape import description_of, fields_of, is_struct, item_type, without_notes
from chargepoint.config.show import rendered, tables_of, values_of

EXAMPLES = Path(__file__).parents[3] / "examples"
SETTINGS = [
    "station.id=CP1",
    "csms.url=wss://h/ocpp",
    'variables."AuthorizationKey"=hunter2-hunter2',
    "variables.HeartbeatInterval=30",
]


def test_the_shown_file_says_the_same(tmp_path: Path) -> None:
    settings = [
        *SETTINGS[:2],
        "variables.HeartbeatInterval=30",
        'variables."A B"="x\\"y"',
        "evse.1.connector.1.kind=sType2",
    ]
    loaded = load(None, environ={}, settings=settings)
    (tmp_path / "shown.toml").write_text("\n".join(rendered(loaded, origins=True)))
    again = load(tmp_path / "shown.toml", environ={})
    assert again.configuration == loaded.configuration


def test_each_value_is_shown_with_its_origin() -> None:
    loaded = load(None, environ={"CHARGEPOINT_LOG_LEVEL": "debug"}, settings=SETTINGS)
    shown = {value.key: (value.value, value.origin) for value in values_of(loaded)}
    assert shown["log.level"] == ("debug", "CHARGEPOINT_LOG_LEVEL")
    assert shown["station.id"] == ("CP1", "--set")
    assert shown["evse.1.board.driver"] == ("simulated", "default")
    assert 'level = "debug"' in "\n".join(rendered(loaded))
    assert any(line.endswith("# CHARGEPOINT_LOG_LEVEL") for line in rendered(loaded, origins=True))


def test_secrets_are_not_shown() -> None:
    loaded = load(None, environ={}, settings=SETTINGS)
    assert tables_of(loaded)["variables"] == {"AuthorizationKey": "***", "HeartbeatInterval": 30}
    assert "hunter2" not in "\n".join(rendered(loaded, origins=True))
    assert tables_of(loaded)["csms"]["password_env"] == "CHARGEPOINT_CSMS_PASSWORD"


# --- starter files and examples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [starter.SIMULATED, starter.HARDWARE], ids=["simulated", "hardware"])
def test_a_starter_file_is_valid_and_has_every_key(text: str, tmp_path: Path) -> None:
    (tmp_path / "starter.toml").write_text(text)
    load(tmp_path / "starter.toml", environ={})
    uncommented = text.replace("\n# ", "\n")

    def keys(kind: object) -> list[str]:
        bare, _ = without_notes(kind)
        bare = item_type(bare) or bare
        if not is_struct(bare):
            return []
        return [key for name, field in fields_of(bare).items() for key in (name, *keys(field.type))]

    for key in keys(Configuration):
        assert f"\n{key} = " in uncommented or f"[{key}]" in uncommented or f".{key}]" in uncommented, key


@pytest.mark.parametrize("name", ["simulated.toml", "modbus-rfid.toml"])
def test_the_examples_are_valid(name: str) -> None:
    loaded = load(EXAMPLES / name, environ={})
    assert loaded.configuration.evses
    schema = json_schema()
    import tomllib

    jsonschema.validate(tomllib.loads((EXAMPLES / name).read_text()), schema)


# --- schema ----------------------------------------------------------------------------------------------------------


def test_every_key_has_a_sentence() -> None:
    def check(struct: type[msgspec.Struct]) -> None:
        for name, field in fields_of(struct).items():
            bare, _ = without_notes(field.type)
            inner = item_type(bare) or bare
            assert description_of(field.type), f"{struct.__name__}.{name}"
            if is_struct(inner):
                check(inner)

    check(Configuration)


def test_the_json_schema_accepts_what_load_accepts_and_refuses_the_rest() -> None:
    schema = json.loads(json.dumps(json_schema()))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    good = {
        "station": {"id": "CP1"},
        "csms": {"url": "ws://h"},
        "evse": [{"maximum_ampere": 16, "board": {"driver": "simulated", "phases": 1}}],
    }
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "evse": []})
    assert not validator.is_valid({**good, "station": {"id": "CP1", "vendr": "x"}})
    assert not validator.is_valid(
        {**good, "evse": [{"maximum_ampere": 16, "board": {"driver": "simulated", "phase": 1}}]}
    )
    assert not validator.is_valid({**good, "evse": [{"maximum_ampere": 16, "board": {"driver": "none"}}]})


def test_the_short_names_of_the_environment_lead_somewhere() -> None:
    for setting in settings_of_environment(dict.fromkeys(SHORT_NAMES, "x")):
        table, key = setting.parts
        assert key in fields_of(without_notes(fields_of(Configuration)[table].type)[0])


# --- secrets ---------------------------------------------------------------------------------------------------------


def configuration_of(*settings: str) -> Configuration:
    return load(None, environ={}, settings=["station.id=CP1", "csms.url=wss://h", *settings]).configuration


def test_the_password_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from file\n")
    from_file = configuration_of(f"csms.password_file={tmp_path}/password")
    assert csms_password(from_file, {"CHARGEPOINT_CSMS_PASSWORD": "from environment"}) == "from file"
    assert csms_password(configuration_of(), {"CHARGEPOINT_CSMS_PASSWORD": "from environment"}) == "from environment"
    assert csms_password(configuration_of("csms.password_env=MINE"), {"MINE": "mine"}) == "mine"
    assert csms_password(configuration_of(), {}) is None
    assert control_token(configuration_of(), {"CHARGEPOINT_CONTROL_TOKEN": "sesame"}) == "sesame"


def test_a_missing_password_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for setting, sentence in (
        (
            "csms.security_profile=2",
            r"security profile 2 needs a password: set csms\.password_file, or the environment variable",
        ),
        (f"csms.password_file={tmp_path}/none", "csms.password_file: .* cannot be read: No such file"),
        (f"csms.password_file={tmp_path}/empty", "csms.password_file: .* is empty"),
        (f"csms.password_file={tmp_path}/binary", "csms.password_file: .* cannot be read: it is not text"),
    ):
        with pytest.raises(ConfigurationError, match=sentence):
            csms_password(configuration_of(setting), {})


def test_drivers_are_values() -> None:
    first, second = (configuration_of().evses[0].board for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != Driver("simulated")
    assert repr(first).startswith("BoardDriver('simulated', BoardOptions(")
