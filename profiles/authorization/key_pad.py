"""Guessing key codes is made slow (C04.FR.06): each wrong code beyond the first few doubles the time until the next may be entered."""

FREE_ATTEMPTS = 3
FIRST_WAIT_SECOND = 10.0
LONGEST_WAIT_SECOND = 600.0


class KeyPadGuard:
    """Wrong codes of one station in a row, at whichever key pad. Times are monotonic."""

    __slots__ = ("_until", "_wrong")

    def __init__(self) -> None:
        self._wrong = 0
        self._until = 0.0

    def wait_second(self, now: float) -> float:
        """How long no code may be entered; 0 = one may."""
        return max(0.0, self._until - now)

    def wrong(self, now: float) -> None:
        """A code was refused."""
        self._wrong += 1
        beyond = self._wrong - FREE_ATTEMPTS
        if beyond >= 0:
            self._until = now + min(FIRST_WAIT_SECOND * 2.0 ** min(beyond, 16), LONGEST_WAIT_SECOND)

    def right(self) -> None:
        """A code was accepted: everyone starts anew."""
        self._wrong = 0
