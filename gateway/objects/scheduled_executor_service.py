"""ScheduledExecutorService: threads for work that would block the event loop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, TypeVar

from pydantic import Field, PrivateAttr

from config.declaration import HeapObject
from config.types import Duration, Static

T = TypeVar("T")


class ScheduledExecutorService(HeapObject):
    """A pool of threads for work in the background. Most objects that refer to one work on the event loop and do not
    need it; what blocks (JDBC, audit files) runs here.
    """

    corePoolSize: Static[int] = 1
    """Number of threads; 1 by default."""
    gracefulStop: Static[bool] = True
    """Wait for running and queued jobs when the pool stops? True by default."""
    gracePeriod: Duration = Field(default="10 seconds")
    """Longest wait of a graceful stop; 10 seconds by default."""

    example: ClassVar = {"name": "big-pool", "type": "ScheduledExecutorService", "config": {"corePoolSize": 4}}

    _threads: ThreadPoolExecutor | None = PrivateAttr(default=None)
    _jobs: set[asyncio.Future[object]] = PrivateAttr(default_factory=set)
    _stopped: bool = PrivateAttr(default=False)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.corePoolSize < 1:
            yield "corePoolSize", "a pool has at least one thread", "write a number above 0"

    async def run(self, work: Callable[[], T]) -> T:
        """Run a function in a thread and give its result; RuntimeError once the pool has been stopped."""
        if self._stopped:
            raise RuntimeError(f"the executor {self.object_name} has been stopped")
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.corePoolSize, thread_name_prefix=self.object_name or "executor")
        job: asyncio.Future[T] = asyncio.get_running_loop().run_in_executor(self._threads, work)
        self._jobs.add(job)  # type: ignore[arg-type]
        job.add_done_callback(self._jobs.discard)
        return await job

    async def stop(self) -> None:
        """Refuse new jobs, wait as documented, then drop what is queued; Python threads cannot be interrupted."""
        self._stopped = True
        if self._threads is None:
            return
        if self.gracefulStop and self._jobs:
            await asyncio.wait(self._jobs, timeout=None if math.isinf(self.gracePeriod) else self.gracePeriod)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._threads = None
