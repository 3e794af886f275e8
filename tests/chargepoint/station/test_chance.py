"""Chance: nobody gets the same of it twice."""

import os
import random

import pytest

from chargepoint.station.chance import SYSTEM, SeededChance, random_bytes


def test_random_bytes_are_given_out_once() -> None:
    taken = [random_bytes(16) for _ in range(2_000)]  # of several blocks

    assert {len(one) for one in taken} == {16}
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize("count", [0, 1, 4, 4_095, 4_096, 4_097, 20_000])
def test_any_number_of_them(count: int) -> None:
    random_bytes(3)

    assert len(random_bytes(count)) == count


def test_a_forked_process_gets_others() -> None:
    random_bytes(16)
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, random_bytes(16))
        os._exit(0)
    os.waitpid(child, 0)
    told = os.read(ours, 16)
    os.close(ours)
    os.close(theirs)

    assert len(told) == 16
    assert told != random_bytes(16)


def test_message_ids_are_128_bits() -> None:
    assert len({SYSTEM.message_id() for _ in range(1_000)}) == 1_000
    assert all(len(bytes.fromhex(SYSTEM.message_id())) == 16 for _ in range(10))


def test_seeded_chance_repeats_itself() -> None:
    one, other = (SeededChance(random.Random(5)) for _ in range(2))  # noqa: S311 - for simulations

    assert [one.message_id(), one.transaction_id()] == [other.message_id(), other.transaction_id()]
