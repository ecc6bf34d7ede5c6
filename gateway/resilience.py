"""A circuit breaker: after too many failures the other side is left alone for a while.

Used by CircuitBreakerFilter (no half-open state) and by the `circuitBreaker` of ClientHandler and ReverseProxyHandler
(half-open, one trial). Knows nothing of HTTP; a failure is an exception, never a status.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeVar

from gateway.client.errors import CircuitOpen
from gateway.errors import ClientDisconnected

T = TypeVar("T")


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Counts failures: in a row, or among the last `window` calls.

    With `trial` one call passes when the open time is over, and decides; without it the circuit closes and counts anew.
    A call that began in an earlier state of the circuit does not count: it says nothing about the other side now.
    """

    def __init__(
        self,
        max_failures: int,
        open_duration: float,
        window: int | None = None,
        *,
        trial: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_failures = max_failures
        self._open_duration = open_duration
        self._trial = trial
        self._clock = clock
        self._outcomes: deque[bool] = deque(maxlen=window if window is not None else max_failures)
        self._windowed = window is not None
        self._opened_at: float | None = None
        self._trying = False
        self._epoch = 0

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return State.CLOSED
        if self._clock() - self._opened_at < self._open_duration:
            return State.OPEN
        return State.HALF_OPEN if self._trial else State.CLOSED

    async def call(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run an operation and count its outcome; raises CircuitOpen without running it while the circuit is open."""
        self._enter()
        epoch = self._epoch
        try:
            result = await operation()
        except (ClientDisconnected, asyncio.CancelledError):
            if epoch == self._epoch:
                self._trying = False  # nothing was learnt of the other side; the next call is the trial
            raise
        except Exception:
            if epoch == self._epoch:
                self._failed()
            raise
        if epoch == self._epoch:
            self._succeeded()
        return result

    def _enter(self) -> None:
        state = self.state
        if state is State.OPEN or (state is State.HALF_OPEN and self._trying):
            raise CircuitOpen("the circuit breaker is open")
        if state is State.HALF_OPEN:
            self._trying = True
        elif self._opened_at is not None:
            self._close()

    def _close(self) -> None:
        self._opened_at, self._trying = None, False
        self._outcomes.clear()
        self._epoch += 1

    def _failed(self) -> None:
        self._outcomes.append(False)
        if self._trying or self._outcomes.count(False) >= self._max_failures:
            self._opened_at, self._trying = self._clock(), False
            self._epoch += 1

    def _succeeded(self) -> None:
        if self._trying:
            self._close()
        elif self._windowed:
            self._outcomes.append(True)
        elif self._outcomes:
            self._outcomes.clear()
