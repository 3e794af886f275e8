"""What a fleet's processes log: errors of this program are incidents, what stations complain of is in the figures."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from chargepoint.fleet.complaints import KINDS_LIMIT, complaining_to

_log = logging.getLogger("chargepoint.somewhere")


def fail(what: str) -> None:
    try:
        raise ValueError(f"{what} is no value")
    except ValueError:
        _log.exception("%s could not be sent", what)


async def test_an_error_is_said_each_time_and_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    with complaining_to(said.append):
        fail("A")
        fail("B")
        _log.error("nothing is where it was")
    fail("C")
    assert [sentence.partition(" (")[0] for sentence in said] == [
        "something went wrong within this program: A could not be sent: ValueError: A is no value",
        "something went wrong within this program: B could not be sent: ValueError: B is no value",
        "something went wrong within this program: nothing is where it was",
    ]
    written = capsys.readouterr().err.partition("C could not")[0]
    assert written.count("Traceback") == 1
    assert "A is no value" in written
    assert "B is no value" not in written


async def test_what_stations_complain_of_is_not_said_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    with complaining_to(said.append):
        _log.warning("a message was refused: %s", "not JSON")
    assert said == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "name", ["websockets.server", "ocpp", "aiohttp.access", "my_csms", "chargepoints", "chargepoint.testing.in_process"]
)
async def test_errors_of_a_csms_in_the_same_process_are_its_own(name: str) -> None:
    said: list[str] = []
    with complaining_to(said.append):
        logging.getLogger(name).error("the database is gone")
        logging.getLogger("asyncio").error("Task exception was never retrieved")
    assert len(said) == 1
    assert "Task exception" in said[0]


async def test_an_error_of_another_thread_is_said_on_that_of_the_event_loop() -> None:
    said: list[str] = []
    with complaining_to(said.append), ThreadPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, _log.error, "from afar")
        await asyncio.sleep(0)
    assert said == ["something went wrong within this program: from afar (standard error says more; please report it)"]


async def test_ever_new_errors_are_not_written_for_ever(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    with complaining_to(said.append):
        for n in range(KINDS_LIMIT + 50):
            _log.error(f"number {n}")
    assert len(said) == KINDS_LIMIT + 50
    assert capsys.readouterr().err.count("number") == KINDS_LIMIT
