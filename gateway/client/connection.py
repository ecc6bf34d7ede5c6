"""One HTTP/1.1 connection to an upstream: an asyncio protocol over httptools that carries one exchange at a time.

It frames requests that are ready as bytes, parses responses strictly, bounds what it holds, and tells its pool when it
is free. It knows neither which exchange may use it (`pool`) nor what a request looks like (`head`).
"""

from __future__ import annotations

import asyncio
import math
from typing import Final, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.client.body import BodyBuffer, BodyReader
from gateway.client.errors import ConnectionLost, MalformedResponse, ResponseTimeout
from gateway.client.parsing import BODY, DONE, FREE, HEAD, SENT, ResponseParsing
from gateway.client.plain import plain_response
from gateway.errors import UpstreamError
from gateway.http.message import Response

SMALL_BODY: Final = 64 * 1024
"""A body known to be no longer than this comes in one piece with its head: one write to the client instead of two."""


class StaleConnection(ConnectionLost):
    """A kept connection turned out to be closed before a byte of the response came: the request may be sent anew."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
        """Whether the upstream may have seen the request."""


class Owner(Protocol):
    """The pool, as its connections see it."""

    def crowded(self) -> bool: ...

    def released(self, connection: Connection, reusable: bool) -> None: ...

    def lost(self, connection: Connection) -> None: ...


class Sender(Protocol):
    """What still sends the request body while the response is awaited."""

    def stop(self) -> None: ...


class Connection(ResponseParsing):
    """See the module. Public attributes are for the pool and for the sender of a body."""

    __slots__ = (
        "_paused",
        "_waiter",
        "_writable",
        "awaits_client",
        "closed",
        "last_seen",
        "owner",
        "retire_at",
        "sender",
        "transport",
        "used",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int, born: float, retire_at: float) -> None:
        super().__init__(loop, head_limit)
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.owner: Owner | None = None
        self.retire_at = retire_at
        self.last_seen = born
        self.used = False
        self.closed = False
        self.awaits_client = False
        """True while the sender waits for the gateway's own client: the silence is not the upstream's."""
        self.sender: Sender | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._paused = False

    # -- one exchange

    def exchange(self, data: bytes, head_only: bool) -> asyncio.Future[Response]:
        """Send a request, or its head when a sender follows with the body; the future gives the response."""
        self._stage = SENT
        self._head_only = head_only
        self._interim = self._overhead = 0
        self.last_seen = self.loop.time()
        self.expires = math.inf
        waiter = self._waiter = self.loop.create_future()
        if self.closed or self.transport.is_closing():
            self._end(StaleConnection("a kept connection was closed by the upstream", sent=False))
        else:
            self.transport.write(data)
        return waiter

    @property
    def busy(self) -> bool:
        return self._stage != FREE

    @property
    def answered(self) -> bool:
        """Whether the head of the final response is here."""
        return self._stage > HEAD

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
        if self.busy and not self._paused and not self.awaits_client and now - self.last_seen > so_timeout:
            doing = "did not answer" if self._stage == SENT else "sent a part of its response and then nothing"
            self.fail(ResponseTimeout(f"the upstream {doing} for {so_timeout:g} s"))

    def _end(self, error: BaseException) -> None:
        waiter, buffer, sender = self._waiter, self._buffer, self.sender
        self._waiter = self._buffer = self.sender = self._response = None
        self._stage = FREE
        if sender is not None:
            sender.stop()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
        if buffer is not None:
            buffer.finish(error)
        self._wake_writer()

    # -- what a transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._stage == SENT:
            if not self._head_only:
                response = plain_response(data, self._head_limit)
                if response is not None:
                    self.last_seen = self.loop.time()
                    self._response, self._keep = response, True
                    self._finish()
                    return
            self._stage = HEAD
        elif self._stage == FREE:
            self.fail(MalformedResponse("data without a request"))
            return
        self.last_seen = self.loop.time()
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
            return
        except HttpParserError as error:
            self._garbage = True
            if self._stage != DONE:
                cause = error.__context__  # what one of the callbacks raised
                known = cause if isinstance(cause, MalformedResponse) else None
                self.fail(known or MalformedResponse(f"the response is not HTTP: {error}"))
                return
        if self._stage == DONE:
            self._finish()
        elif self._overhead > self._head_limit:
            self.fail(MalformedResponse(f"more than {self._head_limit} bytes of header fields"))
        elif self._stage == BODY and self._buffer is None and (self._length is None or self._length > SMALL_BODY):
            self._begin_stream()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed:
            return
        if self._stage == BODY and self._until_close and exc is None:
            self._finish()
            return
        self.fail(self._loss(exc))

    def _loss(self, exc: Exception | None) -> UpstreamError:
        how = f"broke: {exc}" if exc else "was closed by the upstream"
        seen = self._stage > SENT
        if self.used and not seen:
            return StaleConnection(f"a kept connection {how}", sent=True)
        when = "in the middle of the response" if seen else "before it answered"
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

    # -- the end of an exchange

    def _switch(self, rest: bytes) -> None:
        """The upstream speaks another protocol from here on; see `upgrade` for the connections that may."""
        self.fail(MalformedResponse("the upstream switched to another protocol without being asked"))

    def _begin_stream(self) -> None:
        """Hand the response over with a body that is still coming."""
        response = cast(Response, self._response)
        self._response = None  # a body that everybody else forgot must be seen to be forgotten
        buffer = self._buffer = BodyBuffer(self._pause, self._resume, self.close)
        crowded = self.owner is not None and self.owner.crowded()
        response.entity = BodyReader(buffer, self._length, crowded=crowded)
        if self._encoding:
            self._trailers = response.trailers
        for piece in self._pieces:
            buffer.feed(piece)
        self._pieces = []
        self._answer(response)

    def _answer(self, response: Response) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(response)

    def _pause(self) -> None:
        self._paused = True
        self.transport.pause_reading()

    def _resume(self) -> None:
        self._paused = False
        self.last_seen = self.loop.time()
        self.transport.resume_reading()

    def _finish(self) -> None:
        self._stage = FREE
        self.used = True
        response, self._response = self._response, None
        reusable = self._keep and not self._garbage and self.sender is None and not self.transport.is_closing()
        if response is None:
            self._end_stream()
        elif self._pieces:
            pieces, self._pieces = self._pieces, []
            response.entity = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self._trailers is not None:
            trailers, self._trailers = self._trailers, None
            if response is not None:
                response.trailers.extend(trailers.items())
        if self._head_only:
            self._parser = HttpResponseParser(self)  # it still expects a body that HEAD does not have
        if response is not None:
            self._answer(response)
        if not reusable:
            self._give_up()
        if self.owner is not None:
            self.owner.released(self, reusable)

    def _end_stream(self) -> None:
        buffer, self._buffer = self._buffer, None
        if buffer is not None:
            buffer.finish()
            if self._paused:
                self._resume()

    def _give_up(self) -> None:
        """Close behind a whole response; a body that was still being sent is not."""
        self.closed = True
        sender, self.sender = self.sender, None
        if sender is None:
            self.transport.close()
        else:
            sender.stop()
            self.transport.abort()
