"""Findings as a JSON list, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from config.render.order import ordered
from expr.diagnostic import Diagnostic


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """A list of {code, rule, severity, message, help, file, line, column, end_line, end_column}.

    Lines and columns count from 1, columns in characters; the end is the column after the last character.
    """
    return json.dumps([_entry(diagnostic) for diagnostic in ordered(diagnostics)], indent=2) + "\n"


def _entry(diagnostic: Diagnostic) -> dict[str, Any]:
    start = diagnostic.source.position(diagnostic.span.start)
    end = diagnostic.source.position(diagnostic.span.end)
    return {
        "code": diagnostic.code.id,
        "rule": diagnostic.code.rule,
        "severity": str(diagnostic.level),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": diagnostic.source.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }
