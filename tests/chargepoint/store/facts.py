"""Facts for the tests of the store and the outbox."""

from typing import ClassVar

from chargepoint.station.facts import Fact, Lane, TransactionFact
from chargepoint.station.instant import Instant

NOON = Instant(1_800_000_000.0, 1000.0, 1, True)


class Began(TransactionFact, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction began."""

    instant: Instant = NOON


class Went(TransactionFact, frozen=True, kw_only=True, omit_defaults=True):
    """An intermediate value; periodic ones may be thinned."""

    instant: Instant = NOON
    periodic: bool = True
    values: tuple[float, ...] = ()

    @property
    def droppable(self) -> bool:
        return self.periodic


class Ended(TransactionFact, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction ended."""

    instant: Instant = NOON


class Alarmed(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Something to be told for certain."""

    lane: ClassVar[Lane] = Lane.EVENT
    what: str = ""


class Shown(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A state of which only the newest matters."""

    lane: ClassVar[Lane] = Lane.STATUS
    place: int = 1
    status: str = "Available"

    @property
    def coalescing_key(self) -> tuple[object, ...]:
        return ("Shown", self.place)


class Asked(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody waits for the answer."""

    what: str = ""


class Introduced(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """Goes out before the CSMS has accepted the station."""

    ungated: ClassVar[bool] = True
