"""A worker process: runs the gateway that its supervisor has loaded, and does what the supervisor says.

They speak over a socket pair, a line each: the supervisor says cover SLOT, uncover, scan, retire or stop; the worker
says ready, or failed and why, and left when it takes no more connections. A worker whose supervisor is gone ends as
if it had been told to stop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any, Final, NoReturn

from gateway import tracing
from gateway.application import garbage
from gateway.application.administration import ROUTES_QUESTION
from gateway.application.failures import EXPECTED, explained
from gateway.application.gateway import Gateway
from gateway.application.siblings import SUFFIX, Siblings
from gateway.application.worker_metrics import METRICS_QUESTION, of_other_workers
from gateway.metrics.registry import METRICS
from gateway.metrics.transfer import to_plain

log = logging.getLogger("gatewright.workers")
READY, FAILED, LEFT = "ready", "failed", "left"
COVER, UNCOVER, SCAN, RETIRE, STOP = "cover", "uncover", "scan", "retire", "stop"
RETIREMENT: Final = 30.0
"""Seconds that the connections of a retired worker have to end by themselves."""
BAD_CONFIGURATION: Final = 2


def run_worker(gateway: Gateway, number: int, control: socket.socket) -> NoReturn:
    """Serve in this process, which was just forked, and end it."""
    status = 1
    try:
        status = run(Worker(gateway, number, control).serve())
    except BaseException as error:
        log.critical("worker %d ends by a fault of its own: %s", number, type(error).__name__, exc_info=error)
    finally:
        tracing.stop()
        sys.stdout.flush()
        sys.stderr.flush()
        # What waits for the end of the interpreter belongs to the supervisor: its files and its directory.
        os._exit(status)


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine on the best event loop that there is."""
    try:
        import uvloop
    except ImportError:  # not to be had on every platform
        return asyncio.run(main)
    return uvloop.run(main)


class Worker:
    """Life of a gateway in a worker process."""

    def __init__(self, gateway: Gateway, number: int, control: socket.socket) -> None:
        self._gateway = gateway
        self._control = control
        self._orders: asyncio.Queue[list[str]] = asyncio.Queue()
        self._stopping = asyncio.Event()
        self._orphaned = False
        """Is the supervisor gone?"""
        self._outdated = False
        """Did routes change while this worker may have read them already?"""
        assert gateway.shared_directory is not None
        answers = {METRICS_QUESTION: _metrics, ROUTES_QUESTION: self._routes_changed}
        gateway.siblings = siblings = self._siblings = Siblings(gateway.shared_directory, number, answers)
        gateway.administration.peers = lambda: of_other_workers(siblings)

    async def serve(self) -> int:
        """Run until told to stop; the exit status."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._take, [STOP])
        reader, writer = await asyncio.open_unix_connection(sock=self._control)
        listening = loop.create_task(self._listen(reader))
        await self._siblings.start()
        try:
            await self._unless_stopped(self._start())
            if self._gateway.running:
                writer.write(f"{READY}\n".encode())
                if await self._obey() == RETIRE:
                    self._gateway.leave()
                    writer.write(f"{LEFT}\n".encode())
                    await self._unless_stopped(self._gateway.deserted(max(RETIREMENT, self._gateway.longest_grace)))
                await self._stop()
        except EXPECTED as error:
            writer.write(f"{FAILED} {json.dumps(explained(error))}\n".encode())
            await writer.drain()
            return BAD_CONFIGURATION
        finally:
            listening.cancel()
            await self._siblings.stop()
            if self._orphaned:
                self._tidy_up()
        return 0

    def _tidy_up(self) -> None:
        """Remove what the workers share, for the supervisor, when the last of them ends."""
        directory = self._siblings.directory
        if not any(directory.glob(f"*{SUFFIX}")):
            shutil.rmtree(directory, ignore_errors=True)

    # ------------------------------------------------------------------------------------------------------- orders

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self._take(line.decode().split())
        self._orphaned = True
        self._take([STOP])

    def _take(self, order: list[str]) -> None:
        if order == [STOP]:
            self._stopping.set()
        self._orders.put_nowait(order)

    async def _obey(self) -> str:
        """Follow orders until one comes that ends this worker."""
        while True:
            match await self._orders.get():
                case ["cover", slot]:
                    await self._gateway.cover(int(slot))
                case ["uncover"]:
                    self._gateway.uncover()
                case ["scan"]:
                    await self._gateway.scan()
                case [("retire" | "stop") as last]:
                    return last

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that takes its time, but not when this worker is to stop."""
        doing = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not doing.done():
            doing.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        try:
            await doing
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise

    async def _start(self) -> None:
        await self._gateway.start()
        if self._outdated:
            await self._gateway.scan()
        garbage.settle()

    async def _stop(self) -> None:
        if self._gateway.sockets is not None:
            self._gateway.sockets.close()
        await self._gateway.stop()

    # ------------------------------------------------------------------------------------------------------- routes

    async def _routes_changed(self) -> None:
        """Another worker has changed route files, and waits for this one to serve them."""
        if self._gateway.running:
            await self._gateway.scan()
        else:
            self._outdated = True


async def _metrics() -> dict[str, Any]:
    return to_plain(METRICS.snapshot())
