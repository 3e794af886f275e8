"""The maps that come with the package, and those that owners write."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from ocpp.v16.enums import Measurand, Phase
from ocpp.v201.enums import MeasurandEnumType, PhaseEnumType

from hal.contract import HardwareError, HardwareErrorReason
from hal.meter.layout import Layout, Span
from hal.meter.register_map import IMPORT_REGISTER, RegisterMap, load_map, map_names, problems

MAPS = map_names()
OURS = """
meter = "M"
vendor = "V"
models = ["M1"]
source = "data sheet"
function_code = 4
registers = [
  { address = 0, type = "u32", unit = "Wh", measurand = "Energy.Active.Import.Register" },
  { address = 2, type = "u16", unit = "V", scale = 0.1, measurand = "Voltage", phase = "L1-N" },
]
"""


def test_the_usual_meters_have_maps() -> None:
    wanted = {
        *("eastron_sdm630", "eastron_sdm72", "eastron_sdm72_v2", "eastron_sdm230", "eastron_sdm120"),
        *("abb_b23", "abb_b21", "carlo_gavazzi_em340", "carlo_gavazzi_em24", "carlo_gavazzi_em111"),
    }
    assert wanted <= set(MAPS)


@pytest.mark.parametrize("name", MAPS)
class TestEachShippedMap:
    def test_is_consistent(self, name: str) -> None:
        assert not list(problems(load_map(name)))

    def test_names_measurands_and_phases_as_ocpp_does(self, name: str) -> None:
        keys = {key for register in load_map(name).registers for key in register.keys}
        assert {measurand for measurand, _ in keys} <= {one.value for one in MeasurandEnumType} & {
            one.value for one in Measurand
        }
        assert {phase for _, phase in keys} - {None} <= {one.value for one in PhaseEnumType} & {
            one.value for one in Phase
        }

    def test_says_where_it_is_from(self, name: str) -> None:
        path = Path(__file__).parents[3] / "hal" / "maps" / f"{name}.toml"
        found = load_map(name)
        assert path.read_text(encoding="utf-8").startswith(f"# {found.vendor} {found.meter}: ")
        assert found.source
        assert found.models

    def test_can_be_asked_for_within_its_limits(self, name: str) -> None:
        found = load_map(name)
        spans = {
            Span(register.function_code or found.function_code, register.address, register.count)
            for register in found.registers
        }
        layout = Layout(maximum_registers=found.maximum_registers, gap_registers=found.gap_registers)
        blocks = layout.blocks(spans)
        assert all(block.count <= found.maximum_registers for block in blocks)
        assert len(blocks) <= 10  # at 9600 Bd a reading then takes less than a second

    def test_never_counts_energy_in_tenths_of_a_watt_hour_or_tons(self, name: str) -> None:
        scales = {register.scale for register in load_map(name).registers if register.key == IMPORT_REGISTER}
        assert scales <= {1.0, 10.0, 100.0, 1000.0}


class TestOwnMap:
    def test_is_read_from_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text(OURS)
        found = load_map(str(path))
        assert found.name == "V M"
        assert [register.key for register in found.registers] == [IMPORT_REGISTER, ("Voltage", "L1-N")]

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (("function_code = 4", "function_code = 6"), "function_code"),
            (("u16", "u17"), "type"),
            (('unit = "V"', 'unit = "kV"'), "Voltage is in V, not in kV"),
            (('"L1-N"', '"L1"'), "Voltage has no phase L1"),
            (('"Voltage"', '"Spannung"'), "Spannung is no OCPP measurand"),
            (("address = 2", "address = 1"), "overlap"),
            (("address = 2", "address = 0x10000"), "outside of the address range"),
            (("address = 2", "address = -1"), "outside of the address range"),
            (("scale = 0.1", "scale = -0.1"), "scale is -0.1"),
            (("scale = 0.1", "scala = 0.1"), "scala"),
            (("scale = 0.1", "invalid = [0xFFFFFFFF]"), "longer than the register"),
            (("scale = 0.1", "exponent_address = 70000"), "exponent_address"),
            (("scale = 0.1", "exponent_address = 1"), "overlap"),
            (("scale = 0.1", 'negative = "Voltage"'), "only a power"),
            (("Energy.Active.Import.Register", "Energy.Active.Export.Register"), "billing"),
            (('"Voltage", phase = "L1-N"', '"Energy.Active.Import.Register"'), "is there twice"),
            (("function_code = 4", "function_code = 4\nmaximum_registers = 126"), "not 1 to 125"),
            (("function_code = 4", "function_code = 4\nmaximum_registers = 1"), "longer than maximum_registers"),
            (("function_code = 4", "function_code = 4\ngap_registers = -1"), "gap_registers"),
            (("registers = [", "registers = "), "wrong"),
        ],
    )
    def test_says_what_is_wrong_with_it(self, tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
        path = tmp_path / "mine.toml"
        assert change[0] in OURS
        path.write_text(OURS.replace(*change))
        with pytest.raises(HardwareError, match=sentence) as caught:
            load_map(str(path))
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION
        assert str(path) in str(caught.value)

    def test_may_count_registers_from_one(self, tmp_path: Path) -> None:
        changed = OURS.replace("function_code = 4", "function_code = 4\nbase = 1").replace(
            "address = 0,", "address = 4,"
        )
        path = tmp_path / "mine.toml"
        path.write_text(changed)
        assert load_map(str(path)).base == 1

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_that_cannot_be_read(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "mine.toml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(HardwareError) as caught:
            load_map(str(path))
        assert caught.value.reason is HardwareErrorReason.BAD_OPTION

    @pytest.mark.parametrize(
        ("name", "hint"), [("sdm630", "eastron_sdm630"), ("abb_b32", "abb_b23"), ("zzz", "hal/maps")]
    )
    def test_that_does_not_exist(self, name: str, hint: str) -> None:
        with pytest.raises(HardwareError, match=hint):
            load_map(name)


# What the vendors' tables are known to be misread in; addresses and raw words as on the wire.
@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("carlo_gavazzi_em340", "word_order", "little"),
        ("carlo_gavazzi_em24", "word_order", "little"),
        ("carlo_gavazzi_em24", "maximum_registers", 11),
        ("phoenix_eem_350", "maximum_registers", 11),
        ("eastron_sdm630", "maximum_registers", 80),
        ("schneider_iem3000", "function_code", 3),
        ("abb_b23", "function_code", 3),
    ],
)
def test_known_traps_of_whole_meters(name: str, field: str, value: Any) -> None:
    assert msgspec.to_builtins(load_map(name))[field] == value


@pytest.mark.parametrize(
    ("name", "measurand", "address", "kind", "scale"),
    [
        ("eastron_sdm230", "Energy.Active.Import.Register", 0x48, "f32", 1000),  # kWh, not the 0.001 of another project
        ("eastron_sdm630", "Energy.Active.Export.Register", 0x4A, "f32", 1000),
        ("carlo_gavazzi_em24", "Energy.Active.Import.Register", 0x3E, "s32", 100),  # not 0x42
        ("carlo_gavazzi_em340", "Energy.Active.Import.Register", 0x34, "s32", 100),
        ("schneider_iem3000", "Energy.Active.Import.Register", 0x0C83, "s64", 1),  # data sheet 3204, and no float
        ("schneider_iem3000", "Power.Active.Import", 0x0BF3, "f32", 1000),  # kW
        ("inepro_pro380", "Power.Active.Import", 0x5012, "f32", 1000),  # kW
        ("carlo_gavazzi_em580", "Energy.Active.Import.Register", 0x500, "s64", 1),
        ("siemens_pac2200", "Energy.Active.Import.Register", 801, "f64", 1),
        ("abb_b23", "Energy.Active.Import.Register", 0x5000, "u64", 10),
        ("chint_dtsu666", "Power.Active.Import", 0x2012, "f32", 0.1),
    ],
)
def test_known_traps_of_single_registers(name: str, measurand: str, address: int, kind: str, scale: float) -> None:
    found: RegisterMap = load_map(name)
    (register,) = (one for one in found.registers if one.key == (measurand, None))
    assert (register.address, register.type, register.scale) == (address, kind, scale)
