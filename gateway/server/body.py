"""A request body on its way: a bounded buffer between the connection that fills it and the handler that reads it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from gateway.errors import ClientDisconnected

HIGH_WATER: Final = 256 * 1024
"""Bytes waiting for the reader at which the client is not read any more."""
LOW_WATER: Final = 64 * 1024


class RequestBody:
    """An `entity.Body`. `on_read` is told when somebody first wants it, `on_change` when its backlog may matter."""

    __slots__ = (
        "_end",
        "_error",
        "_on_change",
        "_on_read",
        "_pieces",
        "_waiter",
        "complete",
        "length",
        "received",
        "unwanted",
        "waiting",
    )

    def __init__(self, length: int | None, on_read: Callable[[], None], on_change: Callable[[], None]) -> None:
        self.length = length
        self.received = 0
        self.waiting = 0
        self.complete = False
        self.unwanted = False
        self._pieces: deque[bytes] = deque()
        self._error: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._end: asyncio.Future[None] | None = None
        self._on_read = on_read
        self._on_change = on_change

    # -- the connection's side

    def feed(self, data: bytes) -> None:
        self.received += len(data)
        if not self.unwanted:
            self._pieces.append(data)
            self.waiting += len(data)
            self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """The body is whole, or it ends here with an error."""
        if not self.complete and self._error is None:
            self.complete = error is None
            self._error = error
            self._wake()
            end, self._end = self._end, None
            if end is not None and not end.done():
                end.set_result(None)

    @property
    def ended(self) -> bool:
        """Whether nothing more can come, whole or not."""
        return self.complete or self._error is not None

    @property
    def awaited(self) -> bool:
        """Whether a reader stands still until the client sends more."""
        return self._waiter is not None or self._end is not None

    def whole(self) -> bytes:
        """All of a complete body that nobody has begun to read."""
        pieces = self._pieces
        self.waiting = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def swallow(self) -> bool:
        """Drop what still comes and wait for the end; false when the body did not come whole."""
        self.close()
        if not self.ended:
            self._end = asyncio.get_running_loop().create_future()
            self._on_read()
            await self._end
        return self.complete

    # -- the reader's side

    def __aiter__(self) -> RequestBody:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self.complete:
                raise StopAsyncIteration
            if self.unwanted:
                raise ClientDisconnected("the body of the request was given up")
            self._waiter = asyncio.get_running_loop().create_future()
            self._on_read()
            await self._waiter
        piece = self._pieces.popleft()
        self.waiting -= len(piece)
        if not self.complete:
            self._on_change()
        return piece

    def close(self) -> None:
        """Nobody wants the rest: what still comes is dropped."""
        self.unwanted = True
        self._pieces.clear()
        self.waiting = 0
        self._wake()
        if not self.complete:
            self._on_change()
