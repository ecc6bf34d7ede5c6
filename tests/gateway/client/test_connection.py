"""The connection without sockets: how bytes are cut does not matter, and no bytes do anything but fail cleanly."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.client.connection import Connection, StaleConnection
from gateway.errors import UpstreamError
from gateway.http.message import Request, Response
from tests.gateway.client.upstream_scripts import OK, Upstream, reply

RESPONSES = [
    OK,
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-One\r\nX-One: 1\r\n\r\n"
    b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nX-One: 1\r\nX-One: 2\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
]


class Transport:
    """Swallows what is written."""

    def __init__(self) -> None:
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True

    close = abort

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def connected(head_limit: int = 65536) -> Connection:
    connection = Connection(asyncio.get_running_loop(), head_limit, 0, math.inf)
    connection.connection_made(Transport())  # type: ignore[arg-type]
    return connection


async def whole(waiter: asyncio.Future[Response]) -> tuple:
    answer = await waiter
    body = b"".join([piece async for piece in answer.entity.stream()])
    return answer.status.code, answer.status.reason, list(answer.headers.items()), body, str(answer.trailers)


@pytest.mark.parametrize("response", RESPONSES)
async def test_how_a_response_is_cut_does_not_matter(response):
    expected = None
    for place in range(len(response)):
        connection = connected()
        waiter = connection.exchange(b"", False)
        for part in (response[:place], response[place:]):
            if part:
                connection.data_received(part)
        got = await whole(waiter)
        expected = expected or got
        assert got == expected
        assert not connection.closed
        assert not connection.busy


@pytest.mark.parametrize("response", RESPONSES)
async def test_a_response_may_come_byte_by_byte(response):
    connection = connected()
    for _ in range(2):
        waiter = connection.exchange(b"", False)
        for number in range(len(response)):
            connection.data_received(response[number : number + 1])
        await whole(waiter)
    assert not connection.closed


async def outcome(data: bytes, head_only: bool) -> None:
    connection = connected(2048)
    waiter = connection.exchange(b"", head_only)
    for start in range(0, len(data), 7):
        if not connection.closed:
            connection.data_received(data[start : start + 7])
    connection.connection_lost(None)
    try:
        await whole(waiter)
    except UpstreamError:
        pass
    assert connection.closed


mutated = st.builds(
    lambda response, place, noise: response[:place] + noise + response[place + len(noise) :],
    st.sampled_from(RESPONSES),
    st.integers(0, 120),
    st.binary(min_size=1, max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\r", b"\x00", b":", b" ", b"0", b"f"]),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=mutated | st.binary(max_size=200), head_only=st.booleans())
def test_any_bytes_are_a_response_or_an_error_of_ours(data, head_only):
    asyncio.run(outcome(data, head_only))


async def told(*parts: bytes) -> tuple:
    """What becomes of an exchange whose response comes in these parts, before the upstream closes."""
    connection = connected(2048)
    waiter = connection.exchange(b"", False)
    for part in parts:
        if not connection.closed:
            connection.data_received(part)
    kept = not connection.closed
    connection.connection_lost(None)
    try:
        return kept, await whole(waiter)
    except UpstreamError as error:
        return kept, type(error)


field_lines = st.sampled_from(
    [
        b"Server: one",
        b"server:two",
        b"X-Two:  blanks ",
        b"X-Tab:\tvalue",
        b"X-Empty:",
        b"X-Empty: ",
        b"X Bad: name",
        b" X-Folded: 1",
        b": nameless",
        b"X-High: caf\xc3\xa9",
        b"X-Control: \x01",
        b"X-Delete: \x7f",
        b"X-Return: a\rb",
        b"X-Feed: a\nContent-Length: 0",
        b"Connection: keep-alive",
        b"Connection: Keep-Alive",
        b"Connection: close",
        b"Connection: X-Two, keep-alive",
        b"Keep-Alive: timeout=5",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 5",
        b"content-length: 05",
        b"Content-Length: +5",
        b"Content-Length: 5, 5",
        b"Upgrade: h2c",
        b"Set-Cookie: a=b; Path=/",
        b"X-Long: " + b"x" * 2100,
    ]
)
start_lines = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 404 Not Found",
        b"HTTP/1.1 204 No Content",
        b"HTTP/1.1 304 Not Modified",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 200 Fine",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 200",
        b"HTTP/1.2 200 OK",
    ]
)
heads = st.builds(
    lambda start, fields, length: b"\r\n".join([start, *fields, *length, b"", b""]),
    start_lines,
    st.lists(field_lines | st.binary(max_size=12), max_size=3),
    st.sampled_from([[b"Content-Length: 5"], []]),
)


@settings(max_examples=600, deadline=None)
@given(head=heads, body=st.sampled_from([b"hello", b"hell", b"hello!", b"", b"0\r\n\r\n"]), data=st.data())
def test_a_response_in_one_piece_is_read_as_one_in_two(head, body, data):
    response = head + body
    # Cut within the head, the parser reads it.
    place = data.draw(st.integers(1, response.index(b"\r\n\r\n") + 3))
    assert asyncio.run(told(response)) == asyncio.run(told(response[:place], response[place:]))


async def test_a_connection_that_closed_unnoticed_has_sent_nothing():
    connection = connected()
    connection.transport.abort()
    with pytest.raises(StaleConnection) as raised:
        await connection.exchange(b"", False)
    assert not raised.value.sent


async def test_a_request_that_was_not_sent_is_sent_anew_whatever_its_method(client):
    async with Upstream(reply(OK)) as upstream:
        http = client()
        await http.send(Request("GET", upstream.url))
        (pool,) = http._pools.values()
        (kept,) = pool._idle
        kept.transport.abort()  # the pool hears of it at the next turn of the loop
        assert (await http.send(Request("POST", upstream.url, None, b"once"))).status.code == 200
        assert upstream.connections == 2
        assert len(upstream.heads) == 2


async def test_closing_twice_and_losing_a_closed_connection_do_nothing():
    connection = connected()
    connection.close()
    connection.close()
    connection.connection_lost(None)
    assert connection.closed
