"""The administrative application: health, metrics, information and the interface to routes, each at its path.

Follows the documented entries AdministrativeEndpoints and HealthEndpoints (objects.yaml).
"""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from gateway.admin.crest import CrestError, Parameters, answer, failure
from gateway.admin.descriptors import crest_descriptor, openapi
from gateway.admin.metrics_endpoint import MetricsEndpoint
from gateway.admin.protection import protected
from gateway.admin.registered import REGISTERED
from gateway.admin.routes_endpoint import RoutesEndpoint
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.metrics.prometheus import CONTENT_TYPE, exposition
from gateway.routing.names import find_route, router_name, routers_in, slug
from gateway.version import VERSION

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.application.admin_http_application import AdminHttpApplication
    from gateway.http.context import Context
    from gateway.http.message import Request
    from gateway.metrics.snapshot import Snapshot
    from gateway.routing.router import Router

log = logging.getLogger("gatewright.admin")

API: Final = "api"
OBJECTS: Final = (API, "system", "objects")
NOT_FOUND: Final = 404


class AdminApplication:
    """Answers the requests of the administrative connector."""

    def __init__(
        self,
        admin: AdminHttpApplication,
        routers: list[Router],
        *,
        development: bool,
        is_ready: Callable[[], bool],
        snapshot: Callable[[], Awaitable[Snapshot]],
        prefix: str = "",
    ) -> None:
        """`snapshot` gives the metrics to show, those of all worker processes where there are several.

        With a prefix (the deprecated layout) only paths below it are served.
        """
        self._prefix = [part for part in prefix.split("/") if part]
        self._admin = admin
        self._routers = routers
        self._development = development
        self._is_ready = is_ready
        self._snapshot = snapshot
        self._metrics_api = MetricsEndpoint(routers)
        self._api = protected(self._handle_api, admin.apiProtectionFilter, loopback_only=not development)
        self._metrics = protected(self._handle_metrics, admin.metricsProtectionFilter, loopback_only=False)

    async def handle(self, context: Context, request: Request) -> Response:
        """Answer one request, with the session of the administrative endpoints in force."""
        return await self._admin.session.around(context, request, self._dispatch)

    def is_below_prefix(self, request: Request) -> bool:
        return segments(request)[: len(self._prefix)] == self._prefix

    def _path(self, request: Request) -> list[str]:
        """The segments of the path behind the prefix."""
        path = segments(request)
        return path[len(self._prefix) :] if path[: len(self._prefix)] == self._prefix else path

    async def _dispatch(self, context: Context, request: Request) -> Response:
        match self._path(request):
            case ["health", "live"]:
                return _probe(request, fine=True)
            case ["health", "ready" | "startup"] | ["ping"]:
                return _probe(request, fine=self._is_ready())
            case ["metrics", *_]:
                return await self._metrics(context, request)
            case ["api", *_]:
                return await self._api(context, request)
        return Response(NOT_FOUND)

    async def _handle_metrics(self, context: Context, request: Request) -> Response:
        match self._path(request):
            case ["metrics", "prometheus", "0.0.4"]:
                return await self._prometheus(request)
            case ["metrics", "prometheus"] if self._admin.serveDeprecatedPrometheusEndpoint:
                return await self._prometheus(request)
            case ["metrics", "api"]:
                return await _crest(request, self._answer_metrics)
        return Response(NOT_FOUND)

    async def _prometheus(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _not_allowed()
        response = Response(200, Headers([("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-cache")]))
        # Ten thousand routes take a second to write down, which requests must not wait for.
        response.entity.set(await asyncio.to_thread(exposition, await self._snapshot()))
        return response

    async def _answer_metrics(self, request: Request, parameters: Parameters) -> Response:
        return self._metrics_api.handle(request, parameters, await self._snapshot())

    # ---------------------------------------------------------------------------------------------------- below /api

    async def _handle_api(self, context: Context, request: Request) -> Response:
        path = self._path(request)
        if path == [API, "info"]:
            return await _crest(request, self._info)
        if tuple(path[: len(OBJECTS)]) != OBJECTS:
            return Response(NOT_FOUND)
        if self._development and request.method in ("GET", "HEAD"):
            described = self._described(request)
            if described is not None:
                return described
        return await self._object(context, request, path[len(OBJECTS) :], None)

    async def _info(self, request: Request, parameters: Parameters) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _not_allowed()
        return answer({"product": "Gatewright", "version": VERSION, "build": build()}, parameters)

    def _described(self, request: Request) -> Response | None:
        parameters = Parameters(request)
        base = request.uri.path.rstrip("/")
        if "_crestapi" in parameters:
            return answer(crest_descriptor(base), parameters)
        if "_api" in parameters:
            return answer(openapi(base, request.headers.first("Host") or "localhost"), parameters)
        return None

    async def _object(self, context: Context, request: Request, path: list[str], heap: Heap | None) -> Response:
        """Find the router, or the endpoint of another object, that a path below `objects` leads to."""
        if not path:
            return Response(NOT_FOUND)
        router = next((r for r in routers_in(self._routers, heap) if slug(router_name(r)) == slug(path[0])), None)
        if router is None:
            endpoint = REGISTERED.find(heap, slug(path[0]))
            return await endpoint(context, request) if endpoint is not None else Response(NOT_FOUND)
        match path[1:]:
            case ["routes"] | ["routes", _] if self._development:
                path_of_all = request.uri.raw_path.rstrip("/")
                base = path_of_all.rpartition("/")[0] if path[2:] else path_of_all
                return await _crest(request, _routes(RoutesEndpoint(router, base), path[2:]))
            case ["routes", id_, "objects", *rest]:
                found = find_route(router, id_)
                if found is not None:
                    return await self._object(context, request, rest, found.heap)
        return Response(NOT_FOUND)


def _routes(endpoint: RoutesEndpoint, rest: list[str]) -> Callable[[Request, Parameters], Awaitable[Response]]:
    if not rest:
        return endpoint.collection

    async def item(request: Request, parameters: Parameters) -> Response:
        return await endpoint.item(rest[0], request, parameters)

    return item


def segments(request: Request) -> list[str]:
    """The decoded segments of the path; an encoded slash is a part of its segment."""
    return [unquote(part) for part in request.uri.raw_path.strip("/").split("/")]


async def _crest(request: Request, following: Callable[[Request, Parameters], Awaitable[Response]]) -> Response:
    """What a Common REST endpoint answers, its errors with their documented body."""
    parameters = Parameters(request)
    try:
        return await following(request, parameters)
    except CrestError as error:
        return failure(error, parameters)


def build() -> dict[str, Any]:
    return {"python": platform.python_version(), "implementation": platform.python_implementation()}


def _probe(request: Request, *, fine: bool) -> Response:
    if request.method not in ("GET", "HEAD"):
        return _not_allowed()
    return Response(200 if fine else 503, Headers([("Cache-Control", "no-cache")]))


def _not_allowed() -> Response:
    return Response(405, Headers([("Allow", "GET, HEAD")]))
