"""Metrics in the text format 0.0.4 of Prometheus. prometheus-client is imported at the first scrape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gateway.metrics.series import Distribution
from gateway.metrics.snapshot import Labels, Snapshot

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
QUANTILES: Final = (0.5, 0.75, 0.95, 0.98, 0.99, 0.999)


class _Collected:
    """A snapshot in the place of a prometheus-client registry."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        from prometheus_client import Metric

        for name, family in self._snapshot.families.items():
            if family.samples:
                metric = Metric(name.removesuffix("_total"), family.help, family.kind.value)
                for labels, value in family.samples.items():
                    _add(metric, name, labels, value)
                yield metric


def _add(metric: Metric, name: str, labels: Labels, value: float | Distribution) -> None:
    if not isinstance(value, Distribution):
        metric.add_sample(name, dict(labels), value)
        return
    for quantile, found in zip(QUANTILES, value.quantiles(*QUANTILES), strict=True):
        metric.add_sample(name, {**dict(labels), "quantile": str(quantile)}, found)
    metric.add_sample(f"{name}_count", dict(labels), value.count)
    metric.add_sample(f"{name}_sum", dict(labels), value.total)


def exposition(snapshot: Snapshot) -> bytes:
    """The text that a scrape gets."""
    from prometheus_client.exposition import generate_latest

    return generate_latest(_Collected(snapshot))
