"""Connections are limited, waited for in the order of arrival, and given up when they are old."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.connection import Connection
from gateway.client.errors import ConnectFailed, PoolExhausted
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import OK, Peer, Script, Upstream, reply


class Gate:
    """An upstream that answers one request at a time, each when it is told to."""

    def __init__(self) -> None:
        self.paths: list[bytes] = []
        self.arrived = asyncio.Condition()
        self._turns = asyncio.Semaphore(0)

    async def script(self, peer: Peer) -> None:
        while True:
            head = await peer.head()
            async with self.arrived:
                self.paths.append(head.split()[1])
                self.arrived.notify_all()
            await self._turns.acquire()
            await peer.send(OK)

    def open(self, times: int = 1) -> None:
        for _ in range(times):
            self._turns.release()

    async def until(self, count: int) -> None:
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.paths) >= count)


def start(http, upstream: Upstream, *paths: str) -> list[asyncio.Task]:
    return [asyncio.ensure_future(http.send(Request("GET", upstream.url + path))) for path in paths]


async def test_who_waits_longest_is_served_first(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(connections=2)
        tasks = start(http, upstream, *(f"/{number}" for number in range(6)))
        await gate.until(2)
        assert upstream.connections == 2
        for done in range(6):
            gate.open()
            await gate.until(min(done + 3, 6))
        await asyncio.gather(*tasks)
        assert sorted(gate.paths[:2]) == [b"/0", b"/1"]  # these two did not wait for each other
        assert gate.paths[2:] == [b"/2", b"/3", b"/4", b"/5"]
        assert upstream.connections == 2


async def test_a_full_queue_refuses_at_once(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(connections=1, wait_queue=1)
        tasks = start(http, upstream, "/a", "/b")
        await gate.until(1)
        with pytest.raises(PoolExhausted):
            await http.send(Request("GET", upstream.url))
        gate.open(2)
        await asyncio.gather(*tasks)


async def test_waiting_ends_at_the_connection_timeout(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(connections=1, connect_timeout=0.05)
        tasks = start(http, upstream, "/a")
        await gate.until(1)
        with pytest.raises(PoolExhausted):
            await http.send(Request("GET", upstream.url))
        gate.open()
        await asyncio.gather(*tasks)
        assert http.connections == 1


async def test_who_goes_away_leaves_the_place_to_the_next(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(connections=1)
        first, second, third = start(http, upstream, "/a", "/b", "/c")
        await gate.until(1)
        second.cancel()
        gate.open(2)
        await asyncio.gather(first, third)
        assert gate.paths == [b"/a", b"/c"]


async def test_a_connection_handed_to_somebody_who_goes_away_is_not_lost(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(connections=1)
        first, second = start(http, upstream, "/a", "/b")
        await gate.until(1)
        (pool,) = http._pools.values()
        (connection,) = pool._all

        class Cancelling:
            """The pool, as its connection sees it."""

            def released(self, connection: Connection, reusable: bool) -> None:
                connection.owner = pool
                pool.released(connection, reusable)
                second.cancel()  # before it runs again: the connection is its own already

        connection.owner = Cancelling()
        gate.open(2)
        await asyncio.wait([first, second])
        assert second.cancelled()
        await http.send(Request("GET", upstream.url + "/c"))
        assert http.connections == 1
        assert upstream.connections == 1


async def test_a_lost_connection_makes_place_for_a_waiter(client):
    gate = Gate()

    async def breaks(peer: Peer) -> None:
        await peer.head()
        await go.wait()
        peer.reset()

    go = asyncio.Event()
    async with Upstream(breaks, gate.script) as upstream:
        http = client(connections=1)
        first, second = start(http, upstream, "/a", "/b")
        gate.open()
        go.set()
        assert (await second).status.code == 200
        with pytest.raises(Exception, match="connection"):
            await first


async def test_a_failure_to_connect_makes_place_for_a_waiter(client, unused_tcp_port):
    http = client(connections=1)
    requests = [http.send(Request("GET", f"http://127.0.0.1:{unused_tcp_port}/")) for _ in range(5)]
    results = await asyncio.gather(*requests, return_exceptions=True)
    assert [type(result) for result in results] == [ConnectFailed] * 5
    assert http.connections == 0


async def test_a_connection_beyond_its_time_to_live_is_not_used_again(client):
    async with Upstream(reply(OK)) as upstream:
        http = client(time_to_live=0.0)
        await http.send(Request("GET", upstream.url))
        await http.send(Request("GET", upstream.url))
        assert upstream.connections == 2


def _one_answer(gone: asyncio.Event) -> Script:
    """Answer once, and say when the client closed the connection."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await peer.gone()
        gone.set()

    return script


async def test_an_unused_connection_is_closed_after_a_while(client):
    gone = asyncio.Event()
    async with Upstream(_one_answer(gone)) as upstream:
        http = client(keep_alive=0.02)
        await http.send(Request("GET", upstream.url))
        await gone.wait()
        assert http.connections == 0


async def test_what_the_upstream_says_of_its_patience_is_heeded(client):
    answer = b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=5\r\nContent-Length: 0\r\n\r\n"
    async with Upstream(reply(answer)) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        await http.send(Request("GET", upstream.url))
        assert upstream.connections == 2


async def test_origins_have_connections_of_their_own(client):
    async with Upstream(reply(OK)) as one, Upstream(reply(OK)) as other:
        http = client(connections=1)
        for upstream in (one, other, one, other):
            await http.send(Request("GET", upstream.url))
        assert (one.connections, other.connections, http.connections) == (1, 1, 2)


async def test_one_origin_is_one_however_it_is_written(client):
    async with Upstream(reply(OK)) as upstream:
        http = client()
        for authority in ("127.0.0.1", "user@127.0.0.1"):
            await http.send(Request("GET", f"http://{authority}:{upstream.port}/"))
            await http.send(Request("GET", f"HTTP://{authority}:{upstream.port}/"))
        assert upstream.connections == 1


async def test_pools_without_connections_are_forgotten(client):
    gone = asyncio.Event()
    async with Upstream(_one_answer(gone)) as upstream:
        http = client(keep_alive=0.02)
        await http.send(Request("GET", upstream.url))
        await gone.wait()
        while http._pools:
            await asyncio.sleep(0)
        assert not http._aliases


async def test_a_closing_client_lets_running_exchanges_end(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client()
        (task,) = start(http, upstream, "/a")
        await gate.until(1)
        http.close()
        gate.open()
        assert (await task).entity.raw == b"ok"
        assert http.connections == 0


async def test_a_closing_client_gives_them_its_grace_period_at_most(client):
    gate = Gate()
    async with Upstream(gate.script) as upstream:
        http = client(so_timeout=0.1)
        (task,) = start(http, upstream, "/a")
        await gate.until(1)
        http.close(grace=0.01)
        with pytest.raises(Exception, match="closed by the gateway"):
            await task
        assert http.connections == 0
