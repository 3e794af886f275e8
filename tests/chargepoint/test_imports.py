"""A charger imports what it uses: one OCPP version, its own drivers, no JSON schemas."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import chargepoint.assembly, chargepoint.cli, chargepoint.cli.run
from chargepoint.dialects.dialect import load
load("{version}")
print("\\n".join(sorted(sys.modules)))
"""


def imported(version: str) -> set[str]:
    program = PROGRAM.format(version=version)
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("version", "absent"),
    [("1.6", {"v201", "v21"}), ("2.0.1", {"v16", "v21"}), ("2.1", {"v16"})],
)
def test_only_the_negotiated_version_is_imported(version: str, absent: set[str]) -> None:
    modules = imported(version)
    for name in absent:
        assert f"chargepoint.wire.{name}" not in modules
        assert f"chargepoint.dialects.{name}" not in modules
        assert not [module for module in modules if module.startswith("profiles.") and module.endswith(f".{name}")]


def test_a_daemon_imports_neither_schemas_nor_what_only_others_need() -> None:
    modules = imported("2.0.1")
    for name in (
        "ocpp",
        "jsonschema",
        "pymodbus",
        "serial",
        "gpiod",
        "rich",
        "cryptography",
        "chargepoint.csms",
        "hal.sim.world",
    ):
        assert name not in modules, name
