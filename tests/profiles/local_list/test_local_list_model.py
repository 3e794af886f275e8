"""The local list against a model of it, over updates of all kinds, look-ups, switching off and on, and restarts in between."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chargepoint.station.token import Token, TokenInfo
from chargepoint.store.sqlite import SqliteStore
from profiles.local_list import variables
from profiles.local_list.commands import GetLocalListVersion, ListEntry, LocalListVersion, SendLocalList
from tests.support.bench import Bench

ROOM, ITEMS = 6, 4
VALUES = ("alice", "ALICE", "bob", "Carol", "dave", "eve", "ferry", "gil", "2" * 36)
tokens = st.builds(Token, st.sampled_from(VALUES), st.sampled_from(("ISO14443", "KeyCode", "Local")))
infos = st.builds(
    TokenInfo,
    status=st.sampled_from(("Accepted", "Blocked", "Expired", "Invalid")),
    expiry=st.none() | st.sampled_from((1.0, 4e9)),
    group=st.none() | st.just(Token("GROUP", "Central")),
    evse_ids=st.sampled_from(((), (1,), (1, 2))),
)
entries = st.lists(st.builds(ListEntry, tokens, st.none() | infos), max_size=ITEMS + 1).map(tuple)
SMALL = {"LocalAuthListMaxLength": ROOM, "SendLocalListMaxLength": ITEMS}


def identity(token: Token) -> tuple[str, str]:
    return (token.kind, token.value.lower())


class LocalListMachine(RuleBasedStateMachine):
    """The model: a version and a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[tuple[str, str], TokenInfo] = {}
        self.version = 0
        self.enabled = True

    @initialize()
    def begin(self) -> None:
        self.bench = Bench("2.0.1", variables=dict(SMALL))

    def execute(self, command: Any) -> Any:
        results: list[Any] = []
        self.bench.station.execute(command, results.append)
        assert len(results) == 1
        return results[0]

    @rule(full=st.booleans(), ahead=st.integers(-2, 3), listed=entries)
    def update(self, full: bool, ahead: int, listed: tuple[ListEntry, ...]) -> None:
        version = self.version + ahead
        result = self.execute(SendLocalList(version=version, full=full, entries=listed))
        expected, after = self.expect(version, full, listed)
        assert result.status == expected, result
        assert (result.reason_code == "") is (expected == "Accepted")
        if expected == "Accepted":
            self.model, self.version = after, version

    def expect(
        self, version: int, full: bool, listed: tuple[ListEntry, ...]
    ) -> tuple[str, dict[tuple[str, str], TokenInfo]]:
        after = {} if full else dict(self.model)
        for entry in listed:
            if entry.info is not None:
                after[identity(entry.token)] = entry.info
            else:
                after.pop(identity(entry.token), None)
        names = [identity(entry.token) for entry in listed]
        if not self.enabled or version <= 0:
            return "Failed", after
        if not full and version <= self.version:
            return "VersionMismatch", after
        bad = len(listed) > ITEMS or len(set(names)) < len(names) or len(after) > ROOM
        bad = bad or (full and any(entry.info is None for entry in listed))
        return ("Failed" if bad else "Accepted"), after

    @rule(token=tokens)
    def look_up(self, token: Token) -> None:
        assert self.bench.station.local_list.find(token) == (self.model.get(identity(token)) if self.enabled else None)

    @rule(value=st.sampled_from(VALUES))
    def look_up_without_a_kind(self, value: str) -> None:
        """As a 1.6 central system names a token."""
        found = self.bench.station.local_list.find(Token(value, ""))
        known = [info for (_kind, name), info in self.model.items() if name == value.lower()]
        assert (found in known) if known and self.enabled else found is None

    @rule(enabled=st.booleans())
    def switch(self, enabled: bool) -> None:
        self.bench.station.variables.set(variables.LOCAL_AUTH_LIST_ENABLED, enabled)
        self.enabled = enabled

    @rule()
    def restart(self) -> None:
        self.bench = self.bench.power_cut()

    @invariant()
    def version_and_length_are_right(self) -> None:
        if not hasattr(self, "bench"):
            return
        told = self.execute(GetLocalListVersion())
        if self.enabled:
            assert told == LocalListVersion(True, self.version, not self.model)
        else:
            assert told == LocalListVersion(False)
        assert len(self.bench.station.local_list) == len(self.model)
        assert self.bench.station.get(variables.LOCAL_AUTH_LIST_ENTRIES) == len(self.model)


TestLocalList = LocalListMachine.TestCase
TestLocalList.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_the_list_is_read_back_from_a_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    bench = Bench("2.0.1", store=store)
    listed = tuple(
        ListEntry(Token(f"T{n}"), TokenInfo("Accepted", group=Token("GROUP", "Central"), message="Hello"))
        for n in range(50)
    )
    bench.station.execute(SendLocalList(version=9, full=True, entries=listed), lambda _result: None)
    store.close()
    store = SqliteStore(tmp_path)
    bench = Bench("2.0.1", store=store)
    assert bench.station.local_list.version == 9
    assert len(bench.station.local_list) == 50
    assert bench.station.local_list.find(Token("t7")) == listed[7].info
    store.close()
