"""Cuts a template into text and expressions; a string without an expression never reaches the parser."""

from __future__ import annotations

import re
from typing import NamedTuple

from expr import codes
from expr.diagnostic import Code, Diagnostic, DiagnosticError
from expr.source import Source, Span


class Part(NamedTuple):
    """Literal text, or (when `text` is None) the place of an expression between its braces."""

    text: str | None
    start: int
    end: int


def failure(text: str, code: Code, message: str, span: tuple[int, int], help: str = "") -> DiagnosticError:  # noqa: A002
    """One error at a place of a template."""
    return DiagnosticError([Diagnostic(code, message, Source("<expression>", text), Span(*span), help)])


_DELIMITER = re.compile(r"\\?[$#]\{")
_BODY = re.compile(
    r"""[^}'"]*+(?:(?:'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")[^}'"]*+)*+""",
    re.DOTALL,
)


def split(text: str) -> list[Part]:
    """The parts of a template in order, adjacent text joined; raises DiagnosticError."""
    parts: list[Part] = []
    literal: list[str] = []
    kind = ""
    start = done = 0
    while (hit := _DELIMITER.search(text, start)) is not None:
        opening = hit.group()
        literal.append(text[done : hit.start()])
        if opening[0] == "\\":
            literal.append(opening[1:])
            start = done = hit.end()
            continue
        kind = kind or opening[0]
        if opening[0] != kind:
            message = f"'{opening}' in a string whose expressions begin with '{kind}{{'"
            hint = f"use one kind in a string, or write \\{opening} for the characters themselves"
            raise failure(text, codes.MIXED, message, hit.span(), hint)
        end = _body_end(text, hit.start(), hit.end())
        _add_text(parts, literal, hit.start())
        parts.append(Part(None, hit.end(), end))
        start = done = end + 1
    literal.append(text[done:])
    _add_text(parts, literal, len(text))
    return parts


def _add_text(parts: list[Part], literal: list[str], end: int) -> None:
    joined = "".join(literal)
    literal.clear()
    if joined:
        parts.append(Part(joined, end, end))


def _body_end(text: str, opening: int, start: int) -> int:
    hit = _BODY.match(text, start)
    end = hit.end() if hit else start
    if end == len(text):
        message = f"'{text[opening:start]}' is never closed"
        raise failure(text, codes.UNTERMINATED, message, (opening, end), "add the missing '}'")
    if text[end] != "}":
        message = f"the string literal that begins with {text[end]} has no closing quote"
        raise failure(
            text,
            codes.STRING,
            message,
            (end, len(text)),
            "a quote inside a literal is written \\' or in the other kind of quotes",
        )
    if not text[start:end].strip():
        raise failure(text, codes.EMPTY, "the expression is empty", (opening, end + 1), "write null for no value")
    return end
