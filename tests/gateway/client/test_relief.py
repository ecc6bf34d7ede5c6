"""A response is taken off a connection that others need, and its reader misses nothing by it."""

import asyncio
import gc

import pytest

from gateway.client.body import BodyBuffer, BodyReader
from gateway.client.errors import ConnectionLost
from gateway.client.relief import relieve
from gateway.http.entity import Entity
from gateway.http.headers import Headers
from gateway.http.storage import Storage
from tests.gateway.instances import until

PIECE = bytes(range(256)) * 256
MANY = 40


class Upstream:
    """A connection's end of a body, which stands still when it is told to."""

    def __init__(self) -> None:
        self.paused = self.abandoned = False
        self.buffer = BodyBuffer(lambda: self._pause(True), lambda: self._pause(False), self._abandon)

    def _pause(self, paused: bool) -> None:
        self.paused = paused

    def _abandon(self) -> None:
        self.abandoned = True
        self.buffer.finish(ConnectionLost("closed by the gateway"))

    def entity(self, storage: Storage, *, crowded: bool = True) -> Entity:
        entity = Entity(Headers(), BodyReader(self.buffer, None, crowded=crowded), storage)
        relieve(entity)
        return entity

    async def send(self, pieces: int) -> int:
        """Send until all is sent, or until nobody takes any more; the number that was taken."""
        for number in range(pieces):
            for _ in range(200):
                if not self.paused:
                    break
                await asyncio.sleep(0.001)
            else:
                return number
            self.buffer.feed(PIECE)
        return pieces


async def read(entity: Entity) -> bytes:
    return b"".join([piece async for piece in entity.stream()])


async def test_a_reader_that_is_late_gets_all_of_it(tmp_path):
    upstream = Upstream()
    entity = upstream.entity(Storage(directory=tmp_path))
    assert await upstream.send(MANY) == MANY
    upstream.buffer.finish()
    assert await read(entity) == PIECE * MANY


async def test_a_reader_that_keeps_up_and_one_that_falls_behind_now_and_then_get_it_in_order(tmp_path):
    upstream = Upstream()
    entity = upstream.entity(Storage(directory=tmp_path))
    taken, sent = b"", 0
    stream = entity.stream()
    for burst in (1, 20, 1, 1, 30):
        assert await upstream.send(burst) == burst
        sent += burst
        while len(taken) < len(PIECE) * sent:
            taken += await anext(stream)
    upstream.buffer.finish()
    async for piece in stream:
        taken += piece
    assert taken == PIECE * 53


async def test_an_upstream_waits_where_the_file_would_be_too_large(tmp_path):
    upstream = Upstream()
    entity = upstream.entity(Storage(file_limit=10 * len(PIECE), directory=tmp_path))
    sent = await upstream.send(MANY)
    assert 10 <= sent < 25
    reading = asyncio.get_running_loop().create_task(read(entity))
    assert await upstream.send(MANY - sent) == MANY - sent
    upstream.buffer.finish()
    assert await reading == PIECE * MANY


async def test_an_error_comes_behind_what_came_before_it(tmp_path):
    upstream = Upstream()
    entity = upstream.entity(Storage(directory=tmp_path))
    await upstream.send(MANY)
    upstream.buffer.finish(ConnectionLost("reset"))
    taken = b""
    with pytest.raises(ConnectionLost, match="reset"):
        async for piece in entity.stream():
            taken += piece
    assert taken == PIECE * MANY


@pytest.mark.parametrize("how", ["closed", "forgotten", "left"])
async def test_a_reader_that_does_not_want_the_rest_frees_the_connection(tmp_path, how):
    upstream = Upstream()
    entity = upstream.entity(Storage(directory=tmp_path))
    await upstream.send(MANY)
    if how == "closed":
        entity.close()
    elif how == "left":
        stream = entity.stream()
        await anext(stream)
        await stream.aclose()
    else:
        gc.disable()
        try:
            del entity
        finally:
            gc.enable()
    await until(lambda: upstream.abandoned)


async def test_nothing_is_read_ahead_while_connections_are_plenty(tmp_path):
    upstream = Upstream()
    entity = upstream.entity(Storage(directory=tmp_path), crowded=False)
    assert await upstream.send(MANY) < 10
    entity.close()
    assert upstream.abandoned
