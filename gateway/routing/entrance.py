"""Where requests enter a route."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from gateway.http.context import Context, ExchangeContext
from gateway.http.message import Request, Response
from gateway.metrics.route_traffic import RouteTraffic

if TYPE_CHECKING:
    from gateway.handlers.base import Next
    from gateway.routing.route import Route


class Entrance:
    """Says which route an exchange is in, and counts it.

    It stands beside the route, because reading an attribute of a heap object takes several times as long.
    """

    __slots__ = ("following", "name", "route", "traffic")

    def __init__(self, route: Route, name: str, following: Next) -> None:
        self.route, self.name, self.following = route, name, following
        self.traffic = RouteTraffic()

    def handle(self, context: Context, request: Request) -> Coroutine[Any, Any, Response]:
        root: ExchangeContext = context.root
        root.route = self.route
        root.route_name = self.name
        return self.traffic.through(self.following, context, request)
