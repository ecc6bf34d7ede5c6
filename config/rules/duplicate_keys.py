"""GW108: keys that one object has twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.problem import quoted
from config.values import List, Map, Value
from expr.diagnostic import Code, Diagnostic, Label, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW108",
        "duplicate-key",
        "a key that one object has twice",
        "The last one counts and the others are ignored without a word, so half of what was written does nothing. "
        "Keep one of them, or put an underscore in front of the others (`_timer`) to switch them off on purpose.",
        stops_load=False,
        bad='{"handler": "ReverseProxyHandler", "timer": true, "timer": false}',
        good='{"handler": "ReverseProxyHandler", "timer": true, "_timer": false}',
    )
)


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at every object of every file, as it was read."""
    for file in project.files:
        if file.reported:
            yield from _within(file.document)


def _within(value: Value) -> Iterator[Diagnostic]:
    if isinstance(value, Map):
        for key, before in value.duplicates:
            label = Label(value.source, before, "ignored: it was given here before")
            message = f"the key {quoted(key)} is given twice, and this one counts"
            yield Diagnostic(CODE, message, value.source, value.key_span(key), "keep one of them", labels=(label,))
        for member in value.values():
            yield from _within(member)
    elif isinstance(value, List):
        for item in value:
            yield from _within(item)
