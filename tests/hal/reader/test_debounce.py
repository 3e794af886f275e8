"""One presentation per card."""

from hypothesis import given
from hypothesis import strategies as st

from hal.reader.debounce import Debounce


def test_a_card_that_stays_is_presented_once_however_long() -> None:
    debounce = Debounce(3.0)
    seen = [debounce.is_presentation("A", second * 0.25) for second in range(4 * 3600)]
    assert seen.count(True) == 1
    assert seen[0]


def test_a_card_that_comes_back_after_the_pause_is_presented_again() -> None:
    debounce = Debounce(3.0)
    assert debounce.is_presentation("A", 0.0)
    assert not debounce.is_presentation("A", 2.0)
    assert not debounce.is_presentation("A", 5.0)  # three seconds from the last sight, not from the first
    assert debounce.is_presentation("A", 8.1)


def test_another_card_is_presented_at_once_and_the_first_is_not_forgotten() -> None:
    debounce = Debounce(3.0)
    assert debounce.is_presentation("A", 0.0)
    assert debounce.is_presentation("B", 0.1)
    assert not debounce.is_presentation("A", 0.2)
    assert not debounce.is_presentation("B", 0.3)


def test_without_a_pause_every_later_sight_is_a_presentation() -> None:
    debounce = Debounce(0.0)
    assert debounce.is_presentation("A", 1.0)
    assert debounce.is_presentation("A", 1.1)


def test_of_many_tokens_at_once_the_oldest_is_forgotten() -> None:
    debounce = Debounce(3.0)
    for token in range(65):
        assert debounce.is_presentation(token, 0.0)
    assert not debounce.is_presentation(64, 0.1)
    assert debounce.is_presentation(0, 0.1)


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 2)), max_size=300))
def test_it_remembers_few_tokens_and_never_the_wrong_one(sights: list[tuple[int, float]]) -> None:
    debounce, now, last_seen = Debounce(3.0), 0.0, dict[int, float]()
    for token, second in sights:
        now += second
        presented = debounce.is_presentation(token, now)
        if token not in last_seen or now - last_seen[token] > 3.0:
            assert presented
        last_seen[token] = now
        assert len(debounce._last_seen) <= 64
