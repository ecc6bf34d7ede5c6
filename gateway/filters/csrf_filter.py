"""CsrfFilter: asks for a header that only scripts of the site can set. Follows the documented type CsrfFilter."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from config.types import Ref, Static
from gateway.base64url import unpadded
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token_for(session: str) -> str:
    """The anti-CSRF token of a session: base64url of the SHA-256 of the cookie's value."""
    digest = hashlib.sha256(session.encode("utf-8", "surrogateescape")).digest()
    return unpadded(digest).decode()


class CsrfFilter(Filter):
    """Protects a session against requests that other sites make the browser send: they lack a token in a header.

    The token is a hash of the session cookie. A refused request gets it in the same header, and so does the response
    that sets the cookie.
    """

    cookieName: Static[str]
    """Name of the session cookie."""
    headerName: Static[str] = "X-CSRF-Token"
    """Name of the header in which the token is sent and expected; X-CSRF-Token by default."""
    excludeSafeMethods: Static[bool] = True
    """Let GET, HEAD and OPTIONS pass unchecked? True by default."""
    failureHandler: Ref[Handler] | None = None
    """Answers requests without the right token; status 403 with an empty body by default."""

    example: ClassVar = {
        "type": "CsrfFilter",
        "config": {
            "cookieName": "iPlanetDirectoryPro",
            "failureHandler": {
                "type": "StaticResponseHandler",
                "config": {
                    "status": 403,
                    "headers": {"Content-Type": ["text/plain; charset=UTF-8"]},
                    "entity": "Request forbidden",
                },
            },
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        cookie = request.cookies.first(self.cookieName)
        checked = not (self.excludeSafeMethods and request.method in SAFE_METHODS)
        if checked and cookie is not None:
            expected = token_for(cookie.value or "")
            if not self._has_token(request, expected):
                return await self._refuse(context, request, expected)
        response = await next(context, request)
        session = cookie_set_by(response.headers.all("Set-Cookie"), self.cookieName)
        if session:
            response.headers.set(self.headerName, token_for(session))
        return response

    def _has_token(self, request: Request, expected: str) -> bool:
        given = request.headers.first(self.headerName) or ""
        return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())

    async def _refuse(self, context: Context, request: Request, expected: str) -> Response:
        handler = self.failureHandler
        response = Response(403) if handler is None else await handler.handle(context, request)
        response.headers.set(self.headerName, expected)
        return response


def cookie_set_by(lines: Iterable[str], name: str) -> str | None:
    """The value that a response gives to a cookie, the last one when it sets it more than once."""
    value = None
    for line in lines:
        key, equals, text = line.partition(";")[0].partition("=")
        if equals and key.strip().lower() == name.lower():
            value = text.strip().removeprefix('"').removesuffix('"')
    return value
