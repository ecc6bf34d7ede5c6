"""Runs every fuzz target of this folder for a bounded time, each in a process of its own, with a seed that is printed.

python -m tests.fuzz [--seconds 60] [--seed N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    targets = sorted(path.stem for path in Path(__file__).parent.glob("fuzz_*.py"))
    failed = []
    for target in targets:
        print(f"{target}: seed {options.seed}, {options.seconds:g} s", flush=True)
        command = [sys.executable, "-m", f"tests.fuzz.{target}", "--runs", str(10**9)]
        limits = ["--seconds", str(options.seconds), "--seed", str(options.seed)]
        if subprocess.run([*command, *limits], check=False).returncode:
            failed.append(target)
    print(f"failed: {', '.join(failed)}" if failed else f"{len(targets)} targets, nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
