"""The authorization cache against a model of it, over what the CSMS says, uses, the passage of time, clearing, and restarts in between."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chargepoint.station.token import Token, TokenInfo
from profiles.authorization.cache import COLLECTION
from profiles.identity import Settings
from tests.support.bench import Bench

ROOM = 4
VALUES = ("alice", "ALICE", "bob", "Carol", "dave", "eve", "ferry", "gil")
tokens = st.builds(
    Token,
    st.sampled_from(VALUES),
    st.sampled_from(("ISO14443", "MacAddress")),
    st.sampled_from(((), (("B-AB 123", "LicensePlate"),))),
)
statuses = st.sampled_from(("Accepted", "Accepted", "Blocked", "ConcurrentTx", "Expired", "NoCredit"))
expiries = st.none() | st.sampled_from((-5.0, 0.0, 50.0, 5000.0))
GROUP = Token("GROUP", "Central", (("more", "of it"),))


class Entry:
    def __init__(self, info: TokenInfo, learnt: float) -> None:
        self.info = info
        self.learnt = learnt


class CacheMachine(RuleBasedStateMachine):
    """The model: entries by identity, in the order of their last use."""

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[tuple[str, str], Entry] = {}
        self.lifetime = 0

    @initialize()
    def begin(self) -> None:
        self.bench = Bench("2.0.1", settings=Settings(cache_entries=ROOM))

    @property
    def cache(self) -> Any:
        return self.bench.station.authorization.cache

    def wall(self) -> float:
        return self.bench.station.clock.wall()

    def lapsed(self, entry: Entry) -> bool:
        if entry.info.expiry is not None:
            return entry.info.expiry <= self.wall()
        return self.lifetime > 0 and self.wall() >= entry.learnt + self.lifetime

    def counts(self, entry: Entry) -> bool:
        return entry.info.accepted and not (entry.info.expiry is not None and entry.info.expiry <= self.wall())

    @rule(token=tokens, status=statuses, after=expiries, message=st.none() | st.just("Hello"), whole=st.booleans())
    def learn(self, token: Token, status: Any, after: float | None, message: str | None, whole: bool) -> None:
        expiry = None if after is None else self.wall() + after
        info = TokenInfo(status, expiry=expiry, group=GROUP, message=message, language="de")
        self.cache.put(token, info, with_message=whole)
        name = (token.kind, token.value.lower())
        self.model.pop(name, None)
        if expiry is not None and expiry <= self.wall() and status != "Expired":
            return
        if len(self.model) == ROOM:
            victims = [one for one, entry in self.model.items() if not self.counts(entry)]
            del self.model[victims[0] if victims else next(iter(self.model))]
        kept = msgspec.structs.replace(info, group=Token("GROUP", "Central"), message=message if whole else None)
        self.model[name] = Entry(kept, self.wall())

    @rule(token=tokens)
    def find(self, token: Token) -> None:
        found = self.cache.find(token, lifetime_second=self.lifetime)
        name = (token.kind, token.value.lower())
        entry = self.model.get(name)
        if entry is None:
            assert found is None
        elif self.lapsed(entry):
            assert found.lapsed
            assert found.info.status == "Expired"
        else:
            assert not found.lapsed
            assert found.info == entry.info
            self.model[name] = self.model.pop(name)

    @rule(second=st.sampled_from((1.0, 30.0, 100.0, 10_000.0)))
    def wait(self, second: float) -> None:
        self.bench.run(second)

    @rule(second=st.sampled_from((0, 40, 3000)))
    def set_lifetime(self, second: int) -> None:
        self.lifetime = second

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @rule(token=tokens)
    def forget(self, token: Token) -> None:
        self.cache.forget(token)
        self.model.pop((token.kind, token.value.lower()), None)

    @rule()
    def restart(self) -> None:
        self.bench = self.bench.power_cut()

    @invariant()
    def it_holds_what_the_model_holds(self) -> None:
        if not hasattr(self, "bench"):
            return
        assert len(self.cache) == len(self.model) <= ROOM
        stored = list(self.bench.store.items(COLLECTION))
        assert len(stored) == len(self.model)
        assert self.cache.size_byte == sum(len(key) + len(raw) for key, raw in stored)


TestCache = CacheMachine.TestCase
TestCache.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
