"""Counts that the worker processes of one gateway share."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.throttling.between_workers import GROUP, SLOT, WorkerBuckets
from gateway.throttling.buckets import LocalBuckets
from tests.gateway.throttling.test_buckets import Clock, rate_of

PROCESS = """
import asyncio, sys
from pathlib import Path
from gateway.throttling.between_workers import WorkerBuckets
from gateway.throttling.rate import ThrottlingRate

async def main(file, requests):
    rate = ThrottlingRate.model_construct(numberOfRequests=500, duration=3600.0)
    buckets = WorkerBuckets(Path(file))
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum([await buckets.take("everybody", rate) == 0 for _ in range(requests)]))

asyncio.run(main(sys.argv[1], 400))
"""


@pytest.fixture
def clock() -> Clock:
    found = Clock()
    found.now = 1
    return found


@pytest.fixture
def pair(tmp_path: Path, clock: Clock) -> Iterator[tuple[WorkerBuckets, WorkerBuckets]]:
    workers = WorkerBuckets(tmp_path / "counts", clock=clock), WorkerBuckets(tmp_path / "counts", clock=clock)
    yield workers
    for worker in workers:
        worker.close()


async def test_two_workers_take_from_one_bucket(pair: tuple[WorkerBuckets, WorkerBuckets], clock: Clock) -> None:
    first, second = pair
    rate = rate_of(2, 10)
    assert [await first.take("a", rate), await second.take("a", rate)] == [0, 0]
    assert await first.take("a", rate) == await second.take("a", rate) == rate.interval
    assert await second.take("b", rate) == 0
    clock.at(5.1)
    assert await second.take("a", rate) == 0
    assert await first.take("a", rate) > 0


async def test_a_full_table_forgets_the_bucket_that_is_full_first(tmp_path: Path, clock: Clock) -> None:
    buckets = WorkerBuckets(tmp_path / "counts", slots=GROUP, clock=clock)
    for number in range(GROUP):
        await buckets.take(str(number), rate_of(1, 100 - number))
    assert await buckets.take("new", rate_of(1, 50)) == 0
    assert await buckets.take("new", rate_of(1, 50)) > 0
    assert await buckets.take("0", rate_of(1, 100)) > 0
    assert await buckets.take(str(GROUP - 1), rate_of(1, 100 - GROUP + 1)) == 0
    buckets.close()


def test_counts_that_are_forgotten_leave_no_open_file(tmp_path: Path) -> None:
    def is_open() -> bool:
        links = [path for path in Path("/proc/self/fd").iterdir() if path.exists()]
        return tmp_path / "counts" in [path.readlink() for path in links]

    buckets = WorkerBuckets(tmp_path / "counts")
    assert is_open()
    del buckets
    assert not is_open()


def test_the_file_takes_no_more_room_than_its_used_slots(tmp_path: Path) -> None:
    WorkerBuckets(tmp_path / "counts").close()
    status = (tmp_path / "counts").stat()
    assert status.st_size > 1 << 20
    assert status.st_blocks * 512 < 1 << 16
    assert status.st_mode & 0o077 == 0


@given(takes=st.lists(st.tuples(st.integers(0, 3000), st.sampled_from("abc"), st.integers(1, 3)), max_size=60))
async def test_it_agrees_with_the_buckets_of_one_process(
    tmp_path_factory: pytest.TempPathFactory, takes: list[tuple[int, str, int]]
) -> None:
    clock = Clock()
    clock.now = 1
    workers = WorkerBuckets(tmp_path_factory.mktemp("t") / "counts", slots=GROUP, clock=clock)
    local = LocalBuckets(clock)
    for step, partition, requests in takes:
        clock.now += step * 1_000_000
        rate = rate_of(requests, 2)
        assert await workers.take(partition, rate) == await local.take(partition, rate)
    workers.close()


async def test_two_processes_together_let_no_more_pass_than_the_rate(tmp_path: Path) -> None:
    file = str(tmp_path / "counts")
    pipe: Any = asyncio.subprocess.PIPE
    options = {"stdin": pipe, "stdout": pipe, "cwd": Path(__file__).parents[3]}
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, file, **options) for _ in range(2)]
    for process in processes:
        assert await process.stdout.readline() == b"ready\n"
    passed = [int(out) for out, _ in await asyncio.gather(*[process.communicate(b"go\n") for process in processes])]
    assert sum(passed) == 500
    assert all(passed)


async def test_filters_of_several_workers_share_and_filters_of_one_list_do_not(tmp_path: Path) -> None:
    from config.load import Loader
    from config.read import read_document
    from expr.source import Source
    from gateway.catalog import registry
    from tests.gateway.scripted import Scripted, exchange

    text = """{"heap": [], "tested": {"type": "ChainOfFilters", "config": {"filters": [
        {"type": "ThrottlingFilter", "config": {"rate": {"numberOfRequests": 3, "duration": "1 hour"}}},
        {"type": "ThrottlingFilter", "config": {"rate": {"numberOfRequests": 3, "duration": "1 hour"}}}]}}}"""
    host = SimpleNamespace(shared_directory=tmp_path)
    built = [
        Loader(registry(), host=host).build(Scripted, read_document(Source("r.json", text)), name="r") for _ in range(2)
    ]
    for heap, _ in built:
        await heap.start()
    statuses = [(await exchange(document.tested)).status for _, document in [*built, *built]]
    for heap, _ in built:
        await heap.stop()
    assert statuses == [200, 200, 200, 429]
    assert len(list(tmp_path.iterdir())) == 2
    assert SLOT.size == 40
