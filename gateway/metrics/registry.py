"""The metrics of this process: objects ask for a series by name and labels, keep it, and count on it.

A series lives as long as somebody holds it, so what a route counted goes away with the route, and a route that is
loaded again finds the series of the one that it replaces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from gateway.metrics.series import Counter, Gauge, Summary
from gateway.metrics.snapshot import Kind, Labels, Snapshot

S = TypeVar("S", Counter, Gauge, Summary)
Collector = Callable[[Snapshot], None]
"""Adds to a snapshot what is known only when somebody asks: numbers of connections, routes, entries."""

_CLASSES: Final[dict[Kind, type[Any]]] = {Kind.COUNTER: Counter, Kind.GAUGE: Gauge, Kind.SUMMARY: Summary}


@dataclass
class _Registered:
    kind: Kind
    help: str
    series: WeakValueDictionary[Labels, Any] = field(default_factory=WeakValueDictionary)


class Metrics:
    """Series by name and labels; names are as Prometheus shows them: `ig_cache_gets_total`, seconds for times."""

    def __init__(self) -> None:
        self._registered: dict[str, _Registered] = {}
        self._collectors: list[Collector] = []

    def counter(self, name: str, help: str, /, **labels: str) -> Counter:  # noqa: A002
        """The counter of a name, which ends in `_total`, and labels; the caller holds it while it counts."""
        return self._series(Counter, Kind.COUNTER, name, help, labels)

    def gauge(self, name: str, help: str, /, **labels: str) -> Gauge:  # noqa: A002
        return self._series(Gauge, Kind.GAUGE, name, help, labels)

    def summary(self, name: str, help: str, /, **labels: str) -> Summary:  # noqa: A002
        """A timer or a distribution: shown as quantiles, count and sum."""
        return self._series(Summary, Kind.SUMMARY, name, help, labels)

    def _series(self, cls: type[S], kind: Kind, name: str, help: str, labels: dict[str, str]) -> S:  # noqa: A002
        registered = self._registered.setdefault(name, _Registered(kind, help))
        if registered.kind is not kind:
            raise ValueError(f"the metric {name} is a {registered.kind}")
        key = tuple(labels.items())
        found = registered.series.get(key)
        if found is None:
            found = cls()
            registered.series[key] = found
        return found

    def collect_from(self, collector: Collector) -> Callable[[], None]:
        """Ask a function at each snapshot; the returned function ends it."""
        self._collectors.append(collector)
        return lambda: self._collectors.remove(collector)

    def snapshot(self) -> Snapshot:
        """All metrics of this process at this moment."""
        made, now = Snapshot(), monotonic()
        for name, registered in sorted(self._registered.items()):
            family = made.family(name, registered.kind, registered.help)
            for labels, series in sorted(registered.series.items()):
                family.samples[labels] = series.distribution(now) if isinstance(series, Summary) else series.value
        for collector in tuple(self._collectors):
            collector(made)
        return made


METRICS: Final = Metrics()
"""One for the process: workers are told apart by whoever merges their snapshots."""
