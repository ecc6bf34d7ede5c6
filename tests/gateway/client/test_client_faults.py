"""Every fault of an upstream is an error of its own, frees its connection, and harms no other exchange."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.errors import (
    ConnectFailed,
    ConnectionLost,
    ConnectTimeout,
    MalformedResponse,
    NameNotResolved,
    ResponseTimeout,
)
from gateway.client.resolve import Resolver
from gateway.errors import UpstreamError
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, once, reply


async def test_refused(client, unused_tcp_port):
    with pytest.raises(ConnectFailed):
        await client().send(Request("GET", f"http://127.0.0.1:{unused_tcp_port}/"))


async def test_unknown_name(client):
    class NoNames(Resolver):
        async def resolve(self, host, port):
            raise NameNotResolved(f"host {host} has no address")

    with pytest.raises(NameNotResolved):
        await client(NoNames()).send(Request("GET", "http://nowhere.example/"))


async def test_the_system_says_when_a_name_is_unknown(monkeypatch):
    async def fails(*_, **__):
        raise OSError("no such host")

    monkeypatch.setattr(asyncio.get_running_loop().__class__, "getaddrinfo", fails, raising=False)
    with pytest.raises(NameNotResolved):
        await Resolver().resolve("nowhere.example", 80)


async def test_a_name_that_is_not_resolved_in_time(client):
    class Never(Resolver):
        async def resolve(self, host, port):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(ConnectTimeout):
        await client(Never(), connect_timeout=0.02).send(Request("GET", "http://slow.example/"))


async def fails(
    client, upstream: Upstream, error: type[UpstreamError], method: str = "GET", **options
) -> UpstreamError:
    http = client(**options)
    with pytest.raises(error) as raised:
        response = await http.send(Request("GET", upstream.url))
        await response.entity.read()
    assert http.connections == 0
    return raised.value


async def test_closed_before_the_answer(client):
    async def script(peer: Peer) -> None:
        await peer.head()

    async with Upstream(script) as upstream:
        await fails(client, upstream, ConnectionLost)
        assert upstream.connections == 1


async def test_reset_before_the_answer(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    async with Upstream(script) as upstream:
        await fails(client, upstream, ConnectionLost)


@pytest.mark.parametrize("length", [10, 1_000_000])
@pytest.mark.parametrize("end", [Peer.close, Peer.reset])
async def test_broken_off_in_the_body(client, length, end):
    seen = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nabc" % length)
        if length > 10:
            await seen.wait()
        end(peer)

    async with Upstream(script) as upstream:
        http = client()
        with pytest.raises(ConnectionLost):
            response = await http.send(Request("GET", upstream.url))
            pieces = aiter(response.entity.stream())
            assert await anext(pieces) == b"abc"
            seen.set()
            await anext(pieces)
        assert http.connections == 0


async def test_broken_off_in_the_chunks(client):
    async with Upstream(once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")) as upstream:
        await fails(client, upstream, ConnectionLost)


async def test_broken_off_in_the_head(client):
    async with Upstream(once(b"HTTP/1.1 200 OK\r\nContent-Le")) as upstream:
        await fails(client, upstream, ConnectionLost)


async def silent(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


async def test_silence(client):
    async with Upstream(silent) as upstream:
        error = await fails(client, upstream, ResponseTimeout, so_timeout=0.02)
        assert "did not answer" in str(error)


async def test_silence_in_the_head(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n")
        await peer.gone()

    async with Upstream(script) as upstream:
        await fails(client, upstream, ResponseTimeout, so_timeout=0.02)


@pytest.mark.parametrize("length", [10, 1_000_000])
async def test_silence_in_the_body(client, length):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nabc" % length)
        await peer.gone()

    async with Upstream(script) as upstream:
        await fails(client, upstream, ResponseTimeout, so_timeout=0.02)


async def test_an_upstream_that_takes_no_more_of_the_request(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.get_running_loop().create_future()

    async with Upstream(script) as upstream:
        http = client(so_timeout=0.05)
        with pytest.raises(ResponseTimeout):
            await http.send(Request("POST", upstream.url, None, b"x" * 30_000_000))


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxx",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100,
    ],
)
async def test_malformed(client, answer):
    async with Upstream(once(answer)) as upstream:
        await fails(client, upstream, MalformedResponse)


async def test_chunks_that_go_wrong_later_break_the_body(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await going.wait()
        await peer.send(b"nonsense\r\n")
        await peer.gone()

    going = asyncio.Event()
    async with Upstream(script) as upstream:
        response = await client().send(Request("GET", upstream.url))
        pieces = aiter(response.entity.stream())
        assert await anext(pieces) == b"abc"
        going.set()
        with pytest.raises(MalformedResponse):
            await anext(pieces)


@pytest.mark.parametrize(
    "head",
    [
        b"X: " + b"a" * 3000 + b"\r\n\r\n",
        b"X: a\r\n" * 500 + b"\r\n",
        b"X: " + b"a" * 3000,
        b"a" * 3000,
    ],
)
async def test_a_head_beyond_the_limit(client, head):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n" + head)
        await peer.gone()

    async with Upstream(script) as upstream:
        await fails(client, upstream, MalformedResponse, head_limit=2048)


async def test_a_small_head_with_a_large_body_is_within_the_limit(client):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + b"x" * 50_000
    async with Upstream(once(answer)) as upstream:
        response = await client(head_limit=2048).send(Request("GET", upstream.url))
        assert len(await response.entity.read()) == 50_000


async def test_large_identity_fields_pass_by_default(client):
    answer = b"HTTP/1.1 200 OK\r\nX-Token: " + b"a" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n"
    async with Upstream(once(answer)) as upstream:
        response = await client().send(Request("GET", upstream.url))
        assert len(response.headers.first("X-Token")) == 100_000


@pytest.mark.parametrize("flood", [b"1;" + b"x" * 10**6, b"0\r\nX: " + b"a" * 10**6, b"0\r\n" + b"X: a\r\n" * 10**5])
async def test_chunk_extensions_and_trailers_have_the_limit_of_a_head(client, flood):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        await peer.send(flood)
        await peer.gone()

    async with Upstream(script) as upstream:
        await fails(client, upstream, MalformedResponse, head_limit=2048)


@pytest.mark.parametrize(
    "garbage", [b"garbage", OK, b"\r\nX", b"HTTP/1.1 200 OK\r\nX-Smuggled: 1\r\nContent-Length: 5\r\n\r\nother"]
)
async def test_bytes_behind_a_response_cost_the_connection_and_nothing_else(client, garbage):
    async with Upstream(reply(OK + garbage), reply(OK)) as upstream:
        http = client()
        response = await http.send(Request("GET", upstream.url))
        assert response.entity.raw == b"ok"
        assert not response.has_trailers
        assert (await http.send(Request("GET", upstream.url))).entity.raw == b"ok"
        assert upstream.connections == 2


async def test_bytes_on_an_unused_connection_cost_it(client):
    said = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await go.wait()
        await peer.send(OK)
        await peer.gone()
        said.set()

    go = asyncio.Event()
    async with Upstream(script, reply(OK)) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        go.set()
        await said.wait()
        assert http.connections == 0
        await http.send(Request("GET", upstream.url))
        assert upstream.connections == 2


def closing_race() -> object:
    """Answers one request and closes as soon as the next one arrives, as a server whose patience ended does."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await peer.head()

    return script


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_once(client, method):
    async with Upstream(closing_race(), reply(OK.replace(b"2\r\n\r\nok", b"0\r\n\r\n"))) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        response = await http.send(Request(method, upstream.url))
        assert response.status.code == 200
        assert upstream.connections == 2


