"""Signals as something that a selector waits for: what they ask for is read, and no handler runs in between."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final


class Order(Enum):
    """What a signal asks for."""

    STOP = "stop"
    RELOAD = "reload"


_MEANING: Final = {signal.SIGTERM: Order.STOP, signal.SIGINT: Order.STOP, signal.SIGHUP: Order.RELOAD}


class Signals:
    """Receives the signals of this process while it is open; the end of a child only wakes up whoever waits."""

    def __init__(self) -> None:
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        for number in (*_MEANING, signal.SIGCHLD):
            # A process that is not to end with its terminal (nohup) goes on ignoring what that sends.
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGCHLD:
                self._before[number] = signal.signal(number, _woken)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        self.close()

    @property
    def descriptor(self) -> socket.socket:
        """Readable when there is something to take."""
        return self._reading

    def taken(self) -> Iterator[Order]:
        """The orders that have come since."""
        try:
            numbers = self._reading.recv(4096)
        except BlockingIOError:
            return
        for number in numbers:
            if number in _MEANING:
                yield _MEANING[signal.Signals(number)]

    def close(self) -> None:
        self._reading.close()
        self._writing.close()


def _woken(number: int, frame: Any) -> None:
    """Receive a signal, which Python then writes to the socket."""
