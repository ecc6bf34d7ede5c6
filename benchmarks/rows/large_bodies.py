"""Row (e): downloads and uploads of 1 MiB and 100 MiB, two at a time, with the peak of memory.

nginx runs with its buffering of answers and requests switched off, so that it passes bodies on as they come, as
Gatewright does.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import OURS, Bench
from benchmarks.contenders import gatewright, nginx
from benchmarks.machine import LOAD_CORE, free_port
from benchmarks.result import Result
from benchmarks.rounds import Rounds
from benchmarks.server import Server

MIB = 2**20
AT_ONCE = 2
GROWTH = 40.0
_SINK = Path(__file__).parents[1] / "programs" / "sink.py"


@dataclass(frozen=True)
class Transfer:
    """What some transfers took."""

    rate: float
    """MiB a second."""
    growth: float
    """MiB of memory that the gateway used beyond what it had before."""

    def rate_of(self) -> float:
        return self.rate

    def growth_of(self) -> float:
        return self.growth


def sink(home: Path) -> Server:
    """Reads bodies to their end and answers with their length."""
    port = free_port()
    return Server([sys.executable, _SINK, str(port)], port, log=home / "log", cores=(LOAD_CORE,))


def transfer(server: Server, path: str, size: int, number: int, upload: Path | None) -> Transfer:
    """Send or fetch a body so many times, with curl."""
    resident = server.memory()
    server.forget_peak()
    command = ["taskset", "-c", str(LOAD_CORE), "curl", "-sSf", "-H", "Expect:", "-o", "/dev/null"]
    if upload is not None:
        command += ["-T", str(upload)]
    urls = [server.url + path] * (number // AT_ONCE)
    if upload is None:
        command += ["-o", "/dev/null"] * (len(urls) - 1)
    else:
        command += [part for _ in urls[1:] for part in ("-T", str(upload), "-o", "/dev/null")]
    began = time.monotonic()
    running = [subprocess.Popen([*command, *urls]) for _ in range(AT_ONCE)]
    failed = [process.args for process in running if process.wait(120)]
    took = time.monotonic() - began
    if failed:
        raise RuntimeError(f"a transfer of {path} failed")
    return Transfer(number * size / MIB / took, (server.peak() - resident) / MIB)


def measure(bench: Bench) -> Result:
    result = Result("e", "large bodies", ("transfer", "contender", "MiB/s", "ratio", "memory growth MiB"))
    sizes = {"1 MiB": (MIB, 40), "100 MiB": (100 * MIB, 4)}
    files = bench.start("application", lambda home: nginx.application(home, {"1": MIB, "100": 100 * MIB}))
    swallow = bench.start("sink", sink)
    for way, upstream in (("download", files), ("upload", swallow)):
        servers = bench.start_present(
            {
                OURS: ("", lambda home, up=upstream: gatewright.run(home, {"proxy": gatewright.proxy_route(up)})),
                "nginx": ("nginx", lambda home, up=upstream: nginx.proxy(home, up, buffering=False)),
            },
            way,
        )
        for label, (size, number) in sizes.items():
            path = f"/{size // MIB}"
            body = bench.root / "application" / "files" / str(size // MIB) if way == "upload" else None
            contenders = {
                name: lambda server=server: transfer(server, path, size, number, body)  # noqa: B023
                for name, server in servers.items()
            }
            for measured in contenders.values():
                measured()
            _add(result, f"{way} of {label}", Rounds.run(contenders, bench.rounds), goals=size > MIB)
    return result


def _add(result: Result, title: str, rounds: Rounds[Transfer], *, goals: bool) -> None:
    for name in rounds.names:
        rate = rounds.median(name, Transfer.rate_of)
        ratio = rounds.ratio(OURS, name, Transfer.rate_of)
        growth = max(0.0, rounds.median(name, Transfer.growth_of))
        result.lines.append((title, name, f"{rate:,.0f}", f"{ratio:.2f}", f"{growth:.1f}"))
    if goals:
        result.below(f"{title}: growth of memory", rounds.median(OURS, Transfer.growth_of), GROWTH, " MiB")
        if "nginx" in rounds.names:
            result.at_least(f"{title} against nginx", rounds.ratio(OURS, "nginx", Transfer.rate_of), 0.5)
