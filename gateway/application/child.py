"""A worker process as its supervisor sees it: forked, spoken to over a socket pair, and reaped."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

from gateway.application.gateway import Gateway
from gateway.application.worker import run_worker


@dataclass(eq=False)
class Child:
    """A process in a slot; `number` is its own for good, unlike the id of the process."""

    number: int
    slot: int
    gateway: Gateway
    pid: int
    control: socket.socket
    started: float
    replaces_crashed: bool = False
    failure: str = ""
    """Why it did not start, in its own words."""
    leaving: bool = False
    left: bool = False
    """Does it take no more connections?"""
    deadline: float = inf
    """When it is killed if it still lives."""
    silent: bool = False
    """Has it closed its side?"""
    _heard: bytes = field(default=b"", repr=False)

    def say(self, *words: object) -> None:
        try:
            self.control.send(" ".join(map(str, words)).encode() + b"\n")
        except OSError:  # it is gone, as its end will tell; or has read nothing for long, and its deadline will pass
            return

    def hear(self) -> Iterator[tuple[str, str]]:
        """What it has said since: words, and the rest of their lines."""
        while not self.silent:
            try:
                data = self.control.recv(1 << 16)
            except BlockingIOError:
                break
            except OSError:  # it was killed with orders unread
                data = b""
            self.silent = not data
            self._heard += data
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            word, _, rest = line.decode().partition(" ")
            yield word, rest

    def kill(self) -> None:
        self.deadline = inf
        os.kill(self.pid, signal.SIGKILL)

    def status(self) -> int | None:
        """The exit status, negative for a signal, once it has ended; only then is it gone."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None


def fork(gateway: Gateway, number: int, slot: int, now: float, close: Callable[[], None]) -> Child:
    """Start a worker; `close` is called in it to let go of what belongs to the supervisor."""
    ours, theirs = socket.socketpair()
    with _signals_blocked():
        pid = os.fork()
        if pid == 0:
            ours.close()
            close()
            gateway.slot = slot
            _own_signals()
            run_worker(gateway, number, theirs)
    theirs.close()
    ours.setblocking(False)
    return Child(number, slot, gateway, pid, ours, now)


@contextmanager
def _signals_blocked() -> Iterator[None]:
    # One that came between the fork and the change of handlers would be taken for one of the supervisor's.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _own_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to all; the supervisor decides
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
