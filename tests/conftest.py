"""Fixtures that are always on: a test that leaves sockets behind fails, and one may have to have its real server."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A machine that is busy makes an example slow, not wrong.
settings.register_profile("gatewright", deadline=None)
settings.load_profile("gatewright")

OWN_SOCKETS = Path("/proc/self/fd")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Where real servers are promised (.ci/run), a test that is skipped has failed."""
    report = yield
    if report.skipped and os.environ.get("GATEWRIGHT_REQUIRE_SERVERS"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though all servers are promised to be here: {call.excinfo and call.excinfo.value}"
    return report


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Count sockets before and after: what a test opened it closes."""
    before = _sockets()
    yield
    if _sockets() > before:
        gc.collect()
    after = _sockets()
    if after > before:
        pytest.fail(f"{after - before} sockets were left open")


def _sockets() -> int:
    if not OWN_SOCKETS.is_dir():
        return 0
    count = 0
    for descriptor in OWN_SOCKETS.iterdir():
        try:
            count += str(descriptor.readlink()).startswith("socket:")
        except OSError:  # the descriptor of the listing itself
            continue
    return count
