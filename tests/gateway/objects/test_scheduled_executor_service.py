"""ScheduledExecutorService: runs what blocks, and stops as documented."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from tests.gateway.scripted import build, problems, started


def executor(**config) -> dict:
    return {"name": "pool", "type": "ScheduledExecutorService", "config": config}


def test_the_example_builds():
    assert build(ScheduledExecutorService.example).corePoolSize == 4


async def test_work_runs_in_a_thread_of_its_own():
    async with started(executor()) as pool:
        assert await pool.run(threading.current_thread) is not threading.current_thread()
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0)


async def test_a_graceful_stop_waits_for_jobs():
    async with started(executor(gracePeriod="unlimited")) as pool:
        release, finished = threading.Event(), []

        def work() -> None:
            release.wait()
            finished.append(True)

        job = asyncio.ensure_future(pool.run(work))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(release.set)
    assert finished == [True]
    await job


@pytest.mark.parametrize("config", [{"gracefulStop": False}, {"gracePeriod": "10 ms"}])
async def test_a_hard_stop_drops_what_is_queued(config):
    release = threading.Event()
    async with started(executor(**config)) as pool:
        running = asyncio.ensure_future(pool.run(release.wait))
        queued = asyncio.ensure_future(pool.run(release.wait))
        await asyncio.sleep(0)
    release.set()
    await running
    with pytest.raises(asyncio.CancelledError):
        await queued


async def test_a_stopped_executor_refuses_jobs():
    async with started(executor()) as pool:
        pass
    with pytest.raises(RuntimeError, match="pool has been stopped"):
        await pool.run(int)


def test_a_pool_has_a_thread():
    assert problems(executor(corePoolSize=0))
