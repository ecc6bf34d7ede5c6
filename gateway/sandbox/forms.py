"""Form bodies of the OAuth 2.0 endpoints: strict, as RFC 6749 asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from aiohttp import web

from gateway.sandbox.errors import OAuthRefusal

REPEATABLE = frozenset({"resource", "audience"})
"""Parameters that RFC 8693 allows more than once."""


class Form:
    """Parameters of a request; one without a value counts as not sent (RFC 6749, 3.1)."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name in self._values and name not in REPEATABLE:
                text = f"Invalid Request, duplicate request parameter found : {name}"
                raise OAuthRefusal("invalid_request", text)
            if value:
                self._values[name] = value

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._values.items())

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def require(self, *names: str) -> tuple[str, ...]:
        """Values of parameters that have to be there."""
        if missing := [name for name in names if name not in self._values]:
            raise OAuthRefusal("invalid_request", f"Missing parameters: {', '.join(missing)}")
        return tuple(self._values[name] for name in names)

    def scopes(self) -> frozenset[str]:
        return frozenset(self._values.get("scope", "").split())


async def read_form(request: web.Request) -> Form:
    """Parse a form body; anything else is an invalid request."""
    if request.method != "POST":
        text = f"Required Method: POST found: {request.method}"
        raise OAuthRefusal("method_not_allowed", text, 405, {"Allow": "POST"})
    if request.content_type != "application/x-www-form-urlencoded":
        raise OAuthRefusal("invalid_request", "Invalid Content Type")
    body = await request.read()
    try:
        return Form(_pairs(body.decode("utf-8")))
    except ValueError:
        raise OAuthRefusal("invalid_request", "The request body is not a form") from None


def query_form(request: web.Request) -> Form:
    """The query as parameters."""
    try:
        return Form(_pairs(request.rel_url.raw_query_string))
    except ValueError:
        raise OAuthRefusal("invalid_request", "The query is not a form") from None


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
