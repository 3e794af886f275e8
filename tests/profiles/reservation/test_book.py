"""Which EVSEs must stay free, against trying out every assignment."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from profiles.reservation.book import assigned, kept, satisfiable

EVSES = (1, 2, 3, 4)
demands = st.lists(st.frozensets(st.sampled_from(EVSES)), max_size=5)


def possible(suitable: list[frozenset[int]], free: frozenset[int]) -> bool:
    """Whether there is an EVSE for each, by trying."""
    return any(
        all(evse in wanted for evse, wanted in zip(choice, suitable, strict=True))
        for choice in permutations(sorted(free), len(suitable))
    )


@given(demands)
def test_satisfiable(suitable: list[frozenset[int]]) -> None:
    assert satisfiable(suitable) is possible(suitable, frozenset(EVSES))
    for evse in EVSES:
        assert satisfiable(suitable, evse) is possible(suitable, frozenset(EVSES) - {evse})


@given(demands)
def test_kept(suitable: list[frozenset[int]]) -> None:
    if possible(suitable, frozenset(EVSES)):
        needed = {evse for evse in EVSES if not possible(suitable, frozenset(EVSES) - {evse})}
        assert kept(suitable) == needed


@given(demands)
def test_an_assignment_is_one(suitable: list[frozenset[int]]) -> None:
    places = assigned(suitable)
    given_away = [place for place in places if place is not None]
    assert len(given_away) == len(set(given_away)), "one EVSE serves one reservation"
    assert all(place is None or place in wanted for place, wanted in zip(places, suitable, strict=True))


@given(demands)
def test_the_earlier_goes_before_the_later(suitable: list[frozenset[int]]) -> None:
    served: list[frozenset[int]] = []
    for place, wanted in zip(assigned(suitable), suitable, strict=True):
        could = possible([*served, wanted], frozenset(EVSES))
        assert (place is not None) is could
        if could:
            served.append(wanted)


def test_a_certain_evse_and_whichever() -> None:
    """One reservation of EVSE 1 and one of whichever, with two EVSEs: both are kept; with three, only the first."""
    assert kept([[1], [1, 2]]) == {1, 2}
    assert kept([[1], [1, 2, 3]]) == {1}
    assert kept([]) == frozenset()
