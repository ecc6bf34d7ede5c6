"""Time-outs that cost nothing on a request: one coarse timer a client instead of one a request.

Connections only note the time of their last sign of life; a tick looks at all of them. A time-out therefore fires up
to one tick (an eighth of the shortest time-out, at most a second) late, and never early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SHORTEST_TICK = 0.005
LONGEST_TICK = 1.0


class Ticker:
    """Calls a function at an interval while it returns true; `wake` starts it again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, interval: float, on_tick: Callable[[float], bool]) -> None:
        self._loop = loop
        self._interval = min(LONGEST_TICK, max(SHORTEST_TICK, interval))
        self._on_tick = on_tick
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._interval, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._on_tick(self._loop.time()):
            self.wake()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
