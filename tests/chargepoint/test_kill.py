"""The daemon as a process of its own is killed in the middle of things and started again; the central system hears one whole story.

Each story is played in all versions at the same time, since it mostly waits: for boards that settle, and for meter values.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chargepoint.api.address import parse
from chargepoint.api.client import ControlClient, ControlError
from chargepoint.csms import Csms
from chargepoint.csms.answers import NoAnswer
from chargepoint.store.database import NAME
from tests.chargepoint.test_power_cut import check_2, check_16
from tests.support.csms import Received
from tests.support.patience import until

VERSIONS = ("1.6", "2.0.1", "2.1")
CONFIGURATION = """
[station]
id = "KILLED"

[csms]
url = "{url}"
versions = ["{version}"]

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}
meter = {{ driver = "simulated" }}

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}
meter = {{ driver = "simulated" }}

[[reader]]
driver = "simulated"

[variables]
"OCPPCommCtrlr.RetryBackOffWaitMinimum" = 1
"OCPPCommCtrlr.RetryBackOffRandomRange" = 0
"SampledDataCtrlr.TxUpdatedInterval" = 1
AllowOfflineTxForUnknownId = true
"""
RESUMING = """
"TxCtrlr.ResumptionTimeout" = 600
"TxCtrlr.AllowEnergyTransferResumption" = true
"""
TRANSACTION = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")


class Daemon:
    """`chargepoint run` on a state directory, and the control API that moves its simulated hardware."""

    def __init__(self, folder: Path, csms: Csms, version: str) -> None:
        folder.mkdir()
        self.folder = folder
        self.csms = csms
        self.version = version
        self._control = f"unix:{folder}/control"
        self._client = ControlClient(parse(self._control))
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self, more: str = "") -> None:
        """Start it for the first time, its first meter at 5000 Wh, and wait until the central system has accepted it."""
        configuration = CONFIGURATION.format(url=self.csms.url, version=self.version) + more
        (self.folder / "station.toml").write_text(configuration)
        await self.start()
        await self.ctl("meter-set", evse=1, energy_watt_hour=5000.0)
        stations = self.csms.stations
        await until(lambda: "KILLED" in stations and len(stations["KILLED"].statuses) >= 2)

    async def start(self) -> None:
        """Start it, and wait until it can be moved."""
        arguments = ["run", "-c", str(self.folder / "station.toml"), "--state", str(self.folder / "state")]
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chargepoint", *arguments, "--control", self._control),
            stderr=asyncio.subprocess.DEVNULL,
        )
        await until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self._client.describe()["state"] == "running")
        except (ControlError, KeyError):
            return False

    async def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def end(self) -> int:
        """Stop it in good order; the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 10)

    async def ctl(self, verb: str, **arguments: Any) -> None:
        """A verb of the control API."""
        await asyncio.to_thread(self._client.call, verb, arguments)

    def describe(self) -> dict[str, Any]:
        """The station as it is now."""
        return self._client.describe()

    def on_disk(self, kind: str) -> bool:
        """Whether a fact of that kind would outlive a kill now. The database is locked, so its bytes are looked at."""
        logs = (self.folder / "state" / f"{NAME}-wal", self.folder / "state" / NAME)
        return any(kind.encode() in log.read_bytes() for log in logs if log.exists())

    def register(self, evse_id: int = 1) -> float:
        """What the meter of an EVSE shows, Wh."""
        return float(self.describe()["evses"][evse_id - 1]["energy_watt_hour"] or 0.0)

    def closed(self, evse_id: int = 1) -> bool:
        """Whether the contactor of an EVSE is."""
        return bool(self.describe()["evses"][evse_id - 1]["contactor_closed"])


Story = Callable[["Daemon"], Awaitable[None]]


def in_each_version(story: Story) -> Callable[[Path], Awaitable[None]]:
    """Make a test of a story: a station and a central system for each version, and all of them play it."""

    async def play(version: str, folder: Path) -> None:
        async with Csms("127.0.0.1", 0) as csms:
            daemon = Daemon(folder, csms, version)
            try:
                await story(daemon)
            except BaseException as error:  # noted and raised again
                error.add_note(f"in {version}")
                raise
            finally:
                code = await daemon.end()
        assert code == 0

    async def test(tmp_path: Path) -> None:
        async with asyncio.TaskGroup() as stages:
            for version in VERSIONS:
                stages.create_task(play(version, tmp_path / version))

    test.__name__, test.__doc__ = getattr(story, "__name__", "test"), story.__doc__
    return test


