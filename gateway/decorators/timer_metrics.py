"""The metrics of TimerDecorator, named as documented; they exist once a timer decorates something."""

from __future__ import annotations

from functools import cache
from typing import Any

_LABELS = ("decorated_object", "heap", "name", "route", "router")
_ROUTER = "gateway._router"


@cache
def _summary(name: str, what: str) -> Any:
    from prometheus_client import Summary

    return Summary(f"ig_timerdecorator_{name}_seconds", what, _LABELS)


class TimerMetrics:
    """The metrics of one decorated object."""

    __slots__ = ("_labels", "_made")

    def __init__(self, decorated: str, heap: str, decorator: str) -> None:
        self._labels = (decorated, heap or "gateway", decorator)
        self._made: dict[tuple[str, str], Any] = {}

    def observe(self, route: str, elapsed: float, downstream: float | None) -> None:
        """Count a time; with the share of what follows it is that of a filter."""
        if downstream is None:
            self._of("handler_elapsed", "time in a handler", route).observe(elapsed)
            return
        self._of("filter_elapsed", "time in a filter and in what follows", route).observe(elapsed)
        self._of("filter_internal", "time in a filter alone", route).observe(max(elapsed - downstream, 0.0))
        self._of("filter_downstream", "time in what follows a filter", route).observe(downstream)

    def _of(self, name: str, what: str, route: str) -> Any:
        key = (name, route)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _summary(name, what).labels(*self._labels, route, _ROUTER)
        return found
