"""LocationHeaderFilter: rewrites redirects so that the user stays on the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import RuntimeOnResponse
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.http.context import RouterContext
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class LocationHeaderFilter(Filter):
    """Replaces scheme, host and port of the header Location; path, query and fragment stay.

    A Location or a base that is no valid URI fails the exchange.
    """

    baseURI: RuntimeOnResponse[str] | None = None
    """The base whose scheme, host and port are taken; by default the URI that the client asked for."""

    example: ClassVar = {
        "type": "LocationHeaderFilter",
        "config": {"baseURI": "https://ig.example.com:8443"},
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        response = await next(context, request)
        location = response.headers.first("Location")
        if location is None:
            return response
        base = await self._base(context, request, response)
        uri = _parsed(location, "the header Location")
        if uri.scheme is None and not uri.raw_path.startswith("/"):
            uri = request.uri.resolve(uri)
        uri.rebase(base)
        if str(uri) != location:
            response.headers.set("Location", str(uri))
        return response

    async def _base(self, context: Context, request: Request, response: Response) -> Uri:
        if self.baseURI is None:
            router = context.find("router")
            return router.original_uri if isinstance(router, RouterContext) else context.root.original_uri
        text = await self.baseURI(context, request, response)
        if text is None:
            raise ExchangeError("the property baseURI is null")
        return _parsed(text, "the property baseURI")


def _parsed(text: str, what: str) -> Uri:
    try:
        return Uri.parse(text)
    except ValueError as error:
        raise ExchangeError(f"{what} is not a valid URI: {error}") from None
