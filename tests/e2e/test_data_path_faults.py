"""What upstreams and clients do wrong while a body or an answer is under way: the status, and the connection freed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gateway_in_process import OK, RawUpstream, proxying
from tests.e2e.processes import free_port
from tests.gateway.client.upstream_scripts import Peer, Script, Upstream, once, reply
from tests.gateway.instances import until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
IMPATIENT = {"soTimeout": "100 ms", "connectionTimeout": "2 s"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FLOOD = b"".join(b"X-%d: %b\r\n" % (number, b"v" * 100) for number in range(20_000))


async def hang(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


async def hang_in_the_head(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nX-Half")
    await peer.gone()


async def hang_up(peer: Peer) -> None:
    await peer.head()
    peer.close()


async def hang_up_in_the_head(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nX-Half")
    peer.close()


async def reset(peer: Peer) -> None:
    await peer.head()
    peer.reset()


async def refuse_to_read(peer: Peer) -> None:
    peer.reset()


FAULTS: dict[str, Script] = {
    "hangs": hang,
    "hangs in the head": hang_in_the_head,
    "hangs up": hang_up,
    "hangs up in the head": hang_up_in_the_head,
    "resets": reset,
    "resets at once": refuse_to_read,
    "says no status": once(b"HTTP/1.1 OK\r\n\r\n"),
    "speaks another protocol": once(b"220 mail.example.com ESMTP\r\n"),
    "speaks HTTP/2": once(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"),
    "floods with fields": once(b"HTTP/1.1 200 OK\r\n" + FLOOD + b"Content-Length: 0\r\n\r\n"),
    "sends a field without end": once(b"HTTP/1.1 200 OK\r\nX: " + b"v" * 2_000_000),
    "sends interim answers without end": once(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
    "cuts a small body": once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_upstream_that_fails_is_a_bad_gateway_and_its_connection_is_gone(tmp_path: Path, fault: str) -> None:
    async with (
        Upstream(FAULTS[fault], reply(OK)) as upstream,
        proxying(tmp_path, upstream, handler=IMPATIENT) as gateway,
        gateway.client() as client,
    ):
        await client.send(GET)
        answer = await client.message()
        assert (answer.status, answer.content) == (502, b"")
        assert answer.names <= {"date", "content-length"}
        await gateway.closed()
        # The client's connection goes on.
        await client.send(GET)
        assert (await client.message()).content == b"ok"


async def test_an_upstream_that_is_not_there_is_a_bad_gateway(tmp_path: Path) -> None:
    async with proxying(tmp_path, f"http://127.0.0.1:{free_port()}") as gateway:
        assert (await gateway.send(GET)).status == 502
        await gateway.closed()


async def test_a_plain_upstream_behind_https_is_a_bad_gateway(tmp_path: Path) -> None:
    async with RawUpstream() as upstream:
        secure = upstream.url.replace("http:", "https:")
        async with proxying(tmp_path, secure, handler={"connectionTimeout": "200 ms"}) as gateway:
            assert (await gateway.send(GET)).status == 502
            await gateway.closed()
        upstream.take_rest()


async def cut(peer: Peer, start: bytes, how: str) -> None:
    await peer.head()
    await peer.send(start + b"%x\r\n" % 200_000 * (start is CHUNKED) + bytes(200_000))
    if how == "reset":
        peer.reset()
    elif how == "end":
        peer.close()
    else:
        await peer.gone()


@pytest.mark.parametrize("how", ["reset", "end", "silence"])
@pytest.mark.parametrize("start", [HEAD, CHUNKED], ids=["length", "chunks"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_a_body_that_is_cut_upstream_is_seen_to_be_cut(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, start: bytes, how: str, version: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await cut(peer, start, how)

    async with Upstream(script) as upstream, proxying(tmp_path, upstream, handler=IMPATIENT) as gateway:
        async with gateway.client() as client:
            await client.send(GET.replace(b"1.1", version))
            head = await client.message(head_only=True)
            body = await client.rest()
            assert head.status == 200
            assert not body.endswith(b"0\r\n\r\n")
            if head.all("Content-Length"):
                assert len(body) < int(head.all("Content-Length")[0])
            elif not head.all("Transfer-Encoding"):
                # Nothing but a reset can tell an old client that this is not the end.
                assert client.was_reset
        await gateway.closed()
    [line] = [record.getMessage() for record in caplog.records if record.name == "gatewright.server"]
    assert line.startswith("response cut off: "), "the status has gone out, so the line names none"


# ---------------------------------------------------------------------------------------------------- clients that go


async def test_a_client_that_goes_away_in_a_download_frees_the_upstream(tmp_path: Path) -> None:
    async def endless(peer: Peer) -> None:
        await peer.head()
        await peer.send(CHUNKED)
        while True:
            await peer.send(b"%x\r\n%b\r\n" % (100_000, bytes(100_000)))

    async with Upstream(endless) as upstream, proxying(tmp_path, upstream) as gateway:
        for end in ("reset", "close"):
            async with gateway.client() as client:
                await client.send(GET)
                await client.read(300_000)
                if end == "reset":
                    client.reset()
            await gateway.closed()


async def test_a_client_that_goes_away_in_an_upload_frees_the_upstream(tmp_path: Path) -> None:
    cut_off = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.read(5)
        await peer.gone()
        cut_off.set()

    async with Upstream(script) as upstream, proxying(tmp_path, upstream) as gateway:
        async with gateway.client() as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello")
            await until(lambda: upstream.heads)
            client.reset()
        await cut_off.wait()
        await gateway.closed()


@pytest.mark.parametrize("propagate", [True, False])
async def test_a_client_that_goes_away_before_the_answer(tmp_path: Path, propagate: bool) -> None:
    """With propagateDisconnection its request is broken off, without it the answer is taken and dropped."""
    answer, asked, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        asked.set()
        if propagate:
            await peer.gone()
            gone.set()
        else:
            await answer.wait()
            await peer.send(OK)
            await peer.head()
            await peer.send(OK)

    handler = {"propagateDisconnection": propagate}
    async with Upstream(script, reply(OK)) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        async with gateway.client() as client:
            await client.send(GET)
            await asked.wait()
            client.reset()
        if propagate:
            await gone.wait()
        answer.set()
        await gateway.freed()
        assert (await gateway.send(GET)).content == b"ok"
        assert upstream.connections == (2 if propagate else 1)


async def test_an_upstream_that_answers_before_it_has_read_the_body(tmp_path: Path) -> None:
    """An early refusal reaches the client, and neither connection is taken for a sound one."""

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        await peer.gone()

    async with Upstream(script) as upstream, proxying(tmp_path, upstream) as gateway:
        async with gateway.client() as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n" + bytes(100_000))
            answer = await client.message()
            assert (answer.status, answer.content) == (403, b"no")
            assert answer.all("Connection") == ["close"]
        await gateway.closed()


# ----------------------------------------------------------------------------------------------------------- failures


async def test_failures_of_a_client_handler_are_internal_errors(tmp_path: Path) -> None:
    handler = {"type": "ClientHandler", "config": IMPATIENT}
    for script in (hang, hang_up, once(b"nonsense\r\n\r\n")):
        async with Upstream(script) as upstream:
            routes = {"proxy": {"baseURI": upstream.url, "handler": handler}}
            async with proxying(tmp_path, routes=routes) as gateway:
                answer = await gateway.send(GET)
                assert (answer.status, answer.content) == (500, b"")
                await gateway.closed()


async def test_retries_try_again_with_the_whole_body(tmp_path: Path) -> None:
    bodies: list[bytes] = []

    async def fail(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.read(5))
        peer.close()

    async def answer(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.read(5))
        await peer.send(OK)
        await peer.gone()

    handler = {"retries": {"count": 3, "delay": "1 ms"}}
    async with Upstream(fail, fail, answer) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        sent = await gateway.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        assert sent.content == b"ok"
        assert bodies == [b"hello"] * 3
        await gateway.freed()


async def test_retries_go_by_the_answer_and_the_last_one_stands(tmp_path: Path) -> None:
    large = bytes(500_000)
    unavailable = b"HTTP/1.1 503 Unavailable\r\nContent-Length: %d\r\n\r\n%b" % (len(large), large)
    answers = iter([unavailable, unavailable, OK, *[unavailable] * 4])
    retries = {"count": 3, "delay": "1 ms", "condition": "${response.status.code == 503}"}
    async with (
        RawUpstream(lambda _: next(answers)) as upstream,
        proxying(tmp_path, upstream, handler={"retries": retries}) as gateway,
    ):
        assert (await gateway.send(GET)).content == b"ok"
        assert len(upstream.requests) == 3
        last = await gateway.send(GET)
        assert (last.status, last.content) == (503, large)
        assert len(upstream.requests) == 7
        await gateway.freed()


async def test_an_open_circuit_spares_the_upstream(tmp_path: Path) -> None:
    spare = {"type": "StaticResponseHandler", "config": {"status": 503, "entity": "later"}}
    breaker: dict[str, Any] = {"maxFailures": 2, "openDuration": "1 hour"}
    for opened, expected in ((None, (502, b"")), (spare, (503, b"later"))):
        if opened is not None:
            breaker["openHandler"] = opened
        async with (
            Upstream(hang_up) as upstream,
            proxying(tmp_path, upstream, handler={"circuitBreaker": breaker}) as gateway,
        ):
            for _ in range(2):
                assert (await gateway.send(GET)).status == 502
            for _ in range(3):
                answer = await gateway.send(GET)
                assert (answer.status, answer.content) == expected
            assert upstream.connections == 2


async def test_more_requests_than_connections_wait_for_their_turn_and_too_many_are_refused(tmp_path: Path) -> None:
    waiting: list[asyncio.Event] = []

    async def script(peer: Peer) -> None:
        while True:
            await peer.head()
            waiting.append(asyncio.Event())
            await waiting[-1].wait()
            await peer.send(OK)

    handler = {"connections": 1, "waitQueueSize": 1}
    async with Upstream(script) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        async with gateway.client() as first, gateway.client() as second, gateway.client() as third:
            await first.send(GET)
            await until(lambda: waiting)
            second.begin(GET)
            third.begin(GET)
            # One of them gets the place in the queue, the other is refused at once.
            replies = [asyncio.get_running_loop().create_task(client.message()) for client in (second, third)]
            done, left = await asyncio.wait(replies, return_when=asyncio.FIRST_COMPLETED)
            assert [task.result().status for task in done] == [502]
            waiting[0].set()
            assert (await first.message()).content == b"ok"
            await until(lambda: len(waiting) == 2)
            waiting[1].set()
            assert (await left.pop()).content == b"ok"
        assert upstream.connections == 1


async def test_a_stop_ends_what_does_not_end_by_itself(tmp_path: Path) -> None:
    async def endless(peer: Peer) -> None:
        await peer.head()
        await peer.send(CHUNKED)
        while True:
            await peer.send(b"%x\r\n%b\r\n" % (100_000, bytes(100_000)))

    admin = {"connectors": [{"port": 0, "host": "127.0.0.1", "gracePeriod": "10 ms"}]}
    async with (
        Upstream(endless) as upstream,
        proxying(tmp_path, upstream, admin=admin) as gateway,
        gateway.client() as client,
    ):
        await client.send(GET)
        await client.read(200_000)
        await gateway.instance.gateway.stop()
        assert not (await client.rest()).endswith(b"0\r\n\r\n")


async def test_a_stop_lets_a_running_download_end(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100010\r\n\r\n" + bytes(100_000))
        await go_on.wait()
        await peer.send(b"0123456789")
        await peer.gone()

    admin = {"connectors": [{"port": 0, "host": "127.0.0.1", "gracePeriod": "20 seconds"}]}
    async with (
        Upstream(script) as upstream,
        proxying(tmp_path, upstream, admin=admin) as gateway,
        gateway.client() as client,
    ):
        await client.send(GET)
        begun = await client.message(head_only=True)
        assert begun.all("Content-Length") == ["100010"]
        await client.read(100_000)
        stopping = asyncio.get_running_loop().create_task(gateway.instance.gateway.stop())
        await until(lambda: not gateway.instance.gateway.running)
        go_on.set()
        assert await client.rest() == b"0123456789"
        await stopping
