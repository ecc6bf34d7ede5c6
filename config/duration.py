"""Durations: the text form of lapses of time. The grammar is `grammar/duration.lark`.

Follows the documented entry Duration (config-files.yaml).
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

from config.grammars import parser
from expr.diagnostic import Code, Diagnostic, DiagnosticError, declare
from expr.lalr import Action, Parser, Unexpected
from expr.source import Source, Span

INVALID_DURATION = declare(
    Code(
        "GW210",
        "invalid-duration",
        "a text that is not a duration",
        'A duration is one or more whole numbers with units: `"10 seconds"`, `"5m"`, `"1 minute and 30 seconds"`. '
        'No limit is `"unlimited"`, no time at all `"disabled"`. `m` is minutes, `ms` milliseconds.',
        bad='{"handler": {"type": "Router", "config": {"directory": "routes", "scanInterval": "10 parsecs"}}}',
        good='{"handler": {"type": "Router", "config": {"directory": "routes", "scanInterval": "10 seconds"}}}',
    )
)

_NANOSECONDS = {
    "DAYS": 86_400_000_000_000,
    "HOURS": 3_600_000_000_000,
    "MINUTES": 60_000_000_000,
    "SECONDS": 1_000_000_000,
    "MILLISECONDS": 1_000_000,
    "MICROSECONDS": 1_000,
    "NANOSECONDS": 1,
}
_UNITS = "units are days, hours, minutes, seconds, milliseconds, microseconds and nanoseconds"
_EXAMPLE = 'write a number and a unit, such as "10 seconds", or "unlimited", or "disabled"'


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> float:
    """Seconds of a duration: `math.inf` when it is unlimited, 0.0 when it is zero or disabled.

    Raises DiagnosticError with spans inside the text.
    """
    text = str(text)
    try:
        seconds: float = _parser().parse(text, 0, len(text))
    except Unexpected as error:
        raise DiagnosticError([_explained(text, error.start)]) from None
    return seconds


@cache
def _parser() -> Parser:
    actions: dict[str, Action] = {
        "unlimited": lambda parts, start, end: math.inf,
        "zero": lambda parts, start, end: 0.0,
        "lapse": lambda parts, start, end: int(parts[0][1]) * _NANOSECONDS[parts[1][0]],
        "sum": lambda parts, start, end: sum(parts) / 1e9,
    }
    return parser("duration", actions, "NUMBER")


def _explained(text: str, at: int) -> Diagnostic:
    """Say what is wrong at an offset where the grammar could not go on."""
    if not text.strip():
        return _diagnostic(text, Span(0, len(text)), "a duration is empty", _EXAMPLE)
    found = re.compile(r"\s*(-?[0-9]+(?:[.][0-9]*)?|\w+|\S|\Z)").match(text, at)
    span = Span(*found.span(1)) if found else Span(at, at)
    word = text[slice(*span)]
    if word.startswith("-"):
        return _diagnostic(text, span, "a duration cannot be negative", _EXAMPLE)
    if "." in word[1:]:
        return _diagnostic(text, span, f'"{word}" is not a whole number', "use a smaller unit, such as milliseconds")
    if len(word) > 18 and word.isdigit():
        return _diagnostic(text, span, "the number of a duration is too large", 'write "unlimited" for no limit')
    before = text[: span.start].rstrip()
    if before[-1:].isdigit() and word[:1].isalpha():
        return _diagnostic(text, span, f'"{word}" is not a unit of time', _UNITS)
    number = re.search(r"[0-9]+$", before)
    if number:
        return _diagnostic(text, Span(*number.span()), f'"{number[0]}" has no unit', _UNITS)
    if word.isdigit() and before:
        return _diagnostic(
            text, span, f'"{word}" is not joined to what stands before it', 'put a comma or "and" between'
        )
    if not word:
        return _diagnostic(text, span, f'"{text}" ends too early', _EXAMPLE)
    return _diagnostic(text, span, f'"{word}" is not expected in a duration', _EXAMPLE)


def _diagnostic(text: str, span: Span, message: str, remedy: str) -> Diagnostic:
    return Diagnostic(INVALID_DURATION, message, Source("<duration>", text), span, remedy)
