"""CircuitBreakerFilter: leaves what follows alone for a while after too many failures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import PrivateAttr

from config.declaration import NoEffect, Properties
from config.types import Duration, Ref, Static
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.resilience import CircuitBreaker, State

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

LONGEST = 86400.0


class SlidingCounter(Properties):
    """The last exchanges, among which failures are counted."""

    size: Static[int]
    """How many exchanges are counted; more than maxFailures."""


class CircuitBreakerFilter(Filter):
    """Stops calling what follows after too many failures, for a while.

    A failure is an exception, such as a refused connection or a time-out; a response with an error status is none.
    When the circuit closes again, it counts anew.
    """

    maxFailures: Static[int]
    """Failures that open the circuit: in a row, or among those of slidingCounter."""
    openDuration: Duration
    """How long the circuit stays open; at most 1 day."""
    slidingCounter: SlidingCounter | None = None
    """Counts failures among the last exchanges; by default only failures in a row count."""
    openHandler: Ref[Handler] | None = None
    """What answers while the circuit is open; by default the request fails, which gives status 500."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, NoEffect("the circuit closes without a thread")] = None
    """Closes the circuit, in PingGateway."""

    example: ClassVar = {
        "type": "CircuitBreakerFilter",
        "config": {
            "maxFailures": 3,
            "openDuration": "30 seconds",
            "slidingCounter": {"size": 10},
            "openHandler": {"type": "StaticResponseHandler", "config": {"status": 503}},
        },
    }

    _breaker: CircuitBreaker = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.maxFailures <= 0:
            yield "maxFailures", f"{self.maxFailures} failures cannot open a circuit", "use a number above 0"
        if self.slidingCounter is not None and self.slidingCounter.size <= self.maxFailures:
            hint = f"use a number above {self.maxFailures}"
            yield "slidingCounter", "the size of the counter is not above maxFailures", hint
        if not 0 < self.openDuration <= LONGEST:
            yield "openDuration", "a circuit stays open for more than no time, and at most 1 day", ""

    def prepare(self, heap: Heap) -> None:
        window = None if self.slidingCounter is None else self.slidingCounter.size
        self._breaker = CircuitBreaker(self.maxFailures, self.openDuration, window, trial=False)

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        breaker = self._breaker
        # Asked beforehand, because what follows may have a circuit of its own that is open.
        if self.openHandler is not None and breaker.state is State.OPEN:
            return await self.openHandler.handle(context, request)
        return await breaker.call(partial(next, context, request))
