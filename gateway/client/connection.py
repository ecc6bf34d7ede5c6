"""One HTTP/1.1 connection to an upstream: an asyncio protocol over httptools that carries one exchange at a time.

It frames requests that are ready as bytes, parses responses strictly, bounds what it holds, and tells its pool when it
is free. It knows neither which exchange may use it (`pool`) nor what a request looks like (`head`).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.client.body import BodyBuffer, BodyReader
from gateway.client.errors import ConnectionLost, MalformedResponse, ResponseTimeout
from gateway.client.fields import KNOWN, Role, keep_alive_seconds, learn
from gateway.errors import UpstreamError
from gateway.http.headers import Headers

SMALL_BODY: Final = 64 * 1024
"""A body known to be no longer than this comes in one piece with its head: one write to the client instead of two."""
INTERIM_LIMIT: Final = 32
"""Interim (1xx) responses to one request before the upstream is taken for broken."""
_NO_BODY: Final = frozenset({204, 304})


class StaleConnection(ConnectionLost):
    """A kept connection turned out to be closed before a byte of the response came: the request may be sent anew."""


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


class Owner(Protocol):
    """The pool, as its connections see it."""

    def released(self, connection: Connection, reusable: bool) -> None: ...

    def lost(self, connection: Connection) -> None: ...


class Tunnel(Protocol):
    """The upstream's end of a switched connection."""

    protocol: str

    async def join(self, client: Any) -> None:
        """Pass bytes both ways until one side closes."""


class Sender(Protocol):
    """What still sends the request body while the response is awaited."""

    def stop(self) -> None: ...


