"""What is always on: a test fails that leaves sockets behind, or in which a gateway wrote a secret anywhere.

Where real servers are promised, a test that is skipped has failed too.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Generator, Iterator
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

if os.environ.get("GATEWRIGHT_PURE"):
    # As where no C compiler is: the source of a module goes before what was compiled of it.
    finder = FileFinder.path_hook((SourceFileLoader, SOURCE_SUFFIXES), (ExtensionFileLoader, EXTENSION_SUFFIXES))
    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.clear()

from tests import canaries, secret_makers
from tests.compiled import outdated

# A machine that is busy makes an example slow, not wrong.
settings.register_profile("gatewright", deadline=None)
settings.load_profile("gatewright")

OWN_SOCKETS = Path("/proc/self/fd")


canaries.watch()
secret_makers.watch()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "shows_secrets(place, reason): a secret has to stand in what a gateway wrote")


def pytest_collection_finish() -> None:
    if old := outdated():
        raise pytest.UsageError(f"compiled before their source was changed, so run make: {', '.join(old)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A test has failed that is skipped where real servers are promised (.ci/run), or that let a secret out."""
    report = yield
    if report.skipped and os.environ.get("GATEWRIGHT_REQUIRE_SERVERS"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though all servers are promised to be here: {call.excinfo and call.excinfo.value}"
    if report.when == "teardown" and (leaks := _leaks(item, report)):
        report.outcome = "failed"
        report.longrepr = "\n\n".join(["A gateway wrote secrets:", *leaks])
    return report


def _leaks(item: pytest.Item, report: pytest.TestReport) -> list[str]:
    """What got out in a test, its fixtures included, less what the test says has to be there."""
    canaries.wrote("stdout", report.capstdout)
    canaries.wrote("stderr", report.capstderr)
    leaks = canaries.leaks(getattr(item, "funcargs", {}).get("tmp_path"))
    canaries.forget()
    for expected in item.iter_markers("shows_secrets"):
        rest = [leak for leak in leaks if f" in {expected.args[0]}" not in leak]
        if rest == leaks:
            return [*leaks, f"no secret is in {expected.args[0]}, which was expected: {expected.kwargs['reason']}"]
        leaks = rest
    return leaks


@pytest.fixture(autouse=True)
def _everything_is_logged() -> None:
    """Gateways say all that they could say."""
    logging.getLogger("gatewright").setLevel(logging.DEBUG)


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
