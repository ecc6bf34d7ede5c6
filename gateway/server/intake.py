"""The receiving half of a connection: parsed only as far as there is room, read only as far as somebody takes it."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from gateway.server.body import HIGH_WATER
from gateway.server.reader import Incoming, RequestReader

SLICE: Final = 8192
"""Bytes that are parsed before it is looked whether there is room for more requests."""


class Intake:
    """Requests that wait for their turn, and the bytes that were not parsed because too many do."""

    __slots__ = ("_backlog", "_room", "_transport", "current", "lost", "paused", "queue", "reader")

    def __init__(self, transport: Any, room: int) -> None:
        self._transport = transport
        self._room = room
        self._backlog = b""
        self.queue: deque[Incoming] = deque()
        self.reader: RequestReader
        self.current: Incoming | None = None
        """The request whose exchange runs."""
        self.paused = False
        self.lost = False

    def feed(self, data: bytes) -> None:
        if len(data) <= SLICE and not self._backlog:
            self.reader.feed(data)
        else:
            self._backlog += data
            self._feed_backlog()

    def _feed_backlog(self) -> None:
        """Parse slice by slice while there is room: a packet of tiny requests must not become thousands of objects."""
        reader, queue, room = self.reader, self.queue, self._room
        data, start = memoryview(self._backlog), 0
        while start < len(data) and len(queue) < room:
            body = reader.body
            known = body.length - body.received if body is not None and body.length is not None else 0
            end = start + max(SLICE, known)
            reader.feed(bytes(data[start:end]))
            start = end
        self._backlog = bytes(data[start:])

    @property
    def crowded(self) -> bool:
        """Whether it is time to look if the client must wait."""
        return self.reader.body is not None or len(self.queue) > 1 or bool(self._backlog)

    def throttle(self) -> None:
        """Let the client wait, or not any more."""
        if self._backlog and len(self.queue) < self._room:
            self._feed_backlog()
        full = self._full()
        if full is not self.paused and not self.lost:
            self.paused = full
            if full:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _full(self) -> bool:
        current, held = self.current, self.reader.held
        if len(self.queue) >= self._room or self._backlog or (held is not None and len(held) > HIGH_WATER):
            return True
        if current is not None and current.body is not None and current.body.waiting > HIGH_WATER:
            return True
        # The body of a pipelined request waits for its turn too.
        return any(waiting.body is not None and waiting.body.waiting > HIGH_WATER for waiting in self.queue)

    def release(self) -> None:
        """Read on whatever waits: what comes is dropped, or belongs to another protocol."""
        if self.paused and not self.lost:
            self.paused = False
            self._transport.resume_reading()

    def take_rest(self) -> bytes:
        """What came behind a request that asked for another protocol."""
        rest, self._backlog = (self.reader.held or b"") + self._backlog, b""
        return rest
