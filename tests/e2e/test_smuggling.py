"""What an upstream really receives of requests that are made to be misread, through a whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gateway_in_process import OK, RawUpstream, proxying, take_message
from tests.gateway.instances import at, static
from tests.gateway.server.test_reader import BROKEN_BODIES, REFUSED

HOST = b"Host: app.example.com\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


def get(target: bytes = b"/", *lines: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def statuses(data: bytes) -> list[int]:
    """The statuses of all that came back, which must be whole answers and nothing else."""
    found = []
    while data:
        taken = take_message(data)
        assert taken is not None, data
        message, data = taken
        found.append(message.status)
    return found


# ---------------------------------------------------------------------------------------------------------- refusals


async def test_what_can_be_read_in_two_ways_never_leaves_the_gateway(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for name, (data, status) in REFUSED.items():
            back = await gateway.all_of(data + SMUGGLED)
            assert statuses(back) == [status], name
            assert b"Connection: close\r\n" in back, name
            assert b"Content-Length: 0\r\n" in back, name
        assert upstream.received == b""
        assert (await gateway.send(get())).content == b"ok"


async def test_a_broken_body_is_never_whole_upstream_and_nothing_is_read_behind_it(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for name, body in BROKEN_BODIES.items():
            back = await gateway.all_of(post(b"Transfer-Encoding: chunked", body=body + SMUGGLED))
            assert statuses(back) == [400], name
            await gateway.closed()
            assert upstream.requests == [], name
            assert b"smuggled" not in upstream.received, name
            upstream.take_rest()


async def test_a_body_that_ends_early_is_never_whole_upstream(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for request in (
            post(b"Content-Length: 10", body=b"five!"),
            post(b"Transfer-Encoding: chunked", body=b"a\r\nfive!"),
            post(b"Transfer-Encoding: chunked", body=b"5\r\nfive!\r\n"),
        ):
            await gateway.all_of(request)
            await gateway.closed()
            assert upstream.requests == []
            upstream.take_rest()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get(b"/", b"X: " + b"a" * 9000), 431),
        (get(b"/", *(b"X-%d: a" % number for number in range(1000))), 431),
        (get(b"/" + b"a" * 9000), 414),
        (get(b"/a b"), 400),
        (get("/\u00e9".encode()), 400),
    ],
)
async def test_what_is_too_long_or_malformed_has_its_status(tmp_path: Path, request_: bytes, status: int) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        assert statuses(await gateway.all_of(request_ + SMUGGLED)) == [status]
        assert upstream.received == b""


# ----------------------------------------------------------------------------------------------------------- targets

TARGETS = {
    # what the client says: request line and Host of what the upstream gets
    b"/a/../b/./c": (b"/a/../b/./c", b"app.example.com"),
    b"/a/%2e%2E/b": (b"/a/%2e%2E/b", b"app.example.com"),
    b"/a%2fb%5c%2F": (b"/a%2fb%5c%2F", b"app.example.com"),
    b"/a%00b": (b"/a%00b", b"app.example.com"),
    b"/a%0d%0aX:%20y?q=%0D%0aX:%20y": (b"/a%0d%0aX:%20y?q=%0D%0aX:%20y", b"app.example.com"),
    b"//evil.example.com/a": (b"//evil.example.com/a", b"app.example.com"),
    b"/a\\b": (b"/a%5Cb", b"app.example.com"),
    b"/;a=b/;c": (b"/;a=b/;c", b"app.example.com"),
    b"/?a=%26b&c=%3d+%2B%20": (b"/?a=%26b&c=%3d+%2B%20", b"app.example.com"),
    b"/??a?b": (b"/??a?b", b"app.example.com"),
    b"http://other.example.com/a": (b"/a", b"other.example.com"),
    b"http://other.example.com:8080": (b"/", b"other.example.com:8080"),
    b"https://other.example.com/a?b": (b"/a?b", b"other.example.com"),
}


async def test_a_target_goes_on_as_one_target_to_the_upstream_of_the_route(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for target, (expected, host) in TARGETS.items():
            upstream.forget()
            assert (await gateway.send(get(target))).status == 200
            assert upstream.received == b"GET " + expected + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", target


async def test_conditions_see_the_host_and_path_that_the_upstream_gets(tmp_path: Path) -> None:
    """No request is allowed by one reading and served by another."""
    seen = "${request.uri.host} ${request.headers['Host'][0]} ${request.uri.path} ${request.uri.rawPath}"
    filters = [{"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-Seen": [seen]}}}]
    # Without a base URI, so that the URI is still the client's when the filter sees it.
    routes = {
        "seen": {
            "handler": {
                "type": "Chain",
                "config": {
                    "filters": filters,
                    "handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": seen}},
                },
            }
        }
    }
    async with proxying(tmp_path, routes=routes) as gateway:
        for target, expected in {
            b"/a/../b": b"app.example.com app.example.com /a/../b /a/../b",
            b"/a/%2e%2e/b": b"app.example.com app.example.com /a/../b /a/%2e%2e/b",
            b"//x/y": b"app.example.com app.example.com //x/y //x/y",
            b"http://other.example.com/a": b"other.example.com other.example.com /a /a",
            b"/a%2Fb": b"app.example.com app.example.com /a/b /a%2Fb",
        }.items():
            assert (await gateway.send(get(target))).content == expected


# ---------------------------------------------------------------------------------------------------- header fields


async def test_hop_by_hop_fields_end_here_on_the_way_up(tmp_path: Path) -> None:
    lines = (
        b"Connection: X-Secret, keep-alive, Host, Content-Length, TE",
        b"X-Secret: CnryZq8xHop",
        b"Keep-Alive: timeout=5",
        b"Proxy-Authorization: Basic Q25yeVpxOHhIb3A=",
        b"Proxy-Connection: keep-alive",
        b"TE: trailers",
        b"Trailer: X-Later",
        b"Trailers: X-Later",
        b"Proxy-Authenticate: Basic",
        b"X-Stays: 1",
        b"Content-Length: 1",
    )
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        assert (await gateway.send(post(*lines, body=b"x"))).status == 200
        assert upstream.received == (
            b"POST / HTTP/1.1\r\nHost: app.example.com\r\nX-Stays: 1\r\nContent-Length: 1\r\n\r\nx"
        )


async def test_hop_by_hop_fields_end_here_on_the_way_down(tmp_path: Path) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nConnection: X-Secret, Keep-Alive\r\nX-Secret: CnryZq8xHop\r\nKeep-Alive: timeout=5\r\n"
        b"Proxy-Authenticate: Basic\r\nProxy-Connection: close\r\nTE: trailers\r\nTrailer: X\r\nTrailers: X\r\n"
        b"Upgrade: h2c\r\nX-Stays: 1\r\nContent-Length: 2\r\n\r\nok"
    )
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream) as gateway:
        message = await gateway.send(get())
        assert (message.names, message.content) == ({"x-stays", "date", "content-length"}, b"ok")


async def test_a_client_cannot_name_away_what_a_filter_adds(tmp_path: Path) -> None:
    """`Connection: X-User` must not take the user's name out of the request that the gateway signs off."""
    add = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-User": ["george"]}}}
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, [add]) as gateway:
        for line in (b"Connection: X-User", b"Connection: close, x-user", b"Connection: ,,X-USER ,\t"):
            await gateway.send(get(b"/", line, b"X-User: admin"))
        await gateway.send(get(b"/", b"Connection: close", b"Connection: x-user", b"X-User: admin"))
        assert [request.all("X-User") for request in upstream.requests] == [["george"]] * 4
        assert all(not request.all("Connection") for request in upstream.requests)


