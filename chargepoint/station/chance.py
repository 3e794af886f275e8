"""What is left to chance in a station: identities, and waits that spread the load of many."""

import os
import random
import uuid

_BLOCK_BYTE = 4096


class _Pool:
    """The system's random bytes, fetched a block at a time: to ask for a few costs more than the message that they are for.

    Not thread-safe. A forked process begins with a block of its own.
    """

    __slots__ = ("_block", "_next")

    def __init__(self) -> None:
        self._block = b""
        self._next = 0

    def take(self, count: int) -> bytes:
        start, end = self._next, self._next + count
        if end > len(self._block):
            self._block = os.urandom(max(_BLOCK_BYTE, count))
            start, end = 0, count
        self._next = end
        return self._block[start:end]

    def forget(self) -> None:
        self._block = b""
        self._next = 0


_pool = _Pool()
os.register_at_fork(after_in_child=_pool.forget)
random_bytes = _pool.take
"""So many bytes that nobody can foresee, each given out once; for the thread of the stations."""


class Chance:
    """Chance as the system gives it; nobody can foresee it."""

    __slots__ = ()

    def message_id(self) -> str:
        """128 random bits, as unique over all connections of a station as a message id must be (OCPP 2.x part 4 §4.1.4)."""
        return random_bytes(16).hex()

    def transaction_id(self) -> str:
        """A UUID (36 characters)."""
        return str(uuid.uuid4())

    def uniform(self, least: float, most: float) -> float:
        """Some number between two."""
        return random.uniform(least, most)  # noqa: S311 - spreads the load of a street, hides nothing


SYSTEM = Chance()


class SeededChance(Chance):
    """Chance that repeats itself, for simulations. Differs from `Chance`: whoever knows the seed foresees all of it."""

    __slots__ = ("_random",)

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def message_id(self) -> str:
        """128 bits, as hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def transaction_id(self) -> str:
        """A UUID of version 4."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def uniform(self, least: float, most: float) -> float:
        """Some number between two."""
        return self._random.uniform(least, most)
