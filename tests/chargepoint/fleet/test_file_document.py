"""docs/fleet.md and examples/fleet.toml say what is so."""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from chargepoint.config.driver import Driver
from chargepoint.config.shape import description_of, fields_of
from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.report.levels import parse
from chargepoint.fleet.schema import FleetFile
from chargepoint.fleet.starter import STARTER

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "fleet.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = spec_from_file_location("generate_fleet_reference", ROOT / "scripts" / "generate_fleet_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    before = sys.path[:]
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_the_document_has_every_key_as_the_schema_has_it(generator: ModuleType) -> None:
    told = DOCUMENT.split(generator.BEGIN)[1].split(generator.END)[0].strip()
    assert told == generator.reference(), "run scripts/generate_fleet_reference.py"


def test_every_key_has_a_description(generator: ModuleType) -> None:
    pending, seen, lacking = [FleetFile], set(), []
    while pending:
        struct = pending.pop()
        if struct in seen:
            continue
        seen.add(struct)
        lacking.extend(
            f"{struct.__name__}.{key}" for key, info in fields_of(struct).items() if not description_of(info.type)
        )
        pending.extend(inner for _, inner in generator._inner("", struct))
    assert lacking == []
    assert len(seen) > 25
    assert not any(isinstance(struct, Driver) for struct in seen)


@pytest.mark.parametrize("text", [*EXAMPLES, STARTER], ids=range(len(EXAMPLES) + 1))
def test_the_examples_can_be_run(tmp_path: Path, text: str) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(text)
    loaded = load_fleet(file, environ={})
    assert loaded.plan.count > 0
    assert loaded.notices == ()


def test_the_example_of_a_csv_file_can_be_used(tmp_path: Path) -> None:
    (rows,) = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "stations.csv").write_text(rows)
    file = tmp_path / "fleet.toml"
    file.write_text('[[csms]]\nurl = "ws://h"\n[[group]]\ncredentials_file = "stations.csv"\n')
    assert [station.id for station in load_fleet(file, environ={}).plan.stations()] == ["NL-0001", "NL-0002"]


def test_the_example_fleet_is_what_its_comments_say() -> None:
    loaded = load_fleet(ROOT / "examples" / "fleet.toml", environ={})
    plan = loaded.plan
    assert plan.count == 1200
    assert {template.configuration.csms.versions[0] for template in plan.templates} == {"2.1", "1.6", "2.0.1"}
    assert plan.time.duration_second == 8 * 3600
    assert loaded.notices == ()


def test_the_service_levels_of_the_document_can_be_read() -> None:
    section = DOCUMENT.split("## Service levels")[1].split("##")[0]
    levels = [each for each in re.findall(r"`([^`]+)`", section) if re.search(r"[<>]", each)]
    assert len(levels) >= 4
    for level in levels:
        parse(level)
