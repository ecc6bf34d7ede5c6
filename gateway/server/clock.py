"""One timer for all connections of a listener: deadlines are looked at twice a second, and Date is made once a tick.

A deadline fires up to a tick late and costs an attribute write to set, where a timer a request would cost a heap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from email.utils import formatdate
from typing import Final, Protocol

TICK: Final = 0.5


class Timed(Protocol):
    """Something with a deadline, in the time of the loop."""

    @property
    def deadline(self) -> float: ...

    def expire(self) -> None: ...


class Clock:
    """Coarse time: `now` and `date` are at most a tick old."""

    __slots__ = ("_loop", "_timer", "_watched", "date", "now")

    def __init__(self, loop: asyncio.AbstractEventLoop, watched: Iterable[Timed]) -> None:
        self._loop = loop
        self._watched = watched
        self._timer: asyncio.TimerHandle | None = None
        self._refresh()

    def _refresh(self) -> None:
        self.now = self._loop.time()
        self.date = formatdate(usegmt=True).encode()

    def start(self) -> None:
        if self._timer is None:
            self._refresh()
            self._timer = self._loop.call_later(TICK, self._tick)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK, self._tick)
        self.check()

    def check(self) -> None:
        """Renew the time and expire what is over its deadline."""
        self._refresh()
        now = self.now
        for timed in [timed for timed in self._watched if timed.deadline <= now]:
            timed.expire()
