"""Metrics as Common REST resources: the deprecated counterpart of the Prometheus endpoint.

Follows the documented entry CommonRestMonitoringEndpoint (objects.yaml). Times are in milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from gateway.admin.crest import CrestError, Parameters, answer, query_filter, query_result
from gateway.metrics.prometheus import QUANTILES
from gateway.metrics.route_traffic import FAMILIES
from gateway.metrics.series import Distribution
from gateway.routing.names import deployed, slug

if TYPE_CHECKING:
    from gateway.http.message import Request, Response
    from gateway.metrics.snapshot import Labels, Snapshot
    from gateway.routing.router import Router

MINUTES: Final = (15, 1, 5)
_PERCENTILES: Final = ("p50", "p75", "p95", "p98", "p99", "p999")


class Rates:
    """Calls per second, as moving averages that are brought up to date when somebody asks."""

    def __init__(self, now: float) -> None:
        self._born = self._asked = now
        self._count = 0
        self._averages = dict.fromkeys(MINUTES, 0.0)

    def at(self, count: int, now: float) -> dict[str, float]:
        elapsed = now - self._asked
        if elapsed > 0:
            rate = max(count - self._count, 0) / elapsed
            for minutes, average in self._averages.items():
                weight = 1 - math.exp(-elapsed / (60 * minutes))
                self._averages[minutes] = average + weight * (rate - average)
            self._asked, self._count = now, count
        age = now - self._born
        averages = {f"m{minutes}_rate": average for minutes, average in self._averages.items()}
        return {**averages, "mean_rate": count / age if age > 0 else 0.0}


class MetricsEndpoint:
    """The metrics of routers and routes, by id."""

    def __init__(self, routers: Iterable[Router]) -> None:
        self._routers = routers
        self._rates: dict[str, Rates] = {}

    def handle(self, request: Request, parameters: Parameters, snapshot: Snapshot) -> Response:
        """Show what a snapshot, of all worker processes, says of routers and routes."""
        if request.method not in ("GET", "HEAD"):
            raise CrestError(501, f"{request.method} is not supported for metrics")
        wanted = query_filter(parameters)
        found = filter(wanted, self._resources(snapshot))
        return answer(query_result(found, parameters, policy="EXACT"), parameters)

    def _resources(self, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        requests = snapshot.families.get("ig_route_request_total")
        routes = [(labels, dict(labels)) for labels in (requests.samples if requests is not None else ())]
        for place in deployed(self._routers):
            name = place.qualified_name
            yield {"_id": f"{name}.deployed-routes", "value": len(place.router.table.routes), "_type": "gauge"}
            for labels, about in routes:
                if about["router"] == name:
                    base = f"{name}.route.{slug(about['name'])}"
                    seen.add(base)
                    yield from self._route(base, labels, snapshot)
        self._rates = {base: rates for base, rates in self._rates.items() if base in seen}

    def _route(self, base: str, labels: Labels, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
        def count(name: str, *more: tuple[str, str]) -> Any:
            return snapshot.families[f"ig_route_{name}"].samples.get((*labels, *more), 0)

        total = count("request_total")
        yield _counter(f"{base}.request", total)
        yield {"_id": f"{base}.request.active", "value": count("request_active"), "_type": "gauge"}
        yield _counter(f"{base}.response.error", count("response_error_total"))
        yield _counter(f"{base}.response.null", count("response_null_total"))
        for family in FAMILIES:
            yield _counter(f"{base}.response.status.{family}", count("response_status_total", ("family", family)))
        now = monotonic()
        rates = self._rates.setdefault(base, Rates(now)).at(total, now)
        yield _timer(f"{base}.response.time", count("response_time_seconds"), rates)


def _counter(id_: str, count: int) -> dict[str, Any]:
    return {"_id": id_, "count": count, "_type": "counter"}


def _timer(id_: str, found: Distribution, rates: dict[str, float]) -> dict[str, Any]:
    percentiles = dict(zip(_PERCENTILES, found.quantiles(*QUANTILES), strict=True))
    times = {
        "max": found.highest,
        "mean": found.mean,
        "min": found.lowest,
        **percentiles,
        "stddev": found.deviation,
        "total": found.total,
    }
    return {
        "_id": id_,
        "count": found.count,
        **{name: seconds * 1000 for name, seconds in times.items()},
        **rates,
        "duration_units": "milliseconds",
        "rate_units": "calls/second",
        "_type": "timer",
    }
