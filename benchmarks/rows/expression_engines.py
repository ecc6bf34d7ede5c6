"""Row (i): expressions against hand-written closures and other engines; the tables are those of `expressions.py`."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.bench import Bench
from benchmarks.result import Result


def measure(bench: Bench) -> Result:
    done = subprocess.run([sys.executable, "-m", "benchmarks.expressions"], capture_output=True, text=True, check=False)
    result = Result("i", "expressions, against closures and other engines", ("outcome", "exit status"))
    result.lines.append(
        ("all goals of the expression language hold" if not done.returncode else "see below", str(done.returncode))
    )
    result.notes.append(f"```\n{(done.stdout + done.stderr).strip()}\n```")
    return result
