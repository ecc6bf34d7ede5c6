"""The server through real sockets."""

import asyncio
import gc
import logging
import weakref
from typing import Any

import pytest

from gateway.errors import EntityTooLarge, ExchangeError, UpstreamTimeout
from gateway.http.current import CURRENT
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.http.storage import Storage
from tests.gateway.server.serving import serving, until

GET = b"GET /%s HTTP/1.1\r\nHost: h\r\n\r\n"


async def echo(context: Any, request: Any) -> Response:
    return Response(200, None, await request.entity.read_raw())


class Body:
    """A response body in pieces; `pieces` may hold an exception to raise or an event to wait for."""

    def __init__(self, *pieces: Any, length: int | None = None) -> None:
        self.pieces, self.length, self.closed, self.given = list(pieces), length, False, 0

    def __aiter__(self) -> "Body":
        return self

    async def __anext__(self) -> bytes:
        if not self.pieces:
            raise StopAsyncIteration
        piece = self.pieces.pop(0)
        if isinstance(piece, BaseException):
            raise piece
        if isinstance(piece, asyncio.Event):
            await piece.wait()
            return b""
        self.given += len(piece)
        return piece

    def close(self) -> None:
        self.closed = True


def answering(response_of: Any) -> Any:
    async def application(context: Any, request: Any) -> Response:
        return response_of(request)

    return application


async def test_a_connection_serves_one_request_after_another():
    async with serving() as server:
        client = await server.connect()
        for path in (b"a", b"b", b"c"):
            await client.send(GET % path)
            head, body = await client.response()
            assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: ")
            assert body == b"/" + path
        assert len(server.service.connections) == 1


async def test_pipelined_requests_are_answered_in_order_though_the_first_is_slow():
    gate = asyncio.Event()

    async def application(context: Any, request: Any) -> Response:
        if request.uri.path == "/0":
            await gate.wait()
        return Response(200, None, request.uri.path)

    async with serving(application) as server:
        client = await server.connect()
        await client.send(b"".join(GET % str(n).encode() for n in range(5)))
        gate.set()
        assert [(await client.response())[1] for _ in range(5)] == [b"/0", b"/1", b"/2", b"/3", b"/4"]


async def test_a_pipeline_over_its_bound_stops_reading_and_goes_on_later():
    gate = asyncio.Event()

    async def application(context: Any, request: Any) -> Response:
        await gate.wait()
        return Response(200, None, request.uri.path)

    async with serving(application, pipeline=2) as server:
        client = await server.connect()
        await client.send(b"".join(GET % str(n).encode() for n in range(20)))
        await until(lambda: any(connection._intake.paused for connection in server.service.connections))
        gate.set()
        assert [(await client.response())[1] for _ in range(20)] == [f"/{n}".encode() for n in range(20)]


@pytest.mark.parametrize("pipeline", [1, 16])
async def test_a_flood_of_tiny_requests_is_parsed_only_as_far_as_there_is_room(pipeline):
    most = 0

    async def application(context: Any, request: Any) -> Response:
        nonlocal most
        most = max(most, *(len(connection._intake.queue) for connection in server.service.connections))
        return Response(204)

    async with serving(application, pipeline=pipeline) as server:
        answer = await server.exchange(b"GET / HTTP/1.1\r\nHost:h\r\n\r\n" * 5000)
    assert answer.count(b"HTTP/1.1 204 No Content\r\n") == 5000
    assert most < 400


async def test_bodies_and_heads_in_one_large_packet_are_told_apart():
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\n\r\n" + b"GET /smuggled HTTP/1.1\r\n\r\n".ljust(
        30000, b"x"
    )
    async with serving() as server:
        answer = await server.exchange((post + GET % b"next") * 4)
    assert answer.count(b"\r\n\r\n/HTTP/1.1 200") == 4
    assert answer.count(b"/next") == 4
    assert b"smuggled" not in answer


