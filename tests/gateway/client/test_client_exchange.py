"""What goes on the wire, and what of the answer comes back."""

from __future__ import annotations

import pytest

from gateway.client.errors import UnsendableRequest
from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, once, reply


def request(method: str, url: str, *fields: tuple[str, str], entity: bytes | None = None) -> Request:
    return Request(method, url, Headers(fields), entity)


async def sent(client, *arguments, answer: bytes = OK, **options) -> tuple[Response, bytes]:
    """Send one request; give the response and the head that the upstream received."""
    method, path, *fields = arguments
    async with Upstream(reply(answer)) as upstream:
        response = await client().send(request(method, upstream.url + path, *fields, **options))
        await response.entity.buffer()
        return response, upstream.heads[0].replace(str(upstream.port).encode(), b"PORT")


async def test_a_request_is_its_method_target_host_and_fields(client):
    response, head = await sent(client, "GET", "/a%20b?c=d&e", ("Accept", "text/html"), ("X-One", "1"), ("X-One", "2"))
    assert head == (
        b"GET /a%20b?c=d&e HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAccept: text/html\r\nX-One: 1\r\nX-One: 2\r\n\r\n"
    )
    assert response.status.code == 200
    assert response.entity.raw == b"ok"


@pytest.mark.parametrize(("path", "target"), [("", b"*"), ("/", b"/"), ("?a", b"/?a")])
async def test_options_of_no_path_asks_about_the_server_as_a_whole(client, path, target):
    assert (await sent(client, "OPTIONS", path))[1].startswith(b"OPTIONS " + target + b" HTTP/1.1\r\n")


async def test_a_host_field_of_the_request_is_kept(client):
    _, head = await sent(client, "GET", "/", ("Host", "app.example.com"))
    assert b"\r\nHost: app.example.com\r\n" in head
    assert head.count(b"Host") == 1


async def test_only_one_host_field_is_sent(client):
    _, head = await sent(client, "GET", "/", ("Host", "one"), ("Host", "two"))
    assert head.count(b"Host") == 1


