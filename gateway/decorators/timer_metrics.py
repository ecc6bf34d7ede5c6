"""The metrics of TimerDecorator, named as documented; they exist once a timer decorates something."""

from __future__ import annotations

from gateway.metrics.registry import METRICS
from gateway.metrics.series import Summary

_ROUTER = "gateway._router"


class TimerMetrics:
    """The metrics of one decorated object."""

    __slots__ = ("_labels", "_made")

    def __init__(self, decorated: str, heap: str, decorator: str) -> None:
        self._labels = {"decorated_object": decorated, "heap": heap or "gateway", "name": decorator}
        self._made: dict[tuple[str, str], Summary] = {}

    def observe(self, route: str, elapsed: float, downstream: float | None) -> None:
        """Count a time; with the share of what follows it is that of a filter."""
        if downstream is None:
            self._of("handler_elapsed", "Time in a handler", route).record(elapsed)
            return
        self._of("filter_elapsed", "Time in a filter and in what follows", route).record(elapsed)
        self._of("filter_internal", "Time in a filter alone", route).record(max(elapsed - downstream, 0.0))
        self._of("filter_downstream", "Time in what follows a filter", route).record(downstream)

    def _of(self, name: str, what: str, route: str) -> Summary:
        key = (name, route)
        found = self._made.get(key)
        if found is None:
            found = METRICS.summary(
                f"ig_timerdecorator_{name}_seconds", what, **self._labels, route=route, router=_ROUTER
            )
            self._made[key] = found
        return found
