"""Forward proxies: absolute form for http, a tunnel for https, credentials only for the proxy."""

from __future__ import annotations

import asyncio

import pytest

from gateway.client.errors import ConnectFailed, ProxyRefused
from gateway.client.proxy import Always, PerScheme, Proxy
from gateway.client.resolve import Resolver
from gateway.client.tls import TlsSettings
from gateway.http.headers import Headers
from gateway.http.message import Request
from tests.gateway.client.certificates import Authority
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, reply


def through(proxy: Upstream, authorization: str = "Basic Z3c6cHc=", scheme: str = "http") -> Always:
    return Always(Proxy(scheme, "127.0.0.1", proxy.port, authorization))


async def test_plain_requests_carry_the_whole_uri_and_the_credentials(client):
    async with Upstream(reply(OK)) as proxy:
        http = client(proxies=through(proxy))
        request = Request(
            "GET", "http://user:pw@app.example.com/a?b", Headers([("Proxy-Authorization", "of the client")])
        )
        assert (await http.send(request)).entity.raw == b"ok"
        assert proxy.heads == [
            b"GET http://app.example.com/a?b HTTP/1.1\r\nHost: app.example.com\r\n"
            b"Proxy-Authorization: Basic Z3c6cHc=\r\n\r\n"
        ]


def forwarding(upstream: Upstream):
    """A proxy that opens tunnels to one server, whatever is asked for."""

    async def script(peer: Peer) -> None:
        await peer.head()
        reader, writer = await asyncio.open_connection("127.0.0.1", upstream.port)
        try:
            await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(copy(peer.reader, writer), copy(reader, peer.writer))
        finally:
            writer.close()

    return script


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def test_https_goes_through_a_tunnel(client):
    authority = Authority()
    async with (
        Upstream(reply(OK), ssl=authority.server_context("app.example.com")) as upstream,
        Upstream(forwarding(upstream)) as proxy,
    ):
        http = client(proxies=through(proxy), tls=TlsSettings(anchors=authority.anchors))
        for _ in range(2):
            assert (await http.send(Request("GET", "https://app.example.com/a"))).entity.raw == b"ok"
        assert proxy.heads == [
            b"CONNECT app.example.com:443 HTTP/1.1\r\nHost: app.example.com:443\r\n"
            b"Proxy-Authorization: Basic Z3c6cHc=\r\n\r\n"
        ]
        assert upstream.heads == [b"GET /a HTTP/1.1\r\nHost: app.example.com\r\n\r\n"] * 2
        http.close(0)


async def test_options_of_no_path_keeps_its_absolute_form_before_a_proxy(client):
    async with Upstream(reply(OK)) as proxy:
        await client(proxies=through(proxy, "")).send(Request("OPTIONS", "http://app.example.com"))
        assert proxy.heads[0].startswith(b"OPTIONS http://app.example.com HTTP/1.1\r\n")


async def test_plain_requests_to_a_proxy_that_speaks_tls(client):
    authority = Authority()
    async with Upstream(reply(OK), ssl=authority.server_context("127.0.0.1")) as proxy:
        http = client(proxies=through(proxy, "", "https"), tls=TlsSettings(anchors=authority.anchors))
        assert (await http.send(Request("GET", "http://app.example.com/"))).entity.raw == b"ok"
        assert proxy.heads == [b"GET http://app.example.com/ HTTP/1.1\r\nHost: app.example.com\r\n\r\n"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"x" * 100_000,
    ],
)
async def test_a_proxy_that_opens_no_tunnel(client, answer):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer)
        await peer.gone()

    async with Upstream(script) as proxy:
        http = client(proxies=through(proxy))
        with pytest.raises(ProxyRefused):
            await http.send(Request("GET", "https://app.example.com/"))
        assert http.connections == 0


async def test_a_proxy_that_hangs_up(client):
    async def script(peer: Peer) -> None:
        await peer.head()

    async with Upstream(script) as proxy:
        with pytest.raises(ConnectFailed):
            await client(proxies=through(proxy)).send(Request("GET", "https://app.example.com/"))


async def test_exceptions_are_reached_directly(client):
    async with Upstream(reply(OK)) as proxy, Upstream(reply(OK)) as upstream:
        chooser = PerScheme((("http", Proxy("http", "127.0.0.1", proxy.port)),), ("*.internal", "10.*", "exact"))
        http = client(Resolver([f"*:{upstream.port}:127.0.0.1"]), proxies=chooser)
        for host in ("a.internal", "EXACT", "10.1.2.3"):
            if host != "10.1.2.3":
                await http.send(Request("GET", f"http://{host}:{upstream.port}/"))
            assert chooser.proxy_for("http", host) is None
        await http.send(Request("GET", "http://example.com/"))
        assert (len(upstream.heads), len(proxy.heads)) == (2, 1)
        assert chooser.proxy_for("https", "example.com") is None
