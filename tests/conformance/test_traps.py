"""The list of traps: what it names is there, and each trap has a test or a reason."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
TESTS = FOLDER.parent
TRAPS: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "traps.toml").read_text())
FIELDS = {"title", "requirements", "tests", "reason"}
REQUIREMENT = re.compile(r"[A-Z]\d\d\.FR\.\d+")
GROUPS = {"2.2": 16, "2.4": 30}
"""How many numbered traps there are of the kinds that are numbered."""


@cache
def functions_of(file: Path) -> set[str]:
    """The tests of a file: `test_x`, `TestY::test_x`."""
    found: set[str] = set()

    def look(nodes: list[ast.stmt], prefix: str) -> None:
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                look(node.body, f"{node.name}::")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.add(prefix + node.name)

    look(ast.parse(file.read_text()).body, "")
    return found


@cache
def reasons() -> set[str]:
    """The requirements that have a reason why no test shows them."""
    files = sorted((FOLDER / "requirements").glob("*.toml"))
    return {key for file in files for key in tomllib.loads(file.read_text())}


@cache
def marked() -> set[str]:
    """The requirements that tests are marked with, in a decorator or in a row of a table."""
    constants = (
        node.value
        for file in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in constants if REQUIREMENT.fullmatch(text)}


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_has_tests_or_a_reason(trap: str) -> None:
    entry = TRAPS[trap]
    assert set(entry) <= FIELDS
    assert entry["title"]
    assert entry.get("tests") or entry.get("reason")


@pytest.mark.parametrize("trap", [name for name, entry in TRAPS.items() if entry.get("tests")])
def test_what_a_trap_names_is_there(trap: str) -> None:
    named = TRAPS[trap]["tests"]
    assert len(named) == len(set(named))
    for test in named:
        path, _, name = test.partition("::")
        file = TESTS / path
        assert file.is_file(), f"there is no {path}"
        assert name in functions_of(file), f"{path} has no {name}"


@pytest.mark.parametrize("trap", [name for name, entry in TRAPS.items() if "requirements" in entry])
def test_what_a_trap_requires_is_shown_or_has_its_reason(trap: str) -> None:
    open_ones = set(TRAPS[trap]["requirements"]) - marked() - reasons()
    assert not open_ones


@pytest.mark.parametrize("group", GROUPS)
def test_no_number_is_left_out(group: str) -> None:
    numbers: list[int] = []
    for trap in TRAPS:
        if (found := re.fullmatch(rf"{re.escape(group)}/(\d+)(?:–(\d+))?", trap)) is not None:
            numbers += range(int(found[1]), int(found[2] or found[1]) + 1)
    assert numbers == list(range(1, GROUPS[group] + 1))