async def test_a_refusal_comes_behind_the_answers_to_what_was_sound():
    async with serving() as server:
        answer = await server.exchange(
            GET % b"1" + b"GET / HTTP/1.1\r\nBad Header: 1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"
        )
    assert answer.count(b"HTTP/1.1") == 2
    assert b"\r\n\r\n/1HTTP/1.1 400 Bad Request\r\n" in answer
    assert answer.endswith(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    assert b"Bad Header" not in answer


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 6\r\n\r\nabcdef",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3;x=y\r\ndef\r\n0\r\nT: v\r\n\r\n",
    ],
)
async def test_bodies_arrive_whole_however_they_are_cut(framing):
    data = b"POST / HTTP/1.1\r\nHost: h\r\n" + framing
    async with serving(echo) as server:
        client = await server.connect()
        await client.send(data)
        assert (await client.response())[1] == b"abcdef"
        for index in range(len(data)):
            client.writer.write(data[index : index + 1])
            await asyncio.sleep(0)
        assert (await client.response())[1] == b"abcdef"


async def test_a_body_that_was_not_asked_for_is_swallowed_when_it_is_small():
    async with serving() as server:
        client = await server.connect()
        await client.send(b"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        assert (await client.response())[1] == b"/1"
        await client.send(b"cde" + GET % b"2")
        assert (await client.response())[1] == b"/2"


async def test_a_large_body_that_was_not_asked_for_ends_the_connection_after_the_answer():
    async with serving() as server:
        client = await server.connect()
        await client.send(b"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\nab")
        head, body = await client.response()
        assert (body, b"Connection: close" in head) == (b"/1", True)
        await client.send(b"x" * 200_000)
        assert await client.rest() == b""


async def test_a_client_that_waits_is_told_to_go_on_when_the_body_is_read():
    async with serving(echo) as server:
        client = await server.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"ab")
        head, body = await client.response()
        assert (head[:15], body) == (b"HTTP/1.1 200 OK", b"ab")
        await client.send(GET % b"")
        await client.response()


