"""`python -m benchmarks`: measures the rows and prints their tables. `--rows ab` chooses, `--quick` is short."""

from __future__ import annotations

import subprocess
import time

import click

from benchmarks.bench import Bench
from benchmarks.machine import describe
from benchmarks.peers import Peers
from benchmarks.rows import ROWS
from benchmarks.table import shown, summary


@click.command()
@click.option("--rows", default="".join(ROWS), help="Letters of the rows to measure, all by default.")
@click.option("--quick", is_flag=True, help="One short round each: shows that everything runs, not how fast.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--seconds", type=click.IntRange(min=1), default=4, show_default=True, help="Length of one burst of load."
)
@click.option("--install/--no-install", default=True, help="Install peers that are missing?")
def main(rows: str, quick: bool, rounds: int, seconds: int, install: bool) -> None:
    """Compare Gatewright with other gateways on this machine, as ratios within one run."""
    unknown = set(rows) - set(ROWS)
    if unknown:
        raise click.UsageError(f"no rows {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    began = time.monotonic()
    peers = Peers(install=install)
    version = subprocess.run([peers.ours, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{describe()}; {version}", flush=True)
    for name, why in peers.missing.items():
        print(f"missing: {name} ({why})", flush=True)
    results = []
    for letter in rows:
        with Bench(peers, 1 if quick else rounds, 1 if quick else seconds) as bench:
            result = ROWS[letter](bench)
        results.append(result)
        print(f"\n{shown(result)}", flush=True)
    print(f"\n### Goals\n\n{summary(results)}\n\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
