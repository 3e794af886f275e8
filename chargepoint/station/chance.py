"""What is left to chance in a station: identities, and waits that spread the load of many."""

import os
import random
import uuid


class Chance:
    """Chance as the system gives it; nobody can foresee it."""

    __slots__ = ()

    def message_id(self) -> str:
        """128 random bits, as unique over all connections of a station as a message id must be (OCPP 2.x part 4 §4.1.4)."""
        return os.urandom(16).hex()

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
