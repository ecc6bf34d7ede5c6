"""The metrics of all worker processes as those of one gateway, those that have ended included.

A counter that falls looks like a restart to who scrapes it. So what was ever shown of a worker is kept in the shared
directory, a worker that ends in order leaves its last counts there, and both go on being added.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.application.siblings import Siblings
from gateway.metrics.registry import METRICS
from gateway.metrics.snapshot import Snapshot, merged
from gateway.metrics.transfer import from_plain, lasting, to_plain, without_routes_but

METRICS_QUESTION: Final = "metrics"
_SUFFIX: Final = ".counts"
_ENDED: Final = f"ended{_SUFFIX}"
_LOCK: Final = "counts.lock"


async def of_other_workers(siblings: Siblings) -> list[Snapshot]:
    """What to add to the metrics of this worker; another one that does not answer counts as it was last seen."""
    answers = await siblings.ask(METRICS_QUESTION)
    own = METRICS.snapshot()
    with _locked(siblings.directory):
        past, buried = _ended(siblings.directory)
        others = {number: from_plain(plain) for number, plain in answers.items() if number not in buried}
        for file in siblings.directory.glob(f"[0-9]*{_SUFFIX}"):
            if int(file.stem) not in (siblings.number, *others):
                past.merge(_read(file))
        for number, snapshot in {siblings.number: own, **others}.items():
            _write(_file(siblings.directory, number), lasting(snapshot))
    return [*others.values(), without_routes_but(past, merged([own, *others.values()]))]


def leave_counts(siblings: Siblings) -> None:
    """Keep what this worker has counted, which ends."""
    with _locked(siblings.directory):
        _write(_file(siblings.directory, siblings.number), lasting(METRICS.snapshot()))


def bury(directory: Path, number: int) -> None:
    """Add what is known of a worker that has ended to what is kept of all those before it."""
    with _locked(directory):
        file = _file(directory, number)
        past, buried = _ended(directory)
        if file.exists():
            past.merge(_read(file))
        _replace(directory / _ENDED, json.dumps([to_plain(past), [*buried, number]]))
        file.unlink(missing_ok=True)


def _ended(directory: Path) -> tuple[Snapshot, list[int]]:
    file = directory / _ENDED
    if not file.exists():
        return Snapshot(), []
    plain, numbers = json.loads(file.read_text("utf-8"))
    return from_plain(plain), numbers


def _file(directory: Path, number: int) -> Path:
    return directory / f"{number}{_SUFFIX}"


def _read(file: Path) -> Snapshot:
    return from_plain(json.loads(file.read_text("utf-8")))


def _write(file: Path, snapshot: Snapshot) -> None:
    _replace(file, json.dumps(to_plain(snapshot)))


def _replace(file: Path, text: str) -> None:
    # The lock goes with a worker that is killed while it writes; half a file must not stay behind.
    made = file.with_suffix(".new")
    made.write_text(text, "utf-8")
    made.replace(file)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
