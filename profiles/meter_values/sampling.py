"""Samples of a running transaction: what is told on the way, and what is kept for its end (J02).

What is kept for the end is stored value by value, not with the transaction: that is stored at every change, and grows no longer.
"""

import functools
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from chargepoint.station.evse import Evse
from chargepoint.station.metering import MeterValue
from chargepoint.station.service import watches
from hal.contract import MeterReading
from profiles.meter_values import variables
from profiles.meter_values.choice import contains, part_of
from profiles.service import BlockService
from profiles.transactions.variables import MAX_ENDED_SAMPLES

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

COLLECTION = "ended_sample"
FIRST = 0
"""The number of the value of the beginning."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(MeterValue)


class Plan(NamedTuple):
    """What the variables say of samples, in the version that is spoken. Seconds: 0 = never."""

    told_second: int
    kept_second: int
    told: tuple[str, ...]
    kept: tuple[str, ...]
    together: bool
    """Whether what is told and what is kept are taken at the same times: then it is one reading."""
    within: bool
    """Whether what is kept is part of what is told, of one reading."""
    most: int
    """How many values are kept."""


@functools.lru_cache(maxsize=64)
def _shared(told_second: int, kept_second: int, told: tuple[str, ...], kept: tuple[str, ...], most: int) -> Plan:
    """Thousands of stations have the same."""
    return Plan(told_second, kept_second, told, kept, kept_second == told_second, contains(told, kept), most)


class SamplingService(BlockService):
    """Functional block J, within transactions."""

    __slots__ = ("_kept", "_plan")

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._kept = (
            _NOTHING  # by EVSE; copied instead of changed, since stations without a transaction share the empty one
        )
        self._plan: Plan | None = None  # until a variable changes

    def start(self, evse: Evse) -> None:
        """A transaction runs: the intervals count from now (J02.FR.11)."""
        evse.stop_timer("sample")
        evse.stop_timer("ended")
        self._sample_later(evse)
        self._keep_later(evse)

    def plan(self) -> Plan:
        """What is sampled now."""
        plan = self._plan
        if plan is None:
            station = self.station
            told = station.get(variables.TX_UPDATED_INTERVAL)
            follows = station.policy.ended_samples_follow_updates
            plan = self._plan = _shared(
                told,
                told if follows else station.get(variables.TX_ENDED_INTERVAL),
                station.meter_values.told(variables.TX_UPDATED_MEASURANDS),
                station.get(variables.TX_ENDED_MEASURANDS),
                station.get(MAX_ENDED_SAMPLES),
            )
        return plan

    def version_changed(self) -> None:
        """Another version of OCPP is spoken, whose rules are others."""
        self._plan = None

    @watches(variables.TX_UPDATED_MEASURANDS, variables.TX_ENDED_MEASURANDS, MAX_ENDED_SAMPLES)
    def _measurands_changed(self, _evse_id: int, _connector_id: int) -> None:
        self._plan = None

    @watches(variables.TX_UPDATED_INTERVAL, variables.TX_ENDED_INTERVAL)
    def _interval_changed(self, _evse_id: int, _connector_id: int) -> None:
        self._plan = None
        for evse in self.station.evses:
            if evse.transaction is not None:
                self.start(evse)

    def _sample_later(self, evse: Evse) -> None:
        plan = self._plan or self.plan()
        interval = plan.told_second
        if interval > 0:
            evse.start_timer("sample", self.station.after(interval, partial(self._sample, evse)))

    def _keep_later(self, evse: Evse) -> None:
        plan = self.plan()
        if plan.kept_second > 0 and not plan.together:
            evse.start_timer("ended", self.station.after(plan.kept_second, partial(self._keep, evse)))

    def _sample(self, evse: Evse) -> None:
        if evse.transaction is None:
            return
        self._sample_later(evse)
        station, plan = self.station, self._plan or self.plan()
        reading = station.hardware.reading(evse.id)
        if reading is None:
            return
        station.transactions.note_register(evse, reading)
        value = station.meter_values.told_of(reading, evse, plan.told, "Sample.Periodic", variables.SIGN_UPDATED)
        if value is not None:
            station.transactions.sampled(evse, value, reading)
        if plan.kept_second > 0 and plan.together:
            self._keep_now(evse, reading, value if plan.within else None)

    def _keep(self, evse: Evse) -> None:
        if evse.transaction is None:
            return
        self._keep_later(evse)
        reading = self.station.hardware.reading(evse.id)
        if reading is not None:
            self._keep_now(evse, reading)

    def _keep_now(self, evse: Evse, reading: MeterReading, told: MeterValue | None = None) -> None:
        """told: what has been told of this reading, where that holds what is kept."""
        plan = self._plan or self.plan()
        kept, value = plan.kept, None
        if told is not None and reading.signed is None:
            value = part_of(told, kept)
        if value is None:
            value = self.station.meter_values.told_of(reading, evse, kept, "Sample.Periodic", variables.SIGN_ENDED)
        if value is not None:
            self.keep_for_end(evse, value)

    # --- values for the end ------------------------------------------------------------------------------------------

    def keep_for_end(self, evse: Evse, value: MeterValue) -> None:
        """Keep a value to be told with the end. How much is bounded: beyond it the 2nd, 4th … go, never first and last (E06.FR.13)."""
        if evse.transaction is None:
            return
        kept = self._kept.get(evse.id) or self._kept_of(evse)
        self._keep_as(evse, kept, next(reversed(kept.counts), FIRST) + 1, value)
        plan = self._plan or self.plan()
        if kept.size > plan.most:
            for number in list(kept.counts)[1:-1:2]:
                kept.size -= kept.counts.pop(number)
                self.station.store.put(COLLECTION, _key(evse, number), None)

    def keep_first_for_end(self, evse: Evse, value: MeterValue) -> None:
        """Keep the value of the beginning, which is told before all others."""
        kept = self._kept_of(evse)
        others, kept.counts = kept.counts, {}
        self._keep_as(evse, kept, FIRST, value)
        kept.counts.update(others)

    def take_for_end(self, evse: Evse) -> tuple[MeterValue, ...]:
        """The values that are kept, oldest first; they are kept no longer."""
        kept = self._kept.get(evse.id)
        if kept is None:
            return ()
        self._kept = {evse_id: other for evse_id, other in self._kept.items() if evse_id != evse.id} or _NOTHING
        store = self.station.store
        found: list[MeterValue] = []
        for number in kept.counts:
            key = _key(evse, number)
            raw = store.get(COLLECTION, key)
            if raw is not None:
                found.append(_decoder.decode(raw))
                store.put(COLLECTION, key, None)
        return tuple(found)

    def move(self, source: Evse, target: Evse) -> None:
        """The transaction goes on at another EVSE, and its values with it."""
        for value in self.take_for_end(source):
            self.keep_for_end(target, value)

    def restore(self) -> None:
        """Take up what was kept before the restart; call once the transactions are known."""
        station = self.station
        for key, raw in list(station.store.items(COLLECTION)):
            evse_id, _, number = key.partition(".")
            evse = station.evse(int(evse_id))
            if evse is None or evse.transaction is None:
                station.store.put(COLLECTION, key, None)
                continue
            kept, count = self._kept_of(evse), len(_decoder.decode(raw).kinds)
            kept.counts[int(number)] = count
            kept.size += count

    def _kept_of(self, evse: Evse) -> "_Kept":
        kept = self._kept.get(evse.id)
        if kept is None:
            kept = _Kept()
            self._kept = {**self._kept, evse.id: kept}
        return kept

    def _keep_as(self, evse: Evse, kept: "_Kept", number: int, value: MeterValue) -> None:
        kept.counts[number] = count = len(value.kinds)
        kept.size += count
        self.station.store.put(COLLECTION, _key(evse, number), _encoder.encode(value))


class _Kept:
    """What is kept for the end of one transaction; the values themselves are in the store alone.

    counts: how many single values there are under a number, oldest first. size: of all numbers.
    """

    __slots__ = ("counts", "size")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.size = 0


_NOTHING: Mapping[int, _Kept] = {}


def _key(evse: Evse, number: int) -> str:
    """In the order of keys come the values of an EVSE in the order of time."""
    return f"{evse.id}.{number:010}"
