"""Metrics of routers and their routes, read from what is deployed when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.metrics.route_traffic import RouteTraffic
from gateway.metrics.snapshot import Kind, Snapshot
from gateway.routing.names import Deployed, deployed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.routing.router import Router

DEFAULT = "default"
"""Stands for the requests that the default handler of a router takes."""


def collect_routers(routers: Iterable[Router], snapshot: Snapshot) -> None:
    """Add the metrics of all routers and of their routes."""
    for place in deployed(routers):
        labels = {"fully_qualified_name": place.qualified_name, "heap": place.heap, "name": place.name}
        name, text = "ig_router_deployed_routes", "Routes that are deployed"
        family = snapshot.family(name, Kind.GAUGE, text, alike=True)
        family.samples[tuple(labels.items())] = len(place.router.table.routes)
        for route_name, id_, traffic in traffic_of(place):
            traffic.collect(snapshot, {"name": route_name, "route": id_, "router": place.qualified_name})


def traffic_of(place: Deployed) -> Iterator[tuple[str, str, RouteTraffic]]:
    """Name, id and counts of each route of a router; routes that nobody used may be left out until somebody does."""
    router = place.router
    for loaded in router.table.routes:
        traffic = loaded.route.traffic
        if not router.delayRouteMetrics or traffic.total or traffic.active:
            yield loaded.name, loaded.id, traffic
    if router.defaultHandler is not None:
        yield DEFAULT, DEFAULT, router.others
