"""The sending half of a connection: one write for a small response, a paced stream for a large one."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import struct
from contextlib import aclosing
from typing import Any, Final

from gateway.http.memo import Memo
from gateway.http.message import Request, Response
from gateway.server.clock import Clock
from gateway.server.failure import report_failure
from gateway.server.framing import Delimiter, frame
from gateway.server.timings import Timings

logger = logging.getLogger("gatewright.server")
_NO_LINGER = struct.pack("ii", 1, 0)


class ResponseWriter:
    """Writes to one transport and waits while the client does not take what was written."""

    __slots__ = ("_clock", "_drained", "_stall", "_transport", "deadline", "lost")

    def __init__(self, transport: Any, clock: Clock, stall: float) -> None:
        self._transport = transport
        self._clock = clock
        self._stall = stall
        self._drained: asyncio.Future[None] | None = None
        self.deadline = math.inf
        self.lost = False

    def ready(self) -> bool:
        """Whether the client takes what is written."""
        return self._drained is None

    async def drained(self, *, keep: bool) -> bool:
        """Wait until the client has taken what was written; false when the connection cannot carry another answer."""
        if self._drained is not None:
            await self._drained
        return keep and not self.lost

    def pause(self) -> None:
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()
            self.deadline = self._clock.now + self._stall

    def resume(self) -> None:
        drained, self._drained = self._drained, None
        self.deadline = math.inf
        if drained is not None and not drained.done():
            drained.set_result(None)

    def send_small(self, request: Request, response: Response, timings: Timings, keep: bool) -> bool:
        """Send a response whose body is in memory, in one write; false, and nothing sent, when it is not."""
        raw = response.in_memory()
        if raw is None or self._drained is not None:
            return False
        data, delimiter = frame(request, response, len(raw), keep, self._clock.date, raw)
        self._transport.write(data)
        if delimiter is not Delimiter.NOTHING:
            timings.sent = len(raw)
        timings.complete = True
        return True

    async def send(self, request: Request, response: Response, timings: Timings, *, keep: bool) -> bool:
        """Send any response; false when the connection cannot carry another one."""
        if not self.send_small(request, response, timings, keep):
            if self._drained is not None:
                await self._drained
            length = response.entity.length
            head, delimiter = frame(request, response, length, keep, self._clock.date)
            self._transport.write(head)
            if delimiter is Delimiter.NOTHING:
                timings.complete = True
            else:
                timings.complete = await self._stream(request, response, delimiter, timings)
                keep = keep and timings.complete and delimiter is not Delimiter.CLOSE
        return await self.drained(keep=keep)

    async def _stream(self, request: Request, response: Response, delimiter: Delimiter, timings: Timings) -> bool:
        """Send a body piece by piece; false when it did not come whole, and then the client sees that it did not."""
        announced = response.entity.length if delimiter is Delimiter.LENGTH else None
        try:
            await self._pieces(response, delimiter, announced, timings)
            if announced is not None and timings.sent != announced and not self.lost:
                raise ValueError("a response body does not have its announced length")
        except Exception as error:  # the answer has begun: all that is left is to end it visibly
            report_failure(error, "response cut off")
            self._cut(delimiter)
            return False
        if self.lost:
            return False
        if delimiter is Delimiter.CHUNKED:
            self._transport.write(_last_chunk(request, response))
        return True

    async def _pieces(self, response: Response, delimiter: Delimiter, announced: int | None, timings: Timings) -> None:
        write, chunked = self._transport.write, delimiter is Delimiter.CHUNKED
        async with aclosing(response.entity.stream()) as pieces:
            async for piece in pieces:
                size = len(piece)
                if self.lost or (announced is not None and timings.sent + size > announced):
                    timings.sent += 0 if self.lost else size
                    return
                if size:
                    write(b"%x\r\n%b\r\n" % (size, piece) if chunked else piece)
                    timings.sent += size
                if self._drained is not None:
                    await self._drained

    def _cut(self, delimiter: Delimiter) -> None:
        # An orderly end of the connection would look like a whole body where it is the delimiter.
        if delimiter is Delimiter.CLOSE:
            self._reset()
        else:
            self._transport.close()

    def _reset(self) -> None:
        """Break the connection off: over TCP with a reset, in TLS without the alert that marks its end."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()


_IN_TRAILERS: Final = Memo[str, bool](lambda name: True)


def _last_chunk(request: Request, response: Response) -> bytes:
    """The end of a chunked body, with trailers for a client that said it takes them."""
    if response.has_trailers and request.headers.has_token("TE", "trailers"):
        return b"0%b\r\n\r\n" % response.trailers.wire(_IN_TRAILERS)
    return b"0\r\n\r\n"
