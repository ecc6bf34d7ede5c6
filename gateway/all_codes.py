"""Every code of a finding, with the modules that declare them imported: for those who list or explain codes."""

from __future__ import annotations

from importlib import import_module

from expr.diagnostic import CODES, Code

MODULES = (
    "expr.codes",
    "config.codes",
    "config.read_codes",
    "config.duration",
    "config.java_properties",
    "config.old_expressions",
    "config.properties",
    "config.resolver",
    "config.tokens",
    "config.transformations",
    "config.lint",
    "gateway.http.published",
    "gateway.routing.codes",
    "gateway.secrets.codes",
)
"""Modules that declare codes; a test holds that none is left out."""


def all_codes() -> dict[str, Code]:
    """The codes by their ids, sorted."""
    for module in MODULES:
        import_module(module)
    return dict(sorted(CODES.items()))
