"""Which modules run compiled: those that every request passes through, where a C compiler was at the installation."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec


def is_compiled() -> bool:
    """Whether this installation has compiled modules."""
    spec = find_spec("gateway.http.headers")
    return spec is not None and str(spec.origin).endswith(tuple(EXTENSION_SUFFIXES))
