"""One exchange through a whole gateway: what stays as it is on its way, and what filters around it do to it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from tests.canaries import canary
from tests.e2e.gateway_in_process import OK, Message, RawUpstream, proxying, route
from tests.gateway.instances import at

GET = b"GET /a HTTP/1.1\r\nHost: app.example.com\r\n\r\n"
PACKED = gzip.compress(b"hello " * 1000)


def answer(*lines: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    fields = "".join(f"{line}\r\n" for line in lines)
    return f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


def post(body: bytes, *lines: str) -> bytes:
    fields = "".join(f"{line}\r\n" for line in lines)
    return f"POST /a HTTP/1.1\r\nHost: app.example.com\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


# ------------------------------------------------------------------------------------------------------------ unchanged


async def test_packed_content_stays_packed_in_both_directions(tmp_path: Path) -> None:
    back = answer("Content-Encoding: gzip", "Content-Type: text/plain", 'ETag: "x"', body=PACKED)
    async with RawUpstream(back) as upstream, proxying(tmp_path, upstream) as gateway:
        message = await gateway.send(post(PACKED, "Content-Encoding: gzip", "Accept-Encoding: gzip, br"))
        assert (message.content, message.all("Content-Encoding")) == (PACKED, ["gzip"])
        assert message.all("ETag") == ['"x"']
        assert upstream.requests[0].content == PACKED
        assert upstream.requests[0].all("Content-Encoding") == ["gzip"]
        assert upstream.requests[0].all("Accept-Encoding") == ["gzip, br"]


async def test_an_expression_reads_packed_content_and_leaves_it_packed(tmp_path: Path) -> None:
    read = {
        "type": "HeaderFilter",
        "config": {"messageType": "RESPONSE", "add": {"X-First": ["${split(response.entity.string, ' ')[0]}"]}},
    }
    async with (
        RawUpstream(answer("Content-Encoding: gzip", body=PACKED)) as upstream,
        proxying(tmp_path, upstream, [read]) as gateway,
    ):
        message = await gateway.send(GET)
        assert (message.content, message.all("X-First")) == (PACKED, ["hello"])


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
async def test_redirects_are_for_the_client(tmp_path: Path, status: str) -> None:
    async with (
        RawUpstream(answer("Location: /elsewhere", status=status)) as upstream,
        proxying(tmp_path, upstream) as gateway,
    ):
        message = await gateway.send(post(b"x"))
        assert message.start == f"HTTP/1.1 {status}"
        assert message.all("Location") == ["/elsewhere"]
        assert len(upstream.requests) == 1


async def test_cookies_belong_to_the_client(tmp_path: Path) -> None:
    cookies = [f"a={canary('a')}; Path=/", f"b={canary('b')}; HttpOnly"]
    back = answer(*(f"Set-Cookie: {cookie}" for cookie in cookies))
    async with RawUpstream(back) as upstream, proxying(tmp_path, upstream) as gateway:
        for _ in range(2):
            assert (await gateway.send(GET)).all("Set-Cookie") == cookies
        assert [request.all("Cookie") for request in upstream.requests] == [[], []]


BODILESS = {
    "head": (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", ["1234"]),
    "head of chunks": (b"HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", []),
    "no content": (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n", []),
    "no content with a length": (b"GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", []),
    "not modified": (b"GET", b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', []),
    "not modified with a length": (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n", ["1234"]),
    "nothing": (b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ["0"]),
}


@pytest.mark.parametrize("case", BODILESS)
async def test_answers_without_body_end_with_their_head(tmp_path: Path, case: str) -> None:
    method, back, length = BODILESS[case]
    answers = iter([back, OK, back])
    async with RawUpstream(lambda _: next(answers)) as upstream, proxying(tmp_path, upstream) as gateway:
        async with gateway.client() as client:
            await client.send(GET.replace(b"GET", method))
            head = await client.message(head_only=True)
            assert head.all("Content-Length") == length
            assert not head.all("Transfer-Encoding") or method == b"HEAD"
            await client.send(GET)
            assert (await client.message()).content == b"ok"
        old = await gateway.all_of(GET.replace(b"GET", method).replace(b"1.1", b"1.0"))
        assert old.endswith(b"\r\n\r\n")


async def test_methods_and_their_bodies_go_on_as_they_are(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT"):
            for body in (b"", b"body"):
                request = post(body).replace(b"POST", method.encode())
                assert (await gateway.send(request)).status == 200
                assert upstream.requests[-1].start == f"{method} /a HTTP/1.1"
                assert upstream.requests[-1].content == body
        for method in ("POST", "PUT", "PATCH"):
            await gateway.send(GET.replace(b"GET", method.encode()))
            assert upstream.requests[-1].all("Content-Length") == ["0"]
        await gateway.send(GET)
        assert not upstream.requests[-1].all("Content-Length")


async def test_interim_answers_stay_here_and_the_final_one_goes_on(tmp_path: Path) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    async with RawUpstream(interim + OK) as upstream, proxying(tmp_path, upstream) as gateway:
        message = await gateway.send(GET)
        assert (message.status, message.content) == (200, b"ok")
        assert not message.all("Link")


# ------------------------------------------------------------------------------------------------------------ base URIs


async def test_the_base_uri_changes_the_origin_and_nothing_else(tmp_path: Path) -> None:
    async with RawUpstream() as first, RawUpstream() as second:
        inner = {"type": "ReverseProxyHandler", "baseURI": second.url}
        routes = {
            "route": {**route(f"{first.url}/ignored?x=y"), "condition": at("/route")},
            "handler": {"baseURI": first.url, "handler": inner, "condition": at("/handler")},
        }
        async with proxying(tmp_path, routes=routes) as gateway:
            for path, upstream in (("/route", first), ("/handler", second)):
                await gateway.send(GET.replace(b"/a", f"{path}?q=1".encode()))
                assert upstream.requests[-1].start == f"GET {path}?q=1 HTTP/1.1"
                assert upstream.requests[-1].all("Host") == ["app.example.com"]
            assert (len(first.requests), len(second.requests)) == (1, 1)


@pytest.mark.parametrize("host", ["Host: app.example.com", "host: app.example.com", "HOST:app.example.com  "])
async def test_the_host_goes_on_once_however_it_is_spelled(tmp_path: Path, host: str) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        await gateway.send(f"GET / HTTP/1.1\r\nX-A: 1\r\n{host}\r\n\r\n".encode())
        [request] = upstream.requests
        assert request.all("Host") == ["app.example.com"]
        assert request.all("X-A") == ["1"]


async def test_an_expression_chooses_the_origin(tmp_path: Path) -> None:
    async with RawUpstream() as first, RawUpstream() as second:
        base = f"http://127.0.0.1:${{request.uri.path == '/a' ? {first.port} : {second.port}}}"
        async with proxying(tmp_path, base) as gateway:
            await gateway.send(GET)
            await gateway.send(GET.replace(b"/a", b"/b"))
            assert (len(first.requests), len(second.requests)) == (1, 1)


# -------------------------------------------------------------------------------------------------------------- capture


async def test_capture_of_everything_changes_no_body(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bodies = {
        "text": ("text/plain; charset=utf-8", "caf\u00e9".encode()),
        "large text": ("text/plain", b"0123456789" * 100_000),
        "binary": ("application/octet-stream", bytes(range(256)) * 1000),
        "json": ("application/json", b'{"a": [1, 2.50, "\\u00e9"],  "b":null}'),
        "form": ("application/x-www-form-urlencoded", b"a=1&b=%20+&a=2"),
        "no text": ("text/plain; charset=utf-8", b"\xff\xfe\x00"),
        "empty": ("text/plain", b""),
    }

    def mirror(request: Message) -> bytes:
        return answer(f"Content-Type: {request.all('Content-Type')[0]}", body=request.content)

    capture = {
        "name": "capture",
        "type": "CaptureDecorator",
        "config": {"captureEntity": True, "captureContext": True, "maxEntityLength": 1000},
    }
    pass_on = {"type": "HeaderFilter", "capture": "all", "config": {"messageType": "REQUEST", "add": {"X-A": ["b"]}}}
    caplog.set_level("INFO")
    async with (
        RawUpstream(mirror) as upstream,
        proxying(tmp_path, upstream, [pass_on, pass_on], heap=[capture], capture="all") as gateway,
    ):
        for kind, body in bodies.values():
            for chunked in (False, True):
                request = post(body, f"Content-Type: {kind}")
                if chunked:
                    head = request.partition(b"Content-Length")[0]
                    pieces = [body[at : at + 7000] for at in range(0, len(body), 7000)]
                    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
                    request = head + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"
                message = await gateway.send(request)
                assert message.content == body, kind
                assert upstream.requests[-1].content == body, kind
    assert "[entity truncated]" in caplog.text
    assert "[binary entity]" in caplog.text
    assert "caf\u00e9" in caplog.text


# ------------------------------------------------------------------------------------------------------------- sessions

KEY = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "AES"}}
MANAGERS: dict[str, dict[str, Any]] = {
    "memory": {"type": "InMemorySessionManager", "config": {"cookie": {"name": "session"}}},
    "cookie": {"type": "JwtSessionManager", "config": {"cookie": {"name": "session"}}},
}


USER = canary("user")


def cookie_of(message: Message) -> str:
    return "; ".join(line.partition(";")[0] for line in message.all("Set-Cookie"))


@pytest.mark.parametrize("manager", MANAGERS)
async def test_a_session_lasts_from_request_to_request(tmp_path: Path, manager: str) -> None:
    assign = {
        "type": "AssignmentFilter",
        "config": {
            "onRequest": [
                {
                    "condition": "${not empty request.queryParams['user']}",
                    "target": "${session.user}",
                    "value": "${request.queryParams['user'][0]}",
                }
            ]
        },
    }
    show = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-User": ["${session.user}"]}}}
    async with (
        RawUpstream() as upstream,
        proxying(tmp_path, upstream, [assign, show], session=MANAGERS[manager]) as gateway,
    ):
        first = await gateway.send(GET.replace(b"/a", f"/a?user={USER}".encode()))
        cookie = cookie_of(first)
        assert cookie.startswith("session=")
        again = await gateway.send(GET.replace(b"\r\n\r\n", f"\r\nCookie: {cookie}\r\n\r\n".encode()))
        stranger = await gateway.send(GET)
        forged = await gateway.send(GET.replace(b"\r\n\r\n", f"\r\nCookie: {cookie[:-4]}aaaa\r\n\r\n".encode()))
        assert [message.status for message in (first, again, stranger, forged)] == [200] * 4
        assert [request.all("X-User") for request in upstream.requests] == [[USER], [USER], [], []]


# ------------------------------------------------------------------------------------------------------------- filters


async def test_too_many_requests_never_reach_the_upstream(tmp_path: Path) -> None:
    throttle = {
        "type": "ThrottlingFilter",
        "config": {
            "requestGroupingPolicy": "${request.headers['X-User'][0]}",
            "rate": {"numberOfRequests": 2, "duration": "1 hour"},
        },
    }
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, [throttle]) as gateway:
        async with gateway.client() as client:
            found = []
            for user in (b"a", b"a", b"a", b"b", b"a"):
                await client.send(GET.replace(b"\r\n\r\n", b"\r\nX-User: %b\r\n\r\n" % user))
                message = await client.message()
                found.append(message.status)
                assert message.status == 200 or re.fullmatch("[0-9]+", message.all("Retry-After")[0])
            assert found == [200, 200, 429, 200, 429]
        assert len(upstream.requests) == 3


async def test_a_refused_upload_is_not_read_to_its_end(tmp_path: Path) -> None:
    """A request that a filter answers does not make the client send its gigabyte first."""
    deny = {"type": "ConditionEnforcementFilter", "config": {"condition": "${false}"}}
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, [deny]) as gateway:
        async with gateway.client() as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nsome")
            message = await client.message()
            assert (message.status, message.all("Connection")) == (403, ["close"])
        async with gateway.client() as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
            assert (await client.message()).status == 403
        assert upstream.received == b""


async def test_an_exchange_that_fails_in_a_filter_frees_what_it_held(tmp_path: Path) -> None:
    """The response was there, its body under way, when the filter around it failed."""
    large = answer(body=bytes(3_000_000))
    broken = {
        "type": "HeaderFilter",
        "config": {"messageType": "RESPONSE", "add": {"X-Value": ["${request.queryParams['v'][0]}"]}},
    }
    async with RawUpstream(large) as upstream, proxying(tmp_path, upstream, [broken]) as gateway:
        back = await gateway.send(GET.replace(b"/a", b"/a?v=%0d%0aX:%20y"))
        assert back.status in {200, 500}
        await gateway.freed()


async def test_a_response_that_a_filter_replaces_frees_its_connection(tmp_path: Path) -> None:
    replace = {
        "type": "SwitchFilter",
        "config": {
            "onResponse": [
                {
                    "condition": "${response.status.code == 200}",
                    "handler": {"type": "StaticResponseHandler", "config": {"status": 503, "entity": "closed today"}},
                }
            ]
        },
    }
    async with (
        RawUpstream(answer(body=bytes(3_000_000))) as upstream,
        proxying(tmp_path, upstream, [replace]) as gateway,
    ):
        for _ in range(3):
            assert (await gateway.send(GET)).content == b"closed today"
            await gateway.freed()
