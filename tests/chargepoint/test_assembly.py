"""A whole station on real sockets, against the embedded central system, in each version."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chargepoint.api import verbs
from chargepoint.api.agent import RefusalReason, StartFailed, StartFailure, VerbRefused
from chargepoint.assembly import StationAgent, build
from chargepoint.config.load import load
from chargepoint.csms import Csms
from tests.support.patience import until

VERSIONS = ("1.6", "2.0.1", "2.1")
FILE = """
[station]
id = "CP 1"

[csms]
url = "{url}"
versions = ["{version}"]

[[evse]]
maximum_ampere = 32
board = {{ driver = "simulated" }}
meter = {{ driver = "simulated" }}

[[evse]]
maximum_ampere = 16
board = {{ driver = "simulated" }}
meter = {{ driver = "simulated" }}
lock = {{ driver = "simulated" }}

[[evse.connector]]
kind = "sType2"

[[reader]]
driver = "simulated"

[state]
keep = "{keep}"
directory = "{directory}"

[simulation]
speed = 20

[variables]
"SampledDataCtrlr.TxUpdatedInterval" = 10
"""


class Watched:
    """An agent and what it has told."""

    def __init__(self, agent: StationAgent) -> None:
        self.agent = agent
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._woken = asyncio.Event()
        agent.subscribe(self._take)

    def _take(self, event: str, details: Any) -> None:
        self.events.append((event, dict(details)))
        self._woken.set()

    async def until(self, event: str, **wanted: object) -> dict[str, Any]:
        """Wait for an event that has these details."""
        seen = 0
        while True:
            while seen < len(self.events):
                name, details = self.events[seen]
                seen += 1
                if name == event and all(details.get(key) == value for key, value in wanted.items()):
                    return details
            self._woken.clear()
            await self._woken.wait()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(url: str, version: str, *, keep: str = "memory", more: str = "") -> Path:
        file = tmp_path / "station.toml"
        file.write_text(FILE.format(url=url, version=version, keep=keep, directory=tmp_path / "state") + more)
        return file

    return write


def agent_of(file: Path) -> StationAgent:
    return build(load(file, environ={}).configuration)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_session_from_boot_to_bill(version: str, write: Callable[..., Path]) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        watched = Watched(agent_of(write(csms.url, version)))
        agent = watched.agent
        await agent.start()
        await watched.until("registration", status="Accepted")
        agent.verb("plug", verbs.Plug(evse=2))
        agent.verb("tap", verbs.Tap(token="04A2B3C4"))
        await watched.until("contactor", evse_id=2, closed=True)
        view = agent.describe().evses[1]
        assert view.connectors[0].locked
        begin = agent.describe().evses[1].energy_watt_hour or 0.0
        await until(lambda: (agent.describe().evses[1].energy_watt_hour or 0.0) > begin + 15, "there is energy to bill")
        agent.verb("tap", verbs.Tap(token="04A2B3C4"))
        ended = await watched.until("transaction_ended", evse_id=2)
        await watched.until("contactor", evse_id=2, closed=False)
        agent.verb("unplug", verbs.Unplug(evse=2))
        station = csms.stations["CP 1"]
        await until(lambda: not agent.describe().link.waiting)
        await agent.stop()
    (transaction,) = station.transactions.values()
    assert transaction.ended
    assert transaction.energy_watt_hour == pytest.approx(ended["energy_watt_hour"], abs=1.0)
    assert transaction.energy_watt_hour > 10


async def test_verbs_are_refused_in_words(write: Callable[..., Path]) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        agent = agent_of(write(csms.url, "2.0.1"))
        with pytest.raises(VerbRefused) as early:
            agent.verb("plug", verbs.Plug())
        assert early.value.reason is RefusalReason.NOT_READY
        await agent.start()
        with pytest.raises(VerbRefused) as nowhere:
            agent.verb("plug", verbs.Plug(evse=9))
        assert nowhere.value.reason is RefusalReason.NO_SUCH_PLACE
        await agent.stop()


async def test_a_driver_limits_his_transaction(write: Callable[..., Path]) -> None:
    """By the verb: before it begins, and lower on the way; the CSMS is told."""
    async with Csms("127.0.0.1", 0) as csms:
        frames: list[dict[str, Any]] = []
        agent = build(
            load(write(csms.url, "2.1"), environ={}).configuration,
            on_frame=lambda _id, direction, frame: frames.append({"way": direction, "frame": json.loads(frame)}),
        )
        watched = Watched(agent)
        await agent.start()
        await watched.until("registration", status="Accepted")
        assert agent.verb("limit", verbs.Limit(energy_watt_hour=5000.0)) == {"energy_watt_hour": 5000.0}
        agent.verb("plug", verbs.Plug())
        agent.verb("tap", verbs.Tap(token="CARD"))
        await watched.until("contactor", closed=True)
        now = agent.verb("limit", verbs.Limit(energy_watt_hour=20.0, time_second=7200))
        assert now == {"energy_watt_hour": 20.0, "time_second": 7200}
        await watched.until("contactor", closed=False)
        await until(lambda: not agent.describe().link.waiting)
        energy = agent.describe().evses[0].energy_watt_hour
        await agent.stop()
    events = [f["frame"][3] for f in frames if f["way"] == "sent" and f["frame"][2:3] == ["TransactionEvent"]]
    limits = [
        e["transactionInfo"].get("transactionLimit") for e in events if "transactionLimit" in e["transactionInfo"]
    ]
    assert limits == [{"maxEnergy": 5000.0}, {"maxEnergy": 20.0, "maxTime": 7200}]
    assert [e["triggerReason"] for e in events].count("EnergyLimitReached") == 1
    assert energy == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("arguments", "reason", "word"),
    [
        (verbs.Limit(), RefusalReason.WRONG_ARGUMENT, "Name at least one limit"),
        (verbs.Limit(charge_percent=80), RefusalReason.WRONG_ARGUMENT, "charge_percent"),
        (verbs.Limit(evse=3, cost=1.0), RefusalReason.NO_SUCH_PLACE, "EVSEs 1 to 2"),
    ],
)
async def test_a_limit_that_cannot_be_is_refused_in_words(
    arguments: verbs.Limit, reason: RefusalReason, word: str, write: Callable[..., Path]
) -> None:
    agent = agent_of(write("ws://127.0.0.1:9/ocpp", "2.1"))
    await agent.start()
    with pytest.raises(VerbRefused, match=word) as refused:
        agent.verb("limit", arguments)
    assert refused.value.reason is reason
    await agent.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_link_is_cut_and_comes_back(version: str, write: Callable[..., Path]) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        watched = Watched(agent_of(write(csms.url, version)))
        agent = watched.agent
        await agent.start()
        await watched.until("registration", status="Accepted")
        agent.verb("plug", verbs.Plug())
        agent.verb("tap", verbs.Tap(token="CARD"))
        await watched.until("contactor", closed=True)
        agent.verb("disconnect", verbs.Disconnect(manner="cut"))
        await watched.until("disconnected")
        agent.verb("tap", verbs.Tap(token="CARD"))
        await watched.until("transaction_ended")
        assert agent.describe().link.waiting
        agent.verb("connect", verbs.Nothing())
        await until(lambda: not agent.describe().link.waiting)
        (transaction,) = csms.stations["CP 1"].transactions.values()
        assert transaction.ended
        await agent.stop()


async def test_a_reset_ends_the_process_with_the_bill_delivered(write: Callable[..., Path]) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        watched = Watched(agent_of(write(csms.url, "2.0.1", keep="disk")))
        agent = watched.agent
        await agent.start()
        await watched.until("registration", status="Accepted")
        agent.verb("plug", verbs.Plug())
        agent.verb("tap", verbs.Tap(token="CARD"))
        await watched.until("contactor", closed=True)
        answer = await csms.call("CP 1", "Reset", {"type": "Immediate"})
        assert answer["status"] == "Accepted"
        assert (await agent.ended()).value == "reset"
        await agent.stop()
        (transaction,) = csms.stations["CP 1"].transactions.values()
        assert transaction.reason == "ImmediateReset"
        again = Watched(agent_of(write(csms.url, "2.0.1", keep="disk")))
        await again.agent.start()
        await again.until("registration", status="Accepted")
        assert again.agent.station is not None
        assert again.agent.station.provisioning.boot_reason == "RemoteReset"
        await again.agent.stop()


async def test_a_state_directory_in_use_is_refused_in_words(write: Callable[..., Path]) -> None:
    async with Csms("127.0.0.1", 0) as csms:
        file = write(csms.url, "2.0.1", keep="disk")
        first = agent_of(file)
        await first.start()
        second = agent_of(file)
        with pytest.raises(StartFailed) as refused:
            await second.start()
        assert refused.value.failure is StartFailure.STATE
        await first.stop()


async def test_a_wrong_factory_value_is_refused_in_words(write: Callable[..., Path]) -> None:
    file = write("ws://127.0.0.1:1", "1.6", more="HeartbeatIntervall = 3\n")
    with pytest.raises(StartFailed, match="HeartbeatInterval"):
        await agent_of(file).start()
