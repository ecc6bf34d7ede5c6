"""The routes of one moment, in their order: what a request is matched against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.heap import Heap
from config.properties import Properties
from config.types import Condition, Runtime
from config.values import Map
from gateway.handlers.base import Next
from gateway.http.context import Context
from gateway.http.message import Request
from gateway.routing.guards import ANYTHING, Guard, guard
from gateway.routing.index import RouteIndex
from gateway.routing.route import Route


@dataclass(eq=False)
class LoadedRoute:
    """A route that runs, and the heap whose objects it uses."""

    route: Route
    heap: Heap
    key: str
    """Name of the file without .json."""
    document: Map
    """The configuration as it was read."""

    @property
    def id(self) -> str:
        return self.route.id

    @property
    def name(self) -> str:
        return self.route.name

    def properties_changed(self) -> bool:
        """Has a file of the route's properties that is to be read again changed since?"""
        properties = self.heap.properties
        return isinstance(properties, Properties) and properties.changed()

    async def retire(self) -> None:
        """Let the requests inside finish, then stop the objects of the route."""
        await self.route.drained()
        await self.heap.stop()


class RouteTable:
    """An immutable set of routes; a reload makes another one and swaps it in with one assignment."""

    __slots__ = ("_index", "_tests", "immediate", "routes")

    def __init__(self, routes: Iterable[LoadedRoute] = ()) -> None:
        self.routes = sorted(routes, key=lambda loaded: loaded.name)
        """The routes in the documented order: by name, character by character."""
        self._index = RouteIndex([condition_guard(loaded.route.condition) for loaded in self.routes])
        conditions = [loaded.route.condition for loaded in self.routes]
        self._tests = [
            (loaded.route.entrance.handle, None if condition.always else condition.now)
            for loaded, condition in zip(self.routes, conditions, strict=True)
        ]
        self.immediate = all(condition.immediate for condition in conditions)
        """Whether no condition has to wait for anything, so that `find` gives what `choose` does."""

    def find(self, context: Context, request: Request) -> Next | None:
        """As `choose`, when that is immediate."""
        tests = self._tests
        for position in self._index.candidates(request):
            enter, holds = tests[position]
            if holds is None or holds(context, request):
                return enter
        return None

    async def choose(self, context: Context, request: Request) -> Next | None:
        """The way into the first route whose condition holds; no other is tried, whatever it answers."""
        if self.immediate:
            return self.find(context, request)
        routes = self.routes
        for position in self._index.candidates(request):
            route = routes[position].route
            if await route.condition(context, request):
                return route.entrance.handle
        return None


def condition_guard(condition: Condition) -> Guard:
    """What a condition implies; nothing for one that is no single expression."""
    expression = condition.expression
    if not isinstance(expression, Runtime) or not expression.template.single:
        return ANYTHING
    return guard(expression.template.expressions[0])
