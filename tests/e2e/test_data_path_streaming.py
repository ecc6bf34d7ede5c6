"""Bodies that flow through the gateway: bounded memory, no worker held, and limits where something buffers them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gateway_in_process import OK, Message, RawClient, RawUpstream, proxying, route
from tests.e2e.processes import Process, gatewright
from tests.gateway.client.upstream_scripts import Peer, Upstream
from tests.gateway.instances import until

MIB = 1 << 20
BODY = 1024 * MIB
GROWTH = 40 * MIB
PIECE = bytes(MIB)
LAST_CHUNK = b"0\r\n\r\n"
HEADER_FILTER = {
    "type": "HeaderFilter",
    "config": {"messageType": "REQUEST", "remove": ["X-Old"], "add": {"X-Path": ["${request.uri.path}"]}},
}
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


# ------------------------------------------------------------------------------------------------------------ memory


class _Bulk(asyncio.BufferedProtocol):
    """An upstream for big bodies: counts what comes, and sends as much when it is asked to."""

    def __init__(self, done: Callable[[int], None]) -> None:
        self._done = done
        self._memory = bytearray(256 * 1024)
        self._head = b""
        self._expected = -1
        self._received = 0
        self._drained: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._memory

    def buffer_updated(self, nbytes: int) -> None:
        if self._expected < 0:
            self._head += self._memory[:nbytes]
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            self._expected, self._received = int(length.partition(b":")[2]), len(body)
        else:
            self._received += nbytes
        if self._received == self._expected:
            self._done(self._received)
            self._transport.write(OK)
            self._expected, self._head = -1, b""


def memory(process: int, kind: str) -> int:
    """Resident memory of a process and of those that it started, in bytes."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{kind}:"))
    return own + sum(memory(int(child), kind) for child in children)


@asynccontextmanager
async def real_process(directory: Path, upstream: str) -> AsyncIterator[Process]:
    file = directory / "bulk.json"
    file.write_text(json.dumps(route(upstream, [HEADER_FILTER])))
    async with gatewright(file, https=False) as process:
        yield process


@asynccontextmanager
async def growth(process: Process) -> AsyncIterator[None]:
    """Fail when the peak of memory rises too far above what the process had before."""
    pid = process.process.pid
    before = memory(pid, "VmRSS")
    yield
    assert memory(pid, "VmHWM") - before < GROWTH


async def test_a_body_of_a_gibibyte_flows_up_in_bounded_memory(tmp_path: Path) -> None:
    arrived: list[int] = []
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: _Bulk(arrived.append), "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with real_process(tmp_path, url) as process, growth(process):
            client = RawClient(*await asyncio.open_connection("127.0.0.1", process.port))
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % BODY)
            for _ in range(BODY // len(PIECE)):
                await client.send(PIECE)
            assert (await client.message()).content == b"ok"
            assert arrived == [BODY]
            await client.close()


async def test_a_body_of_a_gibibyte_flows_down_in_bounded_memory(tmp_path: Path) -> None:
    async def download(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BODY)
        for _ in range(BODY // len(PIECE)):
            await peer.send(PIECE)
        await peer.gone()

    class Counting(asyncio.BufferedProtocol):
        received, memory = 0, bytearray(256 * 1024)

        def get_buffer(self, sizehint: int) -> bytearray:
            return self.memory

        def buffer_updated(self, nbytes: int) -> None:
            self.received += nbytes
            if self.received >= BODY:
                whole.set()

    whole = asyncio.Event()
    async with Upstream(download) as upstream, real_process(tmp_path, upstream.url) as process, growth(process):
        loop = asyncio.get_running_loop()
        transport, client = await loop.create_connection(Counting, "127.0.0.1", process.port)
        transport.write(GET)
        await whole.wait()
        assert BODY < client.received < BODY + 1000
        transport.close()


async def test_bodies_of_unknown_length_flow_both_ways_at_once_in_bounded_memory(tmp_path: Path) -> None:
    """What the client sends comes back at the same time; neither side knows how much it will be."""
    size = BODY // 8

    async def mirror(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while data := await peer.reader.read(MIB):
            await peer.send(data)
            if data.endswith(LAST_CHUNK):
                break

    async with Upstream(mirror) as upstream, real_process(tmp_path, upstream.url) as process, growth(process):
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")

        async def upload() -> None:
            for _ in range(size // MIB):
                writer.write(b"%x\r\n%b\r\n" % (MIB, PIECE))
                await writer.drain()
            writer.write(LAST_CHUNK)

        async def download() -> int:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            zeros, tail = 0, b""
            while not tail.endswith(LAST_CHUNK):
                data = await reader.read(MIB)
                zeros, tail = zeros + data.count(0), (tail + data)[-len(LAST_CHUNK) :]
            return zeros

        _, came_back = await asyncio.gather(upload(), download())
        assert came_back == size
        writer.close()


# ----------------------------------------------------------------------------------------------- slow ends, no workers


async def test_clients_that_hardly_send_or_read_hold_up_nobody_else(tmp_path: Path) -> None:
    size = 8 * MIB

    def answer(request: Message) -> bytes:
        if request.start.startswith("GET /large"):
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)
        return OK

    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream, [HEADER_FILTER]) as gateway:
        async with AsyncExitStack() as open_clients:
            clients = [await open_clients.enter_async_context(gateway.client()) for _ in range(45)]
            for client in clients[:15]:
                await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow")
            for client in clients[15:30]:
                await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf!")
            for client in clients[30:]:
                await client.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: len(upstream.requests) == 15)
            for _ in range(50):
                assert (await gateway.send(GET)).content == b"ok"
            for client in clients[:15]:
                await client.send(b": 1\r\n\r\n")
                assert (await client.message()).content == b"ok"
            for client in clients[15:30]:
                await client.send(b"whole")
                assert (await client.message()).content == b"ok"
            for client in clients[30:]:
                assert len((await client.message()).content) == size
        await gateway.freed()


@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Content-Length: 1000000", b"Transfer-Encoding: chunked"])
async def test_more_slow_senders_than_connections_hold_up_nobody_else(tmp_path: Path, framing: bytes) -> None:
    """Connections to the upstream are few; those who send a byte now and then do not get the last ones."""
    start = b"POST / HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n"
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, handler={"connections": 8}) as gateway:
        async with AsyncExitStack() as open_clients:
            clients = [await open_clients.enter_async_context(gateway.client()) for _ in range(20)]
            for client in clients:
                await client.send(start + (b"5\r\nhalf!\r\n" if b"chunked" in framing else b"half!"))
            for _ in range(20):
                assert (await gateway.send(GET)).content == b"ok"
                assert (await gateway.send(post(5))).content == b"ok"
            if framing.endswith(b" 10"):
                for client in clients:
                    await client.send(b"whole")
                    assert (await client.message()).content == b"ok"
        await gateway.freed()
        assert all(request.content in {b"", b"x" * 5, b"half!whole"} for request in upstream.requests)
        upstream.take_rest()


