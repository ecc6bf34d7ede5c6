"""Reads `.properties` files as Java does: `name = value` lines with comments, continued lines and escapes."""

from __future__ import annotations

import re

from config.values import Map, Text
from expr.diagnostic import Code, Diagnostic, DiagnosticError, declare
from expr.source import Source, Span

PROPERTIES_SYNTAX = declare(
    Code(
        "GW113",
        "properties-syntax",
        "a malformed escape in a .properties file",
        "In a .properties file a backslash begins an escape: `\\uXXXX` has four hexadecimal digits. "
        "Double a backslash that stands for itself.",
    )
)

_LINE = re.compile(
    r"""
    [ \t\f]*+
    (?: [#!][^\r\n]*+                                                # a comment
      | (?P<key> (?: [^\\:=\s] | \\(?:\r\n|[\s\S]) )*+ )
        (?: [ \t\f]*+ [:=] )?+ (?: [ \t\f] | \\(?:\r\n|[\r\n]) )*+
        (?P<value> (?: [^\\\r\n] | \\(?:\r\n|[\s\S]) | \\\Z )*+ )
    )
    (?: \r\n | [\r\n] | \Z )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:(?:\r\n|[\r\n])[ \t\f]*|u([0-9a-fA-F]{4})|(u)|([\s\S])|\Z)")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_properties_file(source: Source) -> Map:
    """The values of a file, all of them texts; raises DiagnosticError for a malformed escape."""
    values = Map(source, Span(0, len(source.text)))
    at = 0
    while at < len(source.text):
        line = _LINE.match(source.text, at)
        if line is None:  # a form feed or the like alone in a line
            at += 1
            continue
        if line["key"] or line["value"]:
            key = _unescaped(source, *line.span("key"))
            span = line.span("value")
            text = Text(_unescaped(source, *span), source, span, exact="\\" not in (line["value"] or ""))
            values.place(key, text, line.span("key"), span)
        at = max(line.end(), at + 1)
    return values


def _unescaped(source: Source, start: int, end: int) -> str:
    def replaced(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2]:
            span = Span(start + found.start(), start + found.end())
            message = r"\u needs four hexadecimal digits"
            raise DiagnosticError([Diagnostic(PROPERTIES_SYNTAX, message, source, span, r"write \\ for a backslash")])
        return _LETTERS.get(found[3], found[3]) if found[3] else ""

    text = source.text[start:end]
    if "\\" not in text:
        return text
    # Characters beyond U+FFFF are two escapes; half of one is no text.
    return _ESCAPE.sub(replaced, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
