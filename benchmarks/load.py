"""Load on a server: wrk, one thread, and what it says about rate, latency and failures."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.machine import LOAD_CORE
from benchmarks.server import Server

CONNECTIONS: Final = 64
_UNITS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Load:
    """What one burst of requests found."""

    rate: float
    """Answers a second."""
    cpu: float
    """Processor time of the server for each request, in seconds."""
    p50: float
    p99: float
    """Latency, in seconds."""
    failures: int
    """Answers that were no 2xx, and connections that broke."""

    def rate_of(self) -> float:
        return self.rate

    def cpu_of(self) -> float:
        return self.cpu

    def p50_of(self) -> float:
        return self.p50

    def p99_of(self) -> float:
        return self.p99


def burst(
    server: Server,
    path: str,
    seconds: int,
    *,
    connections: int = CONNECTIONS,
    script: Path | None = None,
    url: str | None = None,
) -> Load:
    """Send requests for some seconds over connections that are kept."""
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script is not None:
        command += ["-s", str(script)]
    before = server.cpu()
    done = subprocess.run(
        [*command, (url or server.url) + path], capture_output=True, text=True, check=True, timeout=seconds + 60
    )
    return read(done.stdout, server.cpu() - before)


def read(text: str, cpu: float) -> Load:
    """The report of wrk."""
    requests = int(_find(r"(\d+) requests in", text))
    failures = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    if errors is not None:
        failures += sum(map(int, errors.groups()))
    return Load(
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        cpu=cpu / max(requests, 1),
        p50=_seconds(_find(r"(?m)^\s+50%\s+(\S+)", text)),
        p99=_seconds(_find(r"(?m)^\s+99%\s+(\S+)", text)),
        failures=failures,
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"wrk did not say {pattern!r}: {text[:500]}")
    return match[1]


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if match is None:
        raise ValueError(f"not a time of wrk: {text!r}")
    return float(match[1]) * _UNITS[match[2]]
