"""A whole gateway in the test's event loop between a raw client and a raw upstream, and what it may leave behind.

    async with RawUpstream() as upstream, proxying(tmp_path, upstream) as gateway:
        answer = await gateway.send(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
        assert upstream.requests == [...]

When the gateway has stopped, none of its tasks and none of its connections to upstreams may be left.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import gateway as package
from gateway.client import shared
from tests.canaries import answered, learn_cookies, learn_credentials, wrote
from tests.gateway.instances import Running, running, until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENCE = 20.0
_OWN_CODE = str(Path(package.__path__[0]))


class HasUrl(Protocol):
    url: str


# ---------------------------------------------------------------------------------------------------------- messages


@dataclass
class Message:
    """One message as it stood on the wire; `body` still has its framing."""

    head: bytes
    body: bytes = b""

    @property
    def start(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def lines(self) -> list[str]:
        """The field lines in their order."""
        return self.head.decode("latin-1").split("\r\n")[1:-2]

    def all(self, name: str) -> list[str]:
        pairs = (line.partition(":") for line in self.lines)
        return [value.strip() for key, _, value in pairs if key.lower() == name.lower()]

    @property
    def names(self) -> set[str]:
        return {line.partition(":")[0].lower() for line in self.lines}

    @property
    def content(self) -> bytes:
        """The body without its chunks."""
        if not self.all("Transfer-Encoding"):
            return self.body
        content, rest = b"", self.body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            if not length:
                break
            content, rest = content + rest[:length], rest[length + 2 :]
        return content


def take_message(data: bytes, *, head_only: bool = False) -> tuple[Message, bytes] | None:
    """The first whole message of some bytes, by the simplest reading of RFC 9112, and what stands behind it."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    message, rest = Message(data[: end + 4]), data[end + 4 :]
    if head_only:
        return message, rest
    if message.all("Transfer-Encoding"):
        last = _end_of_chunks(rest)
        if last < 0:
            return None
    else:
        last = int((message.all("Content-Length") or ["0"])[0])
        if last > len(rest):
            return None
    message.body = rest[:last]
    return message, rest[last:]


def _end_of_chunks(data: bytes) -> int:
    """Where a chunked body ends, its trailers included; -1 when it does not end yet."""
    place = 0
    while (line := data.find(b"\r\n", place)) >= 0:
        size = int(data[place:line].partition(b";")[0], 16)
        if not size:
            end = data.find(b"\r\n\r\n", line)
            return end + 4 if end >= 0 else -1
        place = line + 2 + size + 2
    return -1


# ---------------------------------------------------------------------------------------------------------- upstream


