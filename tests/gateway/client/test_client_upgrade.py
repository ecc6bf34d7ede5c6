"""WebSocket: the upgrade passes, then bytes flow both ways until one side closes."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.errors import ConnectionLost, MalformedResponse, PoolExhausted
from gateway.http.headers import Headers
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import Peer, Upstream, once

SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
)


class Client:
    """The client's end of a tunnel."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def read(self) -> bytes:
        return await self.incoming.get()

    async def write(self, data: bytes) -> None:
        self.outgoing.put_nowait(data)

    def close(self) -> None:
        self.closed.set()


def handshake(upstream: Upstream) -> Request:
    fields = [("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "abc")]
    return Request("GET", upstream.url + "/chat", Headers(fields))


async def echo(peer: Peer) -> None:
    await peer.head()
    await peer.send(SWITCH + b"hello")
    while data := await peer.reader.read(100):
        await peer.send(data)


async def test_bytes_flow_both_ways_after_the_switch(client):
    async with Upstream(echo) as upstream:
        http = client(upgrade="websocket")
        response = await http.send(handshake(upstream))
        head = upstream.heads[0]
        assert head.count(b"Upgrade: websocket\r\n") == 1
        assert b"\r\nSec-WebSocket-Key: abc\r\n" in head
        assert response.status.code == 101
        assert response.headers.first("Sec-WebSocket-Accept") == "x"
        assert response.headers.first("Upgrade") == "websocket"
        assert response.headers.first("Connection") == "Upgrade"

        end = Client()
        tunnel = asyncio.ensure_future(response.upgrade(end))
        assert await end.outgoing.get() == b"hello"
        end.incoming.put_nowait(b"ping")
        assert await end.outgoing.get() == b"ping"
        end.incoming.put_nowait(b"")
        await tunnel
        assert end.closed.is_set()
        assert http.connections == 0


async def test_the_upstream_may_close_too(client):
    async with Upstream(once(SWITCH + b"bye")) as upstream:
        http = client(upgrade="websocket")
        response = await http.send(handshake(upstream))
        end = Client()
        await response.upgrade(end)
        assert end.outgoing.get_nowait() == b"bye"
        assert end.closed.is_set()
        assert http.connections == 0


async def test_a_refusal_is_an_ordinary_response(client):
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    async with Upstream(once(answer)) as upstream:
        response = await client(upgrade="websocket").send(handshake(upstream))
        assert (response.status.code, response.entity.raw, response.upgrade) == (403, b"no", None)


async def test_silence_on_both_sides_ends_the_tunnel(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH)
        await peer.gone()

    async with Upstream(script) as upstream:
        http = client(upgrade="websocket", so_timeout=0.02)
        end = Client()
        await (await http.send(handshake(upstream))).upgrade(end)
        assert end.closed.is_set()
        assert http.connections == 0


async def test_a_response_that_nobody_takes_over_does_not_stay(client):
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH)
        await peer.gone()
        gone.set()

    async with Upstream(script) as upstream:
        http = client(upgrade="websocket", so_timeout=0.02)
        await http.send(handshake(upstream))
        await gone.wait()
        assert http.connections == 0


async def test_a_switch_to_nothing_is_malformed(client):
    async with Upstream(once(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")) as upstream:
        with pytest.raises(MalformedResponse):
            await client(upgrade="websocket").send(handshake(upstream))


async def test_tunnels_are_limited(client):
    async with Upstream(echo) as upstream:
        http = client(upgrade="websocket", connections=1, wait_queue=0)
        response = await http.send(handshake(upstream))
        with pytest.raises(PoolExhausted):
            await http.send(handshake(upstream))
        end = Client()
        end.incoming.put_nowait(b"")
        await response.upgrade(end)
        assert (await http.send(handshake(upstream))).status.code == 101


async def test_writing_to_a_tunnel_that_is_gone_fails(client):
    async with Upstream(echo) as upstream:
        http = client(upgrade="websocket")
        response = await http.send(handshake(upstream))
        connection = next(iter(next(iter(http._pools.values()))._all))
        connection.close()
        with pytest.raises(ConnectionLost):
            await connection.send(b"x")
        await response.upgrade(Client())


async def test_a_client_that_reads_slowly_stops_the_upstream(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH)
        await peer.send(b"x" * 5_000_000)
        await peer.gone()

    class Slow(Client):
        async def write(self, data: bytes) -> None:
            await asyncio.get_running_loop().create_future()

    async with Upstream(script) as upstream:
        http = client(upgrade="websocket")
        response = await http.send(handshake(upstream))
        end = Slow()
        tunnel = asyncio.ensure_future(response.upgrade(end))
        connection = next(iter(next(iter(http._pools.values()))._all))
        while not connection._paused:
            await asyncio.sleep(0)
        end.incoming.put_nowait(b"")
        await tunnel
        assert http.connections == 0
