"""Fixes that put one word in the place of another, in the spelling of the file."""

from __future__ import annotations

import json

from expr.diagnostic import Edit, Fix
from expr.source import Source, Span


def of_literal(source: Source, span: Span, text: str) -> Fix:
    """Another text in place of one: with quotes where it had them."""
    old = source.text[span.start : span.end]
    quote = old[:1]
    if quote == '"':
        new = json.dumps(text, ensure_ascii=False)
    elif quote == "'":
        new = "'" + text.replace("'", "''") + "'"
    else:
        new = text
    return Fix(f"write {new}", (Edit(span, new),))


def of_value(span: Span, text: str) -> Fix:
    """A value as JSON spells it, which YAML reads too."""
    return Fix(f"write {text}", (Edit(span, text),))
