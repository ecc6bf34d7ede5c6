"""The Java system properties that `system` shows: those that have a meaning outside of Java."""

from __future__ import annotations

import getpass
import os
import platform
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path


def system_properties() -> MutableMapping[str, str]:
    """The properties of this process; the gateway adds those it is started with."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else ""
    return {
        "file.encoding": "UTF-8",
        "file.separator": os.sep,
        "java.io.tmpdir": tempfile.gettempdir(),
        "line.separator": os.linesep,
        "os.arch": platform.machine(),
        "os.name": platform.system(),
        "os.version": platform.release(),
        "path.separator": os.pathsep,
        "user.dir": str(Path.cwd()),
        "user.home": str(Path("~").expanduser()),
        "user.name": user,
        "python.version": sys.version.split()[0],
    }
