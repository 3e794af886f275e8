"""The choice between network profiles, on a link."""

from __future__ import annotations

import msgspec
import pytest

from chargepoint.link.errors import NetworkError, Reason
from chargepoint.link.link import Link, LinkEvent, LinkState
from chargepoint.link.memory import Caller, MemoryConnection, MemoryNetwork
from chargepoint.link.network import ANSWER_SECOND, LinkNetwork
from chargepoint.link.settings import LinkSettings
from chargepoint.station.network import NetworkProfile
from chargepoint.station.timers import SimulatedTime

BASE = LinkSettings(url="ws://old/ocpp", station_id="CP-1", versions=("2.0.1",), password="base password", proxy="none")
PROFILE = NetworkProfile(slot=1, url="ws://new/ocpp", security_profile=1)


class Site:
    """Accepts everybody, and notes who."""

    def __init__(self) -> None:
        self.callers: list[Caller] = []

    def choose(self, caller: Caller) -> str | None:
        self.callers.append(caller)
        return caller.subprotocols[0]

    def accept(self, _caller: Caller, _connection: MemoryConnection) -> Site:
        return self

    def received(self, _text: str) -> None: ...

    def closed(self, code: int = 0, reason: str = "") -> None: ...


def of(profile: NetworkProfile, base: LinkSettings = BASE) -> LinkSettings:
    return LinkNetwork(base, SimulatedTime().timers, lambda: None).settings(profile)


# --- settings --------------------------------------------------------------------------------------------------------------


def test_a_profile_says_where_and_how_and_the_base_the_rest() -> None:
    settings = of(PROFILE)
    assert (settings.url, settings.security_profile, settings.password) == ("ws://new/ocpp", 1, "base password")
    assert settings.station_id == "CP-1"
    assert settings.versions == ("2.0.1",)


def test_identity_and_password_of_a_profile_win() -> None:
    profile = msgspec.structs.replace(PROFILE, identity="CP-2", password="its own password")
    settings = of(profile)
    assert (settings.station_id, settings.password) == ("CP-2", "its own password")
    assert "its own password" not in repr(profile)


def test_the_identity_is_appended_to_what_the_csms_has_set() -> None:
    """2.x NetworkConnectionProfileType: the URL comes without it. The owner's own URL may have it already."""
    base = msgspec.structs.replace(BASE, append_id=False)
    assert not of(NetworkProfile(slot=0, url=BASE.url), base).append_id
    assert of(PROFILE, base).append_id


def test_what_the_owner_has_left_unchecked_stays_so() -> None:
    assert of(NetworkProfile(slot=0, url=BASE.url)).security_profile is None
    checked = msgspec.structs.replace(BASE, security_profile=1)
    assert of(NetworkProfile(slot=0, url=BASE.url, security_profile=1), checked).security_profile == 1


@pytest.mark.parametrize(
    ("profile", "word"),
    [
        (NetworkProfile(slot=1, url="http://new"), "ws://"),
        (NetworkProfile(slot=1, url="ws://new", security_profile=2), "wss://"),
        (NetworkProfile(slot=1, url="wss://new", security_profile=1), "TLS"),
        (NetworkProfile(slot=1, url="wss://new", security_profile=3), "certificate"),
        (NetworkProfile(slot=1, url="ws://new", identity="a:b"), "colon"),
    ],
)
def test_what_cannot_work_is_refused_in_words(profile: NetworkProfile, word: str) -> None:
    network = LinkNetwork(BASE, SimulatedTime().timers, lambda: None)
    assert word in (network.refusal(profile) or "")


@pytest.mark.parametrize(
    "profile",
    [PROFILE, NetworkProfile(slot=1, url="wss://new", security_profile=2), NetworkProfile(slot=1, url="ws://new")],
)
def test_what_can_work_is_not(profile: NetworkProfile) -> None:
    assert LinkNetwork(BASE, SimulatedTime().timers, lambda: None).refusal(profile) is None


# --- on a link -------------------------------------------------------------------------------------------------------------


class Rig:
    """A link with a choice of two sites."""

    def __init__(self) -> None:
        self.time = SimulatedTime()
        self.net = MemoryNetwork(self.time.timers)
        self.sites = {host: Site() for host in ("old", "new")}
        for host, site in self.sites.items():
            self.net.listen(host, site)
        self.failed = 0
        self.network = LinkNetwork(BASE, self.time.timers, self._failed)
        self.link = self.network.link = Link(
            BASE, self.time.timers, self.net.dial, lambda _channel, _version: self, self.network.heard
        )

    def _failed(self) -> None:
        self.failed += 1

    def received(self, text: str) -> None: ...

    def closed(self) -> None: ...


def test_a_profile_is_used_from_the_next_attempt_on() -> None:
    rig = Rig()
    rig.link.start()
    rig.time.advance(1)
    rig.network.use(PROFILE)
    rig.time.advance(60)
    assert not rig.sites["new"].callers
    rig.network.reconnect("because")
    rig.time.advance(ANSWER_SECOND - 0.1)
    assert rig.link.connected, "an answer may still be on its way"
    rig.time.advance(6)
    (caller,) = rig.sites["new"].callers
    assert caller.path == "/ocpp/CP-1"
    assert caller.authorization is not None


def test_failed_attempts_are_told_and_lost_connections_are_not() -> None:
    rig = Rig()
    rig.link.start()
    rig.time.advance(1)
    rig.net.cut()
    assert rig.failed == 0
    rig.net.unplug()
    rig.time.advance(60)
    assert rig.failed > 1
    heard = rig.failed
    rig.network.heard(LinkEvent(state=LinkState.WAITING, error=NetworkError(Reason.REFUSED, "no")))
    rig.network.heard(LinkEvent(state=LinkState.WAITING, code=1006))
    rig.network.heard(LinkEvent(state=LinkState.CONNECTING))
    assert rig.failed == heard + 1


def test_without_a_link_there_is_nothing_to_do() -> None:
    network = LinkNetwork(BASE, SimulatedTime().timers, lambda: None)
    network.use(PROFILE)
    network.reconnect("because")
