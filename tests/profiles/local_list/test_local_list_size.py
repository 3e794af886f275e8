"""A list of 10,000 on a small board: what it costs in memory, and that nothing of it is unpacked before it is asked for."""

import tracemalloc

from chargepoint.station.token import Token, TokenInfo
from profiles.local_list.commands import ListEntry, SendLocalList
from tests.support.bench import Bench

ENTRIES = 10_000
BATCH = 1000
MOST_BYTE_PER_ENTRY = 250
GROUPS = [Token(f"GROUP{n}", "Central") for n in range(20)]


def batch(number: int) -> SendLocalList:
    """A thousand cards with serial numbers, in twenty groups."""
    entries = tuple(
        ListEntry(Token(f"{n:014X}"), TokenInfo("Accepted", group=GROUPS[n % len(GROUPS)]))
        for n in range(number * BATCH, (number + 1) * BATCH)
    )
    return SendLocalList(version=number + 1, full=number == 0, entries=entries)


def fill(bench: Bench) -> None:
    for number in range(ENTRIES // BATCH):
        results: list[object] = []
        bench.station.execute(batch(number), results.append)
        assert [getattr(result, "status", None) for result in results] == ["Accepted"]


def test_ten_thousand_entries_take_little_memory() -> None:
    bench = Bench("2.0.1")
    bench.station.execute(batch(0), lambda _result: None)  # what is made once, whatever the length
    tracemalloc.start()
    try:
        fill(bench)
        grown_byte, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(bench.station.local_list) == ENTRIES
    assert grown_byte < ENTRIES * MOST_BYTE_PER_ENTRY, f"{grown_byte / ENTRIES:.0f} bytes per entry"


def test_a_start_with_ten_thousand_entries_unpacks_none() -> None:
    bench = Bench("2.0.1")
    fill(bench)
    bench = bench.power_cut()
    tracemalloc.start()
    try:
        assert bench.station.local_list.find(Token("00000000000001")) is not None
        found_byte, _peak = tracemalloc.get_traced_memory()
        assert bench.station.local_list.find(Token("FFFFFFFFFFFFFF")) is None
    finally:
        tracemalloc.stop()
    assert found_byte < 20_000
