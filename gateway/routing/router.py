"""Router: loads routes from a directory, follows its changes, and gives each request to the first that takes it.

A reload builds changed routes aside and swaps the table in one assignment; what it replaces drains. A file that does
not load keeps its last good version. Follows the documented entry Router (config-files.yaml).
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, PrivateAttr

from config.read import load_source, read_document
from config.types import Duration, FormerlySeconds, Ref, Static
from config.values import Map, plain, rebuilt
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span
from gateway.background import Background
from gateway.handlers.base import Handler
from gateway.http.message import Response
from gateway.metrics.route_traffic import RouteTraffic
from gateway.routing.codes import NO_DIRECTORY, ROUTE_NOT_BUILT, ROUTE_NOT_UNIQUE
from gateway.routing.directory import RESERVED, RouteDirectory
from gateway.routing.route import Route
from gateway.routing.table import LoadedRoute, RouteTable

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request

NO_ROUTE = 404
"""Status when no route takes a request and there is no default handler (the documentation is of two minds)."""

PATIENCE = 30.0
"""Seconds for what is inside of routes when the router stops; connections have been closed by then."""


class RouteConflict(Exception):
    """A route to add is there already, or one to change is not."""


class Router(Handler):
    """Gives each request to the first route of a directory that takes it."""

    directory: Static[str] | None = None
    """Directory of the route files; config/routes of the instance directory by default."""
    defaultHandler: Ref[Handler] | None = None
    """Takes the requests that no route takes."""
    scanInterval: Annotated[Duration, FormerlySeconds()] = Field(default="10 seconds")
    """Time between two looks at the directory; disabled or zero: one look, at start."""
    delayRouteMetrics: Static[bool] = False
    """Show the metrics of a route from its first request on only?"""
    failOnRouteError: Static[bool] = False
    """Refuse to start when a route does not load?"""

    holds_routes: ClassVar = True
    example: ClassVar = {
        "type": "Router",
        "name": "_router",
        "config": {"directory": "${openig.configDirectory}/routes", "scanInterval": "disabled"},
    }

    _heap: Heap = PrivateAttr()
    _directory: RouteDirectory = PrivateAttr()
    _routes: dict[str, LoadedRoute] = PrivateAttr(default_factory=dict)
    _table: RouteTable = PrivateAttr(default_factory=RouteTable)
    _others: RouteTraffic = PrivateAttr(default_factory=RouteTraffic)
    _reported: dict[str, str] = PrivateAttr(default_factory=dict)
    """What keeps files from loading, as the log has it."""
    _scanning: Background = PrivateAttr(default_factory=Background)
    _retiring: Background = PrivateAttr(default_factory=Background)
    _changing: asyncio.Lock = PrivateAttr(default_factory=asyncio.Lock)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if math.isinf(self.scanInterval):
            yield "scanInterval", "a scan interval cannot be unlimited", 'use "disabled" to load routes at start only'

    def prepare(self, heap: Heap) -> None:
        self._heap = heap
        only = heap.host.overrides.routes if self.directory is None else ()
        self._directory = RouteDirectory(Path(self.directory or heap.host.instance.routes_directory), only)

    @property
    def heap(self) -> Heap:
        """The heap that the router stands in."""
        return self._heap

    @property
    def table(self) -> RouteTable:
        """The routes in force."""
        return self._table

    @property
    def others(self) -> RouteTraffic:
        """What is counted of the requests that the default handler takes."""
        return self._others

    @property
    def route_directory(self) -> Path:
        return self._directory.path

    async def start(self) -> None:
        if self.directory is not None and not self._directory.path.is_dir():
            message = f'the directory of routes "{self._directory.path}" does not exist'
            source, span = self._heap.where(self.directory)
            raise DiagnosticError([Diagnostic(NO_DIRECTORY, message, source, span, 'make it, or set "directory"')])
        failures = await self.scan()
        if failures and self.failOnRouteError:
            await self.stop()
            raise DiagnosticError(d for failure in failures for d in failure.diagnostics)
        self._heap.host.routers.append(self)
        if self.scanInterval:
            self._scanning.spawn(f"scan of {self._directory.path}", self._keep_scanning())

    async def stop(self) -> None:
        routers = self._heap.host.routers
        routers[:] = [router for router in routers if router is not self]
        await self._scanning.stop()
        self._swap({})
        try:
            async with asyncio.timeout(PATIENCE):
                await self._retiring.join()
        except TimeoutError:
            self.log.error("requests are still inside of routes of %s; it stops all the same", self._directory.path)
            await self._retiring.stop()

    def handle(self, context: Context, request: Request) -> Awaitable[Response]:
        table = self._table
        enter = table.find(context, request) if table.immediate else None
        return enter(context, request) if enter is not None else self._choose(context, request)

    async def _choose(self, context: Context, request: Request) -> Response:
        """Answer where conditions take their time, or no route takes the request."""
        table = self._table
        enter = await table.choose(context, request)
        while table is not self._table:  # a condition took its time, and the route may be retired by now
            table = self._table
            enter = await table.choose(context, request)
        if enter is not None:
            return await enter(context, request)
        if self.defaultHandler is not None:
            return await self._others.through(self.defaultHandler.handle, context, request)
        return Response(NO_ROUTE)

    # ---------------------------------------------------------------------------------------------------- reloading

    async def _keep_scanning(self) -> None:
        while True:
            # At the same moments in all worker processes: their routes differ for no longer than a scan takes.
            await asyncio.sleep(self.scanInterval - monotonic() % self.scanInterval)
            await self.scan()

    async def scan(self) -> list[DiagnosticError]:
        """Load what is new or changed, drop what is gone, and swap the table; gives what did not load."""
        async with self._changing:
            for key, loaded in self._routes.items():
                if loaded.properties_changed():
                    self._directory.forget(key)
            changes = self._directory.look()
            failures: list[DiagnosticError] = []
            routes = dict(self._routes)
            for key in changes.gone:
                self._reported.pop(key, None)
                if routes.pop(key, None) is not None:
                    self.log.info("Removed the route with id '%s'", key)
            for file in changes.present:
                try:
                    routes[file.stem] = await self._load(file, routes)
                except Exception as error:
                    failures.append(self._failed(file, error, kept=file.stem in routes))
                await asyncio.sleep(0)  # requests go on between two routes
            if routes != self._routes:
                self._swap(routes)
            return failures

    def _failed(self, file: Path, error: Exception, *, kept: bool) -> DiagnosticError:
        """Log what keeps a file from loading, once, and have the file tried again: the reason may be elsewhere."""
        self._directory.forget(file.stem)
        found = error if isinstance(error, DiagnosticError) else _unforeseen(error, file)
        if self._reported.get(file.stem) != str(found):
            self._reported[file.stem] = str(found)
            self.log.error(
                "An error occurred while building the route with the name '%s'%s:\n%s",
                file.stem,
                "; its last good version stays" if kept else "",
                found,
            )
            if found is not error:
                self.log.debug("the failure in full", exc_info=error)
        return found

    async def _load(self, file: Path, routes: dict[str, LoadedRoute]) -> LoadedRoute:
        loaded = await self.build(read_document(load_source(file)), file.stem, routes)
        self._reported.pop(file.stem, None)
        return loaded

    async def build(self, values: Map, key: str, routes: dict[str, LoadedRoute]) -> LoadedRoute:
        """Build and start a route; raises DiagnosticError, and then nothing of it is left running."""
        heap, route = self._heap.host.loader.build(Route, values, parent=self._heap, name=key)
        route.id = route.id or key
        route.take_name(route.name or route.id)
        self._require_free(route, key, values, routes)
        try:
            await heap.start()
        except BaseException:
            await heap.stop()
            raise
        self.log.info("Loaded the route with id '%s' registered with the name '%s'", route.id, route.name)
        return LoadedRoute(route, heap, key, values)

    def _require_free(self, route: Route, key: str, values: Map, routes: dict[str, LoadedRoute]) -> None:
        others = [loaded.route for other, loaded in routes.items() if other != key]
        for label, value, taken in (
            ("id", route.id, {other.id for other in others}),
            ("name", route.name, {other.name for other in others}),
        ):
            if value == RESERVED or value in taken:
                why = "is reserved" if value == RESERVED else "is taken by another route"
                place = values.at(["_id" if label == "id" else "name"])
                raise DiagnosticError([Diagnostic(ROUTE_NOT_UNIQUE, f'the route {label} "{value}" {why}', *place)])

    def _swap(self, routes: dict[str, LoadedRoute]) -> None:
        replaced = [loaded for key, loaded in self._routes.items() if routes.get(key) is not loaded]
        self._routes = routes
        self._table = RouteTable(routes.values())
        for loaded in replaced:
            self._retiring.spawn(f"end of route {loaded.name}", loaded.retire())

    # ----------------------------------------------------------------------------------------------------- editing

    async def add(self, id_: str, document: Map) -> LoadedRoute:
        """Load a route that is not there and write its file; raises RouteConflict, DiagnosticError or OSError."""
        async with self._changing:
            if any(loaded.id == id_ for loaded in self._routes.values()) or id_ in self._routes:
                raise RouteConflict(f"a route with the id '{id_}' is loaded already")
            return await self._put(id_, id_, document)

    async def replace(self, id_: str, document: Map) -> LoadedRoute:
        """Load a route in the place of another and write its file; raises as `add` does, and then the other stays."""
        async with self._changing:
            return await self._put(self._loaded(id_).key, id_, document)

    async def remove(self, id_: str) -> LoadedRoute:
        """End a route and remove its file; raises RouteConflict or OSError."""
        async with self._changing:
            loaded = self._loaded(id_)
            self._directory.remove(loaded.key)
            self._swap({key: other for key, other in self._routes.items() if other is not loaded})
            self.log.info("Removed the route with id '%s'", id_)
            return loaded

    def _loaded(self, id_: str) -> LoadedRoute:
        found = next((loaded for loaded in self._routes.values() if loaded.id == id_), None)
        if found is None:
            raise RouteConflict(f"there is no route with the id '{id_}'")
        return found

    async def _put(self, key: str, id_: str, document: Map) -> LoadedRoute:
        items = [(name, value) for name, value in document.items() if name != "_id"]
        if key != id_:
            items.append(("_id", id_))
        values = rebuilt(document, items)
        loaded = await self.build(values, key, self._routes)
        try:
            self._directory.write(key, json.dumps(plain(values), indent=2, ensure_ascii=False) + "\n")
        except OSError:
            await loaded.heap.stop()
            raise
        self._swap({**self._routes, key: loaded})
        return loaded


def _unforeseen(error: Exception, file: Path) -> DiagnosticError:
    """A failure that no declaration foresaw; its text may quote what it worked on, a secret say, and is kept back."""
    reason = str(error) if isinstance(error, OSError) else type(error).__name__
    message = f"the objects of the route cannot be built: {reason}"
    return DiagnosticError([Diagnostic(ROUTE_NOT_BUILT, message, Source(str(file), ""), Span(0, 0))])
