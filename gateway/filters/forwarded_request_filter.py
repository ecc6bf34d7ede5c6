"""ForwardedRequestFilter: the URI that a client asked for, where another server stands in front of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from config.types import Runtime
from gateway.errors import MalformedRequest
from gateway.filters.base import Filter, Next
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class ForwardedRequestFilter(Filter):
    """Rebases the request URI, and the URI that the client is taken to have asked for.

    Redirects and login pages then lead back to the server in front of the gateway. Path, query and fragment stay. A
    part that is null stays, too; one that makes no valid URI gets status 400.
    """

    scheme: Runtime[str] | None = None
    """The scheme; unchanged by default."""
    host: Runtime[str] | None = None
    """The host; unchanged by default."""
    port: Runtime[int] | None = None
    """The port; unchanged by default."""

    example: ClassVar = {
        "type": "ForwardedRequestFilter",
        "config": {
            "scheme": "${request.headers['X-Forwarded-Proto'][0]}",
            "host": "${split(request.headers['Host'][0], ':')[0]}",
            "port": "${integer(request.headers['X-Forwarded-Port'][0])}",
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.scheme is None and self.host is None and self.port is None:
            yield "scheme", "the filter changes nothing", "configure scheme, host or port"

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        scheme = None if self.scheme is None else await self.scheme(context, request)
        host = None if self.host is None else await self.host(context, request)
        port = None if self.port is None else await self.port(context, request)
        original = context.root.original_uri.copy()
        try:
            for uri in (original, request.uri):
                _change(uri, scheme, host, None if port is None else int(port))
        except ValueError as error:
            raise MalformedRequest(f"the forwarded URI is not valid: {error}") from None
        context.root.original_uri = original
        return await next(context, request)


def _change(uri: Uri, scheme: str | None, host: str | None, port: int | None) -> None:
    if scheme is not None:
        uri.scheme = scheme
    if host is not None:
        uri.host = host
    if port is not None:
        uri.port = port
