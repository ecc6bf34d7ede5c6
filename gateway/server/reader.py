"""From bytes to requests: the parser of one connection, its limits, and what it refuses. Knows no socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httptools

from gateway.errors import EntityTooLarge, ExchangeError, MalformedRequest
from gateway.http.headers import HOP_BY_HOP, Headers, headers_of
from gateway.http.message import Request
from gateway.server.body import RequestBody
from gateway.server.fields import CONNECTION, FRAMING, HOST, NAMES
from gateway.server.head import Refused, plain_request, read_framing, read_request
from gateway.server.limits import Limits

_METHODS: Final = {name.encode(): name for name in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")}
# A trailer comes after the decisions that these fields are for.
_NO_TRAILER: Final = HOP_BY_HOP | {
    "authorization",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
}
_OVERHEAD: Final = 16 * 1024
"""Bytes that chunk sizes and extensions may take beyond eight for each byte of content."""


class Incoming:
    """A request as it came from the connection, or the status of what could not be read as one."""

    __slots__ = ("body", "expects_continue", "keep_alive", "request", "status", "upgrade")

    def __init__(self, request: Request | None, status: int = 0) -> None:
        self.request = request
        self.status = status
        self.body: RequestBody | None = None
        """The body that is being received."""
        self.keep_alive = False
        self.expects_continue = False
        self.upgrade = False


class RequestReader:
    """Feeds a strict parser and hands over each request as soon as its head is there."""

    __slots__ = (
        "_counting",
        "_emit",
        "_fallback",
        "_fed",
        "_host",
        "_keep_query",
        "_last",
        "_limits",
        "_lines",
        "_on_change",
        "_on_read",
        "_own",
        "_parser",
        "_scheme",
        "_size",
        "_status",
        "_target",
        "_usual",
        "body",
        "dead",
        "held",
        "in_head",
    )

    def __init__(
        self,
        limits: Limits,
        emit: Callable[[Incoming], None],
        on_read: Callable[[], None],
        on_change: Callable[[], None],
        *,
        scheme: str = "http",
        fallback: str = "localhost",
        keep_query: bool = False,
    ) -> None:
        self._limits, self._emit, self._on_read, self._on_change = limits, emit, on_read, on_change
        self._scheme, self._fallback, self._keep_query = scheme, fallback, keep_query
        self.dead = False
        self.in_head = False
        self.held: bytes | None = None
        """What came behind a request that asks for another protocol; None when no such request is open."""
        self._last: Incoming | None = None
        self.body: RequestBody | None = None
        self._target = b""
        self._forget_fields()
        self._size = 0
        self._fed = 0
        self._counting = False
        self._status = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Read on; what is wrong fails the request it belongs to, and nothing is read behind it."""
        if self.dead:
            return
        if self.held is not None:
            self.held += data
            return
        was_in_head = self.in_head
        # Fields cannot be over the limit where all that was read is below it: counting is for the others.
        if was_in_head and not self._counting:
            self._size = sum(map(len, self._lines)) + sum(len(name) + len(value) + 4 for name, value in self._own)
        self._counting = was_in_head or len(data) > self._limits.headers
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.held = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            self._fail(self._status or 400)
            return
        if self.body is not None:
            self._check_overhead(len(data))
        elif was_in_head and self.in_head:
            self._fed += len(data)
            if self._fed > self._limits.headers + self._limits.target:
                self._fail(431 if self._target else 414)

    def _forget_fields(self) -> None:
        self._lines: list[bytes] = []
        self._own: list[tuple[str, str]] = []
        self._host: str | None = None
        self._usual = True
        """Whether the fields are those of a request with one Host and no body."""

    def resume(self) -> None:
        """Go on with HTTP: the request that asked for another protocol got an ordinary answer."""
        held, self.held = self.held, None
        self._parser = httptools.HttpRequestParser(self)
        if held:
            self.feed(held)

    def eof(self) -> None:
        """The client has ended its side."""
        if self.body is not None:
            self.fail_body(MalformedRequest("the client ended the connection in the middle of a body"))
        self.dead = True

    def fail_body(self, error: ExchangeError) -> None:
        """End the body that is being received with an error; the connection cannot go on behind it."""
        self.dead = True
        body, self.body = self.body, None
        if body is not None:
            body.finish(error)
        if self._last is not None:
            self._last.keep_alive = False

    def _fail(self, status: int) -> None:
        if self.body is not None:
            error = EntityTooLarge if status == 413 else MalformedRequest
            self.fail_body(error("the body of a request is malformed or over a limit", status))
        elif self._last is None or self._last.keep_alive or self.in_head:
            # Behind a request that ends the connection nothing is a request any more.
            self._emit(Incoming(None, status))
        self.dead = True

    def _check_overhead(self, size: int) -> None:
        body = self.body
        assert body is not None
        self._fed += size
        if body.length is None and self._fed > _OVERHEAD + self._limits.headers + 9 * body.received:
            self._fail(400)

    # -- called by the parser

    def on_message_begin(self) -> None:
        self.in_head = True
        self._target = b""
        self._size = self._fed = 0

    def on_url(self, url: bytes) -> None:
        self._target += url
        if len(self._target) > self._limits.target:
            self._refuse(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._counting:
            self._size += len(name) + len(value) + 4
            if self._size > self._limits.headers:
                self._refuse(431)
        start, role = NAMES[name]
        if role:
            self._heed(role, name, value)
        else:
            self._lines.append(start + value.rstrip(b" \t"))

    def _heed(self, role: int, name: bytes, value: bytes) -> None:
        text = value.decode("latin-1").strip(" \t")
        if role == HOST:
            self._usual = self._usual and self._host is None
            self._host = text
            if name == b"Host":  # another spelling is kept as text: the client writes this one
                self._lines.append(b"\r\nHost: " + value.rstrip(b" \t"))
                return
        elif role == FRAMING or (role == CONNECTION and text != "keep-alive"):
            self._usual = False
        self._own.append((name.decode("latin-1"), text))

    def on_headers_complete(self) -> None:
        parser = self._parser
        method = parser.get_method()
        headers = headers_of(self._lines, self._own)
        host, usual = self._host, self._usual
        self._forget_fields()
        request = None
        known = _METHODS.get(method)
        if usual and host is not None and known is not None and _is_current(parser, headers):
            request = plain_request(known, self._target, host, headers, self._scheme)
        if request is None:
            self._read_unusual(method, parser.get_http_version(), headers)
            return
        self.in_head = False
        incoming = self._last = Incoming(request)
        incoming.keep_alive = True
        self._emit(incoming)

    def _read_unusual(self, method: bytes, version: str, headers: Headers) -> None:
        """Everything but a short request line with one Host and no body."""
        parser, limits = self._parser, self._limits
        try:
            framing = read_framing(headers, version)
            request = read_request(
                _METHODS.get(method) or method.decode("latin-1"),
                self._target.decode("latin-1"),
                headers,
                version,
                self._scheme,
                fallback=self._fallback,
                keep_query=self._keep_query,
            )
        except Refused as refused:
            self._refuse(refused.status)
        if 0 <= limits.body < framing.length:
            self._refuse(413)
        self.in_head = False
        incoming = self._last = Incoming(request)
        incoming.keep_alive = parser.should_keep_alive()
        incoming.upgrade = parser.should_upgrade()
        if framing.chunked or framing.length:
            incoming.expects_continue = framing.expects_continue
            length = None if framing.chunked else framing.length
            incoming.body = self.body = RequestBody(length, self._on_read, self._on_change)
            self._fed = 0
        self._emit(incoming)

    def on_body(self, data: bytes) -> None:
        body = self.body
        if body is not None:
            body.feed(data)
            if 0 <= self._limits.body < body.received:
                self._refuse(413)

    def on_message_complete(self) -> None:
        body, self.body = self.body, None
        if body is not None:
            if self._lines and self._last is not None and self._last.request is not None:
                fields = headers_of(self._lines, []).items()
                allowed = [(name, text) for name, text in fields if name.lower() not in _NO_TRAILER]
                self._last.request.trailers.extend(allowed)
            self._forget_fields()
            body.finish()

    def _refuse(self, status: int) -> None:
        self._status = status
        raise Refused(status)


def _is_current(parser: httptools.HttpRequestParser, headers: Headers) -> bool:
    """Whether a request is one of HTTP/1.1, whose connections are kept where no field says otherwise.

    Asking the parser for the version makes a text of it, at four times the price.
    """
    kept: bool = parser.get_http_version() == "1.1" if headers.own else parser.should_keep_alive()
    return kept