class _Recording(asyncio.Protocol):
    def __init__(self, upstream: RawUpstream) -> None:
        self._upstream = upstream
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._upstream.transports.append(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._upstream.received += data
        while (taken := take_message(self._data)) is not None:
            message, self._data = taken
            self._upstream.requests.append(message)
            for credentials in message.all("Authorization"):
                learn_credentials(credentials)
            self._transport.write(self._upstream.answer_to(message))

    def connection_lost(self, exc: Exception | None) -> None:
        self._upstream.rest += self._data
        self._upstream.transports.remove(self._transport)


Answer = bytes | Callable[[Message], bytes]


@dataclass
class RawUpstream:
    """Keeps every byte that it gets and answers each whole request with the same bytes, or with what a function says.

    `rest` is what was left over when a connection ended: bytes that no request accounts for.
    """

    answer: Answer = OK
    requests: list[Message] = field(default_factory=list)
    received: bytes = b""
    rest: bytes = b""
    transports: list[asyncio.Transport] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> RawUpstream:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Recording(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, kind: Any, *_: object) -> None:
        self._server.close()
        for transport in [*self.transports]:
            transport.abort()
        await self._server.wait_closed()
        await until(lambda: not self.transports)
        if kind is None:
            assert self.rest == b"", "the upstream got bytes that are no request"

    def take_rest(self) -> bytes:
        """What was left over, which the test then answers for."""
        rest, self.rest = self.rest, b""
        return rest

    def forget(self) -> None:
        self.requests.clear()
        self.received = b""

    def answer_to(self, message: Message) -> bytes:
        return self.answer(message) if callable(self.answer) else self.answer


# ------------------------------------------------------------------------------------------------------------ client


class RawClient:
    """One connection of a client that says exactly what a test wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._data = b""
        self.was_reset = False

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def begin(self, data: bytes) -> None:
        """Send without waiting for the other side to take it."""
        self._writer.write(data)

    async def message(self, *, head_only: bool = False) -> Message:
        """The next whole message."""
        while (taken := take_message(self._data, head_only=head_only)) is None:
            piece = await asyncio.wait_for(self._reader.read(65536), PATIENCE)
            assert piece, f"the connection ended in the middle of a message: {self._data[:200]!r}"
            self._data += piece
        message, self._data = taken
        answered(message.status, "", message.head + message.body)
        learn_cookies(message.all("Set-Cookie"))
        return message

    async def read(self, size: int) -> bytes:
        """Exactly so many bytes of what comes next."""
        data = bytearray(self._data)
        while len(data) < size:
            piece = await asyncio.wait_for(self._reader.read(65536), PATIENCE)
            assert piece, "the connection ended too early"
            data += piece
        self._data = bytes(data[size:])
        return bytes(data[:size])

    async def rest(self) -> bytes:
        """All until the gateway ends the connection, cleanly or not."""
        data, self._data = self._data, b""
        try:
            while piece := await asyncio.wait_for(self._reader.read(65536), PATIENCE):
                data += piece
        except ConnectionError:
            self.was_reset = True
        if re.match(rb"HTTP/1.1 [45]", data):
            wrote("a last answer", data)
        return data

    def stop_reading(self) -> None:
        """Take nothing any more; what comes fills the buffers of the system."""
        transport: Any = self._writer.transport
        transport.pause_reading()

    def go_on_reading(self) -> None:
        transport: Any = self._writer.transport
        transport.resume_reading()

    def end(self) -> None:
        """Say that nothing more comes."""
        self._writer.write_eof()

    def reset(self) -> None:
        """Go away without a word."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            pass


@dataclass
class Proxy:
    """A gateway with one route, or several, in front of an upstream."""

    instance: Running

    @property
    def url(self) -> str:
        return self.instance.url

    @asynccontextmanager
    async def client(self) -> AsyncIterator[RawClient]:
        client = RawClient(*await asyncio.open_connection("127.0.0.1", self.instance.gateway.ports[0]))
        try:
            yield client
        finally:
            await client.close()

    async def send(self, data: bytes, *, head_only: bool = False) -> Message:
        """Send bytes on a connection of their own and read one message."""
        async with self.client() as client:
            await client.send(data)
            return await client.message(head_only=head_only)

    async def all_of(self, data: bytes) -> bytes:
        """Send bytes and the end behind them, and read everything that comes."""
        async with self.client() as client:
            await client.send(data)
            client.end()
            return await client.rest()

    async def freed(self) -> None:
        """Wait until no connection to an upstream is in use."""
        await until(lambda: not any(busy for _, busy in shared.usage().values()))

    async def closed(self) -> None:
        """Wait until no connection to an upstream is open."""
        await until(lambda: not any(opened for opened, _ in shared.usage().values()))


# ----------------------------------------------------------------------------------------------------------- gateway


def route(
    upstream: HasUrl | str,
    filters: Sequence[Any] = (),
    *,
    handler: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A route with filters and a ReverseProxyHandler with some configuration; `more` are properties of the route."""
    target = {"type": "ReverseProxyHandler", "config": dict(handler or {})}
    base = upstream if isinstance(upstream, str) else upstream.url
    chain = {"type": "Chain", "config": {"filters": list(filters), "handler": target}} if filters else target
    return {"baseURI": base, "handler": chain, **more}


@asynccontextmanager
async def proxying(
    directory: Path,
    upstream: HasUrl | str = "",
    filters: Sequence[Any] = (),
    *,
    handler: Mapping[str, Any] | None = None,
    routes: Mapping[str, Any] | None = None,
    admin: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    **more: Any,
) -> AsyncIterator[Proxy]:
    """A gateway with the route of `route()`, or with some routes; it leaves no task and no connection behind."""
    before = _tasks()
    declared = routes if routes is not None else {"proxy": route(upstream, filters, handler=handler, **more)}
    async with running(directory, routes=declared, admin=admin, config=config) as instance:
        loaded = {one.name for one in instance.router.table.routes}
        assert loaded == {dict(declared[name]).get("name", name) for name in declared}, "a route did not load"
        yield Proxy(instance)
    assert not {name: use for name, use in shared.usage().items() if use != (0, 0)}
    await until(lambda: not (_tasks() - before))


def _tasks() -> set[asyncio.Task[Any]]:
    """The tasks that run code of the gateway."""
    return {task for task in asyncio.all_tasks() if _OWN_CODE in _file_of(task)}


def _file_of(task: asyncio.Task[Any]) -> str:
    code = getattr(task.get_coro(), "cr_code", None)
    return code.co_filename if code is not None else ""
