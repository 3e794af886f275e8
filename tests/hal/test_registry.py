"""Drivers by name, our own and those of third parties."""

import importlib
import sys
from pathlib import Path

import msgspec
import pytest

from hal import registry
from hal.contract import HardwareError, HardwareErrorReason
from hal.registry import DriverKind


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a distribution, as pip would lay it out, on sys.path."""

    def install(package: str, entry_points: dict[str, str], source: str) -> None:
        site = tmp_path / package
        info = site / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "".join(f"[chargepoint.hal.{kind}]\n{entry}\n" for kind, entry in entry_points.items())
        (info / "entry_points.txt").write_text(lines)
        (site / f"{package}.py").write_text(source)
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, package, raising=False)

    return install


ACME = """
import msgspec
class AcmeMeter:
    class Options(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
        rate_second: float = 1.0
    def __init__(self, options, resources, evse_id):
        self.options = options
"""


@pytest.mark.parametrize("kind", list(DriverKind))
def test_every_built_in_driver_can_be_loaded_and_has_options(kind: DriverKind) -> None:
    for summary in registry.describe(kind):
        assert issubclass(registry.options_type(kind, summary.name), msgspec.Struct)
        assert summary.summary.endswith(".")
        assert summary.origin == "chargepoint"


def test_names_are_those_that_the_configuration_documents() -> None:
    assert {kind.value: registry.names(kind) for kind in DriverKind} == {
        "meter": ["modbus", "simulated"],
        "reader": ["lines", "pn532", "simulated"],
        "board": ["gpio", "openevse", "simulated"],
        "lock": ["gpio", "none", "simulated"],
        "system": ["linux", "simulated"],
    }


def test_listing_drivers_imports_none_of_them() -> None:
    script = (
        "import sys; from hal import registry; [registry.describe(k) for k in registry.DriverKind];"
        "print(*[m for m in sys.modules if m.split('.')[0] in ('pymodbus', 'serial', 'gpiod') or m.startswith('hal.sim')])"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_name_that_does_not_exist_is_answered_with_the_nearest_ones() -> None:
    with pytest.raises(HardwareError, match=r"no meter driver 'simulate'\. Did you mean 'simulated'") as caught:
        registry.load("meter", "simulate")
    assert caught.value.reason is HardwareErrorReason.BAD_OPTION


def test_a_name_like_no_other_is_answered_with_all_of_them() -> None:
    with pytest.raises(HardwareError, match="There are: gpio, none, simulated"):
        registry.load("lock", "xyzzy")


def test_a_kind_that_does_not_exist_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(HardwareError, match=r"no kind of driver 'metre'\. Did you mean 'meter'"):
        registry.names("metre")


def test_a_missing_library_is_answered_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_is_installed", lambda library: library != "gpiod")
    with pytest.raises(
        HardwareError, match=r"needs the Python package 'gpiod'.*pip install 'chargepoint\[gpio\]'"
    ) as caught:
        registry.load("board", "gpio")
    assert caught.value.reason is HardwareErrorReason.MISSING_LIBRARY
    assert {driver.name: driver.install for driver in registry.describe("board")} == {
        "gpio": "pip install 'chargepoint[gpio]'",
        "openevse": None,
        "simulated": None,
    }


def test_a_third_party_adds_a_driver_by_an_entry_point(third_party) -> None:
    third_party("acme_meter", {"meter": "acme = acme_meter:AcmeMeter"}, ACME)
    assert "acme" in registry.names("meter")
    assert ("acme", "From the package acme_meter.", "acme_meter", None) in registry.describe("meter")
    assert registry.load("meter", "acme").__name__ == "AcmeMeter"
    options = msgspec.convert({"rate_second": 2}, registry.options_type("meter", "acme"))
    assert options.rate_second == 2


def test_a_third_party_driver_is_offered_for_its_own_kind_only(third_party) -> None:
    third_party("acme_meter", {"meter": "acme = acme_meter:AcmeMeter"}, ACME)
    assert "acme" not in registry.names("board")


def test_a_third_party_cannot_take_over_a_built_in_name(third_party) -> None:
    third_party("acme_meter", {"meter": "simulated = acme_meter:AcmeMeter"}, ACME)
    assert registry.load("meter", "simulated").__module__ == "hal.sim.meter"
    assert [driver.origin for driver in registry.describe("meter") if driver.name == "simulated"] == ["chargepoint"]


def test_two_packages_with_the_same_name_are_named(third_party) -> None:
    third_party("acme_meter", {"meter": "acme = acme_meter:AcmeMeter"}, ACME)
    third_party("other_meter", {"meter": "acme = other_meter:AcmeMeter"}, ACME)
    with pytest.raises(HardwareError, match="offered by acme_meter and other_meter"):
        registry.load("meter", "acme")


def test_a_library_that_a_third_party_driver_misses_is_named(third_party) -> None:
    third_party("acme_meter", {"meter": "acme = acme_meter:AcmeMeter"}, "import a_library_that_is_absent.part\n")
    with pytest.raises(HardwareError, match="pip install a_library_that_is_absent") as caught:
        registry.load("meter", "acme")
    assert caught.value.reason is HardwareErrorReason.MISSING_LIBRARY


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("acme = acme_meter:Missing", "has no 'Missing'"),
        ("acme = acme_meter:NotADriver", "is not a driver"),
        ("acme = acme_meter.absent:AcmeMeter", "is not complete"),
    ],
)
def test_a_third_party_package_that_is_broken_is_told_so(third_party, entry: str, complaint: str) -> None:
    third_party("acme_meter", {"meter": entry}, ACME + "NotADriver = 1\n")
    with pytest.raises(HardwareError, match=complaint) as caught:
        registry.load("meter", "acme")
    assert caught.value.reason is HardwareErrorReason.BAD_OPTION
