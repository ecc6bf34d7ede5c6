"""What is refused before any handler sees it: smuggling, injection, limits. Sans-io: bytes in, requests out."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import EntityTooLarge, MalformedRequest
from gateway.server.limits import Limits
from gateway.server.reader import Incoming, RequestReader

HOST = b"Host: h\r\n"


def reading(**limits: int) -> tuple[RequestReader, list[Incoming]]:
    out: list[Incoming] = []
    return RequestReader(Limits(**limits), out.append, lambda: None, lambda: None), out


def read(data: bytes, **limits: int) -> list[Incoming]:
    reader, out = reading(**limits)
    reader.feed(data)
    return out


def statuses(data: bytes, **limits: int) -> list[int]:
    return [incoming.status for incoming in read(data, **limits)]


CHUNKED = b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    "content-length and transfer-encoding": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
        400,
    ),
    "transfer-encoding and content-length": (
        b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two content-lengths": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "the same content-length twice": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        400,
    ),
    "a list of content-lengths": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "a signed content-length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\na", 400),
    "a negative content-length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\na", 400),
    "a hexadecimal content-length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x1\r\n\r\na", 400),
    "an empty content-length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\n", 400),
    "two transfer-encodings": (b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n", 400),
    "another transfer-encoding": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    "a transfer-encoding that ends otherwise": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, gzip\r\n\r\n",
        400,
    ),
    "a transfer-encoding that looks like chunked": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n",
        501,
    ),
    "a transfer-encoding with a tab": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunked in http/1.0": (b"POST / HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n", 400),
    "a folded field": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", 400),
    "a folded first field": (b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", 400),
    "a bare line feed behind a field": (b"GET / HTTP/1.1\r\nHost: h\nX: a\r\n\r\n", 400),
    "a bare line feed behind the start line": (b"GET / HTTP/1.1\nHost: h\n\n", 400),
    "a bare carriage return in a field": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n", 400),
    "a null in a field": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400),
    "a null in a field name": (b"GET / HTTP/1.1\r\n" + HOST + b"X\0: a\r\n\r\n", 400),
    "a null in the target": (b"GET /a\0b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a blank before the colon": (b"GET / HTTP/1.1\r\n" + HOST + b"X : a\r\n\r\n", 400),
    "a field without a name": (b"GET / HTTP/1.1\r\n" + HOST + b": a\r\n\r\n", 400),
    "a field without a colon": (b"GET / HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HOST + b"Host: other\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "an empty host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "a host with a path": (b"GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400),
    "a host with a user": (b"GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400),
    "a host with a blank": (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "a list of hosts": (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "a host with another port": (b"GET / HTTP/1.1\r\nHost: h:70000\r\n\r\n", 400),
    "a host with two ports": (b"GET / HTTP/1.1\r\nHost: h:80:90\r\n\r\n", 400),
    "a host with a question mark": (b"GET / HTTP/1.1\r\nHost: h?x\r\n\r\n", 400),
    "http/0.9": (b"GET /\r\n\r\n", 505),
    "http/2 by its version": (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "another version": (b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", 400),
    "an unknown method": (b"FROB / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a lower-case method": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "connect": (b"CONNECT h:80 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "another scheme in the target": (b"GET ftp://h/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a user in the target": (b"GET http://u@h/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a fragment in the target": (b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a broken escape in the path": (b"GET /%zz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "an asterisk for another method": (b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "another expectation": (b"POST / HTTP/1.1\r\n" + HOST + b"Expect: magic\r\nContent-Length: 1\r\n\r\na", 417),
    "tls on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "an enormous content-length": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999999999999999\r\n\r\n", 413),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_an_ambiguous_or_malformed_request_is_refused(data, status):
    assert statuses(data) == [status]


@pytest.mark.parametrize("data", [data for data, _ in REFUSED.values()], ids=REFUSED.keys())
def test_what_stands_behind_a_refused_request_is_not_read(data):
    out = read(data + b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n")
    assert len(out) == 1
    assert out[0].request is None
    assert not out[0].keep_alive


@pytest.mark.parametrize("data", [data for data, _ in REFUSED.values()], ids=REFUSED.keys())
def test_a_refusal_does_not_depend_on_where_the_bytes_are_cut(data):
    reader, out = reading()
    for index in range(len(data)):
        reader.feed(data[index : index + 1])
    assert all(incoming.request is None for incoming in out)
    assert len(out) == 1


BROKEN_BODIES = {
    "a chunk size with a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk size with a blank": b"5 \r\nhello\r\n0\r\n\r\n",
    "a chunk size with a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a negative chunk size": b"-5\r\nhello\r\n0\r\n\r\n",
    "no chunk size": b"\r\nhello\r\n0\r\n\r\n",
    "a chunk size that overflows": b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "a bare line feed behind a chunk size": b"5\nhello\r\n0\r\n\r\n",
    "a line feed in a chunk extension": b"5;a=\nb\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than its size": b"5\r\nhelloX\r\n0\r\n\r\n",
    "a folded trailer": b"0\r\nT: a\r\n b\r\n\r\n",
    "a length in a trailer": b"0\r\nContent-Length: 9\r\n\r\n",
    "a null in a trailer": b"0\r\nT: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES.keys())
async def test_a_malformed_chunked_body_fails_for_its_reader_and_ends_the_connection(body):
    reader, out = reading()
    reader.feed(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + body)
    reader.feed(b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n")
    assert len(out) == 1
    assert not out[0].keep_alive
    assert reader.dead
    with pytest.raises(MalformedRequest):
        async for _ in out[0].body:
            pass


def test_requests_in_a_row_are_all_read():
    out = read(
        b"GET /1 HTTP/1.1\r\n"
        + HOST
        + b"\r\nPOST /2 HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n"
        + HOST
        + b"\r\n"
    )
    assert [incoming.request.uri.path for incoming in out] == ["/1", "/2", "/3"]
    assert out[1].body.complete
    assert out[1].body.whole() == b"ab"
    assert all(incoming.keep_alive for incoming in out)


def test_nothing_is_read_behind_a_request_that_ends_the_connection():
    out = read(b"GET /1 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\nGET /2 HTTP/1.1\r\n" + HOST + b"\r\n")
    assert [incoming.request.uri.path for incoming in out] == ["/1"]
    assert not out[0].keep_alive


@pytest.mark.parametrize(
    ("head", "keep_alive"),
    [
        (b"HTTP/1.0\r\n", False),
        (b"HTTP/1.0\r\nConnection: keep-alive\r\n", True),
        (b"HTTP/1.1\r\nConnection: Close\r\n", False),
        (b"HTTP/1.1\r\n", True),
    ],
)
def test_version_and_connection_field_decide_about_the_connection(head, keep_alive):
    assert read(b"GET / " + head + HOST + b"\r\n")[0].keep_alive is keep_alive


def test_an_old_request_needs_no_host():
    request = read(b"GET /a HTTP/1.0\r\n\r\n")[0].request
    assert str(request.uri) == "http://localhost/a"
    assert request.version == "HTTP/1.0"


def test_the_target_of_an_absolute_form_replaces_host():
    request = read(b"GET HTTP://real:81/a?b HTTP/1.1\r\nHost: claimed\r\n\r\n")[0].request
    assert str(request.uri) == "http://real:81/a?b"
    assert request.headers.all("Host") == ["real:81"]


def test_field_values_keep_their_bytes():
    request = read(b"GET / HTTP/1.1\r\n" + HOST + b"X: \xff\xe9 \t\r\n\r\n")[0].request
    assert request.headers.first("X") == "\xff\xe9"


def test_header_fields_over_the_limit_are_refused_in_one_piece_and_in_many():
    data = b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: %s\r\n" % (n, b"v" * 50) for n in range(20)) + b"\r\n"
    assert statuses(data, headers=500) == [431]
    reader, out = reading(headers=500)
    for byte in data:
        reader.feed(bytes([byte]))
    assert [incoming.status for incoming in out] == [431]
    assert statuses(data, headers=5000) == [0]


def test_header_fields_in_pieces_that_are_each_below_the_limit_are_counted_together():
    data = b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(100)) + b"\r\n"
    reader, out = reading(headers=700)
    reader.feed(data[:690])
    reader.feed(data[690:])
    assert [incoming.status for incoming in out] == [431]
    assert statuses(data, headers=1000) == [0]


def test_what_connection_names_is_dropped_on_arrival_so_that_it_takes_away_nothing_that_is_added_later():
    fields = b"X-User: admin\r\nTE: trailers\r\nConnection: TE, X-User,, host\r\nConnection: close\r\n"
    headers = read(b"GET / HTTP/1.1\r\n" + HOST + fields + b"\r\n")[0].request.headers
    assert [*headers.items()] == [("Host", "h"), ("TE", "trailers"), ("Connection", "TE, host, close")]


def test_one_endless_header_field_is_refused_before_it_ends():
    reader, out = reading(headers=1000, target=1000)
    reader.feed(b"GET / HTTP/1.1\r\n" + HOST + b"X: ")
    fed = 0
    while not reader.dead:
        reader.feed(b"v" * 100)
        fed += 100
    assert [incoming.status for incoming in out] == [431]
    assert fed <= 2200


def test_a_long_target_is_refused():
    assert statuses(b"GET /" + b"a" * 200 + b" HTTP/1.1\r\n" + HOST + b"\r\n", target=100) == [414]


def test_the_fields_of_a_second_request_are_counted_anew():
    data = b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"v" * 300 + b"\r\n\r\n"
    assert statuses(data * 5, headers=400) == [0] * 5


def test_an_announced_body_over_the_limit_is_refused_at_its_head():
    assert statuses(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\n", body=10) == [413]
    assert statuses(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\n", body=10) == [0]


async def test_a_chunked_body_over_the_limit_fails_for_its_reader():
    out = read(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + b"6\r\nabcdef\r\n" * 2 + b"0\r\n\r\n", body=10)
    with pytest.raises(EntityTooLarge) as caught:
        async for _ in out[0].body:
            pass
    assert caught.value.code == 413


async def test_chunks_that_are_all_overhead_are_refused():
    reader, out = reading()
    reader.feed(b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n")
    while not reader.dead:
        reader.feed(b"1;" + b"x" * 4000 + b"\r\na\r\n")
    assert out[0].body.received < 20
    with pytest.raises(MalformedRequest):
        await out[0].body.swallow()
        async for _ in out[0].body:
            pass


def test_trailers_are_kept_and_those_that_would_change_the_message_are_dropped():
    out = read(
        b"POST / HTTP/1.1\r\n"
        + HOST
        + CHUNKED
        + b"\r\n1\r\na\r\n0\r\nX-Sum: 5\r\nHost: evil\r\nAuthorization: x\r\n\r\n"
    )
    assert list(out[0].request.trailers.items()) == [("X-Sum", "5")]
    assert out[0].request.headers.all("Host") == ["h"]
    assert "Authorization" not in out[0].request.headers


def test_what_a_trailer_says_is_not_about_the_next_request():
    first = b"POST / HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n0\r\nX-Sum: 5\r\nHost: evil\r\nExpect: x\r\n\r\n"
    second = read(first + b"GET /next HTTP/1.1\r\nHost: h\r\nA: b \r\n\r\n")[1].request
    assert list(second.headers.items()) == [("Host", "h"), ("A", "b")]
    assert second.uri.raw_authority == "h"


def test_what_follows_a_request_for_another_protocol_waits():
    reader, out = reading()
    reader.feed(b"GET /1 HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /2")
    reader.feed(b" HTTP/1.1\r\n" + HOST + b"\r\n")
    assert [incoming.upgrade for incoming in out] == [True]
    reader.resume()
    assert [incoming.request.uri.path for incoming in out] == ["/1", "/2"]


async def test_an_end_of_connection_in_a_body_fails_it():
    reader, out = reading()
    reader.feed(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nab")
    reader.eof()
    body = out[0].body
    assert await anext(body) == b"ab"
    with pytest.raises(MalformedRequest):
        await anext(body)


@given(st.binary(max_size=300), st.integers(1, 300))
def test_any_bytes_give_requests_or_one_refusal(data, cut):
    reader, out = reading()
    reader.feed(data[:cut])
    reader.feed(data[cut:])
    assert sum(incoming.request is None for incoming in out) <= 1
    if any(incoming.request is None for incoming in out):
        assert out[-1].request is None
        assert reader.dead


_FIELD = st.sampled_from(
    [
        b"Host: h",
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Connection: close",
        b"X: y",
        b"Expect: 100-continue",
        b"Transfer-Encoding: identity",
        b" folded",
        b"Connection: upgrade",
        b"Upgrade: x",
    ]
)


@given(
    st.lists(_FIELD, max_size=6),
    st.sampled_from([b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"]),
)
def test_no_request_has_two_ways_to_end(fields, rest):
    for incoming in read(b"POST / HTTP/1.1\r\n" + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + rest):
        if incoming.request is not None:
            headers = incoming.request.headers
            assert len(headers.all("Host")) == 1
            assert len(headers.all("Content-Length")) + len(headers.all("Transfer-Encoding")) <= 1


async def test_swallowing_waits_for_the_end():
    reader, out = reading()
    reader.feed(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nab")
    swallowing = asyncio.ensure_future(out[0].body.swallow())
    await asyncio.sleep(0)
    assert out[0].body.waiting == 0
    reader.feed(b"cd")
    assert await swallowing