async def test_odd_but_sound_names_and_values_go_on_byte_by_byte(tmp_path: Path) -> None:
    lines = (b"!#$%&'*+-.^_`|~: 1", b"X_Under: 2", b"x-latin: caf\xe9\x80\xff", b"x-tab: a\tb", b"X-Empty:", b"0: 0")
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        assert (await gateway.send(get(b"/", *lines))).status == 200
        assert upstream.requests[0].lines[1:] == [
            line.decode("latin-1").replace("X-Empty:", "X-Empty: ") for line in lines
        ]


async def test_every_field_of_many_goes_on_in_its_order(tmp_path: Path) -> None:
    lines = [b"X-%d: %d" % (number % 50, number) for number in range(600)]
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        assert (await gateway.send(get(b"/", *lines))).status == 200
        assert upstream.requests[0].lines[1:] == [line.decode() for line in lines]


@pytest.mark.parametrize("name", ["header", "cookie", "path", "host", "redirect"])
async def test_nothing_that_an_expression_writes_starts_a_line(tmp_path: Path, name: str) -> None:
    """Decoded values come from the client; whatever they are used for, they stay one value or the request fails."""
    decoded = "${request.queryParams['v'][0]}"
    filters: dict[str, Any] = {
        "header": {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-Value": [decoded]}}},
        "cookie": {"type": "HeaderFilter", "config": {"messageType": "RESPONSE", "add": {"Set-Cookie": [decoded]}}},
        "path": {
            "type": "AssignmentFilter",
            "config": {"onRequest": [{"target": "${request.uri.path}", "value": f"/{decoded}"}]},
        },
        "host": {
            "type": "StaticRequestFilter",
            "config": {"method": "GET", "uri": "http://h/", "headers": {"Host": [decoded]}},
        },
        "redirect": {"type": "HeaderFilter", "config": {"messageType": "RESPONSE", "add": {"Location": [decoded]}}},
    }
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, [filters[name]]) as gateway:
        for value in ("a%0d%0aX-Injected:%201", "a%0aX-Injected:%201", "a%0dX-Injected:%201", "a%00b"):
            back = await gateway.all_of(get(b"/?v=" + value.encode()))
            assert len(statuses(back)) == 1
            assert b"\nX-Injected" not in back
            assert b"\rX-Injected" not in back
            assert b"\0" not in back + upstream.received
            for request in upstream.requests:
                assert request.names <= {"host", "x-value"}
                assert request.head.count(b"\n") == request.head.count(b"\r\n") == request.head.count(b"\r")