@pytest.mark.parametrize("limit", [64 * MIB, 2 * MIB, 1000])
async def test_more_slow_readers_than_connections_hold_up_nobody_else(tmp_path: Path, limit: int) -> None:
    """What they do not take waits in files; where the files may not hold it, half of the connections are left."""
    size, few = 8 * MIB, 8
    content = bytes(range(256)) * (size // 256)
    large = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, content)
    held = storage(tmp_path, memoryLimit=1000, fileLimit=limit)
    handler = {"connections": few, "temporaryStorage": held}

    def answer(request: Message) -> bytes:
        return large if request.start.startswith("GET /large") else OK

    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        async with AsyncExitStack() as open_clients:
            number = 3 * few if limit > size else few - 1
            clients = [await open_clients.enter_async_context(gateway.client()) for _ in range(number)]
            for client in clients:
                client.stop_reading()
                await client.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: len(upstream.requests) == number)
            for _ in range(10):
                assert (await gateway.send(GET)).content == b"ok"
            for client in clients[1:]:
                client.go_on_reading()
                await client.message(head_only=True)
                assert await client.read(size) == content
            # The first one goes away with all that is kept for it.
            clients[0].reset()
        await gateway.freed()
        await until(lambda: not files_in(tmp_path))


async def test_a_client_that_stops_reading_stops_the_upstream(tmp_path: Path) -> None:
    sent = 0
    stalled = asyncio.Event()

    async def endless(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.writer.transport.set_write_buffer_limits(high=0)
        while True:
            peer.writer.write(b"%x\r\n%b\r\n" % (MIB, PIECE))
            sent += MIB
            if peer.writer.transport.get_write_buffer_size():
                stalled.set()
            await peer.writer.drain()

    async with Upstream(endless) as upstream, proxying(tmp_path, upstream) as gateway:
        async with gateway.client() as client:
            await client.send(GET)
            await client.read(1000)
            await stalled.wait()
            assert sent < 64 * MIB
            client.reset()
        await gateway.closed()


@pytest.mark.parametrize("kind", [b"text/event-stream", b"application/octet-stream"])
async def test_what_comes_bit_by_bit_is_passed_on_bit_by_bit(tmp_path: Path, kind: bytes) -> None:
    """Each event waits for the one before it to have arrived, through captures and timers too."""
    arrived: asyncio.Queue[None] = asyncio.Queue()

    async def events(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(20):
            await peer.send(b"9\r\ndata: %02d\n\r\n" % number)
            await arrived.get()
        await peer.send(LAST_CHUNK)
        await peer.gone()

    capture = {"name": "capture", "type": "CaptureDecorator", "config": {"captureEntity": True}}
    more = {"heap": [capture], "capture": "all", "timer": True}
    async with (
        Upstream(events) as upstream,
        proxying(tmp_path, upstream, [HEADER_FILTER], **more) as gateway,
        gateway.client() as client,
    ):
        await client.send(GET)
        await client.message(head_only=True)
        for number in range(20):
            assert await client.read(14) == b"9\r\ndata: %02d\n\r\n" % number
            arrived.put_nowait(None)
        assert await client.read(len(LAST_CHUNK)) == LAST_CHUNK


# ----------------------------------------------------------------------------------------------------------- buffering

NEEDS_REQUEST = {
    "type": "HeaderFilter",
    "config": {"messageType": "REQUEST", "add": {"X-Empty": ["${empty request.entity.string ? 'yes' : 'no'}"]}},
}
NEEDS_RESPONSE = {
    "type": "HeaderFilter",
    "config": {"messageType": "RESPONSE", "add": {"X-Empty": ["${empty response.entity.string ? 'yes' : 'no'}"]}},
}


def storage(directory: Path, **limits: int) -> dict[str, Any]:
    return {"type": "TemporaryStorage", "config": {"initialLength": 100, "directory": str(directory), **limits}}


def files_in(directory: Path) -> list[int]:
    """Sizes of the open files of a directory; they have no names any more."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if str(descriptor.readlink()).startswith(str(directory)):
                found.append(descriptor.stat().st_size)
        except OSError:
            continue
    return found


def post(size: int, *, chunked: bool = False) -> bytes:
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size) if chunked else b"x" * size
    return b"POST / HTTP/1.1\r\nHost: a\r\n%b\r\n\r\n%b" % (framing, body)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_request_body_that_is_needed_is_held_in_memory_then_on_disk_then_refused(
    tmp_path: Path, chunked: bool
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    seen: list[list[int]] = []

    def answer(request: Message) -> bytes:
        seen.append(files_in(spool))
        return OK

    admin = {"temporaryStorage": storage(spool, memoryLimit=100_000, fileLimit=2 * MIB)}
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream, [NEEDS_REQUEST], admin=admin) as gateway:
        for size in (100_000, MIB, 2 * MIB):
            assert (await gateway.send(post(size, chunked=chunked))).content == b"ok"
            assert upstream.requests[-1].content == b"x" * size
            assert upstream.requests[-1].all("Content-Length") == [str(size)]
            assert upstream.requests[-1].all("X-Empty") == ["no"]
        refused = await gateway.send(post(2 * MIB + 1, chunked=chunked))
        assert (refused.status, refused.content) == (413, b"")
        assert len(upstream.requests) == 3
        assert seen == [[], [MIB], [2 * MIB]]
        await until(lambda: not files_in(spool))


async def test_a_request_body_that_nobody_needs_has_no_limit(tmp_path: Path) -> None:
    admin = {"temporaryStorage": storage(tmp_path, memoryLimit=100, fileLimit=1000)}
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, [HEADER_FILTER], admin=admin) as gateway:
        assert (await gateway.send(post(MIB))).content == b"ok"
        assert upstream.requests[0].content == b"x" * MIB


async def test_a_request_body_over_the_limit_of_the_ports_is_refused_whoever_needs_it(tmp_path: Path) -> None:
    async with RawUpstream() as upstream, proxying(tmp_path, upstream, admin={"maxBodyLength": 1000}) as gateway:
        assert (await gateway.send(post(1000))).status == 200
        assert (await gateway.send(post(1001))).status == 413
        assert (await gateway.send(post(1001, chunked=True))).status == 413
        await gateway.closed()
        assert len(upstream.requests) == 1
        upstream.take_rest()


@pytest.mark.parametrize("handler", ["ReverseProxyHandler", "ClientHandler"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_response_body_that_does_not_fit_is_a_bad_gateway(tmp_path: Path, handler: str, chunked: bool) -> None:
    """The client sent nothing wrong, so 413 would be a lie."""
    sizes = iter((1000, MIB, 2 * MIB + 1, 10))

    def answer(request: Message) -> bytes:
        return b"HTTP/1.1 200 OK\r\n" + post(next(sizes), chunked=chunked).partition(b"Host: a\r\n")[2]

    limits = storage(tmp_path, memoryLimit=100_000, fileLimit=2 * MIB)
    target = {"type": handler, "config": {"temporaryStorage": limits}}
    declared = {"type": "Chain", "config": {"filters": [NEEDS_RESPONSE], "handler": target}}
    async with RawUpstream(answer) as upstream:
        routes = {"proxy": {"baseURI": upstream.url, "handler": declared}}
        async with proxying(tmp_path, routes=routes) as gateway:
            for size in (1000, MIB):
                message = await gateway.send(GET)
                assert (message.content, message.all("X-Empty")) == (b"x" * size, ["no"])
            large = await gateway.send(GET)
            assert (large.status, large.content) == (502, b"")
            await gateway.freed()
            assert (await gateway.send(GET)).content == b"x" * 10


async def test_a_response_body_that_nobody_needs_has_no_limit(tmp_path: Path) -> None:
    handler = {"temporaryStorage": storage(tmp_path, memoryLimit=100, fileLimit=1000)}
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (MIB, PIECE)
    async with RawUpstream(answer) as upstream, proxying(tmp_path, upstream, handler=handler) as gateway:
        assert (await gateway.send(GET)).content == PIECE
