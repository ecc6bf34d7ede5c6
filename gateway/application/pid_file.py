"""The PID file of an instance directory, tmp/ig.pid: keeps two gateways from serving the same directory.

Follows the documented property pidFileMode (config-files.yaml). A file whose process is gone does not stop the start.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.application.admin_http_application import PidFileMode

log = logging.getLogger("gatewright.gateway")
NAME = "ig.pid"
READABLE = 0o644


class PidFileExistsError(Exception):
    """Another gateway serves the instance directory."""


@contextmanager
def pid_file(directory: Path, mode: PidFileMode) -> Iterator[None]:
    """Keep the id of this process in a directory; PidFileExistsError when another one is there and lives.

    A directory that cannot be written, in a read-only container say, only means that there is no such file.
    """
    file = directory / NAME
    try:
        written = _write(file, mode)
    except OSError as error:
        log.warning("there is no PID file: %s cannot be written: %s", file, error.strerror)
        written = False
    try:
        yield
    finally:
        if written and _owner(file) == os.getpid():  # nobody has replaced it
            file.unlink(missing_ok=True)


def _write(file: Path, mode: PidFileMode) -> bool:
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, READABLE)
        except FileExistsError:
            _make_room(file, mode)
            continue
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{os.getpid()}\n")
        return True


def _make_room(file: Path, mode: PidFileMode) -> None:
    owner = _owner(file)
    if mode is PidFileMode.FAIL and owner is not None and _lives(owner):
        raise PidFileExistsError(f"PID file already exists. Cannot start: {file} belongs to process {owner}")
    if mode is PidFileMode.OVERRIDE:
        log.warning("The PID file %s is replaced, as pidFileMode says", file)
    else:
        log.warning("The PID file %s was left behind by a process that is gone; it is replaced", file)
    file.unlink(missing_ok=True)


def _owner(file: Path) -> int | None:
    """The process that a PID file names; None for a file that names none, or is gone."""
    try:
        text = file.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _lives(process: int) -> bool:
    if process == os.getpid():  # in a container each start may get the same number
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
