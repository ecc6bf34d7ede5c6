"""Sends a request to another origin: what the decoration `baseURI` and the bindings of DispatchHandler share."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gateway.errors import ExchangeError
from gateway.http.context import Context
from gateway.http.message import Request, Response
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from gateway.handlers.base import Next


@lru_cache(maxsize=512)
def origin(text: str) -> Uri:
    """The URI of a base URI; ValueError for text that is none, or whose host is no host name."""
    uri = Uri.parse(text)
    if uri.raw_authority and uri.host is None:
        raise ValueError("the host of a base URI is not a host name")
    return uri


class Rebase:
    """A base URI given as a runtime expression: scheme, host and port of the request become its own."""

    __slots__ = ("_expression", "_fixed")

    def __init__(self, expression: Any) -> None:
        self._expression = expression
        self._fixed: Uri | None = None
        """The base of all requests, once the first has shown it to be constant and valid."""

    async def __call__(self, context: Context, request: Request) -> None:
        """Rebase the request; a base that is null or no URI is a failure, one without scheme or host does nothing."""
        request.uri.rebase(self._fixed or await self._base(context, request))

    async def _base(self, context: Context, request: Request) -> Uri:
        text = await self._expression(context, request)
        if not isinstance(text, str):
            raise ExchangeError("the base URI is null")
        try:
            base = origin(text)
        except ValueError as error:
            raise ExchangeError(f"the base URI is not valid: {error}") from None
        if self._expression.constant:
            self._fixed = base
        return base


class Rebased:
    """What handles requests, behind a base URI."""

    __slots__ = ("_following", "_rebase")

    def __init__(self, rebase: Rebase, following: Next) -> None:
        self._rebase = rebase
        self._following = following

    def handle(self, context: Context, request: Request) -> Awaitable[Response]:
        base = self._rebase._fixed
        if base is None:
            return self._slowly(context, request)
        request.uri.rebase(base)
        return self._following(context, request)

    async def _slowly(self, context: Context, request: Request) -> Response:
        await self._rebase(context, request)
        return await self._following(context, request)
