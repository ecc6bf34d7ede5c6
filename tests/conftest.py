"""Fixtures that are always on: a test that leaves sockets behind fails, and one may have to have its real server."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is busy makes an example slow, not wrong.
settings.register_profile("gatewright", deadline=None)
settings.load_profile("gatewright")

OWN_SOCKETS = Path("/proc/self/fd")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where real servers are promised (.ci/run), a test that misses one fails instead of being skipped."""
    if not os.environ.get("GATEWRIGHT_REQUIRE_SERVERS"):
        return
    for item in items:
        for mark in list(item.iter_markers("skipif")):
            if mark.args and mark.args[0]:
                item.add_marker(pytest.mark.usefixtures("_missing_server"))
                item.own_markers = [m for m in item.own_markers if m.name != "skipif"]


@pytest.fixture
def _missing_server() -> None:
    pytest.fail("a server that this test needs is not installed")


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
