"""Bodies flow both ways in bounded memory, and whoever stops early costs one connection and nothing else."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from gateway.client.body import HIGH_WATER
from gateway.client.errors import UnsendableRequest
from gateway.errors import ClientDisconnected
from gateway.http.headers import Headers
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, reply

MIB = 1 << 20
PIECE = b"x" * 65536


class Body:
    """A request body that arrives from the client of the gateway."""

    def __init__(self, source: AsyncIterator[bytes], length: int | None = None) -> None:
        self.source, self.length = source, length

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.source

    def close(self) -> None:
        pass


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_large_body_flows_down_in_bounded_memory(client):
    size = 64 * MIB

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(PIECE)):
            await peer.send(PIECE)

    async with Upstream(script) as upstream:
        tracemalloc.start()
        try:
            response = await client().send(Request("GET", upstream.url))
            assert response.entity.length == size
            received = 0
            async for piece in response.entity.stream():
                received += len(piece)
            assert received == size
            assert tracemalloc.get_traced_memory()[1] < 4 * MIB
        finally:
            tracemalloc.stop()


async def test_a_large_body_flows_up_in_bounded_memory(client):
    size = 64 * MIB
    received = 0

    async def script(peer: Peer) -> None:
        nonlocal received
        await peer.head()
        while received < size:
            received += len(await peer.reader.read(65536))
        await peer.send(OK)

    async def source() -> AsyncIterator[bytes]:
        for _ in range(size // len(PIECE)):
            yield PIECE

    async with Upstream(script) as upstream:
        tracemalloc.start()
        try:
            await client().send(Request("POST", upstream.url, None, Body(source(), size)))
            assert received == size
            assert tracemalloc.get_traced_memory()[1] < 4 * MIB
        finally:
            tracemalloc.stop()


async def test_a_slow_reader_stops_the_upstream(client):
    sent = 0
    stopped = asyncio.Event()

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        peer.writer.transport.set_write_buffer_limits(high=0)
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 1 << 30:
            peer.writer.write(PIECE)
            sent += len(PIECE)
            try:
                await asyncio.wait_for(peer.writer.drain(), 0.2)
            except TimeoutError:
                break
        stopped.set()
        peer.reset()

    async with Upstream(script) as upstream:
        response = await client().send(Request("GET", upstream.url))
        stream = aiter(response.entity.stream())
        await anext(stream)
        await stopped.wait()
        assert sent < 64 * MIB  # what the kernel's buffers take, and HIGH_WATER here
        await stream.aclose()


async def test_a_slow_reader_is_not_the_upstreams_silence(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * HIGH_WATER))
        await peer.send(b"x" * 8 * HIGH_WATER)
        await peer.gone()

    async with Upstream(script) as upstream:
        http = client(so_timeout=0.02)
        response = await http.send(Request("GET", upstream.url))
        connection = next(iter(next(iter(http._pools.values()))._all))
        while not connection._paused:
            await asyncio.sleep(0)
        connection.expire(connection.last_seen + 1000, 0.02)
        assert len(await response.entity.read()) == 8 * HIGH_WATER
        response.close()


@pytest.mark.parametrize("length", [None, 10])
async def test_a_streamed_request_is_framed_by_what_is_known_of_it(client, length):
    got = []

    async def script(peer: Peer) -> None:
        head = await peer.head()
        got.append(await peer.chunked() if b"chunked" in head else await peer.read(10))
        await peer.send(OK)

    async with Upstream(script) as upstream:
        fields = Headers([("Transfer-Encoding", "chunked"), ("Content-Length", "3")])
        body = Body(pieces(b"hello", b"", b"world"), length)
        await client().send(Request("POST", upstream.url, fields, body))
        head = upstream.heads[0]
        assert (b"\r\nContent-Length: 10\r\n" in head) == (length == 10)
        assert (b"\r\nTransfer-Encoding: chunked\r\n" in head) == (length is None)
        assert got == [b"helloworld" if length else [b"hello", b"world"]]


@pytest.mark.parametrize("parts", [[b"too long"], [b"s"], []])
async def test_a_body_that_does_not_fit_its_length_is_not_passed_off_as_whole(client, parts):
    got = []

    async def script(peer: Peer) -> None:
        await peer.head()
        got.append(await peer.reader.read())

    async with Upstream(script) as upstream:
        http = client()
        with pytest.raises(UnsendableRequest):
            await http.send(Request("POST", upstream.url, None, Body(pieces(*parts), 3)))
        assert http.connections == 0


async def test_a_client_that_goes_away_during_the_upload_ends_the_request(client):
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.gone()
        gone.set()

    async def source() -> AsyncIterator[bytes]:
        yield b"hello"
        raise ClientDisconnected("the client went away")

    async with Upstream(script) as upstream:
        http = client()
        with pytest.raises(ClientDisconnected):
            await http.send(Request("POST", upstream.url, None, Body(source())))
        await gone.wait()
        assert http.connections == 0


async def test_a_slow_client_is_not_the_upstreams_silence(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.chunked()
        await peer.send(OK)

    wait = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield b"hello"
        await wait.wait()

    async with Upstream(script) as upstream:
        http = client()
        task = asyncio.ensure_future(http.send(Request("POST", upstream.url, None, Body(source()))))
        while not http.connections or not (busy := next(iter(http._pools.values()))._all):
            await asyncio.sleep(0)
        connection = next(iter(busy))
        while not connection.awaits_client:
            await asyncio.sleep(0)
        connection.expire(connection.last_seen + 1000, 10)
        wait.set()
        assert (await task).status.code == 200


async def test_an_early_answer_reaches_the_client_before_the_upload_ends(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 4\r\n\r\nbig!")
        await peer.gone()

    stopped = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        try:
            yield b"hello"
            await asyncio.get_running_loop().create_future()
        finally:
            stopped.set()

    async with Upstream(script, reply(OK)) as upstream:
        http = client()
        response = await http.send(Request("POST", upstream.url, None, Body(source())))
        assert (response.status.code, response.entity.raw) == (413, b"big!")
        await stopped.wait()
        assert http.connections == 0
        await http.send(Request("GET", upstream.url))
        assert upstream.connections == 2


async def test_both_directions_may_flow_at_once(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while (size := int(await peer.reader.readline(), 16)) or not (await peer.reader.readline()):
            data = await peer.reader.readexactly(size + 2)
            await peer.send(b"%x\r\n" % size + data)
            if not size:
                return

    echo: asyncio.Queue[bytes] = asyncio.Queue()

    async def source() -> AsyncIterator[bytes]:
        while data := await echo.get():
            yield data

    async with Upstream(script) as upstream:
        http = client()
        echo.put_nowait(b"one")
        response = await http.send(Request("POST", upstream.url, None, Body(source())))
        stream = aiter(response.entity.stream())
        assert await anext(stream) == b"one"
        echo.put_nowait(b"two")
        assert await anext(stream) == b"two"
        await stream.aclose()


def expecting(upstream: Upstream, source: AsyncIterator[bytes]) -> Request:
    return Request("POST", upstream.url, Headers([("Expect", "100-continue")]), Body(source, 5))


async def test_a_body_that_waits_for_permission_is_sent_when_it_comes(client):
    asked = asyncio.Event()

    async def script(peer: Peer) -> None:
        head = await peer.head()
        assert b"\r\nExpect: 100-continue\r\n" in head
        assert not asked.is_set()
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert await peer.read(5) == b"hello"
        await peer.send(OK)

    async def source() -> AsyncIterator[bytes]:
        asked.set()
        yield b"hello"

    async with Upstream(script) as upstream:
        assert (await client().send(expecting(upstream, source()))).status.code == 200


async def test_a_body_without_permission_is_never_read(client):
    asked = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        asked.set()
        yield b"hello"

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        await peer.gone()

    async with Upstream(script) as upstream:
        http = client()
        assert (await http.send(expecting(upstream, source()))).status.code == 401
        assert not asked.is_set()
        assert http.connections == 0


async def test_a_body_is_sent_without_permission_after_a_while(client, monkeypatch):
    monkeypatch.setattr("gateway.client.sender.CONTINUE_WAIT", 0.01)

    async def script(peer: Peer) -> None:
        await peer.head()
        assert await peer.read(5) == b"hello"
        await peer.send(OK)

    async with Upstream(script) as upstream:
        assert (await client().send(expecting(upstream, pieces(b"hello")))).status.code == 200


async def test_a_body_that_is_here_already_asks_for_no_permission(client):
    async with Upstream(reply(OK)) as upstream:
        await client().send(Request("POST", upstream.url, Headers([("Expect", "100-continue")]), b"hello"))
        assert b"Expect" not in upstream.heads[0]


async def endless(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await peer.gone()


async def test_a_reader_that_stops_early_closes_the_connection(client):
    async with Upstream(endless) as upstream:
        http = client()
        response = await http.send(Request("GET", upstream.url))
        response.close()
        assert http.connections == 0


async def test_a_response_that_nobody_reads_gives_its_connection_back(client):
    async with Upstream(endless) as upstream:
        http = client()
        response = await http.send(Request("GET", upstream.url))
        assert response.status.code == 200
        del response
        await asyncio.sleep(0)  # the event loop holds the result of a future for the step that it woke
        assert http.connections == 0


async def test_a_large_buffered_body_is_sent_whole(client):
    body = b"y" * (3 * MIB)
    got = []

    async def script(peer: Peer) -> None:
        await peer.head()
        got.append(await peer.read(len(body)))
        await peer.send(OK)

    async with Upstream(script) as upstream:
        await client().send(Request("PUT", upstream.url, None, body))
        assert got == [body]
