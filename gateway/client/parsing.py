"""A response taken from the wire: what httptools calls back, made into a message, with strict framing and bounds.

Strictness is llhttp's (no bare line ends, no folded fields, no Content-Length beside Transfer-Encoding) and goes a
little further: the only transfer coding is chunked, and a head, like what stands between chunks, has a limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from httptools import HttpResponseParser

from gateway.client.errors import MalformedResponse
from gateway.client.fields import CONNECTION, ENCODING, KEEP_ALIVE, LENGTH, NAMES, keep_alive_seconds
from gateway.http.headers import Headers, headers_of
from gateway.http.message import Response
from gateway.http.status import KNOWN, Status

if TYPE_CHECKING:
    import asyncio

    from gateway.client.body import BodyBuffer

INTERIM_LIMIT: Final = 32
"""Interim (1xx) responses to one request before the upstream is taken for broken."""
NO_BODY: Final = frozenset({204, 304})
"""Statuses of responses that end with their head."""
_USUAL_TOKENS: Final = (b"", b",keep-alive")
"""What `Connection` nearly always says."""

FREE: Final = 0
"""How far an exchange is: there is none."""
SENT: Final = 1
"""The request is on its way, and nothing came back."""
HEAD: Final = 2
"""A part of the response is here, its head is not."""
BODY: Final = 3
"""The head of the final response is here."""
DONE: Final = 4
"""All of it is."""


class Tunnel(Protocol):
    """The upstream's end of a switched connection."""

    protocol: str

    async def join(self, client: Any) -> None:
        """Pass bytes both ways until one side closes."""


class ResponseParsing:
    """The parsing half of a connection; one response at a time."""

    __slots__ = (
        "_buffer",
        "_encoding",
        "_garbage",
        "_head_limit",
        "_head_only",
        "_interim",
        "_keep",
        "_length",
        "_lines",
        "_overhead",
        "_own",
        "_parser",
        "_pieces",
        "_reason",
        "_response",
        "_stage",
        "_tokens",
        "_trailers",
        "_until_close",
        "expires",
        "loop",
        "on_continue",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int) -> None:
        self.loop = loop
        self.expires = math.inf
        """When the upstream will have lost patience with the unused connection."""
        self.on_continue: Callable[[], None] | None = None
        self._head_limit = head_limit
        self._parser = HttpResponseParser(self)
        self._stage = FREE
        self._head_only = False
        self._interim = 0
        self._overhead = 0
        """Bytes since the exchange began, or since the last of content."""
        self._garbage = False
        """Whether something came that belongs to no response."""
        self._keep = False
        self._until_close = False
        self._response: Response | None = None
        """What nobody has been given yet."""
        self._pieces: list[bytes] = []
        self._buffer: BodyBuffer | None = None
        self._trailers: Headers | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget the head of the message before."""
        self._lines: list[bytes] = []
        self._own: list[tuple[str, str]] = []
        self._reason = b""
        self._length: int | None = None
        self._encoding = b""
        self._tokens = b""

    def on_message_begin(self) -> None:
        if self._stage == DONE:
            self._garbage = True
        else:
            self._begin()

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        start, role = NAMES[name]
        if role:
            self._heed(role, name, value)
        else:
            self._lines.append(start + value)

    def _heed(self, role: int, name: bytes, value: bytes) -> None:
        if self._stage > HEAD:
            # A trailer is too late to say this, but the parser heeds it and would read the next response by it.
            self._keep = False
        elif role == LENGTH:
            if self._length is None:
                self._own.append((name.decode("latin-1"), value.decode("latin-1")))
            self._length = int(value)
        elif role == CONNECTION:
            self._tokens += b"," + value.lower()
        elif role == ENCODING:
            self._encoding += value.lower()
        elif role == KEEP_ALIVE:
            seconds = keep_alive_seconds(value)
            if seconds is not None:
                # A second less than the upstream says: its clock starts when it sends, ours when we receive.
                self.expires = self.loop.time() + max(0.0, seconds - 1.0)

    def on_headers_complete(self) -> None:
        if self._stage == DONE:
            return
        if self._overhead > self._head_limit and sum(map(len, self._lines)) > self._head_limit:
            raise MalformedResponse(f"more than {self._head_limit} bytes of header fields")
        code = self._parser.get_status_code()
        if code < 200:
            self._take_interim(code)
            return
        tokens: set[bytes] | frozenset[bytes] = frozenset()
        if self._tokens not in _USUAL_TOKENS:
            tokens = {token.strip() for token in self._tokens.split(b",")}
            self._drop_named(tokens)
        # Asking for the version costs as much as the rest of this; the usual answer needs none.
        self._keep = self._parser.should_keep_alive()
        if not self._keep or self._encoding:
            self._judge_version(tokens)
        self._stage = BODY
        self._respond(code)
        if self._head_only:
            self._length, self._stage = 0, DONE
        elif self._length is None or code in NO_BODY:
            self._frame_otherwise(code)

    def _respond(self, code: int) -> None:
        status = KNOWN.get(code) or Status(code, self._reason.decode("latin-1"))
        self._response = Response(status, headers_of(self._lines, self._own))
        self._lines = []  # what comes now are trailers

    def _frame_otherwise(self, code: int) -> None:
        """Deal with a response whose body is not delimited by its length."""
        if code == 204 and self._response is not None:
            self._response.headers.remove("Content-Length")
        self._until_close = not (self._encoding or code in NO_BODY)
        if self._until_close:
            self._keep = False

    def _judge_version(self, tokens: set[bytes] | frozenset[bytes]) -> None:
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            raise MalformedResponse(f"an upstream that speaks HTTP/{version}")
        if self._encoding not in (b"", b"chunked") or (self._encoding and version == "1.0"):
            raise MalformedResponse("a transfer encoding that is not chunked")
        # The parser's judgement includes bodies that HEAD does not have, so it is made again from the fields.
        self._keep = b"close" not in tokens if version == "1.1" else b"keep-alive" in self._tokens.split(b",")

    def _drop_named(self, tokens: set[bytes]) -> None:
        named = tokens - {b"", b"close", b"keep-alive"}
        if named:
            self._lines[:] = [line for line in self._lines if line[2:].partition(b":")[0].lower() not in named]

    def _take_interim(self, code: int) -> None:
        if code == 101:
            raise MalformedResponse("the upstream switched to another protocol without being asked")
        self._interim += 1
        if self._interim > INTERIM_LIMIT:
            raise MalformedResponse("an upstream that sends interim responses without end")
        if code == 100 and self.on_continue is not None:
            self.on_continue()

    def on_body(self, data: bytes) -> None:
        self._overhead = 0
        if self._stage != BODY:
            self._garbage = True
        elif self._buffer is not None:
            self._buffer.feed(data)
        else:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if self._stage == BODY:
            self._stage = DONE
            if self._lines:
                self._take_trailers()

    def _take_trailers(self) -> None:
        if self._trailers is None:
            self._trailers = Headers()
        self._trailers.extend(headers_of(self._lines, []).items())