# ----------------------------------------------------------------------------------------------- framing, both ways


async def test_pipelined_requests_go_up_one_by_one_and_come_back_in_order(tmp_path: Path) -> None:
    def answer(request: Any) -> bytes:
        path = request.start.split()[1].encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path)

    data = b"".join(get(b"/%d" % number) for number in range(40))
    data += post(b"Content-Length: 4", body=b"GET ") + get(b"/behind")
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream) as gateway, gateway.client() as client:
        await client.send(data)
        bodies = [(await client.message()).content for _ in range(42)]
        assert bodies == [b"/%d" % number for number in range(40)] + [b"/", b"/behind"]
        assert [request.content for request in upstream.requests][-2:] == [b"GET ", b""]


async def test_a_body_that_looks_like_a_request_is_a_body(tmp_path: Path) -> None:
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        await gateway.send(post(b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED))
        await gateway.send(post(b"Transfer-Encoding: chunked", body=chunked))
        await gateway.send(post(b"transfer-ENCODING:\tCHUNKED ", body=chunked))
        assert [request.content for request in upstream.requests] == [SMUGGLED] * 3


async def test_chunk_extensions_and_trailers_of_a_request_stay_here(tmp_path: Path) -> None:
    body = b'5;a=b;c="d"\r\nhello\r\n0;e\r\nX-Later: 1\r\nAuthorization: Bearer CnryZq8xTrailer\r\n\r\n'
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        assert (await gateway.send(post(b"Transfer-Encoding: chunked", b"Trailer: X-Later", body=body))).status == 200
        (request,) = upstream.requests
        assert request.content == b"hello"
        assert b"Later" not in upstream.received
        assert b"Bearer" not in upstream.received
        assert b";" not in request.body


async def test_trailers_of_a_response_reach_a_client_that_takes_them(tmp_path: Path) -> None:
    content = b"hello" * 50_000
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n%x;x=y\r\n%b\r\n0\r\n"
        b"X-Sum: 7\r\nConnection: X\r\nTransfer-Encoding: x\r\n\r\n" % (len(content), content)
    )
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream) as gateway:
        message = await gateway.send(get(b"/", b"TE: trailers", b"Connection: TE"))
        assert message.content == content
        assert message.body.endswith(b"\r\n0\r\nX-Sum: 7\r\n\r\n")
        plain = await gateway.send(get())
        assert plain.content == content
        assert plain.body.endswith(b"\r\n0\r\n\r\n")
        assert b"x=y" not in message.body + plain.body


