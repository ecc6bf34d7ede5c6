"""A response taken from the wire: what httptools calls back, made into a reply, with strict framing and bounds.

Strictness is llhttp's (no bare line ends, no folded fields, no Content-Length beside Transfer-Encoding) and goes a
little further: the only transfer coding is chunked, and a head, like what stands between chunks, has a limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from httptools import HttpResponseParser

from gateway.client.errors import MalformedResponse
from gateway.client.fields import NAMES, Role, keep_alive_seconds
from gateway.http.headers import Headers

if TYPE_CHECKING:
    import asyncio

    from gateway.client.body import BodyBuffer, BodyReader

INTERIM_LIMIT: Final = 32
"""Interim (1xx) responses to one request before the upstream is taken for broken."""
_NO_BODY: Final = frozenset({204, 304})
_KEEP_ALIVE: Final = (b"", b",keep-alive")
"""What `Connection` nearly always says."""


class Tunnel(Protocol):
    """The upstream's end of a switched connection."""

    protocol: str

    async def join(self, client: Any) -> None:
        """Pass bytes both ways until one side closes."""


class Reply:
    """A response as it came: hop-by-hop fields are gone, the body is whole or a reader."""

    __slots__ = ("body", "fields", "reason", "status", "trailers", "tunnel")

    def __init__(self, status: int, reason: bytes, fields: list[tuple[str, str]]) -> None:
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body: bytes | BodyReader = b""
        self.tunnel: Tunnel | None = None
        """What remains of the connection when the upstream switched protocols."""
        self.trailers: Headers | None = None
        """Fields behind the body; with a reader they are complete when it has been read to its end."""


class ResponseParsing:
    """The parsing half of a connection; one response at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int) -> None:
        self.loop = loop
        self.expires = math.inf
        """When the upstream will have lost patience with the unused connection."""
        self.on_continue: Callable[[], None] | None = None
        self._head_limit = head_limit
        self._parser = HttpResponseParser(self)
        self._reply: Reply | None = None
        self._buffer: BodyBuffer | None = None
        self._reset()

    def _reset(self) -> None:
        self._head_only = False
        self._fields: list[tuple[str, str]] = []
        self._reason = b""
        self._length: int | None = None
        self._encoding = b""
        self._tokens = b""
        self._in_head = True
        self._complete = False
        self._interim = 0
        self._overhead = 0
        self._seen = False
        self._until_close = False
        self._keep = False
        self._garbage = False
        self._pieces: list[bytes] = []
        self._trailers: Headers | None = None

    def on_message_begin(self) -> None:
        if self._complete:
            self._garbage = True

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        text, role = NAMES[name]
        if role:
            self._heed(role, text, value)
        else:
            self._fields.append((text, value.decode("latin-1")))

    def _heed(self, role: int, text: str, value: bytes) -> None:
        if not self._in_head:
            # A trailer is too late to say this, but the parser heeds it and would read the next response by it.
            self._keep = False
        elif role == Role.LENGTH:
            if self._length is None:
                self._fields.append((text, value.decode("latin-1")))
            self._length = int(value)
        elif role == Role.ENCODING:
            self._encoding += value.lower()
        elif role == Role.CONNECTION:
            self._tokens += b"," + value.lower()
        elif role == Role.KEEP_ALIVE:
            seconds = keep_alive_seconds(value)
            if seconds is not None:
                # A second less than the upstream says: its clock starts when it sends, ours when we receive.
                self.expires = self.loop.time() + max(0.0, seconds - 1.0)

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        if self._overhead > self._head_limit and self._head_size() > self._head_limit:
            raise MalformedResponse(f"more than {self._head_limit} bytes of header fields")
        status = self._parser.get_status_code()
        if status < 200:
            self._take_interim(status)
            return
        self._in_head = False
        tokens: set[bytes] | frozenset[bytes] = frozenset()
        if self._tokens not in _KEEP_ALIVE:
            tokens = {token.strip() for token in self._tokens.split(b",")}
            self._drop_named(tokens)
        # Asking for the version costs as much as the rest of this; the usual answer needs none.
        self._keep = self._parser.should_keep_alive()
        if not self._keep or self._encoding:
            self._judge_version(tokens)
        fields, self._fields = self._fields, []
        self._reply = Reply(status, self._reason, fields)
        if self._head_only:
            self._length, self._complete = 0, True
        elif status in _NO_BODY:
            if status == 204:
                fields[:] = [field for field in fields if field[0].lower() != "content-length"]
        elif self._length is None and not self._encoding:
            self._until_close, self._keep = True, False

    def _judge_version(self, tokens: set[bytes] | frozenset[bytes]) -> None:
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            raise MalformedResponse(f"an upstream that speaks HTTP/{version}")
        if self._encoding not in (b"", b"chunked") or (self._encoding and version == "1.0"):
            raise MalformedResponse("a transfer encoding that is not chunked")
        # The parser's judgement includes bodies that HEAD does not have, so it is made again from the fields.
        self._keep = b"close" not in tokens if version == "1.1" else b"keep-alive" in self._tokens.split(b",")

    def _head_size(self) -> int:
        return sum(len(name) + len(value) for name, value in self._fields)

    def _drop_named(self, tokens: set[bytes]) -> None:
        named = {token.decode("latin-1") for token in tokens} - {"", "close", "keep-alive", "content-length"}
        if named:
            self._fields[:] = [field for field in self._fields if field[0].lower() not in named]

    def _take_interim(self, status: int) -> None:
        if status == 101:
            raise MalformedResponse("the upstream switched to another protocol without being asked")
        self._interim += 1
        if self._interim > INTERIM_LIMIT:
            raise MalformedResponse("an upstream that sends interim responses without end")
        self._fields, self._reason, self._tokens, self._encoding, self._length = [], b"", b"", b"", None
        if status == 100 and self.on_continue is not None:
            self.on_continue()

    def on_body(self, data: bytes) -> None:
        self._overhead = 0
        if self._complete or self._in_head:
            self._garbage = True
        elif self._buffer is not None:
            self._buffer.feed(data)
        else:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if not self._in_head:
            if self._fields and not self._garbage:
                self._take_trailers()
            self._complete = True

    def _take_trailers(self) -> None:
        if self._trailers is None:
            self._trailers = Headers()
        for name, value in self._fields:
            self._trailers.add(name, value)
