"""Findings one a line, as compilers write them: editors and scripts find the places in it."""

from __future__ import annotations

from collections.abc import Iterable

from config.render.order import MOST, level_name, ordered, printable, summary
from expr.diagnostic import Diagnostic


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """A line for each of at most a hundred findings, and their count."""
    found = ordered(diagnostics)
    lines = [*map(_line, found[:MOST]), summary(found)] if found else []
    return "".join(f"{line}\n" for line in lines)


def _line(diagnostic: Diagnostic) -> str:
    place = diagnostic.source.position(diagnostic.span.start)
    name = printable(diagnostic.source.name)
    message = printable(diagnostic.message)
    code = f"{diagnostic.code.id} {diagnostic.code.rule}"
    return f"{name}:{place.line}:{place.column}: {level_name(diagnostic)}: {message} [{code}]"
