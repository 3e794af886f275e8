"""A process runs in uvloop where it is there and wanted, and in asyncio's own loop otherwise."""

import asyncio
import importlib.util
import sys

import pytest

from chargepoint.loop import Loop, LoopMissing, run

there = pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")


async def module_of_the_loop() -> str:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


@pytest.mark.parametrize("loop", ["auto", pytest.param("uvloop", marks=there)])
def test_uvloop_is_taken_where_it_is_installed(loop: Loop) -> None:
    expected = "uvloop" if importlib.util.find_spec("uvloop") is not None else "asyncio"

    assert run(module_of_the_loop(), loop=loop) == expected


def test_the_loop_of_asyncio_can_be_asked_for() -> None:
    assert run(module_of_the_loop(), loop="asyncio") == "asyncio"


def test_without_uvloop_the_loop_of_asyncio_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert run(module_of_the_loop()) == "asyncio"


def test_who_insists_on_uvloop_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    with pytest.raises(LoopMissing, match=r"chargepoint\[speed\]"):
        run(module_of_the_loop(), loop="uvloop")


def test_an_error_of_the_program_comes_through() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(fail())
