"""Which core does what: the load and the servers behind the gateways on one, what is measured on the other."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

CORES: Final = sorted(os.sched_getaffinity(0))
LOAD_CORE: Final = CORES[0]
"""Runs wrk and the servers behind the gateways."""
TEST_CORE: Final = CORES[-1]
"""Runs one contender at a time, and nothing else that we start."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def describe() -> str:
    """Cores and processor, for the heading of a table."""
    model = "unknown processor"
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{len(CORES)} cores of {model}"
