"""The routes of one moment, in their order: what a request is matched against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from config.heap import Heap
from gateway.http.context import Context
from gateway.http.message import Request
from gateway.routing.route import Route


@dataclass(eq=False)
class LoadedRoute:
    """A route that runs, and the heap whose objects it uses."""

    route: Route
    heap: Heap

    @property
    def id(self) -> str:
        return self.route.id

    @property
    def name(self) -> str:
        return self.route.name

    async def retire(self) -> None:
        """Let the requests inside finish, then stop the objects of the route."""
        await self.route.drained()
        await self.heap.stop()


@dataclass(frozen=True, eq=False)
class RouteTable:
    """An immutable set of routes; a reload makes another one and swaps it in with one assignment."""

    routes: tuple[LoadedRoute, ...] = field(default=())

    @classmethod
    def of(cls, routes: Iterable[LoadedRoute]) -> RouteTable:
        """Routes in the documented order: by name, character by character."""
        return cls(tuple(sorted(routes, key=lambda loaded: loaded.name)))

    async def choose(self, context: Context, request: Request) -> Route | None:
        """The first route whose condition the request satisfies; no other is tried, whatever it answers."""
        for loaded in self.routes:
            if await loaded.route.condition(context, request):
                return loaded.route
        return None
