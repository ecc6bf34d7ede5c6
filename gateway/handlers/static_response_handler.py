"""StaticResponseHandler: a response made of expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from config.types import OneOrMore, Runtime, Static
from gateway.filters.fields import bad_names, fixed_values, headers_of, put, values_of
from gateway.handlers.base import Handler
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.http.status import Status

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request

NOT_IN_TRAILERS = frozenset(
    [
        "transfer-encoding",
        "content-length",
        "host",
        "cache-control",
        "expect",
        "max-forwards",
        "pragma",
        "range",
        "te",
        "authorization",
        "proxy-authenticate",
        "proxy-authorization",
        "www-authenticate",
        "set-cookie",
        "content-encoding",
        "content-type",
        "content-range",
        "trailer",
    ]
)
"""Fields that may not be trailers: framing, routing, request modifiers, authentication (RFC 9110, 6.5.1)."""


class StaticResponseHandler(Handler):
    """Answers with a response made of expressions."""

    status: Static[int]
    """Status code, 100 to 999."""
    reason: Static[str] | None = None
    """Reason phrase, for codes that have none of their own."""
    headers: dict[Static[str], list[Runtime[str]]] = {}
    """Header fields: name -> values. A value that is null is left out."""
    trailers: dict[Static[str], list[Runtime[str]]] = {}
    """Trailer fields: name -> values."""
    entity: OneOrMore[Runtime[str]] = []
    """The body; the elements of an array are lines."""

    removed: ClassVar = {"version": "the version is that of the request; remove the property"}
    example: ClassVar = {
        "type": "StaticResponseHandler",
        "config": {
            "status": 200,
            "headers": {"Content-Type": ["text/html; charset=UTF-8"]},
            "entity": "<p>Hello ${contexts.ssoToken.info.uid}</p>",
        },
    }

    _status: Status = PrivateAttr()
    _headers: Headers | None = PrivateAttr(default=None)
    """The header fields, where they are the same for each exchange; each gets a copy."""
    _fixed: Response | None = PrivateAttr(default=None)
    """The response of a handler whose expressions are all constant; each request gets a copy."""

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not 100 <= self.status <= 999:
            yield "status", f"{self.status} is no status code", "use a number from 100 to 999"
        if self.reason is not None and not self.reason.isprintable():
            yield "reason", "a reason phrase holds a control character", "write it on one line"
        yield from bad_names("headers", self.headers)
        yield from bad_names("trailers", self.trailers)
        for name in self.trailers:
            if name.lower() in NOT_IN_TRAILERS:
                yield "trailers", f'"{name}" cannot be a trailer field', "send it as a header field"

    def prepare(self, heap: Heap) -> None:
        self._status = Status(self.status, self.reason)
        fields = {name: fixed_values(expressions) for name, expressions in self.headers.items()}
        if None in fields.values():
            return
        self._headers = Headers((name, text) for name, texts in fields.items() for text in texts or ())
        if not self.trailers and all(line.constant for line in self.entity):
            text = "\n".join(line.now() or "" for line in self.entity) if self.entity else None
            self._fixed = Response(self._status, self._headers.copy(), text)

    async def handle(self, context: Context, request: Request) -> Response:
        fixed = self._fixed
        if fixed is not None:
            return fixed.copy()
        headers = await headers_of(self.headers, context, request) if self._headers is None else self._headers.copy()
        response = Response(self._status, headers)
        for name, expressions in self.trailers.items():
            put(response.trailers, name, await values_of(expressions, context, request))
        if self.entity:
            lines = []
            for line in self.entity:
                text = line.now(context, request) if line.immediate else await line(context, request)
                lines.append(text or "")
            response.entity.string = "\n".join(lines)
        return response