async def test_hop_by_hop_fields_and_those_that_connection_names_are_not_sent(client):
    _, head = await sent(
        client,
        "GET",
        "/",
        ("Connection", "X-Secret, close"),
        ("X-Secret", "1"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Authorization", "Basic x"),
        ("Proxy-Connection", "close"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Transfer-Encoding", "gzip"),
        ("Upgrade", "h2c"),
        ("X-Kept", "1"),
    )
    assert head == b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-Kept: 1\r\n\r\n"


async def test_connection_cannot_name_the_host_away(client):
    _, head = await sent(client, "GET", "/", ("Host", "app"), ("Connection", "Host, Content-Length"))
    assert b"\r\nHost: app\r\n" in head


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_an_empty_body_is_announced_where_one_is_expected(client, method):
    _, head = await sent(client, method, "/")
    assert b"\r\nContent-Length: 0\r\n" in head


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_an_empty_body_is_not_announced_elsewhere(client, method):
    _, head = await sent(client, method, "/", ("Content-Length", "0"))
    assert b"Content-Length" not in head


async def test_content_length_follows_the_entity_and_not_the_field(client):
    _, head = await sent(client, "POST", "/", ("Content-Length", "99"), entity=b"abc")
    assert b"\r\nContent-Length: 3\r\n" in head
    assert head.count(b"Content-Length") == 1


async def test_a_field_beyond_latin_1_goes_as_utf_8(client):
    _, head = await sent(client, "GET", "/", ("X-Name", "łódź"), ("X-Raw", "caf\xe9"))
    assert "X-Name: łódź\r\n".encode() in head
    assert b"X-Raw: caf\xe9\r\n" in head


async def test_response_fields_keep_order_spelling_and_repetition(client):
    response, _ = await sent(
        client,
        "GET",
        "/",
        answer=b"HTTP/1.1 200 OK\r\nsEt-cookie: a\r\nX: \xe9\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
    )
    assert list(response.headers.items())[:3] == [("sEt-cookie", "a"), ("X", "é"), ("Set-Cookie", "b")]


async def test_hop_by_hop_fields_of_the_response_end_here(client):
    answer = (
        b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Internal\r\nX-Internal: 1\r\nKeep-Alive: timeout=5\r\n"
        b"Proxy-Authenticate: Basic\r\nTrailer: X-Sum\r\nUpgrade: h2c\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n"
    )
    response, _ = await sent(client, "GET", "/", answer=answer)
    assert list(response.headers.items()) == [("X-Kept", "1"), ("Content-Length", "0")]


async def test_an_unknown_status_keeps_its_reason(client):
    response, _ = await sent(client, "GET", "/", answer=b"HTTP/1.1 599 Odd Thing\r\nContent-Length: 0\r\n\r\n")
    assert (response.status.code, response.status.reason) == (599, "Odd Thing")


async def test_redirects_are_not_followed_and_content_is_not_decoded(client):
    answer = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"
    response, _ = await sent(client, "GET", "/a", answer=answer)
    assert response.headers.first("Location") == "/b"
    assert response.entity.raw == b"\x1f\x8b\x08"


async def test_head_has_no_body_and_keeps_its_length(client):
    async with Upstream(reply(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", OK)) as upstream:
        http = client()
        response = await http.send(request("HEAD", upstream.url))
        assert response.entity.empty
        assert response.headers.first("Content-Length") == "1000"
        assert (await http.send(request("GET", upstream.url))).entity.raw == b"ok"
        assert upstream.connections == 1


async def test_head_of_a_chunked_resource_has_no_body(client):
    async with Upstream(reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", OK)) as upstream:
        http = client()
        assert (await http.send(request("HEAD", upstream.url))).entity.empty
        assert (await http.send(request("GET", upstream.url))).entity.raw == b"ok"
        assert upstream.connections == 1


async def test_head_with_a_body_all_the_same_costs_the_connection(client):
    async with Upstream(reply(OK)) as upstream:
        http = client()
        assert (await http.send(request("HEAD", upstream.url))).entity.empty
        assert (await http.send(request("GET", upstream.url))).entity.raw == b"ok"
        assert upstream.connections == 2


@pytest.mark.parametrize(("status", "length"), [(204, None), (304, "5")])
async def test_statuses_without_body(client, status, length):
    answer = f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode()
    async with Upstream(reply(answer, OK)) as upstream:
        http = client()
        response = await http.send(request("GET", upstream.url))
        assert response.entity.empty
        assert response.headers.first("Content-Length") == length
        assert (await http.send(request("GET", upstream.url))).entity.raw == b"ok"
        assert upstream.connections == 1


async def test_interim_responses_are_not_passed_on(client):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    response, _ = await sent(client, "GET", "/", answer=hints + OK)
    assert response.status.code == 200
    assert "Link" not in response.headers


async def test_a_body_without_length_ends_with_the_connection(client):
    async with Upstream(once(b"HTTP/1.1 200 OK\r\n\r\nuntil"), reply(OK)) as upstream:
        http = client()
        response = await http.send(request("GET", upstream.url))
        assert response.entity.length is None
        assert await response.entity.read() == b"until"
        await http.send(request("GET", upstream.url))
        assert upstream.connections == 2


async def test_chunks_and_trailers_are_taken_apart(client):
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nHost: x\r\n"
        b"Transfer-Encoding: gzip\r\n\r\n"
    )
    response, _ = await sent(client, "GET", "/", answer=answer)
    assert response.entity.raw == b"abcde"
    assert "Transfer-Encoding" not in response.headers
    assert response.trailers.first("X-Sum") == "5"
    assert "X-Sum" not in response.headers
    assert "Transfer-Encoding" not in response.trailers


async def test_a_trailer_about_the_connection_costs_it(client):
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: X\r\n\r\n"
    async with Upstream(reply(answer)) as upstream:
        http = client()
        for _ in range(2):
            assert (await http.send(request("POST", upstream.url, entity=b"x"))).status.code == 200
        assert upstream.connections == 2


async def test_trailers_of_a_streamed_body_come_with_its_end(client):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await peer.send(b"0\r\nX-Sum: 3\r\n\r\n")
        await peer.gone()

    async with Upstream(script) as upstream:
        response = await client().send(request("GET", upstream.url))
        assert await response.entity.read() == b"abc"
        assert response.trailers.first("X-Sum") == "3"


async def test_connections_are_kept_and_used_again(client):
    async with Upstream(reply(OK)) as upstream:
        http = client()
        for _ in range(5):
            await http.send(request("POST", upstream.url, entity=b"x"))
        assert upstream.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_connections_that_the_upstream_gives_up_are_not(client, answer):
    async with Upstream(reply(answer)) as upstream:
        http = client()
        await http.send(request("GET", upstream.url))
        await http.send(request("GET", upstream.url))
        assert upstream.connections == 2


async def test_an_old_server_may_ask_to_be_kept(client):
    async with Upstream(reply(b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok")) as upstream:
        http = client()
        await http.send(request("GET", upstream.url))
        await http.send(request("GET", upstream.url))
        assert upstream.connections == 1


@pytest.mark.parametrize("url", ["ftp://example.com/", "/relative", "http:///x", "http://under_score/"])
async def test_a_uri_that_leads_nowhere_is_refused(client, url):
    with pytest.raises(UnsendableRequest):
        await client().send(request("GET", url))


@pytest.mark.parametrize(
    ("method", "target"), [("GE T", "/"), ("CONNECT", "/"), ("GET\r\nX:", "/"), ("GET", "/a b"), ("GET", "/a\r\nX: y")]
)
async def test_nothing_can_start_a_line_of_its_own(client, method, target):
    async with Upstream(reply(OK)) as upstream:
        with pytest.raises(UnsendableRequest):
            await client().send(request(method, upstream.url + target))
        assert not upstream.heads


async def test_an_own_method_is_passed_on(client):
    _, head = await sent(client, "PROPFIND", "/")
    assert head.startswith(b"PROPFIND / ")


async def test_an_ipv6_host_stands_in_brackets(client):
    async with Upstream(reply(OK), host="::1") as upstream:
        await client().send(request("GET", upstream.url))
        assert f"Host: [::1]:{upstream.port}\r\n".encode() in upstream.heads[0]