class Connection(asyncio.Protocol):
    """See the module. Public attributes are for the pool and for the sender of a body."""

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int, born: float, retire_at: float) -> None:
        self.loop = loop
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.owner: Owner | None = None
        self.retire_at = retire_at
        self.expires = math.inf
        self.last_seen = born
        self.used = False
        self.closed = False
        self.awaits_client = False
        """True while the sender waits for the gateway's own client: the silence is not the upstream's."""
        self.sender: Sender | None = None
        self.on_continue: Callable[[], None] | None = None
        self._head_limit = head_limit
        self._parser = HttpResponseParser(self)
        self._waiter: asyncio.Future[Reply] | None = None
        self._reply: Reply | None = None
        self._buffer: BodyBuffer | None = None
        self._writable: asyncio.Future[None] | None = None
        self._paused = False
        self._reset()

    def _reset(self) -> None:
        self._busy = False
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

    # -- one exchange

    def exchange(self, data: bytes, head_only: bool) -> asyncio.Future[Reply]:
        """Send a request, or its head when a sender follows with the body; the future gives the reply."""
        self._busy = True
        self._head_only = head_only
        self.last_seen = self.loop.time()
        self.expires = math.inf
        waiter = self._waiter = self.loop.create_future()
        if self.closed or self.transport.is_closing():
            self._end(StaleConnection("a kept connection was closed by the upstream"))
        else:
            self.transport.write(data)
        return waiter

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def answered(self) -> bool:
        """Whether the head of the final response is here."""
        return not self._in_head

    def close(self) -> None:
        """Close without a reason: nobody waits for anything, or no longer."""
        self.fail(ConnectionLost("the connection was closed by the gateway"))

    def fail(self, error: BaseException) -> None:
        """End the exchange, if there is one, with an error, and close."""
        if self.closed:
            return
        self.closed = True
        self._end(error)
        if not self.loop.is_closed():
            self.transport.abort()
        if self.owner is not None:
            self.owner.lost(self)

    def expire(self, now: float, so_timeout: float) -> None:
        """Called at a tick: fail an exchange in which the upstream was silent for too long."""
        if self._busy and not self._paused and not self.awaits_client and now - self.last_seen > so_timeout:
            doing = "sent a part of its response and then nothing" if self._seen else "did not answer"
            self.fail(ResponseTimeout(f"the upstream {doing} for {so_timeout:g} s"))

    def _end(self, error: BaseException) -> None:
        waiter, buffer, sender = self._waiter, self._buffer, self.sender
        self._waiter = self._buffer = self.sender = self._reply = None
        self._busy = False
        if sender is not None:
            sender.stop()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
        if buffer is not None:
            buffer.finish(error)
        self._wake_writer()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            self.fail(MalformedResponse("data without a request"))
            return
        self.last_seen = self.loop.time()
        self._seen = True
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
            return
        except HttpParserError as error:
            self._garbage = True
            if not self._complete:
                cause = error.__context__  # what one of the callbacks raised
                known = cause if isinstance(cause, MalformedResponse) else None
                self.fail(known or MalformedResponse(f"the response is not HTTP: {error}"))
                return
        if self._complete:
            self._finish()
        elif self._overhead > self._head_limit:
            self.fail(MalformedResponse(f"more than {self._head_limit} bytes of header fields"))
        elif not self._in_head and self._buffer is None and (self._length is None or self._length > SMALL_BODY):
            self._begin_stream()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed:
            return
        if self._busy and self._until_close and exc is None:
            self._complete = True
            self._finish()
            return
        self.fail(self._loss(exc))

    def _loss(self, exc: Exception | None) -> UpstreamError:
        how = f"broke: {exc}" if exc else "was closed by the upstream"
        if self.used and not self._seen:
            return StaleConnection(f"a kept connection {how}")
        when = "in the middle of the response" if self._seen else "before it answered"
        return ConnectionLost(f"the connection {how} {when}")

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = self.loop.create_future()

    def resume_writing(self) -> None:
        self._wake_writer()

    def _wake_writer(self) -> None:
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    async def drain(self) -> None:
        """Wait until the transport takes more."""
        if self._writable is not None:
            await asyncio.shield(self._writable)
            self.last_seen = self.loop.time()

    # -- callbacks of the parser

    def on_message_begin(self) -> None:
        if self._complete:
            self._garbage = True

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        text, role = KNOWN.get(name) or learn(name)
        if not self._in_head:
            if not role and not self._garbage:
                if self._trailers is None:
                    self._trailers = Headers()
                self._trailers.add(text, value.decode("latin-1"))
        elif not role:
            self._fields.append((text, value.decode("latin-1")))
        else:
            self._heed(role, text, value)

    def _heed(self, role: int, text: str, value: bytes) -> None:
        if role == Role.LENGTH:
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
        version = self._parser.get_http_version()
        tokens = self._tokens
        if tokens:
            self._drop_named({token.strip() for token in tokens.split(b",")})
        self._keep = b"close" not in tokens if version == "1.1" else b"keep-alive" in tokens
        self._reply = Reply(status, self._reason, self._fields)
        self._frame(status, version)

    def _head_size(self) -> int:
        return sum(len(name) + len(value) for name, value in self._fields)

    def _drop_named(self, tokens: set[bytes]) -> None:
        named = {token.decode("latin-1") for token in tokens} - {"", "close", "keep-alive", "content-length"}
        if named:
            self._fields[:] = [field for field in self._fields if field[0].lower() not in named]

    def _frame(self, status: int, version: str) -> None:
        """Decide where the body ends, as RFC 9112 section 6.3 has it."""
        if version not in ("1.1", "1.0"):
            raise MalformedResponse(f"an upstream that speaks HTTP/{version}")
        if self._encoding not in (b"", b"chunked") or (self._encoding and version == "1.0"):
            raise MalformedResponse("a transfer encoding that is not chunked")
        if self._head_only:
            self._length, self._complete = 0, True
        elif status in _NO_BODY:
            if status == 204:
                self._fields[:] = [field for field in self._fields if field[0].lower() != "content-length"]
        elif self._length is None and not self._encoding:
            self._until_close = True
            self._keep = False

    def _switch(self, rest: bytes) -> None:
        """The upstream speaks another protocol from here on; see `upgrade` for the connections that may."""
        self.fail(MalformedResponse("the upstream switched to another protocol without being asked"))

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
            self._complete = True

    # -- the end of an exchange

    def _begin_stream(self) -> None:
        """Hand the reply over with a body that is still coming."""
        reply = cast(Reply, self._reply)
        buffer = self._buffer = BodyBuffer(self._pause, self._resume, self.close)
        reply.body = BodyReader(buffer, self._length)
        if self._encoding:
            self._trailers = reply.trailers = Headers()
        for piece in self._pieces:
            buffer.feed(piece)
        self._pieces = []
        self._reply = None  # a reader that everybody else forgot must be seen to be forgotten
        self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(reply)

    def _pause(self) -> None:
        self._paused = True
        self.transport.pause_reading()

    def _resume(self) -> None:
        self._paused = False
        self.last_seen = self.loop.time()
        self.transport.resume_reading()

    def _finish(self) -> None:
        reply, buffer, pieces, sender = self._reply, self._buffer, self._pieces, self.sender
        reusable = self._keep and not self._garbage and sender is None and not self.transport.is_closing()
        if sender is not None:
            sender.stop()
        if buffer is not None:
            buffer.finish()
            if self._paused:
                self._resume()
        elif reply is not None:
            reply.trailers = self._trailers
            reply.body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self._head_only:
            self._parser = HttpResponseParser(self)  # it still expects a body that HEAD does not have
        waiter = self._waiter
        self._waiter = self._buffer = self.sender = self.on_continue = self._reply = None
        self._reset()
        self.used = True
        if not reusable:
            self.closed = True
            self.transport.close() if sender is None else self.transport.abort()
        if self.owner is not None:
            self.owner.released(self, reusable)
        if waiter is not None and reply is not None and not waiter.done():
            waiter.set_result(reply)
