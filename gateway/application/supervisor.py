"""The supervisor of worker processes: starts, replaces, reloads and stops them; takes no requests itself.

A plain loop without threads or an event loop, so that it can fork at any time. The configuration is loaded here, so
all workers of a generation serve the same one and share its memory, and a bad one changes nothing.
"""

from __future__ import annotations

import gc
import json
import logging
import selectors
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Final

from gateway.application.backoff import Backoff
from gateway.application.child import Child, fork
from gateway.application.failures import EXPECTED, explained, report
from gateway.application.gateway import READY, Gateway
from gateway.application.siblings import socket_file
from gateway.application.signals import Order, Signals
from gateway.application.worker import BAD_CONFIGURATION, COVER, RETIRE, RETIREMENT, SCAN, STOP, UNCOVER
from gateway.application.worker import FAILED as SAYS_FAILED
from gateway.application.worker import LEFT as SAYS_LEFT
from gateway.application.worker import READY as SAYS_READY
from gateway.application.worker_metrics import bury
from gateway.application.worker_sockets import WorkerSockets
from gateway.session.between_workers import sweep

log = logging.getLogger("gatewright.gateway")
LEEWAY: Final = 5.0
"""Seconds that a worker has after its grace period, before it is killed."""
SWEEPING: Final = 60.0
"""Seconds between two looks for sessions that are over."""


@dataclass
class Slot:
    """A place for a worker: the one that serves, and the one that will."""

    number: int
    serving: Child | None = None
    starting: Child | None = None
    backoff: Backoff = field(default_factory=Backoff)
    crashed: bool = False
    """Has its last worker ended by itself?"""


