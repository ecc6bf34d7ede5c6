"""A server process: started on given cores, watched through /proc, and stopped by its own id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from benchmarks.machine import TEST_CORE

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PATIENCE: Final = 180.0


class Server:
    """A process, with all that it starts itself, that listens on a port of this machine."""

    def __init__(
        self,
        command: Sequence[str | Path],
        port: int,
        *,
        log: Path,
        cores: Sequence[int] = (TEST_CORE,),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.log = log
        self.scheme = "http"
        pinned = ["taskset", "-c", ",".join(map(str, cores)), *map(str, command)]
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                pinned, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env={**os.environ, **(env or {})}
            )

    def wait(self) -> Self:
        """Wait until the port is open."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.005)
        said = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{self._process.args!r} does not listen on port {self.port}: {said}")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> Self:
        return self.wait()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    # -- what the system knows about it

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of the process and its children so far."""
        return sum(_cpu(pid) for pid in tree(self.pid))

    def memory(self) -> int:
        """Resident bytes; pages that processes share count for each."""
        return sum(_status(pid, "VmRSS") for pid in tree(self.pid))

    def largest(self) -> int:
        """Resident bytes of the largest of its processes."""
        return max(_status(pid, "VmRSS") for pid in tree(self.pid))

    def peak(self) -> int:
        """The largest number of resident bytes so far, or since `forget_peak`."""
        return sum(_status(pid, "VmHWM") for pid in tree(self.pid))

    def forget_peak(self) -> None:
        for pid in tree(self.pid):
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found.extend(int(child) for child in (task / "children").read_text().split())
    return found


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status(pid: int, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0
