"""One run of the program: where it keeps its files, how long it measures, and the contenders of a row."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.load import Load, burst
from benchmarks.peers import Peers
from benchmarks.result import Goal, Result
from benchmarks.rounds import Rounds
from benchmarks.server import Server

Start = Callable[[Path], Server]
"""Starts a contender with files of its own in an empty directory."""
Starts = Mapping[str, tuple[str, Start]]
"""Contenders by name, each with the peer that it needs, or nothing."""
OURS = "gatewright"


@dataclass
class Bench:
    """Settings of a run, and what is running: everything started here ends with the `with` block."""

    peers: Peers
    rounds: int = 3
    seconds: int = 4
    root: Path = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        self.root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewright-bench-")))
        self.root.chmod(0o755)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, start: Start) -> Server:
        """Start a server that lives until the end of the row."""
        directory = self.root / name.replace(" ", "-").replace("/", "-")
        directory.mkdir(parents=True)
        server = start(directory)
        self._stack.callback(server.stop)
        return server.wait()

    def start_present(self, starts: Starts, group: str = "") -> dict[str, Server]:
        """Start those contenders whose programs are there; names are unique in a group."""
        present = {name: start for name, (needs, start) in starts.items() if not needs or self.peers.has(needs)}
        return {name: self.start(f"{group} {name}".strip(), start) for name, start in present.items()}

    def loads(self, servers: Mapping[str, Server], paths: str | Mapping[str, str] = "/") -> Rounds[Load]:
        """Put every server under load in turn, after a second for each that does not count."""

        def measure(name: str, seconds: int) -> Load:
            path = paths if isinstance(paths, str) else paths[name]
            found = burst(servers[name], path, seconds)
            if found.failures:
                raise RuntimeError(f"{found.failures} answers of {name} were failures")
            return found

        for name in servers:
            measure(name, 1)
        return Rounds.run({name: lambda name=name: measure(name, self.seconds) for name in servers}, self.rounds)


def faster(result: Result, claim: str, rounds: Rounds[Load], one: str, other: str, wanted: float) -> None:
    """A goal for requests/s of two contenders. Their CPU is there too: it shows less of what else the cores do."""
    rate = rounds.ratio(one, other, Load.rate_of)
    cpu = rounds.ratio(other, one, Load.cpu_of)
    claim = f"requests/s {claim} >= {wanted:g}"
    result.goals.append(Goal(claim, f"{rate:.2f} (by CPU {cpu:.2f})", rate >= wanted))


COLUMNS = ("contender", "requests/s", "ratio", "CPU µs", "CPU ratio", "p50 ms", "p99 ms", "RSS MiB")


def add_lines(result: Result, rounds: Rounds[Load], servers: Mapping[str, Server], baseline: str = OURS) -> None:
    """A line for each contender; both ratios say how many times better the baseline is."""
    for name in rounds.names:
        result.lines.append(
            (
                name,
                f"{rounds.median(name, Load.rate_of):,.0f}",
                f"{rounds.ratio(baseline, name, Load.rate_of):.2f}",
                f"{rounds.median(name, Load.cpu_of) * 1e6:.1f}",
                f"{rounds.ratio(name, baseline, Load.cpu_of):.2f}",
                f"{rounds.median(name, Load.p50_of) * 1e3:.2f}",
                f"{rounds.median(name, Load.p99_of) * 1e3:.2f}",
                f"{servers[name].memory() / 2**20:.0f}",
            )
        )
