"""Metrics as Common REST resources: the deprecated counterpart of the Prometheus endpoint.

Follows the documented entry CommonRestMonitoringEndpoint (objects.yaml). Times are in milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from gateway.admin.crest import CrestError, Parameters, answer, query_filter, query_result
from gateway.metrics.deployment import traffic_of
from gateway.metrics.prometheus import QUANTILES
from gateway.metrics.series import Summary
from gateway.routing.names import deployed, slug

if TYPE_CHECKING:
    from gateway.http.message import Request, Response
    from gateway.metrics.route_traffic import RouteTraffic
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

    def handle(self, request: Request, parameters: Parameters) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise CrestError(501, f"{request.method} is not supported for metrics")
        wanted = query_filter(parameters)
        return answer(query_result(filter(wanted, self._resources()), parameters, policy="EXACT"), parameters)

    def _resources(self) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        for place in deployed(self._routers):
            name = place.qualified_name
            yield {"_id": f"{name}.deployed-routes", "value": len(place.router.table.routes), "_type": "gauge"}
            for route_name, _, traffic in traffic_of(place):
                base = f"{name}.route.{slug(route_name)}"
                seen.add(base)
                yield from self._route(base, traffic)
        self._rates = {base: rates for base, rates in self._rates.items() if base in seen}

    def _route(self, base: str, traffic: RouteTraffic) -> Iterator[dict[str, Any]]:
        yield _counter(f"{base}.request", traffic.total)
        yield {"_id": f"{base}.request.active", "value": traffic.active, "_type": "gauge"}
        yield _counter(f"{base}.response.error", traffic.failed)
        yield _counter(f"{base}.response.null", traffic.missing)
        for family, count in traffic.statuses_by_family().items():
            yield _counter(f"{base}.response.status.{family}", count)
        now = monotonic()
        rates = self._rates.setdefault(base, Rates(now)).at(traffic.total, now)
        yield _timer(f"{base}.response.time", traffic.time, rates, now)


def _counter(id_: str, count: int) -> dict[str, Any]:
    return {"_id": id_, "count": count, "_type": "counter"}


def _timer(id_: str, summary: Summary, rates: dict[str, float], now: float) -> dict[str, Any]:
    found = summary.distribution(now)
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