async def test_a_client_that_waits_is_not_told_to_go_on_when_the_body_is_not_read():
    async with serving() as server:
        answer = await server.exchange(
            b"POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
    assert b"100 Continue" not in answer
    assert b"Connection: close" in answer


async def test_head_gets_the_head_of_get():
    async with serving(answering(lambda request: Response(200, None, b"content"))) as server:
        client = await server.connect()
        await client.send(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + GET % b"")
        assert b"Content-Length: 7\r\n" in await client.head()
        assert (await client.response())[1] == b"content"


async def test_an_old_client_gets_an_end_of_connection_unless_it_asks_for_more():
    async with serving() as server:
        assert b"Connection: close" in await server.exchange(b"GET / HTTP/1.0\r\n\r\n")
        client = await server.connect()
        await client.send(b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"Connection: keep-alive" in (await client.response())[0]
        await client.send(GET % b"2")
        assert (await client.response())[1] == b"/2"


async def test_a_stream_is_chunked_and_its_trailers_go_to_those_who_take_them():
    def response_of(request: Any) -> Response:
        response = Response(200, None, Body(b"abc", b"", b"defghijklmnopqrst"))
        response.trailers.add("X-Sum", "1")
        return response

    async with serving(answering(response_of)) as server:
        plain = await server.exchange(GET % b"")
        assert plain.endswith(b"\r\n\r\n3\r\nabc\r\n11\r\ndefghijklmnopqrst\r\n0\r\n\r\n")
        asked = await server.exchange(b"GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\n\r\n")
        assert asked.endswith(b"0\r\nX-Sum: 1\r\n\r\n")
        old = await server.exchange(b"GET / HTTP/1.0\r\n\r\n")
        assert old.endswith(b"Connection: close\r\n\r\nabcdefghijklmnopqrst")


@pytest.mark.parametrize(
    "body", [Body(b"abc", length=5), Body(b"abc", OSError("reset"), length=5), Body(b"abcdef", length=5)]
)
async def test_a_body_that_is_not_what_was_announced_ends_the_connection(body):
    async with serving(answering(lambda request: Response(200, None, body))) as server:
        answer = await server.exchange(GET % b"" + GET % b"")
    assert answer.count(b"HTTP/1.1") == 1
    assert len(answer.partition(b"\r\n\r\n")[2]) < 5
    assert body.closed


async def test_a_chunked_body_that_fails_has_no_last_chunk():
    async with serving(answering(lambda request: Response(200, None, Body(b"abc", OSError("reset"))))) as server:
        answer = await server.exchange(GET % b"")
    assert answer.endswith(b"\r\n3\r\nabc\r\n")


async def test_a_spooled_body_flows_back_from_its_file(tmp_path):
    content = bytes(range(256)) * 4096
    async with serving(echo_spooled, storage=Storage(memory_limit=1000, directory=tmp_path)) as server:
        client = await server.connect()
        sending = asyncio.ensure_future(
            client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
        )
        _, body = await client.response()
        await sending
        assert body == content


async def echo_spooled(context: Any, request: Any) -> Response:
    await request.entity.buffer()
    assert request.entity.in_memory() is None
    return Response(200, None, Body(*[piece async for piece in request.entity.stream()], length=request.entity.length))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ExchangeError("x"), b"HTTP/1.1 500 Internal Server Error"),
        (UpstreamTimeout("x"), b"HTTP/1.1 504 Gateway Timeout"),
        (EntityTooLarge("x"), b"HTTP/1.1 413 Payload Too Large"),
        (KeyError("token-1234"), b"HTTP/1.1 500 Internal Server Error"),
        (asyncio.CancelledError(), b"HTTP/1.1 500 Internal Server Error"),
    ],
)
async def test_a_failure_is_answered_with_its_status_and_nothing_else(error, line, caplog):
    async def application(context: Any, request: Any) -> Response:
        raise error

    async with serving(application) as server:
        client = await server.connect()
        with caplog.at_level(logging.INFO):
            await client.send(GET % b"")
            head, body = await client.response()
        assert (head.split(b"\r\n")[0], body) == (line, b"")
        assert len([record for record in caplog.records if record.name.startswith("gatewright")]) == 1
        assert "token-1234" not in caplog.text
        await client.send(GET % b"")
        await client.head()


async def test_a_failure_lets_go_of_what_the_failed_calls_held(caplog):
    caplog.set_level(logging.INFO, "gatewright")  # a record of the failure in full, which pytest keeps, holds them too
    kept: list[weakref.ref[Body]] = []

    async def application(context: Any, request: Any) -> Response:
        response = Response(200, None, Body(b"x", b"y"))
        kept.append(weakref.ref(response.entity._body))
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error

    async with serving(application) as server:
        gc.disable()
        try:
            assert (await server.exchange(GET % b"")).startswith(b"HTTP/1.1 500 ")
            await until(lambda: kept[0]() is None)
        finally:
            gc.enable()


@pytest.mark.parametrize("wrong", [Response(100), Response(101), None])
async def test_an_answer_that_cannot_be_sent_becomes_a_500(wrong):
    async with serving(answering(lambda request: wrong)) as server:
        assert (await server.exchange(GET % b"")).startswith(b"HTTP/1.1 500 ")


async def test_an_entity_that_was_passed_on_becomes_a_500():
    async def application(context: Any, request: Any) -> Response:
        response = Response(200, None, Body(b"x"))
        response.entity.take()
        return response

    async with serving(application) as server:
        assert (await server.exchange(GET % b"")).startswith(b"HTTP/1.1 500 ")


