"""What the controller asks of a place, and of a shard that is placed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.fleet.messages import Down, Up


HERE: Final = "this process"
"""The name of a shard that runs in the process of the controller, which is the user's own."""


class Placed(Protocol):
    """A shard, wherever it runs."""

    @property
    def name(self) -> str:
        """How it is called in sentences, e.g. "process 1234"."""
        ...

    def send(self, word: Down) -> None:
        """Say something to it; nothing happens when it is gone."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    async def gone(self) -> None:
        """Wait until it is gone, and all that it said was heard."""
        ...


class Place(Protocol):
    """Somewhere that shards can run."""

    async def __call__(
        self, number: int, of: int, *, on_word: Callable[[Up], None], on_end: Callable[[str], None]
    ) -> Placed:
        """Start a shard. on_end: told once, with a sentence, when it is gone. Raises: OSError, with a sentence."""
        ...