async def test_a_replayed_request_carries_its_body_again(client):
    bodies = []

    async def second(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.read(4))
        await peer.send(OK)

    async with Upstream(closing_race(), second) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        await http.send(Request("PUT", upstream.url, None, b"body"))
        assert bodies == [b"body"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_request_with_side_effects_is_not_sent_twice(client, method):
    async with Upstream(closing_race(), reply(OK)) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        with pytest.raises(ConnectionLost):
            await http.send(Request(method, upstream.url))
        assert upstream.connections == 1


async def test_an_answer_that_began_is_not_asked_for_again(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await peer.head()
        await peer.send(b"HTTP/1.1 2")

    async with Upstream(script, reply(OK)) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        with pytest.raises(ConnectionLost):
            await http.send(Request("GET", upstream.url))
        assert upstream.connections == 1


async def test_a_new_connection_that_is_closed_is_not_replaced(client):
    async def script(peer: Peer) -> None:
        await peer.head()

    async with Upstream(closing_race(), script) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        with pytest.raises(ConnectionLost):
            await http.send(Request("GET", upstream.url))
        assert upstream.connections == 2


async def test_a_cancelled_request_goes_on_until_its_answer_by_default(client):
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        arrived.set()
        await answered.wait()
        await peer.send(OK)
        await peer.head()
        await peer.send(OK)

    async with Upstream(script) as upstream:
        http = client()
        task = asyncio.ensure_future(http.send(Request("GET", upstream.url)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert http.connections == 1
        answered.set()
        while not (pool := next(iter(http._pools.values())))._idle:
            await asyncio.sleep(0)
        assert (await http.send(Request("GET", upstream.url))).entity.raw == b"ok"
        assert pool.size == 1
        assert upstream.connections == 1


async def test_a_cancelled_request_is_broken_off_where_that_is_propagated(client):
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        arrived.set()
        await peer.gone()
        gone.set()

    async with Upstream(script) as upstream:
        http = client(propagate_disconnection=True)
        task = asyncio.ensure_future(http.send(Request("GET", upstream.url)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()
        assert http.connections == 0


def test_what_a_fault_means_to_a_gateway():
    from gateway.client import errors

    statuses = {cls.__name__: cls.status for cls in (getattr(errors, name) for name in errors.__all__[1:])}
    assert {name for name, status in statuses.items() if status == 504} == {"ConnectTimeout", "ResponseTimeout"}
    assert {name for name, status in statuses.items() if status == 503} == {"PoolExhausted", "CircuitOpen"}
    assert set(statuses.values()) == {502, 503, 504}
    assert errors.ResponseTimeout("late").code == 500