async def test_a_body_over_the_limit_gets_413_announced_or_not():
    async with serving(echo, body=10) as server:
        announced = await server.exchange(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nabcdefghijk")
        chunked = await server.exchange(
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nabcdefghijk\r\n0\r\n\r\n"
        )
    for answer in (announced, chunked):
        assert answer.startswith(b"HTTP/1.1 413 Payload Too Large\r\n")
        assert answer.count(b"HTTP/1.1") == 1


async def test_a_body_over_the_temporary_storage_gets_413(tmp_path):
    async with serving(echo, storage=Storage(4, 8, tmp_path)) as server:
        assert (await server.exchange(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabcdefghi")).startswith(
            b"HTTP/1.1 413 "
        )


async def test_headers_over_the_limit_get_431():
    async with serving(headers=100) as server:
        answer = await server.exchange(b"GET / HTTP/1.1\r\nHost: h\r\nCookie: " + b"secret" * 50 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"secret" not in answer


async def test_a_client_that_reads_nothing_stops_the_body_and_a_deadline_ends_it():
    body = Body(*[bytes(65536)] * 1000)
    async with serving(answering(lambda request: Response(200, None, body)), write_timeout=0.0) as server:
        client = await server.connect()
        await client.send(GET % b"")
        client.writer.transport.pause_reading()
        connection = next(iter(server.service.connections))
        await until(lambda: connection._writer._drained is not None)
        assert body.given < 64 * 1024 * 1000
        server.service.clock.check()
        await until(lambda: connection.task.done())
        assert body.closed


async def test_a_handler_that_reads_nothing_stops_the_client():
    gate = asyncio.Event()

    async def application(context: Any, request: Any) -> Response:
        await gate.wait()
        return Response(200, None, str(len(await request.entity.read_raw())))

    size = 8 << 20
    async with serving(application) as server:
        client = await server.connect()
        sending = asyncio.ensure_future(
            client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        )
        await until(lambda: any(connection._intake.paused for connection in server.service.connections))
        connection = next(iter(server.service.connections))
        assert connection._intake.current.body.waiting < 1 << 20
        gate.set()
        assert (await client.response())[1] == str(size).encode()
        await sending


async def test_an_idle_connection_is_closed_at_its_deadline():
    async with serving(idle_timeout=0.0) as server:
        client = await server.connect()
        await until(lambda: server.service.connections)
        server.service.clock.check()
        assert await client.rest() == b""


async def test_a_slow_head_gets_408():
    async with serving(head_timeout=0.0) as server:
        client = await server.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost")
        await until(lambda: any(connection._reader.in_head for connection in server.service.connections))
        server.service.clock.check()
        assert (await client.rest()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_slow_body_gets_408():
    async with serving(echo, body_timeout=0.0) as server:
        client = await server.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        await until(
            lambda: any(
                c._intake.current is not None and c._intake.current.body.awaited for c in server.service.connections
            )
        )
        server.service.clock.check()
        assert (await client.rest()).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_running_exchange_has_no_deadline():
    gate = asyncio.Event()

    async def application(context: Any, request: Any) -> Response:
        await gate.wait()
        return Response(204)

    async with serving(application, idle_timeout=0.0, head_timeout=0.0, body_timeout=0.0) as server:
        client = await server.connect()
        await client.send(GET % b"")
        await until(lambda: any(connection._intake.current is not None for connection in server.service.connections))
        server.service.clock.check()
        gate.set()
        assert (await client.head()).startswith(b"HTTP/1.1 204 No Content\r\n")


async def test_a_client_that_goes_away_is_noticed_and_its_exchange_is_not_cancelled():
    gate, seen = asyncio.Event(), []

    async def application(context: Any, request: Any) -> Response:
        context.root.on_disconnect(lambda: seen.append("gone"))
        await gate.wait()
        seen.append("finished")
        return Response(200, None, b"for nobody")

    done: list[bool] = []
    async with serving(application, on_exchange_done=lambda c, q, r, timings: done.append(timings.complete)) as server:
        client = await server.connect()
        await client.send(GET % b"")
        await until(lambda: any(connection._context is not None for connection in server.service.connections))
        client.reset()
        await until(lambda: seen)
        gate.set()
        await until(lambda: done)
    assert seen == ["gone", "finished"]
    assert done == [False]


async def test_a_client_that_only_ends_its_side_counts_as_gone_and_still_gets_its_answer():
    gate, seen = asyncio.Event(), []

    async def application(context: Any, request: Any) -> Response:
        context.root.on_disconnect(gate.set)
        await gate.wait()
        seen.append(context.root.disconnected)
        return Response(200, None, b"late")

    async with serving(application) as server:
        client = await server.connect()
        await client.send(GET % b"")
        await until(lambda: any(connection._context is not None for connection in server.service.connections))
        client.writer.write_eof()
        assert (await client.rest()).endswith(b"\r\n\r\nlate")
    assert seen == [True]


async def test_a_client_that_goes_away_in_its_body_fails_the_reader():
    seen: list[BaseException] = []

    async def application(context: Any, request: Any) -> Response:
        try:
            await request.entity.read()
        except ExchangeError as error:
            seen.append(error)
            raise
        return Response(200)

    async with serving(application) as server:
        client = await server.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        await until(
            lambda: any(
                c._intake.current is not None and c._intake.current.body.awaited for c in server.service.connections
            )
        )
        client.writer.transport.abort()
        await until(lambda: seen and not server.service.connections)


async def test_who_asked_is_told_when_an_exchange_is_done():
    done: list[Any] = []
    async with serving(on_exchange_done=lambda *about: done.append(about)) as server:
        await server.exchange(GET % b"abc")
    ((context, request, response, timings),) = done
    assert (request.uri.path, response.status.code, timings.sent, timings.complete) == ("/abc", 200, 4, True)
    assert timings.started <= timings.answered
    assert context.find("client").remote_address == "127.0.0.1"


async def test_the_running_exchange_is_known_to_its_task():
    seen: list[Any] = []

    async def application(context: Any, request: Any) -> Response:
        seen.append(CURRENT.get() is context)
        return Response(204)

    async with serving(application) as server:
        await server.exchange(GET % b"1" + GET % b"2")
    assert seen == [True, True]
    assert CURRENT.get() is None


def upgraded(tunnel: Any) -> Any:
    def response_of(request: Any) -> Response:
        response = Response(101, Headers([("Upgrade", "websocket")]))
        response.upgrade = tunnel
        return response

    return answering(response_of)


UPGRADE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


async def test_an_upgrade_hands_over_the_connection_and_what_was_read_ahead():
    async def tunnel(duplex: Any) -> None:
        while data := await duplex.read():
            await duplex.write(data.upper())

    async with serving(upgraded(tunnel)) as server:
        client = await server.connect()
        await client.send(UPGRADE + b"early")
        assert (await client.head()).startswith(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        )
        assert await client.reader.readexactly(5) == b"EARLY"
        await client.send(b"late")
        assert await client.reader.readexactly(4) == b"LATE"
        client.writer.write_eof()
        assert await client.rest() == b""


async def test_a_tunnel_has_back_pressure_both_ways():
    async def tunnel(duplex: Any) -> None:
        total = 0
        while data := await duplex.read():
            total += len(data)
        await duplex.write(bytes(total))

    size = 4 << 20
    async with serving(upgraded(tunnel)) as server:
        client = await server.connect()
        await client.send(UPGRADE)
        await client.head()
        await client.send(bytes(size))
        client.writer.write_eof()
        assert len(await client.rest()) == size


async def test_a_tunnel_that_fails_ends_the_connection(caplog):
    async def tunnel(duplex: Any) -> None:
        raise ConnectionResetError("upstream")

    async with serving(upgraded(tunnel)) as server:
        client = await server.connect()
        await client.send(UPGRADE)
        await client.head()
        assert await client.rest() == b""


async def test_a_request_for_another_protocol_may_get_an_ordinary_answer():
    async with serving() as server:
        client = await server.connect()
        await client.send(UPGRADE + GET % b"next")
        assert (await client.response())[1] == b"/"
        assert (await client.response())[1] == b"/next"


async def test_an_upgrade_that_nobody_asked_for_becomes_a_500():
    async with serving(upgraded(None)) as server:
        assert (await server.exchange(GET % b"")).startswith(b"HTTP/1.1 500 ")
