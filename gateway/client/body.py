"""A response body on its way: a bounded buffer between the connection that fills it and the reader that empties it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

HIGH_WATER: Final = 256 * 1024
"""Bytes waiting for the reader at which the upstream is not read any more."""
LOW_WATER: Final = 64 * 1024


class BodyBuffer:
    """Filled by the connection; `pause`, `resume` and `abandon` act on it."""

    __slots__ = ("_error", "_paused", "_pieces", "_size", "_waiter", "abandon", "done", "pause", "resume")

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None], abandon: Callable[[], None]) -> None:
        self.pause, self.resume, self.abandon = pause, resume, abandon
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._error: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.done = False

    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size > HIGH_WATER and not self._paused and not self.done:
            self._paused = True
            self.pause()
        self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """The body is whole, or ends here with an error (after what has been received)."""
        self.done = True
        self._error = error
        self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    async def take(self) -> bytes | None:
        """What has arrived, at least a byte of it; None at the end."""
        while not self._pieces:
            if self.done:
                if self._error is not None:
                    raise self._error
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = self._pieces.popleft() if self._size > LOW_WATER or len(self._pieces) == 1 else self._all()
        self._size -= len(data)
        if self._paused and self._size <= LOW_WATER:
            self._paused = False
            if not self.done:
                self.resume()
        return data

    def _all(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data

    @property
    def paused(self) -> bool:
        return self._paused


class BodyReader:
    """The reader's end, an `entity.Body`; closed or forgotten before the end, it takes the connection with it."""

    __slots__ = ("_buffer", "crowded", "length")

    def __init__(self, buffer: BodyBuffer, length: int | None, *, crowded: bool = False) -> None:
        self._buffer = buffer
        self.length = length
        self.crowded = crowded
        """Whether the connection is one of the last, so that others may soon wait for it."""

    def __aiter__(self) -> BodyReader:
        return self

    async def __anext__(self) -> bytes:
        data = await self._buffer.take()
        if data is None:
            raise StopAsyncIteration
        return data

    def close(self) -> None:
        if not self._buffer.done:
            self._buffer.abandon()

    def __del__(self) -> None:
        # A response that a filter replaced is never read: its connection must not wait for a reader for ever.
        self.close()
