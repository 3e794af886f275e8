"""The power is cut at every write of a charging session, and the station comes back: what does the CSMS get?"""

from pathlib import Path

import pytest

from chargepoint.station.facts import Fact
from chargepoint.store.memory import MemoryStore
from chargepoint.store.sqlite import SqliteStore
from tests.chargepoint.link.outbox_world import Frame, World
from tests.chargepoint.store.facts import Alarmed, Began, Ended, Went
from tests.chargepoint.store.power import (
    CuttingSqliteStore,
    CuttingStore,
    Disk,
    PowerCut,
    PowerSupply,
    abandon,
    after_cut,
    strokes_of,
)

UPDATES = 3
SESSION: list[Fact] = [
    Began(transaction_id="T"),
    *(Went(transaction_id="T", sequence=number) for number in range(1, UPDATES + 1)),
    Alarmed(what="tamper"),
    Ended(transaction_id="T", sequence=UPDATES + 1),
]
NAMES = ["Began T0", "Went T1", "Went T2", "Went T3", "Alarmed tamper", "Ended T4"]


def go_on(store: MemoryStore | SqliteStore, log: list[Frame]) -> None:
    """The session from where the store says that it is, partly offline; the CSMS answers all, and fails once."""
    world = World(store, log=log)
    done = int(store.get("transaction", "1") or 0)

    def happen(number: int) -> None:
        world.outbox.post(SESSION[number])
        store.put("transaction", "1", str(number + 1).encode())

    if done < 2:
        world.connect()
        world.answer_all()
    for number in range(done, len(SESSION)):
        if number == 2 and world.conversation is not None:
            world.disconnect()
        if number == 4:
            world.connect()
            if world.waiting == "Went T2":
                world.error()
        world.station.turn(happen, number)
        world.answer_all()
    if world.conversation is None:
        world.connect()
    world.answer_all()
    for _ in range(10):
        world.time.advance(20)
        world.answer_all()
    assert list(store.queued()) == []
    world.disconnect()


def check(log: list[Frame], *, restarts: int) -> None:
    """Everything has come, in order; a restart repeats one message at most, the one that was on its way."""
    names = [frame.name for frame in log]
    assert set(names) == set(NAMES)
    transaction = [name for name in names if name != "Alarmed tamper"]
    once = [name for name, before in zip(transaction, [None, *transaction], strict=False) if name != before]
    assert once == [name for name in NAMES if name != "Alarmed tamper"]
    assert len(names) <= len(NAMES) + 1 + restarts  # one failure of the CSMS is repeated too


def test_a_cut_at_every_write_of_the_file(tmp_path: Path) -> None:
    directories = iter(tmp_path / str(number) for number in range(10_000))

    def rehearse(supply: PowerSupply) -> None:
        store = CuttingSqliteStore(next(directories), supply)
        log: list[Frame] = []
        go_on(store, log)
        check(log, restarts=0)
        abandon(store)

    strokes = strokes_of(rehearse)
    assert strokes > 2 * 2 * len(SESSION)  # every fact is written when it happens and when it is delivered
    for cut in range(2, strokes):
        directory, log = next(directories), list[Frame]()
        dead = CuttingSqliteStore(directory, PowerSupply(cut))
        with pytest.raises(PowerCut):
            go_on(dead, log)
        survivor = SqliteStore(after_cut(dead, directory))
        assert not survivor.clean_shutdown
        go_on(survivor, log)
        survivor.close()
        check(log, restarts=1)


def test_two_cuts_at_any_two_writes() -> None:
    def run(disk: Disk, log: list[Frame], supply: PowerSupply) -> None:
        go_on(CuttingStore(disk, supply), log)

    strokes = strokes_of(lambda supply: run(Disk(), [], supply))
    for first in range(strokes):
        for second in range(0, strokes, 3):
            disk, log = Disk(), list[Frame]()
            with pytest.raises(PowerCut):
                run(disk, log, PowerSupply(first))
            try:
                run(disk, log, PowerSupply(second))
            except PowerCut:
                run(disk, log, PowerSupply())
            check(log, restarts=2)
