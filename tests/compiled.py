"""Whether what runs compiled is what the source says: in a checkout the two can part."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path


def outdated() -> list[str]:
    """Names of the loaded modules that were compiled before their source was last changed."""
    return [name for name, file in _loaded() if _source(file).stat().st_mtime > file.stat().st_mtime]


def _loaded() -> list[tuple[str, Path]]:
    ours = [(name, Path(module.__file__ or "")) for name, module in sys.modules.items() if name.startswith("gateway.")]
    return [(name, file) for name, file in ours if file.name.endswith(tuple(EXTENSION_SUFFIXES))]


def _source(file: Path) -> Path:
    return file.with_name(file.name.partition(".")[0] + ".py")
