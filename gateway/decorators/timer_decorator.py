"""TimerDecorator: measures the time that is spent in an object, logs it and publishes it as metrics."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

from config.duration import parse_duration
from config.types import Static
from expr.diagnostic import DiagnosticError
from gateway.decorators.base import Decorator, Enter, Pass, around, logger_of
from gateway.decorators.timer_metrics import TimerMetrics
from gateway.filters.base import Filter
from gateway.handlers.base import Handler
from gateway.http.current import CURRENT

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class TimerDecorator(Decorator):
    """Measures the time that is spent in the decorated handler or filter, and logs it.

    The value true switches it on. For a filter, the time that is spent in what follows is shown apart.
    """

    timeUnit: Static[str] = "ms"
    """Unit of the log, a unit of durations such as s, ms, us; ms by default."""

    decoration: ClassVar[Any] = Static[bool]
    example: ClassVar = {"name": "timer", "type": "TimerDecorator", "config": {"timeUnit": "us"}}

    _heap_name: str = PrivateAttr(default="")

    def verify(self) -> Iterator[tuple[str, str, str]]:
        try:
            parse_duration(f"1 {self.timeUnit}")
        except DiagnosticError:
            yield "timeUnit", f'"{self.timeUnit}" is no unit of time', "use s, ms, us or another unit of durations"

    def prepare(self, heap: Heap) -> None:
        self._heap_name = heap.name

    def decorate(self, target: Any, value: Any, name: str) -> Any:
        if not value:
            return target
        timer = Timer(logger_of(self, name), self.timeUnit, TimerMetrics(name, self._heap_name, self.object_name))
        if isinstance(target, Handler):
            return around(target, handle=_timed_handler(target.handle, timer))
        if isinstance(target, Filter):
            return around(target, filter=_timed_filter(target.filter, timer))
        operations = getattr(target, "timed_operations", ())
        return around(target, **{one: _timed(getattr(target, one), timer) for one in operations})


class Timer:
    """Where the times of one decorated object go."""

    __slots__ = ("_log", "_metrics", "_scale", "_unit")

    def __init__(self, log: logging.Logger, unit: str, metrics: TimerMetrics) -> None:
        self._log, self._metrics = log, metrics
        self._unit, self._scale = unit, parse_duration(f"1 {unit}")

    def report(self, context: Context | None, elapsed: float, downstream: float | None = None) -> None:
        """Log and count a time in seconds; with `downstream`, the share of it that was spent in what follows."""
        exchange = CURRENT.get() if context is None else context.root
        route = "" if exchange is None else exchange.route_name or ""
        self._metrics.observe(route, elapsed, downstream)
        if not self._log.isEnabledFor(logging.INFO):
            return
        text = f"Elapsed time: {self._shown(elapsed)}"
        if downstream is not None:
            inside = self._shown(max(elapsed - downstream, 0.0))
            text = f"{text} (internal: {inside}, downstream: {self._shown(downstream)})"
        self._log.info("%s", text)

    def _shown(self, seconds: float) -> str:
        return f"{int(seconds / self._scale)} {self._unit}"


def _timed_handler(handle: Enter, timer: Timer) -> Enter:
    async def enter(context: Context, request: Request) -> Response:
        begun = perf_counter()
        try:
            return await handle(context, request)
        finally:
            timer.report(context, perf_counter() - begun)

    return enter


def _timed_filter(call: Pass, timer: Timer) -> Pass:
    async def enter(context: Context, request: Request, following: Enter) -> Response:
        downstream = 0.0

        async def inner(context: Context, request: Request) -> Response:
            nonlocal downstream
            entered = perf_counter()
            try:
                return await following(context, request)
            finally:
                downstream += perf_counter() - entered

        begun = perf_counter()
        try:
            return await call(context, request, inner)
        finally:
            timer.report(context, perf_counter() - begun, downstream)

    return enter


def _timed(operation: Callable[..., Awaitable[Any]], timer: Timer) -> Callable[..., Any]:
    @wraps(operation)
    async def enter(*arguments: Any, **options: Any) -> Any:
        begun = perf_counter()
        try:
            return await operation(*arguments, **options)
        finally:
            timer.report(None, perf_counter() - begun)

    return enter
