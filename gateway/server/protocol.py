"""One client connection: requests in, responses out, in order, with back-pressure both ways and deadlines.

One task lives as long as the connection and runs its exchanges one after another, so pipelined answers keep their
order and a request costs no task. HTTP/1.1 is read by a strict parser (`reader.py`) and written by `framing.py`.
"""

from __future__ import annotations

import asyncio
import math
from time import perf_counter
from typing import Any

from gateway.errors import ClientDisconnected, ExchangeError
from gateway.http.connection import Connection
from gateway.http.context import ExchangeContext
from gateway.http.current import CURRENT
from gateway.http.entity import Entity
from gateway.http.message import Request, Response
from gateway.server.duplex import Duplex
from gateway.server.failure import answer_failure, report_failure
from gateway.server.framing import refusal, upgrade_head
from gateway.server.intake import Intake
from gateway.server.reader import Incoming, RequestReader
from gateway.server.service import Service
from gateway.server.timings import Timings
from gateway.server.writer import ResponseWriter

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_DRAINABLE = 64 * 1024
"""Bytes of a body that nobody wanted and that are still swallowed to keep the connection."""


class HttpProtocol:
    """Serves one connection, as an `asyncio.Protocol`; `service.connections` holds it while it is open."""

    __slots__ = (
        "_closing",
        "_context",
        "_ended",
        "_intake",
        "_lingering",
        "_loop",
        "_lost",
        "_peer",
        "_read_deadline",
        "_reader",
        "_service",
        "_transport",
        "_waiter",
        "_writer",
        "task",
    )

    def __init__(self, service: Service) -> None:
        self._service = service
        self._loop = service.loop
        self._context: ExchangeContext | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._ended = self._closing = self._lost = self._lingering = False
        self._read_deadline = math.inf

    # -- what a transport calls

    def connection_made(self, transport: Any) -> None:
        service = self._service
        self._transport = transport
        self._peer = Connection.of_transport(transport)
        host = self._peer.local_address
        fallback = f"[{host}]" if ":" in host else host or "localhost"
        intake = self._intake = Intake(transport, service.limits.pipeline)
        self._reader = intake.reader = RequestReader(
            service.limits,
            intake.queue.append,
            self._body_wanted,
            intake.throttle,
            scheme=service.scheme,
            fallback=f"{fallback}:{self._peer.local_port}",
            keep_query=service.keep_query,
        )
        self._writer = ResponseWriter(transport, service.clock, service.limits.write_timeout)
        service.connections.add(self)
        # A handshake may end while the listener already stops.
        self._closing = service.stopping
        self._read_deadline = service.clock.now + service.limits.idle_timeout
        self.task = self._loop.create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            return
        intake, reader = self._intake, self._reader
        was_in_head = reader.in_head
        intake.feed(data)
        if intake.queue:
            self._wake()
        current = intake.current
        if current is not None:
            # An exchange runs; a reader that still waits for the body sets its deadline anew.
            awaited = current.body is not None and current.body.awaited
            self._read_deadline = self._body_deadline() if awaited else math.inf
            intake.throttle()
        elif self._waiter is not None:
            if reader.in_head and not was_in_head:
                self._read_deadline = self._service.clock.now + self._service.limits.head_timeout
        elif intake.crowded:
            intake.throttle()

    def eof_received(self) -> bool:
        self._reader.eof()
        self._ended = True
        if self._context is not None:
            # Most clients that end their side are gone; one that only waits for its answer still gets it.
            self._context.disconnect()
        self._wake()
        # TLS has no half-closed connections: there the transport closes, whatever is returned.
        return self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = self._ended = self._writer.lost = self._intake.lost = True
        self._reader.fail_body(ClientDisconnected("the client closed the connection in the middle of a body"))
        if self._context is not None:
            self._context.disconnect()
        self._writer.resume()
        self._wake()

    def pause_writing(self) -> None:
        self._writer.pause()

    def resume_writing(self) -> None:
        self._writer.resume()

    # -- deadlines and back-pressure

    @property
    def deadline(self) -> float:
        return min(self._read_deadline, self._writer.deadline)

    def expire(self) -> None:
        """A deadline is over: an idle connection closes, a slow head gets 408, a slow body fails."""
        if self._writer.deadline <= self._service.clock.now or self._lingering:
            self._transport.abort()
        elif self._intake.current is not None:
            self._read_deadline = math.inf
            self._reader.fail_body(ExchangeError("the client did not send its body in time", 408))
        else:
            if self._reader.in_head:
                self._intake.queue.append(Incoming(None, 408))
            self.finish()

    def finish(self) -> None:
        """Close when the running exchange and the requests already there are answered."""
        self._closing = True
        if self.idle:
            self._reader.dead = True
        self._wake()

    def cut(self) -> None:
        """End the connection now, whatever runs on it."""
        if not self.task.done():
            self.task.cancel()
            self._transport.abort()

    @property
    def idle(self) -> bool:
        return self._intake.current is None and not self._intake.queue

    def _body_deadline(self) -> float:
        return self._service.clock.now + self._service.limits.body_timeout

    def _body_wanted(self) -> None:
        self._read_deadline = self._body_deadline()
        current = self._intake.current
        if current is not None and current.expects_continue:
            current.expects_continue = False
            if current.body is not None and not current.body.received and not self._lost:
                self._transport.write(_CONTINUE)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # -- the connection's task

    async def _serve(self) -> None:
        intake = self._intake
        queue = intake.queue
        try:
            while True:
                if intake.paused:
                    intake.throttle()
                if not (queue or self._ended or self._closing):
                    await self._another()
                if not queue or self._lost:
                    break
                incoming: Incoming = queue.popleft()
                request = incoming.request
                if request is None:
                    await self._refuse(incoming.status)
                    break
                if not await self._run(incoming, request, self._begin(incoming, request)):
                    break
        except Exception as error:  # a fault of this module or of the transport: the connection ends, the others stay
            report_failure(error, "connection ended")
        finally:
            self._service.connections.discard(self)
            if not self._lost:
                self._transport.close()

    def _another(self) -> asyncio.Future[None]:
        """What is done when there is another request, or the connection is over."""
        service = self._service
        limits = service.limits
        self._read_deadline = service.clock.now + (limits.head_timeout if self._reader.in_head else limits.idle_timeout)
        waiter = self._waiter = self._loop.create_future()
        return waiter

    async def _refuse(self, status: int) -> None:
        self._transport.write(refusal(status, self._service.clock.date))
        await self._linger()

    def _begin(self, incoming: Incoming, request: Request) -> ExchangeContext:
        self._intake.current = incoming
        self._read_deadline = math.inf
        if self._intake.paused:
            self._intake.throttle()
        body = incoming.body
        if body is not None:
            # What does not belong in memory goes through the storage and its limits when somebody reads it.
            small = body.complete and body.received <= self._service.storage.memory_limit
            source = body.whole() if small else body
            request.entity = Entity(request.headers, source, self._service.storage)
        context = self._context = ExchangeContext(self._peer, request)
        CURRENT.set(context)
        return context

    async def _run(self, incoming: Incoming, request: Request, context: ExchangeContext) -> bool:
        """Answer one request; false when the connection ends with it."""
        service = self._service
        timings = Timings(context.started)
        response: Response | None = None
        try:
            try:
                response = await service.application(context, request)
                if context.has_session():
                    await context.keep_session(request, response)
                if response.in_memory() is None or response.upgrade is not None or response.status.code < 200:
                    _verify(incoming, response)
            except asyncio.CancelledError:
                if self.task.cancelling():
                    raise
                # Somebody cancelled what the handler waited for; this connection and its client are still there.
                response = answer_failure(ExchangeError("what the exchange waited for was cancelled"))
            except Exception as error:  # every fault of a handler ends here, as an answer
                response = answer_failure(error)
            timings.answered = perf_counter()
            if incoming.body is None and response.upgrade is None and self._reader.held is None and not self._lost:
                # As nearly always: nothing is left of the request, and the answer goes out in one write.
                keep = incoming.keep_alive and not self._closing and not service.draining
                if self._writer.send_small(request, response, timings, keep):
                    return keep if self._writer.ready() else await self._writer.drained(keep=keep)
            return await self._send(incoming, request, response, timings)
        finally:
            self._intake.current = self._context = None
            if incoming.body is not None:
                timings.received = incoming.body.received
            request.close()
            if response is not None:
                response.close()
                if service.on_exchange_done is not None:
                    service.on_exchange_done(context, request, response, timings)

    async def _send(self, incoming: Incoming, request: Request, response: Response, timings: Timings) -> bool:
        if self._lost:
            return False
        if response.upgrade is not None:
            await self._upgrade(response)
            timings.complete = True
            return False
        keep = incoming.keep_alive and not self._closing and not self._service.draining
        if incoming.body is None and self._reader.held is None:
            return await self._writer.send(request, response, timings, keep=keep)
        keep = keep and self._reusable(incoming)
        # A 100 behind the head of the answer would be taken for a part of its body.
        incoming.expects_continue = False
        keep = await self._writer.send(request, response, timings, keep=keep)
        return await self._after(incoming, keep=keep)

    def _reusable(self, incoming: Incoming) -> bool:
        """Whether the connection can go on behind this request: what is left of its body must be little."""
        body = incoming.body
        if body is None or body.complete:
            return True
        if (incoming.expects_continue and not body.received) or self._reader.dead:
            return False
        return body.length is not None and body.length - body.received <= _DRAINABLE

    async def _after(self, incoming: Incoming, *, keep: bool) -> bool:
        """Deal with what is left of the request: swallow a little of a body, or close without losing the answer."""
        body = incoming.body
        if body is not None and not body.complete:
            if keep:
                keep = await body.swallow()
            if not keep and not self._transport.is_closing():
                await self._linger()
        if self._reader.held is not None:
            self._reader.resume()
        return keep

    async def _linger(self) -> None:
        """Swallow what the client still sends for a moment.

        Closing at once would reset the connection, and the answer would be lost with it.
        """
        self._lingering = True
        self._reader.fail_body(ClientDisconnected("the connection is closing"))
        self._read_deadline = self._service.clock.now + self._service.limits.linger
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
        self._intake.release()
        if not self._ended:
            self._waiter = self._loop.create_future()
            await self._waiter

    async def _upgrade(self, response: Response) -> None:
        assert response.upgrade is not None
        held = self._intake.take_rest()
        self._read_deadline = self._writer.deadline = math.inf
        duplex = Duplex(self._transport, held, self.connection_lost)
        self._transport.set_protocol(duplex)
        self._intake.release()
        self._transport.write(upgrade_head(response, self._service.clock.date))
        try:
            await response.upgrade(duplex)
        except Exception as error:  # the tunnel broke: both sides close, the log says why
            report_failure(error, "tunnel broke")


def _verify(incoming: Incoming, response: Response) -> None:
    """Find out while there is still a clean 500 what cannot be sent: an interim answer, a body that was passed on."""
    code = response.status.code
    if code < 200:
        if code != 101 or response.upgrade is None or not incoming.upgrade:
            raise ExchangeError("an informational response is no answer")
        return
    response.upgrade = None
    response.entity.check()