def told(csms: Csms) -> list[Received]:
    """What the central system has received of transactions, in order; what was sent again counts as often."""
    found = []
    for message in csms.stations["KILLED"].messages:
        frame = message.frame if message.direction == "received" else None
        if frame is not None and frame[0] == 2 and frame[2] in TRANSACTION:
            found.append(Received(frame[2], frame[3], message.wall))
    return found


def values(csms: Csms) -> int:
    """How many meter values have been told on the way."""
    return sum(r.action == "MeterValues" or r.get("triggerReason") == "MeterValuePeriodic" for r in told(csms))


def is_end(request: Received) -> bool:
    return request.action == "StopTransaction" or request.get("eventType") == "Ended"


def is_start(request: Received) -> bool:
    return request.action == "StartTransaction" or request.get("eventType") == "Started"


def content_of(request: Received) -> str:
    """What a message says, but whether it was told later than it happened (2.x E11.FR.07)."""
    return json.dumps({**request.payload, "offline": None}, sort_keys=True)


async def the_end(csms: Csms) -> Received:
    """The end of the only transaction, once the central system has all of it."""
    await until(lambda: any(map(is_end, told(csms))))
    log = told(csms)
    check_16(log) if csms.stations["KILLED"].version == "1.6" else check_2(log)
    # a message that was on its way when the process was killed may come twice, with the same content
    for kind in (is_start, is_end):
        assert len({content_of(r) for r in log if kind(r)}) == 1
    return next(r for r in log if is_end(r))


def reason_of(end: Received) -> str:
    reason = end.get("reason", "Local") if end.action == "StopTransaction" else None
    return str(reason or end["transactionInfo"]["stoppedReason"])


def register_of(end: Received) -> float:
    if end.action == "StopTransaction":
        return float(end["meterStop"])
    return float(end["meterValue"][-1]["sampledValue"][0]["value"])


async def charge(daemon: Daemon, csms: Csms) -> None:
    """A session, and a value of it."""
    await daemon.ctl("plug", evse=1)
    await daemon.ctl("tap", token="CARD")
    await until(lambda: values(csms) >= 1)


@in_each_version
async def test_killed_while_charging(daemon: Daemon) -> None:
    """The transaction ends with what the meter shows then, and the CSMS hears of it without a gap."""
    csms = daemon.csms
    await daemon.begin()
    await charge(daemon, csms)
    await daemon.kill()
    await daemon.start()
    await daemon.ctl("meter-set", evse=1, energy_watt_hour=5050.0)
    end = await the_end(csms)
    assert reason_of(end) == "PowerLoss"
    assert register_of(end) == pytest.approx(5050, abs=0.5)
    (transaction,) = csms.stations["KILLED"].transactions.values()
    assert str(end.get("transactionId") or end["transactionInfo"]["transactionId"]) == transaction.id
    assert not daemon.closed()


@in_each_version
async def test_killed_while_charging_where_sessions_go_on(daemon: Daemon) -> None:
    csms = daemon.csms
    await daemon.begin(RESUMING)
    await charge(daemon, csms)
    await daemon.kill()
    before = values(csms)
    await daemon.start()
    await daemon.ctl("meter-set", evse=1, energy_watt_hour=5050.0)
    await daemon.ctl("plug", evse=1)  # the car stands there as before
    await until(daemon.closed)
    await until(lambda: values(csms) > before)
    await until(lambda: daemon.register() >= 5052)  # 1.6 tells whole watt hours
    await daemon.ctl("tap", token="CARD")
    end = await the_end(csms)
    assert reason_of(end) == "Local"
    assert register_of(end) >= 5052


@in_each_version
async def test_killed_with_a_whole_session_in_the_queue(daemon: Daemon) -> None:
    """Begun and ended while the CSMS was away: after the kill all of it is delivered, in order."""
    csms, version = daemon.csms, daemon.version
    await daemon.begin()
    await daemon.ctl("disconnect", manner="cut")
    await until(lambda: not csms.connected("KILLED"))
    await daemon.ctl("plug", evse=1)
    await daemon.ctl("tap", token="CARD")
    await until(lambda: daemon.closed() and daemon.describe()["link"]["waiting"] >= 3)
    await daemon.ctl("tap", token="CARD")
    await until(
        lambda: daemon.on_disk("TransactionEnded")
    )  # before that, it would be a power cut of a running transaction
    await daemon.kill()
    assert not told(csms)
    await daemon.start()
    end = await the_end(csms)
    log = told(csms)
    assert is_start(log[0])
    assert is_end(log[-1])
    assert reason_of(end) == "Local"
    if version == "1.6":
        assert {r["transactionId"] for r in log[1:]} == {int(next(iter(csms.stations["KILLED"].transactions)))}
    else:
        assert [r["seqNo"] for r in log] == list(range(len(log)))
        assert all(r["offline"] for r in log)


