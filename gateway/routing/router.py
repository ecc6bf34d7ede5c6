"""Router: loads routes from a directory, follows its changes, and gives each request to the first that takes it.

A reload builds changed routes aside and swaps the table in one assignment; what it replaces drains. A file that does
not load keeps its last good version. Follows the documented entry Router (config-files.yaml).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, PrivateAttr

from config.read import load_source, read_document
from config.types import Duration, Ref, Static
from config.values import Map
from expr.diagnostic import Diagnostic, DiagnosticError
from gateway.background import Background
from gateway.handlers.base import Handler
from gateway.http.message import Response
from gateway.routing.codes import NO_DIRECTORY, ROUTE_NOT_UNIQUE
from gateway.routing.directory import RESERVED, RouteDirectory
from gateway.routing.route import Route
from gateway.routing.table import LoadedRoute, RouteTable

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request

NO_ROUTE = 404
"""Status when no route takes a request and there is no default handler (the documentation is of two minds)."""


class Router(Handler):
    """Gives each request to the first route of a directory that takes it."""

    directory: Static[str] | None = None
    """Directory of the route files; config/routes of the instance directory by default."""
    defaultHandler: Ref[Handler] | None = None
    """Takes the requests that no route takes."""
    scanInterval: Duration = Field(default="10 seconds")
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
    _background: Background = PrivateAttr(default_factory=Background)
    _changing: asyncio.Lock = PrivateAttr(default_factory=asyncio.Lock)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if math.isinf(self.scanInterval):
            yield "scanInterval", "a scan interval cannot be unlimited", 'use "disabled" to load routes at start only'

    def prepare(self, heap: Heap) -> None:
        self._heap = heap
        only = heap.host.overrides.routes if self.directory is None else ()
        self._directory = RouteDirectory(Path(self.directory or heap.host.instance.routes_directory), only)
        heap.host.routers.append(self)

    @property
    def table(self) -> RouteTable:
        """The routes in force."""
        return self._table

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
            raise DiagnosticError(d for failure in failures for d in failure.diagnostics)
        if self.scanInterval:
            self._background.spawn(f"scan of {self._directory.path}", self._keep_scanning())

    async def stop(self) -> None:
        await self._background.stop()
        for loaded in self._routes.values():
            await loaded.retire()
        self._routes.clear()

    async def handle(self, context: Context, request: Request) -> Response:
        route = await self._table.choose(context, request)
        if route is not None:
            return await route.handle(context, request)
        if self.defaultHandler is not None:
            return await self.defaultHandler.handle(context, request)
        return Response(NO_ROUTE)

    # ---------------------------------------------------------------------------------------------------- reloading

    async def _keep_scanning(self) -> None:
        while True:
            await asyncio.sleep(self.scanInterval)
            await self.scan()

    async def scan(self) -> list[DiagnosticError]:
        """Load what is new or changed, drop what is gone, and swap the table; gives what did not load."""
        async with self._changing:
            changes = self._directory.look()
            failures: list[DiagnosticError] = []
            routes = dict(self._routes)
            for id_ in changes.gone:
                if routes.pop(id_, None) is not None:
                    self.log.info("Removed the route with id '%s'", id_)
            for file in changes.present:
                try:
                    loaded = await self._load(file, routes)
                except DiagnosticError as error:
                    failures.append(error)
                    self._log_failure(file, error, kept=file.stem in routes)
                else:
                    routes[file.stem] = loaded
                    self.log.info("Loaded the route with id '%s' registered with the name '%s'", loaded.id, loaded.name)
                await asyncio.sleep(0)  # requests go on between two routes
            self._swap(routes)
            return failures

    def _log_failure(self, file: Path, error: DiagnosticError, *, kept: bool) -> None:
        self.log.error(
            "An error occurred while building the route with the name '%s'%s:\n%s",
            file.stem,
            "; its last good version stays" if kept else "",
            error,
        )

    async def _load(self, file: Path, routes: dict[str, LoadedRoute]) -> LoadedRoute:
        values = read_document(load_source(file))
        return await self.build(values, file.stem, routes)

    async def build(self, values: Map, file_name: str, routes: dict[str, LoadedRoute]) -> LoadedRoute:
        """Build and start a route; raises DiagnosticError, and then nothing of it is left running."""
        heap, route = self._heap.host.loader.build(Route, values, parent=self._heap, name=file_name)
        route.id = route.id or file_name
        route.name = route.name or route.id
        self._require_free(route, file_name, values, routes)
        try:
            await heap.start()
        except BaseException:
            await heap.stop()
            raise
        return LoadedRoute(route, heap)

    def _require_free(self, route: Route, file_name: str, values: Map, routes: dict[str, LoadedRoute]) -> None:
        others = [loaded.route for key, loaded in routes.items() if key != file_name]
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
            self._background.spawn(f"end of route {loaded.name}", loaded.retire())
