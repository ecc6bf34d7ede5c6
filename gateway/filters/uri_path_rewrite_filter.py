"""UriPathRewriteFilter: maps paths of the gateway to paths of the application, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import PrivateAttr

from config.types import Ref, Static
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.uri import Uri, repair

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

_REWRITTEN = ("Location", "Content-Location")


class Mapping(NamedTuple):
    """A path of the gateway and the path of the application, percent-encoded and without slashes at their ends."""

    source: str
    target: str


class UriPathRewriteFilter(Filter):
    """Replaces the beginning of the request path, and puts it back in the headers Location and Content-Location.

    The longest path that the request path begins with, by whole segments, is replaced; paths are no patterns. A request
    that no path applies to is not changed. Redirects to other servers are not changed.
    """

    mappings: dict[Static[str], Static[str]]
    """Paths: from the one that clients use to the one of the application."""
    failureHandler: Ref[Handler] | None = None
    """What answers when a rewritten path or header is not valid; 500 by default."""

    example: ClassVar = {
        "type": "UriPathRewriteFilter",
        "config": {"mappings": {"/mcp": "/", "/shop/v1": "/backend/shop"}},
    }

    _mappings: list[Mapping] = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.mappings:
            yield "mappings", "no path is mapped", 'write {"/from": "/to"}'

    def prepare(self, heap: Heap) -> None:
        pairs = [Mapping(_path(source), _path(target)) for source, target in self.mappings.items()]
        self._mappings = sorted(pairs, key=lambda mapping: -len(mapping.source))

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        path = request.uri.raw_path
        mapping = best_match(self._mappings, path)
        if mapping is None:
            return await next(context, request)
        try:
            request.uri.raw_path = _moved(path, mapping.source, mapping.target)
        except ValueError as error:
            return await self._failure(context, request, f"the rewritten path is not valid: {error}")
        response = await next(context, request)
        try:
            for name in _REWRITTEN:
                if name in response.headers:
                    _rewrite(response, name, mapping, request.uri)
        except ValueError as error:
            response.close()
            return await self._failure(context, request, f"a rewritten header is not valid: {error}")
        return response

    async def _failure(self, context: Context, request: Request, message: str) -> Response:
        if self.failureHandler is None:
            raise ExchangeError(message)
        self.log.warning("%s: %s", self.object_name, message)
        return await self.failureHandler.handle(context, request)


def best_match(mappings: list[Mapping], path: str) -> Mapping | None:
    """The first mapping whose path is the beginning of another, by whole segments."""
    return next((mapping for mapping in mappings if _begins(path, mapping.source)), None)


def _path(text: str) -> str:
    return repair("path", text.rstrip("/"))


def _begins(path: str, prefix: str) -> bool:
    return path.startswith(prefix) and (len(path) == len(prefix) or path[len(prefix)] == "/")


def _moved(path: str, source: str, target: str) -> str:
    return target + path[len(source) :] or "/"


def _rewrite(response: Response, name: str, mapping: Mapping, base: Uri) -> None:
    uri = Uri.parse(response.headers.first(name) or "")
    relative = uri.scheme is None and uri.raw_authority is None
    if (relative or _origin(uri) == _origin(base)) and _begins(uri.raw_path, mapping.target):
        uri.raw_path = _moved(uri.raw_path, mapping.target, mapping.source)
        response.headers.set(name, str(uri))


def _origin(uri: Uri) -> tuple[str, str, int]:
    return (uri.scheme or "").lower(), (uri.host or "").lower(), uri.effective_port