@in_each_version
async def test_killed_while_a_message_is_under_way(daemon: Daemon) -> None:
    """Nobody knows whether it has arrived: it is told again, word for word, and first."""
    csms, version = daemon.csms, daemon.version
    await daemon.begin()
    csms.answer("StartTransaction" if version == "1.6" else "TransactionEvent", NoAnswer(), times=1)
    await daemon.ctl("plug", evse=1)
    await daemon.ctl("tap", token="CARD")
    await until(lambda: bool(told(csms)))
    await until(daemon.closed)
    (first,) = told(csms)
    await daemon.kill()
    await daemon.start()
    await daemon.ctl("meter-set", evse=1, energy_watt_hour=5050.0)
    end = await the_end(csms)
    again = told(csms)[1]
    assert (again.action, content_of(again)) == (first.action, content_of(first))
    assert reason_of(end) == "PowerLoss"


@in_each_version
async def test_what_the_csms_has_set_outlives_a_kill(daemon: Daemon) -> None:
    """Availability, local list, reservation; and a transaction that was started remotely is stopped remotely after another one."""
    csms, version = daemon.csms, daemon.version
    await daemon.begin(RESUMING)
    later = datetime.fromtimestamp(time.time() + 3600, UTC).isoformat()
    token: Any = "GUEST" if version == "1.6" else {"idToken": "GUEST", "type": "Central"}
    if version == "1.6":
        entry = {"idTag": "LISTED", "idTagInfo": {"status": "Accepted"}}
        wishes: list[tuple[str, dict[str, Any]]] = [
            ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
            ("SendLocalList", {"listVersion": 7, "updateType": "Full", "localAuthorizationList": [entry]}),
            ("ReserveNow", {"connectorId": 2, "idTag": token, "reservationId": 3, "expiryDate": later}),
        ]
        words = ("Unavailable", "Reserved")
    else:
        listed = {"idToken": {"idToken": "LISTED", "type": "Central"}, "idTokenInfo": {"status": "Accepted"}}
        wishes = [
            ("ChangeAvailability", {"evse": {"id": 1}, "operationalStatus": "Inoperative"}),
            ("SendLocalList", {"versionNumber": 7, "updateType": "Full", "localAuthorizationList": [listed]}),
            ("ReserveNow", {"evseId": 2, "idToken": token, "id": 3, "expiryDateTime": later}),
        ]
        words = ("Unavailable", "Reserved")
    for action, payload in wishes:
        assert (await csms.call("KILLED", action, payload))["status"] == "Accepted", action
    await daemon.kill()
    record = csms.stations["KILLED"]
    record.statuses.clear()
    await daemon.start()
    places = ((1, 0), (2, 0)) if version == "1.6" else ((1, 1), (2, 1))
    await until(lambda: all(place in record.statuses for place in places))
    assert tuple(record.statuses[place] for place in places) == words
    known = await csms.call("KILLED", "GetLocalListVersion", {})
    assert known["listVersion" if version == "1.6" else "versionNumber"] == 7
    if version == "1.6":
        start = ("RemoteStartTransaction", {"connectorId": 2, "idTag": token})
    else:
        start = ("RequestStartTransaction", {"evseId": 2, "idToken": token, "remoteStartId": 5})
    await daemon.ctl("plug", evse=2)
    assert (await csms.call("KILLED", *start))["status"] == "Accepted"
    await until(lambda: daemon.closed(2) and any(map(is_start, told(csms))))
    begun = next(r for r in told(csms) if "reservationId" in r.payload)
    assert begun["reservationId"] == 3
    await until(lambda: bool(record.transactions))
    (transaction,) = record.transactions
    await daemon.kill()
    await daemon.start()
    await daemon.ctl("plug", evse=2)
    await until(lambda: daemon.closed(2) and csms.connected("KILLED"))
    if version == "1.6":
        stop = ("RemoteStopTransaction", {"transactionId": int(transaction)})
    else:
        stop = ("RequestStopTransaction", {"transactionId": transaction})
    assert (await csms.call("KILLED", *stop))["status"] == "Accepted"
    await until(lambda: any(map(is_end, told(csms))))
    assert reason_of(next(filter(is_end, told(csms)))) == "Remote"
    await until(lambda: not daemon.closed(2))