async def test_a_client_that_waits_is_told_to_go_on(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway, gateway.client() as client:

        def head(size: int) -> bytes:
            return post(b"Expect: 100-continue", b"Content-Length: %d" % size)

        await client.send(head(3))
        assert (await client.message(head_only=True)).start == "HTTP/1.1 100 Continue"
        await client.send(b"abc")
        assert (await client.message()).status == 200
        assert [request.content for request in upstream.requests] == [b"abc"]


async def test_an_old_client_gets_an_old_answer(tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    async with RawUpstream(chunked) as upstream, proxying(tmp_path, upstream) as gateway:
        back = await gateway.all_of(b"GET /a HTTP/1.0\r\nHost: old.example.com\r\nTE: trailers\r\n\r\n" + SMUGGLED)
        head, _, body = back.partition(b"\r\n\r\n")
        assert body == b"hello"
        assert b"Transfer-Encoding" not in head
        assert b"Connection: close" in head
        assert upstream.received == b"GET /a HTTP/1.1\r\nHost: old.example.com\r\n\r\n"


async def test_another_protocol_is_not_asked_for_where_it_is_not_enabled(tmp_path: Path) -> None:
    asked = get(
        b"/chat",
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    h2c = get(b"/", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAA")
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for data in (asked, h2c):
            async with gateway.client() as client:
                await client.send(data + get(b"/next"))
                # What follows is HTTP again: the request got an ordinary answer.
                assert [(await client.message()).status for _ in range(2)] == [200, 200]
        assert [request.start for request in upstream.requests][1::2] == ["GET /next HTTP/1.1"] * 2
        for request in upstream.requests:
            assert not request.names & {"connection", "upgrade", "http2-settings"}


AMBIGUOUS_ANSWERS = {
    "a length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "a signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    "a folded field": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "a bare line feed": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "a bare carriage return": b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: x=CnryZq8xBare\r\nContent-Length: 2\r\n\r\nok",
    "a null": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
    "a blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
}


async def test_an_answer_that_can_be_read_in_two_ways_is_a_bad_gateway(tmp_path: Path) -> None:
    answers = iter([*AMBIGUOUS_ANSWERS.values(), OK])
    async with RawUpstream(lambda _: next(answers)) as upstream, proxying(tmp_path, upstream) as gateway:
        for name in AMBIGUOUS_ANSWERS:
            message = await gateway.send(get())
            assert (message.status, message.content) == (502, b""), name
            await gateway.closed()
        assert (await gateway.send(get())).content == b"ok"


async def test_what_an_upstream_sends_behind_its_answer_is_nobodys_answer(tmp_path: Path) -> None:
    """Response queue poisoning: the extra answer must not be taken for that to the next request."""
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    answers = iter([OK + poison, OK, OK])
    async with RawUpstream(lambda _: next(answers)) as upstream, proxying(tmp_path, upstream) as gateway:
        async with gateway.client() as client:
            for _ in range(3):
                await client.send(get())
                assert (await client.message()).content == b"ok"
        assert len(upstream.requests) == 3


async def test_a_status_line_and_fields_of_an_upstream_are_one_head_for_the_client(tmp_path: Path) -> None:
    fields = b"X-Bytes: \x80\xff\r\nSet-Cookie: a=CnryZq8xA\r\nSet-Cookie: b=CnryZq8xB\r\nContent-Length: 0\r\n\r\n"
    answer = b"HTTP/1.1 299 caf\xe9 \t<b>\r\n" + fields
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream) as gateway:
        message = await gateway.send(get())
        assert message.status == 299
        assert message.all("Set-Cookie") == ["a=CnryZq8xA", "b=CnryZq8xB"]
        assert message.all("X-Bytes") == ["\x80\xff"]


async def test_one_route_cannot_be_reached_by_the_name_of_another(tmp_path: Path) -> None:
    routes = {
        "open": {**static("open"), "condition": at("/open")},
        "closed": {**static("closed", 403), "condition": "${find(request.uri.path, '^/closed')}"},
    }
    async with proxying(tmp_path, routes=routes) as gateway:
        for target, status in {
            b"/open": 200,
            b"/closed": 403,
            b"/%63losed/x": 403,
            b"http://h/closed": 403,
            b"/closed;a=b": 403,
            b"/closed?/open": 403,
            b"/open/": 404,
            b"//open": 404,
        }.items():
            assert (await gateway.send(get(target))).status == status, target
