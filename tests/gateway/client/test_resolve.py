"""Names to addresses: overrides win, addresses need no look-up, every connection asks anew."""

from __future__ import annotations

import asyncio
import socket

import pytest

from gateway.client.resolve import Resolver
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import OK, Upstream, reply


@pytest.mark.parametrize(
    ("entry", "host", "port", "expected"),
    [
        ("am.example.com:127.0.0.1", "am.example.com", 8443, "127.0.0.1"),
        ("am.example.com:8443:127.0.0.1", "AM.example.com.", 8443, "127.0.0.1"),
        ("am.example.com:8443:[::1]", "am.example.com", 8443, "::1"),
        ("am.example.com:::1", "am.example.com", 80, "::1"),
        ("*:127.0.0.2", "anything.example.com", 80, "127.0.0.2"),
        ("*:80:127.0.0.2", "anything.example.com", 80, "127.0.0.2"),
    ],
)
async def test_overrides(entry, host, port, expected):
    (info,) = await Resolver([entry]).resolve(host, port)
    assert info[4] == (expected, port)


async def test_an_entry_for_the_port_wins():
    resolver = Resolver(["a:127.0.0.1", "a:80:127.0.0.2", "*:127.0.0.3"])
    assert resolver.override("a", 80) == ("127.0.0.2",)
    assert resolver.override("a", 81) == ("127.0.0.1",)
    assert resolver.override("b", 80) == ("127.0.0.3",)


async def test_several_addresses_are_tried_in_order():
    infos = await Resolver(["a:127.0.0.1,[::1]"]).resolve("a", 80)
    assert [info[4][0] for info in infos] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize("entry", ["", "a", "a:", ":127.0.0.1", "a:b", "a:99:name", "a b:127.0.0.1", "a:127.0.0.1,x"])
def test_what_is_no_override(entry):
    with pytest.raises(ValueError, match="is not"):
        Resolver([entry])


async def test_the_system_is_asked_for_each_connection(client, monkeypatch):
    asked = []
    addresses = ["127.0.0.1"]

    async def getaddrinfo(_self, host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(Resolver, "override", lambda *_: ())
    monkeypatch.setattr("gateway.client.resolve.asyncio", FakeAsyncio(getaddrinfo))
    async with Upstream(reply(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))) as upstream:
        http = client()
        await http.send(Request("GET", f"http://app.example.com:{upstream.port}/"))
        await http.send(Request("GET", f"http://app.example.com:{upstream.port}/"))
        assert asked == ["app.example.com", "app.example.com"]


class FakeAsyncio:
    """Stands for the event loop's resolver, which is the operating system's."""

    def __init__(self, getaddrinfo) -> None:
        self.getaddrinfo = getaddrinfo

    def get_running_loop(self):
        return self

    def __getattribute__(self, name):
        if name == "getaddrinfo":
            function = object.__getattribute__(self, "__dict__")["getaddrinfo"]
            return lambda *arguments, **named: function(self, *arguments, **named)
        return object.__getattribute__(self, name)


async def test_the_next_address_is_tried_when_one_does_not_answer(client):
    async with Upstream(reply(OK), host="127.0.0.1") as upstream:
        resolver = Resolver(["app.example.com:[::1],127.0.0.1"])
        response = await client(resolver).send(Request("GET", f"http://app.example.com:{upstream.port}/"))
        assert response.status.code == 200


async def test_an_address_that_is_silent_does_not_hold_up_the_next(client, monkeypatch):
    monkeypatch.setattr("gateway.client.connect.ATTEMPT_DELAY", 0.01)
    loop = asyncio.get_running_loop()
    backlog = socket.create_server(("127.0.0.2", 0), backlog=0)
    port = backlog.getsockname()[1]
    # A queue that is full already: further connections are neither accepted nor refused.
    blockers = [socket.socket() for _ in range(4)]
    for blocker in blockers:
        blocker.setblocking(False)
        blocker.connect_ex(("127.0.0.2", port))
    try:
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", port)
        from gateway.client.connect import Connector
        from gateway.client.options import ClientOptions, Origin

        connector = Connector(ClientOptions(connect_timeout=5), Resolver(["a:127.0.0.2,127.0.0.1"]), loop)
        connection = await connector.open(Origin("http", "a", port))
        assert connection.transport.get_extra_info("peername")[0] == "127.0.0.1"
        connection.close()
        server.close()
        await server.wait_closed()
    finally:
        for blocker in (*blockers, backlog):
            blocker.close()
