"""One presentation per card: a reader sees a card many times a second, the station hears of it once."""

from collections.abc import Hashable

__all__ = ["Debounce"]

_MOST_TOKENS = 64


class Debounce:
    """Tells the first sight of a token from the next ones.

    Every sight prolongs the presentation, so a card that stays for an hour is presented once. Another token is a presentation at once, and
    the first one is not forgotten over it: two cards in one purse are two presentations, however they alternate.
    """

    def __init__(self, pause_second: float) -> None:
        self._pause_second = pause_second
        self._last_seen: dict[Hashable, float] = {}

    def is_presentation(self, token: Hashable, now: float) -> bool:
        """Note the sight of a token at `now` (monotonic seconds); True when it starts a presentation."""
        last_seen = self._last_seen
        seen_at = last_seen.pop(token, None)
        for other in [other for other, at in last_seen.items() if now - at > self._pause_second]:
            del last_seen[other]
        if len(last_seen) >= _MOST_TOKENS:
            del last_seen[next(iter(last_seen))]  # the one that was seen longest ago: sights are kept in order
        last_seen[token] = now
        return seen_at is None or now - seen_at > self._pause_second
