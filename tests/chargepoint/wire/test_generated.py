"""The generated modules are what the schemas say, and cost no more than they must."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from chargepoint.wire.base import Datatype, Message, Record
from chargepoint.wire.codec import Codec

REPOSITORY = Path(__file__).resolve().parents[3]
VERSIONS = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}


def generator() -> Any:
    spec = spec_from_file_location("generate_wire", REPOSITORY / "scripts" / "generate_wire.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["generate_wire"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def wire_module(version: str) -> Any:
    return importlib.import_module(f"chargepoint.wire.{VERSIONS[version]}")


@pytest.mark.parametrize("version", VERSIONS)
def test_generating_again_changes_nothing(version: str) -> None:
    written = (REPOSITORY / "chargepoint" / "wire" / f"{VERSIONS[version]}.py").read_text(encoding="utf-8")

    assert generator().render(VERSIONS[version]) == written


def test_a_keyword_that_the_generator_does_not_know_stops_it() -> None:
    with pytest.raises(SystemExit, match="unknown keywords"):
        generator().known_keywords({"type": "string", "pattern": "x"})


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("evseId", "evse_id"),
        ("iso15118CertificateHashData", "iso15118_certificate_hash_data"),
        ("ocspRequestData", "ocsp_request_data"),
        ("responderURL", "responder_url"),
        ("limit_L2", "limit_l2"),
        ("evMaxV2XEnergyRequest", "ev_max_v2x_energy_request"),
        ("soC", "soc"),
        ("class", "class_"),
    ],
)
def test_field_names_are_snake_case(wire: str, name: str) -> None:
    assert generator().snake_case(wire) == name


@pytest.mark.parametrize("version", VERSIONS)
def test_every_schema_has_its_message_with_all_its_fields(version: str) -> None:
    module = wire_module(version)
    for file in (files("ocpp") / VERSIONS[version] / "schemas").iterdir():
        if not file.name.endswith(".json"):
            continue
        schema = json.loads(file.read_text(encoding="utf-8-sig"))
        stem = file.name.removesuffix(".json")
        message = getattr(module, f"{stem}Request" if version == "1.6" and not stem.endswith("Response") else stem)
        assert set(message.__struct_encode_fields__) == set(schema.get("properties", {}))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_belongs_to_an_action(version: str) -> None:
    module = wire_module(version)
    messages = {one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Message)} - {Message}
    listed = {kind for pair in module.ACTIONS.values() for kind in pair} | set(module.SENDS.values())

    assert messages == listed
    for action, (request, response) in module.ACTIONS.items():
        assert (request.__name__, response.__name__) == (f"{action}Request", f"{action}Response")


def test_only_version_2_1_sends_unconfirmed_messages() -> None:
    assert {version: list(wire_module(version).SENDS) for version in VERSIONS} == {
        "1.6": [],
        "2.0.1": [],
        "2.1": ["NotifyPeriodicEventStream"],
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_records_are_closed_values_that_the_garbage_collector_need_not_visit(version: str) -> None:
    module = wire_module(version)
    records = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Record)]
    for record in set(records) - {Datatype, Message}:
        config = record.__struct_config__
        assert (config.frozen, config.forbid_unknown_fields, config.omit_defaults, config.gc) == (
            True,
            True,
            True,
            False,
        )


def test_a_message_of_1_6_reads_like_the_specification() -> None:
    v16 = wire_module("1.6")
    profile = v16.ChargingProfile(
        charging_profile_id=1,
        stack_level=0,
        charging_profile_purpose="TxProfile",
        charging_profile_kind="Absolute",
        charging_schedule=v16.ChargingSchedule(
            charging_rate_unit="A",
            charging_schedule_period=[v16.ChargingSchedulePeriod(start_period=0, limit=21.4)],
        ),
    )
    request = v16.SetChargingProfileRequest(connector_id=1, cs_charging_profiles=profile)

    assert json.loads(Codec("1.6").encode_checked(request)) == {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 21.4}],
            },
        },
    }
    assert profile.valid_from is None


def test_more_than_one_decimal_is_refused_where_1_6_allows_one() -> None:
    v16 = wire_module("1.6")
    with pytest.raises(ValueError, match="limit"):
        v16.ChargingSchedulePeriod(start_period=0, limit=4.11)


LOADED = """
import sys
from chargepoint.rpc.session import Session
Session({version!r})
heavy = ("asyncio", "jsonschema", "ocpp", "dataclasses", "chargepoint.wire.v16", "chargepoint.wire.v201",
         "chargepoint.wire.v21")
print(*[name for name in heavy if name in sys.modules])
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_loads_the_messages_of_its_version_only(version: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(version=version)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [f"chargepoint.wire.{VERSIONS[version]}"]


def test_a_decoder_is_built_when_its_message_first_comes() -> None:
    codec = Codec("2.1")
    assert codec._decoders == {}

    codec.decode_request("Heartbeat", b"{}")

    assert list(codec._decoders) == [wire_module("2.1").HeartbeatRequest]
