"""WebSocket through a whole gateway, with aiohttp's server and client at its ends."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from tests.e2e.gateway_in_process import Proxy, proxying, route
from tests.e2e.processes import gatewright
from tests.gateway.instances import until

ENABLED = {"websocket": {"enabled": True}}
LIMIT = 16 * 1024 * 1024


class Chat:
    """An upstream that echoes, closes or sends as it is told to, and remembers how its connections ended."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.closed: list[int | None] = []
        self.sockets: list[web.WebSocketResponse] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            length = len(await request.read())
            return web.Response(text=f"{length} bytes" if length else "plain")
        channel = web.WebSocketResponse(protocols=("chat.v2", "chat.v1"), max_msg_size=LIMIT)
        await channel.prepare(request)
        self.sockets.append(channel)
        async for message in channel:
            if message.type is WSMsgType.TEXT and message.data.startswith("close "):
                await channel.close(code=int(message.data[6:]), message=b"as you like")
            elif message.type is WSMsgType.TEXT:
                await channel.send_str(message.data)
            else:
                await channel.send_bytes(message.data)
        self.closed.append(channel.close_code)
        return channel


@asynccontextmanager
async def chat() -> AsyncIterator[tuple[Chat, str]]:
    upstream = Chat()
    application = web.Application(client_max_size=LIMIT * 2)
    application.router.add_route("*", "/{tail:.*}", upstream.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield upstream, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def chatting(
    directory: Path, handler: Any = ENABLED, filters: Any = (), **more: Any
) -> AsyncIterator[tuple[Chat, Proxy]]:
    async with chat() as (upstream, url), proxying(directory, url, filters, handler=handler, **more) as gateway:
        yield upstream, gateway


def connect(gateway: Proxy, path: str = "/chat?room=1", **options: Any) -> Any:
    return gateway.instance.client.ws_connect(gateway.url + path, max_msg_size=LIMIT, **options)


@pytest.mark.parametrize("compress", [0, 15])
async def test_text_and_binary_messages_flow_both_ways(tmp_path: Path, compress: int) -> None:
    async with chatting(tmp_path) as (upstream, gateway):
        async with connect(gateway, compress=compress) as channel:
            for text in ("hello", "", "caf\u00e9 \U0001f600", "x" * 70_000):
                await channel.send_str(text)
                assert await channel.receive_str() == text
            for data in (b"", b"\0\xff", bytes(range(256)) * 300):
                await channel.send_bytes(data)
                assert await channel.receive_bytes() == data
        await until(lambda: upstream.closed)
        assert upstream.closed == [1000]
        assert upstream.requests[0].path_qs == "/chat?room=1"


async def test_big_frames_flow_both_ways(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (_, gateway), connect(gateway) as channel:
        data = bytes(range(256)) * 32 * 1024
        await channel.send_bytes(data)
        assert await channel.receive_bytes() == data


async def test_many_messages_keep_their_order(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (_, gateway), connect(gateway) as channel:

        async def send() -> None:
            for number in range(2000):
                await channel.send_str(str(number))

        async def receive() -> list[str]:
            return [await channel.receive_str() for _ in range(2000)]

        _, received = await asyncio.gather(send(), receive())
        assert received == [str(number) for number in range(2000)]


@pytest.mark.parametrize("code", [1000, 1001, 1008, 4321])
async def test_close_codes_reach_the_other_side(tmp_path: Path, code: int) -> None:
    async with chatting(tmp_path) as (upstream, gateway):
        async with connect(gateway) as channel:
            await channel.close(code=code)
        await until(lambda: upstream.closed)
        async with connect(gateway) as channel:
            await channel.send_str(f"close {code}")
            message = await channel.receive()
            assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, code, "as you like")
        assert upstream.closed[0] == code
        await gateway.closed()


async def test_pings_are_answered_by_the_other_side(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (_, gateway), connect(gateway, autoping=False) as channel:
        await channel.ping(b"are you there")
        message = await channel.receive()
        assert (message.type, message.data) == (WSMsgType.PONG, b"are you there")


async def test_sub_protocols_and_fields_of_the_upgrade_are_passed_on(tmp_path: Path) -> None:
    add = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-User": ["george"]}}}
    headers = {"Cookie": "a=1", "Origin": "https://app.example.com"}
    async with chatting(tmp_path, filters=[add]) as (upstream, gateway):
        async with connect(gateway, protocols=("chat.v1", "other"), headers=headers) as channel:
            assert channel.protocol == "chat.v1"
        received = upstream.requests[0].headers
        assert received["X-User"] == "george"
        assert received["Cookie"] == "a=1"
        assert received["Origin"] == "https://app.example.com"
        assert received.getall("Upgrade") == ["websocket"]


@pytest.mark.parametrize("allowed", [["chat.v1"], "chat.v1, chat.v0"])
async def test_only_the_sub_protocols_of_admin_json_are_proxied(tmp_path: Path, allowed: Any) -> None:
    admin = {"vertx": {"webSocketSubProtocols": allowed}}
    async with chatting(tmp_path, admin=admin) as (upstream, gateway):
        async with connect(gateway, protocols=("chat.v2", "chat.v1")) as channel:
            assert channel.protocol == "chat.v1"
        async with connect(gateway, protocols=("chat.v2",)) as channel:
            assert channel.protocol is None
        offers = [request.headers.getall("Sec-WebSocket-Protocol", []) for request in upstream.requests]
        assert offers == [["chat.v1"], []]


async def test_a_filter_in_front_may_refuse_the_upgrade(tmp_path: Path) -> None:
    deny = {"type": "AllowOnlyFilter", "config": {"rules": [{"destination": [{"paths": ["^/open"]}]}]}}
    async with chatting(tmp_path, filters=[deny]) as (upstream, gateway):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await connect(gateway, "/closed")
        assert refused.value.status in {401, 403}
        assert not upstream.requests
        async with connect(gateway, "/open") as channel:
            await channel.send_str("in")
            assert await channel.receive_str() == "in"


async def test_without_websocket_enabled_the_upgrade_is_dropped(tmp_path: Path) -> None:
    async with chatting(tmp_path, {}) as (upstream, gateway):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await connect(gateway)
        assert refused.value.status == 200
        assert not {"Upgrade", "Connection"} & set(upstream.requests[0].headers)


async def test_other_requests_of_the_same_route_are_ordinary_ones(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (_, gateway):
        assert (await gateway.instance.get("/")).text == "plain"
        refused = await gateway.instance.send("POST", gateway.url + "/chat", headers={"Upgrade": "websocket"})
        assert refused.text == "plain"


async def test_an_upstream_that_goes_away_takes_the_channel_with_it(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (upstream, gateway):
        async with connect(gateway) as channel:
            await until(lambda: upstream.sockets)
            transport = upstream.requests[0].transport
            assert transport is not None
            transport.abort()
            assert (await channel.receive()).type in {WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR}
        await gateway.closed()


async def test_a_client_that_goes_away_takes_the_channel_with_it(tmp_path: Path) -> None:
    async with chatting(tmp_path) as (upstream, gateway):
        async with connect(gateway) as channel:
            raw = channel.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            channel._response.connection.transport.abort()
            await until(lambda: upstream.closed)
        await gateway.closed()


async def test_more_channels_than_allowed_are_a_bad_gateway(tmp_path: Path) -> None:
    handler = {"websocket": {"enabled": True, "maxConnections": 1}}
    async with chatting(tmp_path, handler) as (_, gateway):
        async with connect(gateway):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await connect(gateway)
            assert refused.value.status == 502
            assert (await gateway.instance.get("/")).text == "plain"
        await gateway.freed()
        async with connect(gateway) as channel:
            await channel.send_str("again")
            assert await channel.receive_str() == "again"


async def test_channels_and_bodies_pass_through_tls_of_a_real_process(tmp_path: Path) -> None:
    async with chat() as (upstream, url):
        (tmp_path / "route.json").write_text(json.dumps(route(url, handler=ENABLED)))
        async with gatewright(tmp_path / "route.json") as process, aiohttp.ClientSession() as session:
            trust = ssl.create_default_context(cafile=str(process.certificate))
            base = f"https://localhost:{process.https_port}"
            async with session.ws_connect(f"{base}/chat", ssl=trust, max_msg_size=LIMIT) as channel:
                for size in (5, 5_000_000):
                    await channel.send_bytes(bytes(size))
                    assert await channel.receive_bytes() == bytes(size)
                await channel.close(code=4000)
            async with session.post(f"{base}/upload", ssl=trust, data=io.BytesIO(bytes(20_000_000))) as answer:
                assert (answer.status, await answer.text()) == (200, "20000000 bytes")
            assert upstream.closed == [4000]


async def test_a_stop_ends_channels_within_the_grace_period(tmp_path: Path) -> None:
    admin = {"connectors": [{"port": 0, "host": "127.0.0.1", "gracePeriod": "10 ms"}]}
    async with chat() as (upstream, url):
        async with proxying(tmp_path, url, handler=ENABLED, admin=admin) as gateway, connect(gateway) as channel:
            await channel.send_str("x")
            await channel.receive_str()
            await gateway.instance.gateway.stop()
            assert (await channel.receive()).type in {WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR}
        await until(lambda: upstream.closed)
