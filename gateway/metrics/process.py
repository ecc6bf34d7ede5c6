"""The process itself: processor time, memory, descriptors; the place of PingGateway's `ig_jvm_*` metrics."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import Final

from gateway.metrics.snapshot import Kind, Snapshot

_STATUS: Final = Path("/proc/self/statm")
_DESCRIPTORS: Final = Path("/proc/self/fd")
_STARTED: Final = time.time()


def collect_process(snapshot: Snapshot) -> None:
    """Add the metrics of this process, with the names that Prometheus knows for any process."""
    spent = os.times()
    name, text = "process_cpu_seconds_total", "User and system processor time"
    snapshot.add(name, Kind.COUNTER, text, {}, spent.user + spent.system)
    started = snapshot.family("process_start_time_seconds", Kind.GAUGE, "Start of the process, Unix time", alike=True)
    started.samples[()] = _STARTED
    for generation, state in enumerate(gc.get_stats()):
        labels = {"generation": str(generation)}
        name, text = "python_gc_collections_total", "Runs of the garbage collector"
        snapshot.add(name, Kind.COUNTER, text, labels, state["collections"])
    if _STATUS.is_file():
        pages = _STATUS.read_text().split()[1]
        resident = int(pages) * os.sysconf("SC_PAGE_SIZE")
        snapshot.add("process_resident_memory_bytes", Kind.GAUGE, "Resident memory", {}, resident)
    if _DESCRIPTORS.is_dir():
        snapshot.add(
            "process_open_fds", Kind.GAUGE, "Open file descriptors", {}, sum(1 for _ in _DESCRIPTORS.iterdir())
        )
