"""How words travel between a controller and a shard: within a process, or as frames on a pair of pipes."""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections import deque
from typing import TYPE_CHECKING, Any

from chargepoint.fleet.messages import Progress, Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from chargepoint.fleet.messages import Down, Up

_LENGTH = struct.Struct(">I")
_UNREAD_BYTE = 2**20


def frame(thing: Any) -> bytes:
    """A thing as bytes, with its length before it. Only processes of one fleet speak so with each other: pickle trusts its peer."""
    body = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> Any:
    """The next thing. Raises: asyncio.IncompleteReadError: the peer is gone."""
    length = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0]
    return pickle.loads(await reader.readexactly(length))  # noqa: S301 - of a process of this fleet, over a pipe that it inherited


class Inbox:
    """What has come and was not yet received."""

    def __init__(self) -> None:
        self._words: deque[Down] = deque()
        self._waiting: asyncio.Future[None] | None = None

    def put(self, word: Down) -> None:
        """A word has come."""
        self._words.append(word)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def receive(self) -> Down:
        """The next word."""
        while not self._words:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._words.popleft()


class DirectPort(Inbox):
    """`messages.Port` of a shard that runs in the controller's own process."""

    def __init__(self, on_word: Callable[[Up], None]) -> None:
        super().__init__()
        self.send = on_word


class PipePort(Inbox):
    """`messages.Port` of a shard in a process of its own: it reads its standard input and writes where its standard output went.

    on_gone: told when the controller is gone.
    """

    def __init__(self, writer: asyncio.WriteTransport, *, on_gone: Callable[[], None]) -> None:
        super().__init__()
        self._writer = writer
        self._on_gone = on_gone

    def send(self, word: Up) -> None:
        """Say something; it waits in memory until the controller reads, but for progress: the next one says it all again."""
        if self._writer.is_closing():
            return
        if isinstance(word, Progress) and self._writer.get_write_buffer_size() > _UNREAD_BYTE:
            return
        self._writer.write(frame(word))

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Take words until the controller is gone; that is a `Stop` too."""
        try:
            while True:
                self.put(await read_frame(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            self._on_gone()
            self.put(Stop())
