"""ReverseProxyHandler: failures are 502, and WebSocket passes when it is enabled."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.errors import CircuitOpen, ConnectFailed
from gateway.handlers.reverse_proxy_handler import ReverseProxyHandler
from tests.canaries import canary
from tests.gateway.client.certificates import Authority
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, once, reply
from tests.gateway.scripted import build, exchange, run, started
from tests.gateway.servers import free_port

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "abc"}
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def proxy(**config) -> dict:
    return {"name": "proxy", "type": "ReverseProxyHandler", "config": config}


def test_the_example_builds():
    build(ReverseProxyHandler.example)


async def test_the_answer_of_the_application_passes():
    async with Upstream(reply(OK)) as upstream:
        assert (await run(proxy(), {"uri": upstream.url})).text == "ok"


async def test_refused_is_502_with_an_empty_body_and_one_log_line(caplog):
    outcome = await run(proxy(), {"uri": f"http://127.0.0.1:{free_port()}/secret-path?token={canary('token')}"})
    assert (outcome.status, outcome.text) == (502, "")
    assert isinstance(outcome.response.cause, ConnectFailed)
    assert len(caplog.records) == 1
    assert "s3cret" not in caplog.text


async def hang_up(peer: Peer) -> None:
    await peer.head()
    peer.reset()


async def silent(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


@pytest.mark.parametrize(
    "script",
    [
        hang_up,
        silent,
        once(b"SSH-2.0\r\n"),
        once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        once(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"),
        once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
    ids=["reset", "silent", "nonsense", "truncated", "headers", "chunks"],
)
async def test_every_fault_of_the_application_is_502(script):
    async with Upstream(script) as upstream:
        outcome = await run(proxy(soTimeout="50 ms"), {"uri": upstream.url})
        assert (outcome.status, outcome.text) == (502, "")


async def test_an_untrusted_certificate_is_502():
    async with Upstream(reply(OK), ssl=Authority().server_context("127.0.0.1")) as upstream:
        assert (await run(proxy(), {"uri": upstream.url})).status == 502


async def test_tls_options_may_trust_all():
    tls = ReverseProxyHandler.example["config"]["tls"]
    async with Upstream(reply(OK), ssl=Authority().server_context("other.example.com")) as upstream:
        assert (await run(proxy(tls=tls), {"uri": upstream.url})).text == "ok"
        strict = {**tls, "config": {"trustManager": {"type": "TrustAllManager"}}}
        assert (await run(proxy(tls=strict), {"uri": upstream.url})).status == 502


async def test_a_full_queue_is_502():
    async with (
        Upstream(silent) as upstream,
        started(proxy(connections=1, waitQueueSize=0, soTimeout="50 ms")) as handler,
    ):
        first, second = await asyncio.gather(*(exchange(handler, {"uri": upstream.url}) for _ in range(2)))
        assert (first.status, second.status) == (502, 502)
        assert upstream.connections == 1


async def test_an_open_circuit_is_502():
    async with (
        Upstream(hang_up) as upstream,
        started(proxy(circuitBreaker={"maxFailures": 1, "openDuration": "1 h"})) as handler,
    ):
        await exchange(handler, {"uri": upstream.url})
        outcome = await exchange(handler, {"uri": upstream.url})
        assert outcome.status == 502
        assert isinstance(outcome.response.cause, CircuitOpen)


async def test_upgrade_is_dropped_unless_websocket_is_enabled():
    async with Upstream(reply(OK)) as upstream:
        for config in ({}, {"websocket": {"enabled": False}}):
            outcome = await run(proxy(**config), {"uri": upstream.url, "headers": UPGRADE})
            assert outcome.status == 200
        assert all(b"Upgrade" not in head for head in upstream.heads)


async def test_requests_without_upgrade_are_ordinary_when_it_is_enabled():
    async with Upstream(reply(OK)) as upstream:
        handler = proxy(websocket={"enabled": True})
        assert (await run(handler, {"uri": upstream.url})).text == "ok"
        headers = {**UPGRADE, "Upgrade": "h2c"}
        assert (await run(handler, {"uri": upstream.url, "headers": headers})).text == "ok"
        assert all(b"Upgrade" not in head for head in upstream.heads)


class End:
    """The client's end of a tunnel."""

    def __init__(self, *incoming: bytes) -> None:
        self.incoming = [*incoming, b""]
        self.outgoing = b""
        self.answered = asyncio.Event()

    async def read(self) -> bytes:
        if len(self.incoming) == 1:
            await self.answered.wait()
        return self.incoming.pop(0)

    async def write(self, data: bytes) -> None:
        self.outgoing += data
        self.answered.set()

    def close(self) -> None:
        self.answered.set()


async def test_frames_pass_in_both_directions():
    async def echo(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH)
        await peer.send(b"echo " + await peer.read(4))
        await peer.gone()

    async with Upstream(echo) as upstream:
        async with started(proxy(websocket={"enabled": True})) as handler:
            outcome = await exchange(handler, {"uri": upstream.url + "/chat", "headers": UPGRADE})
            assert outcome.status == 101
            end = End(b"ping")
            await outcome.response.upgrade(end)
            assert end.outgoing == b"echo ping"
        assert upstream.heads[0].startswith(b"GET /chat HTTP/1.1\r\n")


async def test_a_handshake_that_fails_is_502():
    config = {"websocket": {"enabled": True, "connectionTimeout": "1 s", "soTimeout": "50 ms"}}
    async with Upstream(silent) as upstream:
        assert (await run(proxy(**config), {"uri": upstream.url, "headers": UPGRADE})).status == 502


async def test_web_sockets_are_limited():
    async def switch(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH)
        await peer.gone()

    async with (
        Upstream(switch) as upstream,
        started(proxy(websocket={"enabled": True, "maxConnections": 1})) as handler,
    ):
        first = await exchange(handler, {"uri": upstream.url, "headers": UPGRADE})
        second = await exchange(handler, {"uri": upstream.url, "headers": UPGRADE})
        assert (first.status, second.status) == (101, 502)
        end = End()
        end.answered.set()
        await first.response.upgrade(end)


async def test_options_of_websocket_default_to_those_of_the_handler():
    async with started(proxy(soTimeout="7 s", connectionTimeout="3 s", websocket={"enabled": True})) as handler:
        options = handler._tunnels.options
        assert (options.so_timeout, options.connect_timeout, options.connections) == (7, 3, 50)
    async with started(proxy(websocket={"enabled": True, "soTimeout": "unlimited"})) as handler:
        assert handler._tunnels.options.so_timeout == float("inf")
