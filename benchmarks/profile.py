"""`python -m benchmarks.profile ROW`: a flame graph of Gatewright under the load of a row.

py-spy samples the running process from outside; it is installed beside the peers. The graph goes to
benchmarks/.peers/profile-ROW.svg.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from benchmarks.bench import Bench
from benchmarks.contenders import gatewright, nginx
from benchmarks.load import burst
from benchmarks.peers import HOME, Peers
from benchmarks.rows import token_exchange
from benchmarks.server import Server

SECONDS = 10
PATHS = {"c": "/shop/item?id=7", "d": "/token-exchange"}


def py_spy() -> Path:
    """The profiler, installed when it is missing."""
    folder = HOME / "profiler"
    program = folder / "bin" / "py-spy"
    if not program.is_file():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "py-spy"]
        subprocess.run(install, check=True)
    return program


def start(bench: Bench, row: str) -> Server:
    """The gateway of a row."""
    if row == "d":
        server = bench.start("authorization server", nginx.authorization_server)
        return bench.start("row", lambda home: token_exchange.exchange(home, server, token_exchange.documented()))
    upstream = bench.start("application", nginx.application)
    routes = {"a": gatewright.HELLO, "b": gatewright.proxy_route(upstream), "c": gatewright.full_route(upstream)}
    return bench.start("row", lambda home: gatewright.run(home, {"route": routes[row]}))


@click.command()
@click.argument("row", type=click.Choice(["a", "b", "c", "d"]))
def main(row: str) -> None:
    """Write a flame graph of a row."""
    out = HOME / f"profile-{row}.svg"
    program = py_spy()
    with Bench(Peers(install=False)) as bench:
        server = start(bench, row)
        script = token_exchange.script(bench.root) if row == "d" else None
        burst(server, PATHS.get(row, "/"), 1, script=script)
        command = [program, "record", "--pid", str(server.pid), "--duration", str(SECONDS), "--rate", "500"]
        sampling = subprocess.Popen([*command, "--native", "--output", str(out)])
        load = burst(server, PATHS.get(row, "/"), SECONDS, script=script)
        sampling.wait(60)
    print(f"{load.rate:,.0f} requests/s, {load.cpu * 1e6:.1f} µs of CPU each, under the profiler; {out}")


if __name__ == "__main__":
    main()
