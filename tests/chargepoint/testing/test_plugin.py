"""The plugin as a user's project has it: found by pytest, cheap, and working with and without pytest-asyncio."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

CSMS = """
    from typing import Any
    from ocpp.routing import on
    from ocpp.v16 import ChargePoint, call_result

    class Answering(ChargePoint):
        @on("BootNotification")
        def boot(self, **payload):
            return call_result.BootNotification(current_time="2025-01-06T00:00:00Z", interval=300, status="Accepted")

        @on("StatusNotification")
        def status(self, **payload):
            return call_result.StatusNotification()

        @on("SecurityEventNotification")
        def security(self, **payload):
            return call_result.SecurityEventNotification()

        @on("Heartbeat")
        def beat(self):
            return call_result.Heartbeat(current_time="2025-01-06T00:00:00Z")

    async def handler(connection):
        await Answering("CP", connection).start()
"""
ON_SOCKETS = """
    import websockets
    import csms

    {mark}
    async def test_a_station_boots(charge_point):
        async with websockets.serve(csms.handler, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:
            port = server.sockets[0].getsockname()[1]
            station = await charge_point(f"ws://127.0.0.1:{{port}}/ocpp")
            assert station.registration == "Accepted"
            assert station.sent("BootNotification")[0].answer["interval"] == 300
"""
VIRTUAL = """
    import csms
    from chargepoint.testing import virtual_time

    @virtual_time
    async def test_heartbeats_of_a_day(charge_point, virtual_clock):
        station = await charge_point(csms=csms.handler)
        await virtual_clock.advance(days=1)
        assert len(station.sent("Heartbeat")) >= 286
"""
LOOP_SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(csms=CSMS)
    return pytester


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_it_works_in_both_modes_of_pytest_asyncio(project: pytest.Pytester, mode: str) -> None:
    mark = "" if mode == "auto" else "@__import__('pytest').mark.asyncio"
    project.makepyfile(test_sockets=ON_SOCKETS.format(mark=mark), test_virtual=VIRTUAL)
    result = project.runpytest_subprocess("-W", "error", f"--asyncio-mode={mode}", *LOOP_SCOPE)
    result.assert_outcomes(passed=2)


def test_without_pytest_asyncio_virtual_time_and_async_with_work(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_virtual=VIRTUAL,
        test_with="""
            import asyncio
            import csms

            def test_a_station_boots(charge_point):
                async def story():
                    async with charge_point(csms=csms.handler) as station:
                        assert station.registration == "Accepted"
                asyncio.run(story())

            def test_one_that_is_left_running_is_told(charge_point):
                async def story():
                    await charge_point(csms=csms.handler)
                asyncio.run(story())
        """,
    )
    result = project.runpytest_subprocess("-p", "no:asyncio")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*1 that this test has made still run: use `async with`*"])


def test_a_test_on_another_loop_than_its_fixtures_is_told_what_to_set(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import csms
        import pytest

        @pytest.mark.asyncio(loop_scope="session")
        async def test_it(charge_point):
            await charge_point(csms=csms.handler)
        """
    )
    result = project.runpytest_subprocess(*LOOP_SCOPE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*set asyncio_default_fixture_loop_scope*"])


def test_a_url_on_virtual_time_is_refused_with_what_to_do(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from chargepoint.testing import virtual_time

        @virtual_time
        async def test_it(charge_point):
            await charge_point("ws://127.0.0.1:9/ocpp")
        """
    )
    result = project.runpytest_subprocess(*LOOP_SCOPE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*sockets, which cannot be on virtual time*"])


def test_projects_that_use_no_fixture_pay_nothing_and_see_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            loaded = {name for name in sys.modules if name.partition(".")[0] in ("chargepoint", "hal", "profiles", "msgspec", "ocpp")}
            assert loaded <= {
                "chargepoint", "chargepoint.testing", "chargepoint.testing.fixtures", "chargepoint.testing.fixtures_asyncio",
                "chargepoint.testing.plugin", "chargepoint.testing.virtual",
            }, loaded
        """
    )
    for options in (LOOP_SCOPE, ("-p", "no:asyncio")):
        result = pytester.runpytest_subprocess("-W", "error", *options)
        result.assert_outcomes(passed=1)


def test_every_public_name_is_there_and_no_other() -> None:
    code = (
        "import chargepoint.testing as t\n"
        "assert all(getattr(t, name) for name in t.__all__)\n"
        "try:\n    t.Nonsense\nexcept AttributeError:\n    pass\nelse:\n    raise SystemExit(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
