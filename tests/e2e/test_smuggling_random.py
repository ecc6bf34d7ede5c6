"""Random messages of nasty pieces: all agree on how many there were, and where each ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.e2e.gateway_in_process import Message, RawUpstream, proxying, take_message

ROUNDS = 300
STARTS = (
    *[b"POST /outer HTTP/1.1"] * 6,
    *[b"GET /outer HTTP/1.1"] * 3,
    b"GET http://h/outer HTTP/1.1",
    b"POST /outer HTTP/1.0",
    b"POST  /outer HTTP/1.1",
    b"GET /outer",
    b"PUT /outer\tHTTP/1.1",
    b"OPTIONS * HTTP/1.1",
)
FIELDS = (
    b"Content-Length: 5",
    b"Content-Length: 38",
    b"Content-Length: 0",
    b"Content-Length: 05",
    b"Content-Length:\t5 ",
    b"Content-Length: 5, 5",
    b"Content-Length : 5",
    b"Content_Length: 38",
    b"Content-Length\0: 38",
    b"X: y\nContent-Length: 38",
    b"X: y\rTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: CHUNKED",
    b"Transfer-Encoding:chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: xchunked",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding\t: chunked",
    b"Transfer-Encoding: chunked\r\n ignored",
    b"Transfer_Encoding: chunked",
    b" Transfer-Encoding: chunked",
    b"Connection: Content-Length",
    b"Connection: Transfer-Encoding, Host",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: upgrade",
    b"Upgrade: h2c",
    b"Expect: 100-continue",
    b"Trailer: Content-Length",
    b"Host: other",
    b"X-Plain: 1",
    b"Content-Type: message/http",
)
INNER = b"GET /inner HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n"
BODIES = (
    b"",
    b"hello",
    INNER,
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"26\r\n" + INNER + b"\r\n0\r\n\r\n",
    b'5;x="\r\n"\r\nhello\r\n0\r\n\r\n',
    b"5\nhello\n0\n\n",
    b"5 \r\nhello\r\n0\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b"0\r\nContent-Length: 38\r\n\r\n",
    b"0\r\nX-Trailer: a\r\n\r\n" + INNER,
    b"00000000000000005\r\nhello\r\n0\r\n\r\n",
    b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
)


def requests(random: Random) -> bytes:
    """Some requests in a row, each of a few pieces that may or may not go together."""
    data = b""
    for _ in range(random.randint(1, 3)):
        fields = [b"Host: h", *random.choices(FIELDS, k=random.choice((0, 1, 1, 2, 2, 3)))]
        random.shuffle(fields)
        data += b"\r\n".join([random.choice(STARTS), *fields]) + b"\r\n\r\n" + random.choice(BODIES)
    return data


def answers(data: bytes) -> Iterator[Message]:
    while data:
        taken = take_message(data)
        assert taken is not None, "an answer is not whole"
        message, data = taken
        if message.status != 100:
            yield message


@pytest.mark.parametrize("seed", range(2))
async def test_gateway_and_upstream_agree_on_what_a_request_is(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    served = 0
    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        for _ in range(ROUNDS):
            upstream.forget()
            upstream.take_rest()
            data = requests(random)
            got = [*answers(await gateway.all_of(data))]
            await gateway.freed()
            whole = [message for message in got if message.status == 200]
            # Each request that the upstream saw whole was answered, and nothing else was.
            assert len(whole) == len(upstream.requests), data
            assert got[: len(whole)] == whole, data
            assert len(got) <= len(whole) + 1, data
            served += len(whole)
            for request in upstream.requests:
                framing = request.all("Content-Length") + request.all("Transfer-Encoding")
                assert len(framing) <= 1, data
                assert request.all("Host") in (["h"], ["other"]), data
                assert not request.names & {"connection", "upgrade", "trailer"}, data
                assert request.head.count(b"\n") == request.head.count(b"\r\n") == request.head.count(b"\r"), data
        upstream.take_rest()
    assert ROUNDS // 4 < served < ROUNDS * 3


STATUSES = (
    *[b"HTTP/1.1 200 OK"] * 6,
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 200",
    b"HTTP/1.1  200 OK",
    b"HTTP/2 200 OK",
    b"HTTP/1.1 999 Odd",
    b"HTTP/1.1 99 Odd",
)
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"


def response(random: Random) -> bytes:
    fields = random.choices([*FIELDS, b"Content-Length: %d" % len(POISON)], k=random.choice((0, 1, 1, 2, 3)))
    bodies = (
        *BODIES,
        POISON,
        b"0\r\n\r\n" + POISON,
        b"hello" + POISON,
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(POISON), POISON),
    )
    return b"\r\n".join([random.choice(STATUSES), *fields]) + b"\r\n\r\n" + random.choice(bodies)


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_no_client_gets_what_was_for_another(tmp_path: Path, method: bytes) -> None:
    """Whatever an upstream answers, each client has one answer of its own, and the next ones are not shifted."""
    random = Random(7)
    probes = 0

    def answer(request: Message) -> bytes:
        if request.start.startswith("GET /probe"):
            return b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n%06d" % probes
        return response(random)

    handler = {"soTimeout": "30 ms", "connections": 4}
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        for _ in range(ROUNDS):
            async with gateway.client() as client:
                await client.send(method + b" /random HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                first = await client.rest()
                assert first.startswith(b"HTTP/1.1 "), upstream.requests[-1]
            for _ in range(2):
                probes += 1
                probe = await gateway.send(b"GET /probe HTTP/1.1\r\nHost: h\r\n\r\n")
                assert (probe.status, probe.content) == (200, b"%06d" % probes)