class Supervisor:
    """Runs the worker processes of one gateway; `load` reads its configuration anew, for a reload."""

    def __init__(self, gateway: Gateway, load: Callable[[], Gateway]) -> None:
        assert gateway.shared_directory is not None
        self._directory = gateway.shared_directory
        self._load = load
        self._slots = [Slot(number) for number in range(gateway.units)]
        self._sockets = WorkerSockets(len(self._slots))
        self._gateway = self._previous = gateway
        self._children: list[Child] = []
        self._count = 0
        self._started = self._stopping = False
        self._rolling = False
        self._status = 0
        self._covering: tuple[Child | None, list[int]] = (None, [])
        self._swept = monotonic()

    def run(self) -> int:
        """Serve until told to stop; the exit status."""
        self._sockets.open(self._gateway.openings.places)
        with selectors.DefaultSelector() as self._selector, Signals() as self._signals:
            self._selector.register(self._signals.descriptor, selectors.EVENT_READ)
            self._adopt(self._gateway)
            try:
                while self._children or not self._stopping:
                    self._advance(monotonic())
                    self._wait()
            finally:
                self._sockets.close()
                for child in self._children:  # none is left, unless something went wrong here
                    child.kill()
        return self._status

    def _adopt(self, gateway: Gateway) -> None:
        gateway.sockets = self._sockets
        self._previous, self._gateway = self._gateway, gateway
        gc.collect()
        gc.freeze()  # the collector of a worker would write to the pages that all share

    # --------------------------------------------------------------------------------------------------- the loop

    def _advance(self, now: float) -> None:
        """Do all that is due."""
        for child in self._children:
            if child.deadline <= now:
                log.warning("Worker %d did not end in time and is killed", child.number)
                self._status = 1
                child.kill()
        if self._stopping:
            return
        for slot in self._slots:
            if slot.serving is None and slot.starting is None and slot.backoff.until <= now:
                self._spawn(slot, now)
        self._roll(now)
        if self._started:
            self._cover()
        if now - self._swept >= SWEEPING:
            self._swept = now
            sweep(self._directory)

    def _roll(self, now: float) -> None:
        """Replace the workers of another generation, one after another."""
        if not self._rolling or any(slot.starting for slot in self._slots):
            return
        outdated = [slot for slot in self._slots if slot.serving and slot.serving.gateway is not self._gateway]
        if outdated:
            self._spawn(outdated[0], now)
        elif all(slot.serving for slot in self._slots) and all(child.left for child in self._children if child.leaving):
            self._rolling = False
            self._previous = self._gateway
            self._sockets.keep(self._gateway.openings.places)
            log.info("Gateway reloaded, on ports: %s, administration on ports: %s", *self._ports())

    def _wait(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            if isinstance(key.data, Child):
                self._hear(key.data)
        for order in self._signals.taken():
            if order is Order.RELOAD:
                self._reload()
            else:
                self._stop()
        for child in tuple(self._children):
            status = child.status()
            if status is not None:
                self._ended(child, status)

    def _patience(self) -> float | None:
        """Seconds until something is due; None for nothing that is known."""
        moments = [child.deadline for child in self._children]
        if not self._stopping:
            moments.append(self._swept + SWEEPING)
            moments += [slot.backoff.until for slot in self._slots if slot.serving is None and slot.starting is None]
        first = min(moments, default=inf)
        return None if first == inf else max(first - monotonic(), 0.0)

    # ---------------------------------------------------------------------------------------------------- workers

    def _spawn(self, slot: Slot, now: float) -> None:
        self._count += 1
        child = fork(self._gateway, self._count, slot.number, now, self._let_go)
        child.replaces_crashed, slot.crashed = slot.crashed, False
        slot.starting = child
        self._children.append(child)
        self._selector.register(child.control, selectors.EVENT_READ, child)
        log.info("Worker %d starts as process %d", child.number, child.pid)

    def _let_go(self) -> None:
        """In a new worker: close what it has from here; a socket to another worker would hide our end from it."""
        self._selector.close()
        self._signals.close()
        for child in self._children:
            child.control.close()

    def _hear(self, child: Child) -> None:
        for word, rest in child.hear():
            if word == SAYS_READY:
                self._ready(child)
            elif word == SAYS_LEFT:
                child.left = True
            elif word == SAYS_FAILED:
                child.failure = json.loads(rest)
        if child.silent and child.control in self._selector.get_map():
            self._selector.unregister(child.control)

    def _ready(self, child: Child) -> None:
        slot = self._slots[child.slot]
        if slot.starting is not child:
            return
        slot.starting, replaced, slot.serving = None, slot.serving, child
        log.info("Worker %d is ready", child.number)
        if replaced is not None:
            self._dismiss(replaced, RETIRE, max(RETIREMENT, replaced.gateway.longest_grace))
        if child.replaces_crashed:
            # It has read the routes as they are now: nobody serves those of another time until the next scan.
            for other in self._serving():
                if other is not child:
                    other.say(SCAN)
        if not self._started and all(each.serving for each in self._slots):
            self._started = True
            (self._directory / READY).touch()
            log.info("Gateway started on ports: %s, administration on ports: %s", *self._ports())

    def _dismiss(self, child: Child, order: str, patience: float = 0.0) -> None:
        child.leaving = True
        child.deadline = monotonic() + patience + child.gateway.longest_grace + LEEWAY
        child.say(order)

    def _ended(self, child: Child, status: int) -> None:
        self._hear(child)  # to its last word, behind which it is silent
        child.control.close()
        self._children.remove(child)
        socket_file(self._directory, child.number).unlink(missing_ok=True)
        bury(self._directory, child.number)
        slot = self._slots[child.slot]
        if child is slot.starting:
            slot.starting = None
            self._not_started(slot, child, status)
        elif child is slot.serving:
            slot.serving = None
            if not child.leaving:
                self._crashed(slot, child, status)

    def _crashed(self, slot: Slot, child: Child, status: int) -> None:
        now = monotonic()
        slot.crashed = True
        delay = slot.backoff.failed(now - child.started, now)
        when = f"in {delay:g} s" if delay else "now"
        log.error("Worker %d, process %d, %s; another one starts %s", child.number, child.pid, _how(status), when)

    def _not_started(self, slot: Slot, child: Child, status: int) -> None:
        why = child.failure or f"Worker {child.number}, process {child.pid}, {_how(status)} while it started\n"
        if self._stopping:
            return
        if not self._started:
            self._status = BAD_CONFIGURATION
            report(why)
            self._stop()
        elif self._rolling and all(one.gateway is not self._gateway for one in self._serving()):
            log.error("The reload failed, the workers that there are go on:\n%s", why.rstrip())
            self._rolling = False
            self._gateway = self._previous
            self._sockets.keep(self._gateway.openings.places)
        else:
            log.error("%s", why.rstrip())
            self._crashed(slot, child, status)

    def _serving(self) -> Iterator[Child]:
        return (slot.serving for slot in self._slots if slot.serving is not None)

    def _cover(self) -> None:
        """Have the connections of slots without a worker taken by another one."""
        gaps = [slot.number for slot in self._slots if slot.serving is None]
        helper = next(self._serving(), None) if gaps else None
        if (helper, gaps) == self._covering:
            return
        before, self._covering = self._covering[0], (helper, gaps)
        if before is not None and not before.leaving:
            before.say(UNCOVER)
        if helper is not None:
            for number in gaps:
                helper.say(COVER, number)

    # ------------------------------------------------------------------------------------------- reload and the end

    def _reload(self) -> None:
        if self._stopping or not self._started:
            return
        log.info("Gateway reloads its configuration")
        gc.unfreeze()
        try:
            gateway = self._load()
            self._sockets.open(gateway.openings.places)
        except EXPECTED as error:
            log.error("The reload failed, nothing changes:\n%s", explained(error).rstrip())
            return
        except Exception as error:  # a fault of an object that is built; those that are there go on
            log.error("The reload failed, nothing changes: %s", type(error).__name__, exc_info=error)
            return
        self._adopt(gateway)
        self._rolling = True

    def _stop(self) -> None:
        """Have all workers finish what they do; when told once more, have them end at once."""
        if self._stopping:
            for child in self._children:
                child.deadline = 0.0
            return
        self._stopping = True
        log.info("Gateway stops")
        (self._directory / READY).unlink(missing_ok=True)
        self._sockets.close()
        for child in self._children:
            self._dismiss(child, STOP)

    def _ports(self) -> tuple[list[int], list[int]]:
        openings = self._gateway.openings
        return self._sockets.ports(openings.of_connectors), self._sockets.ports(openings.of_administration)


def _how(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
