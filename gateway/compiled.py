"""Which modules run compiled: those that every request passes through, where a C compiler was at the installation."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path


def is_compiled() -> bool:
    """Whether this installation has compiled modules."""
    spec = find_spec("gateway.http.headers")
    return spec is not None and str(spec.origin).endswith(tuple(EXTENSION_SUFFIXES))


def outdated() -> list[str]:
    """Names of the loaded modules that were compiled before their source was last changed."""
    return [name for name, file in _loaded() if _source(file).stat().st_mtime > file.stat().st_mtime]


def _loaded() -> list[tuple[str, Path]]:
    ours = [(name, Path(module.__file__ or "")) for name, module in sys.modules.items() if name.startswith("gateway.")]
    return [(name, file) for name, file in ours if file.name.endswith(tuple(EXTENSION_SUFFIXES))]


def _source(file: Path) -> Path:
    return file.with_name(file.name.partition(".")[0] + ".py")
