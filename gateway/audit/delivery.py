"""How events get from requests to a target: a bounded queue and a thread that empties it.

Publishing is an append. A target that is slow or fails makes the queue grow and requests go on; when the queue is full
events are lost, which is counted (`ig_audit_events_lost_total`) and logged once until events are taken again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, Final

from gateway.metrics.registry import METRICS

log = logging.getLogger("gatewright.audit")

RETRY: Final = 1.0
"""Seconds between two tries with a target that fails."""
GRACE: Final = 5.0
"""Seconds that a target has to take what is left when its handler stops."""

Item = tuple[str, dict[str, Any]]
"""Topic and event."""


class Target(ABC):
    """Where events go; its methods are called by one thread."""

    watch: float | None = None
    """Seconds after which `tend` is called although no event came."""

    @abstractmethod
    def write(self, items: deque[Item]) -> None:
        """Take events off the left as they are delivered; an exception leaves the rest, for another try."""

    @property
    def pending(self) -> int:
        """Events that were taken off and are not delivered yet: another `write` is due, with or without events."""
        return 0

    def tend(self) -> None:  # noqa: B027 - most targets have nothing to do
        """Do what time brings, such as a rotation of files."""

    def close(self) -> None:  # noqa: B027 - some hold nothing
        """Release what is held."""


class Delivery:
    """The queue and the thread of one event handler."""

    def __init__(self, name: str, target: Target, capacity: int, interval: float = 0.0) -> None:
        """`interval` is the time for which events are gathered, in seconds."""
        self.name = name
        self._target = target
        self._capacity = capacity
        self._interval = interval
        self._queue: deque[Item] = deque()
        self._taken: deque[Item] = deque()
        """Events that the thread is about to deliver."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._failing = False
        self._losing = 0
        self._lost = METRICS.counter("ig_audit_events_lost_total", "Audit events that were lost", handler=name)
        self._thread: threading.Thread | None = None
        self._ended: asyncio.Future[None] | None = None

    def put(self, topic: str, event: dict[str, Any]) -> None:
        """Hand over an event; never waits."""
        if len(self._queue) + len(self._taken) >= self._capacity:
            self._lose(1, f"its queue of {self._capacity} events is full")
            return
        self._queue.append((topic, event))
        if not self._wake.is_set():
            self._wake.set()

    def lose(self, count: int, why: str) -> None:
        """Report events that the target will never take; `why` completes "lost events because ..."."""
        self._lose(count, why)

    def _lose(self, count: int, why: str) -> None:
        self._lost.add(count)
        if not self._losing:
            log.error("audit event handler '%s' loses events: %s", self.name, why)
        self._losing += count

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        # Not awaited by the interpreter when it exits: a target may hang for good.
        self._thread = threading.Thread(target=self._run, args=(loop,), name=f"audit {self.name}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Have the thread deliver what is left and end."""
        self._stopping.set()
        self._wake.set()

    async def stop(self, grace: float = GRACE) -> None:
        """Deliver what is left, within a grace period."""
        if self._thread is None or self._ended is None:
            return
        self.end()
        try:
            await asyncio.wait_for(asyncio.shield(self._ended), grace)
        except TimeoutError:
            waiting = len(self._queue) + self._undelivered
            log.error("audit event handler '%s' hangs: %d events are lost", self.name, waiting)
            self._lost.add(waiting)
        self._thread = None

    @property
    def _undelivered(self) -> int:
        return len(self._taken) + self._target.pending

    # -- in the thread

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while not self._stopping.is_set():
                came = self._wake.wait(self._target.watch)
                self._wake.clear()
                if came and self._interval:
                    self._stopping.wait(self._interval)
                while not self._deliver() and not self._stopping.is_set():
                    self._stopping.wait(RETRY)
            if not self._deliver():
                self._lose(self._undelivered, "the handler stops, and its target still fails")
        finally:
            self._close()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def _close(self) -> None:
        try:
            self._target.close()
        except Exception as error:  # whatever a driver raises: there is nothing left to do with the target
            log.warning("audit event handler '%s' could not close its target: %s", self.name, error)

    def _deliver(self) -> bool:
        """Write what is there; false when the target failed and there is something left."""
        try:
            while self._queue:
                self._taken.append(self._queue.popleft())
            if self._undelivered:
                self._target.write(self._taken)
            self._target.tend()
        except Exception as error:  # whatever a target raises: events wait for the next try
            if not self._failing:
                log.error("audit event handler '%s' cannot write: %s: %s", self.name, type(error).__name__, error)
            self._failing = True
            return not self._undelivered
        self._recovered()
        return True

    def _recovered(self) -> None:
        if self._failing:
            log.info("audit event handler '%s' writes again", self.name)
            self._failing = False
        # A queue that is nearly full again is the same trouble still.
        if self._losing and len(self._queue) <= self._capacity // 2:
            log.info("audit event handler '%s' takes events again; it lost %d", self.name, self._losing)
            self._losing = 0
