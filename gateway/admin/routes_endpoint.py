"""The interface to the routes of a router: read, add, replace and remove them, in development mode.

Follows the documented entry RoutesEndpoint (objects.yaml). What it changes is in force at once, and in the files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from config.read import read_document
from config.values import Map, plain
from expr.diagnostic import DiagnosticError
from expr.source import Source
from gateway.admin.crest import CrestError, Parameters, answer, query_filter, query_result, resource
from gateway.routing.directory import RESERVED
from gateway.routing.names import find_route
from gateway.routing.router import RouteConflict

if TYPE_CHECKING:
    from gateway.http.message import Request, Response
    from gateway.routing.router import Router
    from gateway.routing.table import LoadedRoute

_ID: Final = re.compile(r"\w(?:[\w.\-]*\w)?")
"""What an id may be that becomes the name of a file."""


def show(loaded: LoadedRoute) -> dict[str, Any]:
    return {"_id": loaded.id, **{name: value for name, value in plain(loaded.document).items() if name != "_id"}}


class RoutesEndpoint:
    """The routes of one router, at one base path."""

    def __init__(self, router: Router, base: str) -> None:
        self._router = router
        self._base = base

    async def collection(self, request: Request, parameters: Parameters) -> Response:
        """Answer a request for all routes."""
        if request.method in ("GET", "HEAD"):
            if query_filter(parameters).text != "true":
                raise CrestError(501, "only the query filter true is supported")
            return answer(query_result(map(show, self._router.table.routes), parameters), parameters)
        if request.method == "POST" and parameters.get("_action") == "create":
            raise CrestError(400, "a route has the id that its client chooses: use PUT")
        raise CrestError(501, f"{request.method} is not supported for routes")

    async def item(self, id_: str, request: Request, parameters: Parameters) -> Response:
        """Answer a request for one route."""
        match request.method:
            case "GET" | "HEAD":
                return answer(resource(show(self._found(id_)), parameters), parameters)
            case "PUT" if "If-Match" in request.headers:
                return await self._replace(id_, request, parameters)
            case "PUT":
                return await self._create(id_, request, parameters)
            case "DELETE":
                return await self._delete(id_, parameters)
        raise CrestError(501, f"{request.method} is not supported for a route")

    def _found(self, id_: str) -> LoadedRoute:
        found = find_route(self._router, id_)
        if found is None:
            raise CrestError(404, f"Route {id_} is not found")
        return found

    async def _create(self, id_: str, request: Request, parameters: Parameters) -> Response:
        if request.headers.first("If-None-Match") not in (None, "*"):
            raise CrestError(400, "If-None-Match has to be * to create a route")
        if _ID.fullmatch(id_) is None or id_ == RESERVED:
            raise CrestError(400, "the id of a route is made of letters, digits, underscores, hyphens and periods")
        document = await read_body(request)
        try:
            loaded = await self._router.add(id_, document)
        except (RouteConflict, DiagnosticError, OSError) as error:
            raise CrestError(409, f"Unable to create route {id_}", _cause(error)) from None
        return answer(show(loaded), parameters, 201, {"Location": f"{self._base}/{quote(id_)}"})

    async def _replace(self, id_: str, request: Request, parameters: Parameters) -> Response:
        if request.headers.first("If-Match") != "*":
            raise CrestError(412, "routes have no revisions: If-Match has to be *")
        document = await read_body(request)
        try:
            loaded = await self._router.replace(self._found(id_).id, document)
        except (RouteConflict, DiagnosticError) as error:
            raise CrestError(404, f"Unable to replace route {id_}", _cause(error)) from None
        except OSError as error:
            raise CrestError(500, f"Unable to replace route {id_}", _cause(error)) from None
        return answer(show(loaded), parameters)

    async def _delete(self, id_: str, parameters: Parameters) -> Response:
        try:
            return answer(show(await self._router.remove(self._found(id_).id)), parameters)
        except RouteConflict as error:
            raise CrestError(404, f"Route {id_} is not found", _cause(error)) from None
        except OSError as error:
            raise CrestError(500, f"Unable to remove route {id_}", _cause(error)) from None


def _cause(error: Exception) -> str:
    """What went wrong; the path of a file on this machine is nobody's business."""
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


async def read_body(request: Request) -> Map:
    """The JSON object that a request carries; CrestError for anything else."""
    kind = (request.headers.first("Content-Type") or "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise CrestError(415, "the body of the request has to be application/json")
    try:
        text = (await request.entity.read()).decode("utf-8")
        document = read_document(Source("<request>.json", text))
    except (UnicodeDecodeError, DiagnosticError) as error:
        raise CrestError(400, "the body of the request is not JSON", str(error)) from None
    if not isinstance(document, Map):
        raise CrestError(400, "the body of the request is not a JSON object")
    return document
