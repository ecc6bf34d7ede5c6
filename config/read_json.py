"""Reads JSON with comments into values that remember their places.

One compiled expression splits the text into tokens and one loop with a stack of its own puts them together, so that no
text is nested too deeply for Python. What is wrong with a text that is not JSON is worked out in
`config.json_mistakes`, which only a faulty text needs.
"""

from __future__ import annotations

import json
import re
from enum import IntEnum
from math import isinf
from typing import NoReturn

from config.read_codes import DEEPEST, NESTING, NUMBER_RANGE
from config.values import List, Map, Text, Value
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

TOKEN = re.compile(
    r"""
    (?: [ \t\r\n]++ | //[^\n]*+ | /\*[\s\S]*?\*/ )*+
    (?: ( "[^"\\\x00-\x1f]*+" )                                          # 1 a string that reads as it stands
      | ( "(?: [^"\\\x00-\x1f]++ | \\["\\/bfnrt] | \\u[0-9a-fA-F]{4} )*+" )  # 2 a string with escapes
      | ( -?(?: 0 | [1-9][0-9]*+ )(?: \.[0-9]++ )?+(?: [eE][+-]?[0-9]++ )?+ )(?! [\w.+-] )  # 3 a number
      | ( true | false | null )(?! \w )                                  # 4 a word
      | ( [\[{] )                                                        # 5
      | ( [\]}] )                                                        # 6
      | ( , )                                                            # 7
      | ( : )                                                            # 8
      | ( \Z )                                                           # 9 the end of the text
      | ( [\s\S] )                                                       # 10 anything else is wrong
    )
    """,
    re.VERBOSE,
)
SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}


class Token(IntEnum):
    """Groups of `TOKEN`."""

    STRING = 1
    ESCAPED = 2
    NUMBER = 3
    WORD = 4
    OPEN = 5
    CLOSE = 6
    COMMA = 7
    COLON = 8
    END = 9
    WRONG = 10


class Expected(IntEnum):
    """What may come next; the values from VALUE on allow a value."""

    KEY = 0
    KEY_OR_CLOSE = 1
    COLON = 2
    COMMA_OR_CLOSE = 3
    NOTHING = 4
    VALUE = 5
    ITEM = 6
    ITEM_OR_CLOSE = 7


CLOSABLE = (Expected.KEY_OR_CLOSE, Expected.ITEM_OR_CLOSE, Expected.COMMA_OR_CLOSE)
_BRACKETS = {"}": Map, "]": List}


class Reader:
    """The state between two tokens of a document."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Value = None
        self.current: Map | List | None = None
        self.outer: list[tuple[Map | List | None, str, tuple[int, int]]] = []
        """Containers around the current one, each with the key that the current one gets in it."""
        self.key = ""
        self.key_span = (0, 0)
        self.expected = Expected.VALUE
        self.previous = (0, 0)
        """Place of the token before."""

    def read(self) -> Value:
        """The value of the whole text."""
        handlers = (
            None,
            *(self._scalar,) * 4,
            self._open,
            self._close,
            self._comma,
            self._colon,
            self._wrong,
            self._wrong,
        )
        for match in TOKEN.finditer(self.source.text, 1 if self.source.text.startswith("\ufeff") else 0):
            kind = match.lastindex or 0
            span = match.span(kind)
            if kind == Token.END and self.expected == Expected.NOTHING:
                break
            handlers[kind](kind, span)  # type: ignore[misc]
            self.previous = span
        return self.root

    def _scalar(self, kind: int, span: tuple[int, int]) -> None:
        start, end = span
        expected = self.expected
        if kind <= Token.ESCAPED:
            text = self.source.text[start + 1 : end - 1]
            if kind == Token.ESCAPED:
                text = self._unescaped(span)
            if expected <= Expected.KEY_OR_CLOSE:
                self.key, self.key_span, self.expected = text, span, Expected.COLON
                return
            value: Value = Text(text, self.source, span)
        elif kind == Token.NUMBER:
            value = self._number(span)
        else:
            value = _WORDS[self.source.text[start:end]]
        if expected < Expected.VALUE:
            self._wrong(kind, span)
        self._add(value, span)

    def _add(self, value: Value, span: tuple[int, int]) -> None:
        current = self.current
        self.expected = Expected.COMMA_OR_CLOSE
        if isinstance(current, Map):
            current.place(self.key, value, self.key_span, span)
        elif current is not None:
            current.place(value, span)
        else:
            self.root, self.expected = value, Expected.NOTHING

    def _open(self, kind: int, span: tuple[int, int]) -> None:
        if self.expected < Expected.VALUE:
            self._wrong(kind, span)
        if len(self.outer) >= DEEPEST:
            message = f"nested more than {DEEPEST} levels deep"
            raise DiagnosticError([Diagnostic(NESTING, message, self.source, Span(*span), NESTING.explanation)])
        self.outer.append((self.current, self.key, self.key_span))
        if self.source.text[span[0]] == "{":
            self.current, self.expected = Map(self.source, span), Expected.KEY_OR_CLOSE
        else:
            self.current, self.expected = List(self.source, span), Expected.ITEM_OR_CLOSE

    def _close(self, kind: int, span: tuple[int, int]) -> None:
        made = self.current
        if self.expected not in CLOSABLE or made is None or type(made) is not _BRACKETS[self.source.text[span[0]]]:
            self._wrong(kind, span)
        made.end_at(span[1])
        self.current, self.key, self.key_span = self.outer.pop()
        self._add(made, made.span)

    def _comma(self, kind: int, span: tuple[int, int]) -> None:
        if self.expected != Expected.COMMA_OR_CLOSE:
            self._wrong(kind, span)
        self.expected = Expected.KEY if isinstance(self.current, Map) else Expected.ITEM

    def _colon(self, kind: int, span: tuple[int, int]) -> None:
        if self.expected != Expected.COLON:
            self._wrong(kind, span)
        self.expected = Expected.VALUE

    def _unescaped(self, span: tuple[int, int]) -> str:
        text: str = json.loads(self.source.text[span[0] : span[1]])
        if SURROGATE.search(text):
            self._wrong(Token.WRONG, span)
        return text

    def _number(self, span: tuple[int, int]) -> int | float:
        text = self.source.text[span[0] : span[1]]
        try:
            value = int(text) if text.lstrip("-").isdigit() else float(text)
            if not isinf(value):
                return value
        except (ValueError, OverflowError):
            pass
        shown = text if len(text) <= 24 else f"{text[:20]}..."
        message = f"the number {shown} is too large"
        raise DiagnosticError([Diagnostic(NUMBER_RANGE, message, self.source, Span(*span))])

    def _wrong(self, kind: int, span: tuple[int, int]) -> NoReturn:
        from config.json_mistakes import explained

        raise DiagnosticError([explained(self, Token(kind), Span(*span))])


def read_json(source: Source) -> Value:
    """The value of a JSON text, `//` and block comments allowed; raises DiagnosticError with one finding."""
    return Reader(source).read()
