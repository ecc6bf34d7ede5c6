from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import EntityTooLarge
from gateway.http.storage import Spool, Storage


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_little_content_stays_in_memory(tmp_path):
    assert await Storage(10, directory=tmp_path).collect(pieces(b"abc", b"def")) == b"abcdef"


async def test_several_readers_of_a_spool_each_see_all_of_it(tmp_path):
    content = bytes(range(256)) * 3000
    spool = await Storage(10, directory=tmp_path).collect(pieces(content, b"end"))
    assert isinstance(spool, Spool)
    assert spool.size == len(content) + 3
    first, second = spool.stream(), spool.stream()
    heads = await anext(first), await anext(second)
    assert heads[0] == heads[1]
    assert heads[0] + b"".join([piece async for piece in first]) == content + b"end"
    assert heads[1] + b"".join([piece async for piece in second]) == content + b"end"
    assert spool.read() == content + b"end"
    spool.close()


async def test_content_over_the_limit_leaves_no_file_open(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(EntityTooLarge):
        await Storage(4, 300, tmp_path).collect(pieces(bytes(200), bytes(200)))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
