"""Row (j): from the start of the process to its first answer, and how long `lint` takes."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import OURS, Bench, Start
from benchmarks.contenders import aiohttp, caddy, gatewright, nginx, node
from benchmarks.machine import TEST_CORE
from benchmarks.peers import ROOT
from benchmarks.peers import gatewright as command
from benchmarks.result import Result
from benchmarks.rounds import Rounds
from benchmarks.rows.static_answer import TEXT
from benchmarks.rows.token_exchange import documented

MANY = 1_000


def _first_answer(start: Callable[[], Start], bench: Bench, name: str) -> float:
    """Seconds until a server that is started anew answers."""
    home = bench.root / "start" / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    began = time.monotonic()
    server = start()(home)
    try:
        while time.monotonic() - began < 60:
            with contextlib.suppress(OSError), urllib.request.urlopen(server.url, timeout=5):  # noqa: S310 - http of this machine
                return time.monotonic() - began
            time.sleep(0.002)
        raise RuntimeError(f"{name} does not answer")
    finally:
        server.stop()


def _lint(paths: list[Path]) -> float:
    began = time.monotonic()
    arguments = ["taskset", "-c", str(TEST_CORE), *command(), "lint", *map(str, paths)]
    subprocess.run(arguments, capture_output=True, check=False, cwd=ROOT)
    return time.monotonic() - began


def measure(bench: Bench) -> Result:
    result = Result("j", "start-up to the first answer, and lint", ("what", "seconds", f"ratio to {OURS}"))
    peers = bench.peers
    starts: dict[str, tuple[str, Start]] = {
        OURS: ("", lambda home: gatewright.run(home, {"hello": gatewright.HELLO})),
        "nginx": ("nginx", lambda home: nginx.static(home, TEXT)),
        "caddy": ("caddy", lambda home: caddy.static(home, TEXT)),
        "node": ("nodejs", lambda home: node.static(home, peers)),
        "aiohttp": ("aiohttp", lambda home: aiohttp.static(home, peers)),
    }
    present = {name: start for name, (needs, start) in starts.items() if not needs or peers.has(needs)}
    rounds = Rounds.run(
        {
            name: lambda name=name, start=start: _first_answer(lambda: start, bench, name)
            for name, start in present.items()
        },
        bench.rounds,
    )
    for name in rounds.names:
        ratio = rounds.ratio(name, OURS, float)
        result.lines.append((f"first answer of {name}", f"{rounds.median(name, float):.2f}", f"{ratio:.2f}"))
    files = []
    folder = bench.root / "lint"
    folder.mkdir()
    for index in range(MANY):
        files.append(folder / f"route-{index}.json")
        files[-1].write_text(documented().replace('"name": "token-exchange"', f'"name": "exchange-{index}"', 1))
    for title, paths in (("lint of one file", files[:1]), (f"lint of {MANY:,} files", files)):
        seconds = min(_lint(paths) for _ in range(2))
        result.lines.append((title, f"{seconds:.2f}", ""))
    return result
