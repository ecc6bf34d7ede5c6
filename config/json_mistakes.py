"""Says what is wrong with a text that is not JSON, and what to write instead.

Loaded only for a faulty text. The reader stops at the first token that does not fit; here that token, the one before it
and what was expected are turned into the mistake that people make there.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from config.read_codes import JSON_SYNTAX, NUMBER_RANGE
from config.values import Map
from expr.diagnostic import Code, Diagnostic, Edit, Fix, Label
from expr.source import Span

if TYPE_CHECKING:
    from config.read_json import Reader, Token

_WORD = re.compile(r"[\w$][\w$-]*")
_NUMBER = re.compile(r"[-+]?[\w.]+(?:(?<=[eE])[-+]\w+)?")
_QUOTED = re.compile(r"'((?:[^'\\\r\n]|\\.)*)'")
_STRING_START = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
_LITERALS = {
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
    "None": "null",
    "Null": "null",
    "NULL": "null",
    "nil": "null",
    "undefined": "null",
}
_NOT_FINITE = ("NaN", "Infinity", "Inf", "inf", "nan")
_NAMES = {"{": "object", "[": "array"}
_CLOSING = {"{": "}", "[": "]"}
_TYPOGRAPHIC = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019`"


def explained(reader: Reader, kind: Token, span: Span) -> Diagnostic:
    """The finding for a token that does not fit."""
    return _Mistake(reader, kind, span).explain()


class _Mistake:
    def __init__(self, reader: Reader, kind: Token, span: Span) -> None:
        from config.read_json import Expected, Token

        self.reader = reader
        self.kind = kind
        self.span = span
        self.text = reader.source.text
        self.word = self.text[span.start : span.end]
        self.previous = Span(*reader.previous)
        self.in_map = isinstance(reader.current, Map)
        self.expects, self.tokens = Expected, Token

    def explain(self) -> Diagnostic:
        if self.kind in (self.tokens.WRONG, self.tokens.ESCAPED) and self.word[:1] == '"' and len(self.word) != 1:
            return self._half_of_a_pair()
        if self.reader.expected == self.expects.NOTHING and self.word not in ("/", "#"):
            return self._finding(self.span, "the document has ended before this", "a file holds one JSON value")
        if self.kind == self.tokens.WRONG:
            return self._wrong_character()
        if self.kind == self.tokens.END:
            return self._end_of_text()
        if self.kind == self.tokens.CLOSE:
            return self._closing()
        if self.kind == self.tokens.COMMA:
            return self._comma()
        if self.kind == self.tokens.COLON:
            return self._colon()
        return self._value()

    # ------------------------------------------------------------------------------- tokens in the wrong place

    def _end_of_text(self) -> Diagnostic:
        if self.reader.current is None:
            return self._finding(self.span, "the file is empty", 'a configuration is a JSON object: {"handler": ...}')
        opening = self._opening()
        end = Span(self.previous.end, self.previous.end)
        bracket = self.text[opening.start]
        label = Label(self.reader.source, opening, f"this {_NAMES[bracket]} is not closed")
        message = f'the text ends where "{_CLOSING[bracket]}" is missing'
        return self._finding(end, message, f'close the {_NAMES[bracket]} with "{_CLOSING[bracket]}"', (label,))

    def _closing(self) -> Diagnostic:
        if self.reader.current is None:
            return self._finding(self.span, f'expected a value, found "{self.word}"')
        if self.reader.expected in (self.expects.KEY, self.expects.ITEM):
            fix = Fix("remove the comma", (Edit(self.previous, ""),))
            message = f'a comma before "{self.word}"'
            return self._finding(self.previous, message, "remove the comma after the last value", fix=fix)
        if self.reader.expected in (self.expects.COLON, self.expects.VALUE):
            after = Span(self.previous.end, self.previous.end)
            return self._finding(after, f'"{self.reader.key}" has no value', 'write a value behind it: "name": value')
        opening = self._opening()
        bracket = self.text[opening.start]
        label = Label(self.reader.source, opening, f"the {_NAMES[bracket]} begins here")
        remedy = f'write "{_CLOSING[bracket]}" here, or before it where the {_NAMES[bracket]} ends'
        return self._finding(self.span, f'"{self.word}" does not close "{bracket}"', remedy, (label,))

    def _comma(self) -> Diagnostic:
        if self.reader.expected in (self.expects.COLON, self.expects.VALUE):
            place = Span(self.previous.end, self.previous.end)
            if self.reader.current is None:
                return self._finding(self.span, 'expected a value, found ","')
            return self._finding(place, f'"{self.reader.key}" has no value', 'write a value behind it: "name": value')
        fix = Fix("remove the comma", (Edit(self.span, ""),))
        return self._finding(self.span, "a comma with no value before it", "remove the comma", fix=fix)

    def _colon(self) -> Diagnostic:
        if self.reader.expected == self.expects.COMMA_OR_CLOSE and not self.in_map:
            remedy = 'names belong in an object: {"name": value}'
            return self._finding(self.span, "a colon in an array", remedy)
        if self.reader.expected in (self.expects.KEY, self.expects.KEY_OR_CLOSE):
            return self._finding(self.span, "a colon without a key", 'write "name": value')
        return self._finding(self.span, 'expected a value, found ":"')

    def _value(self) -> Diagnostic:
        expected = self.reader.expected
        if expected == self.expects.COMMA_OR_CLOSE:
            return self._missing_comma()
        if expected == self.expects.COLON:
            place = Span(self.previous.end, self.previous.end)
            fix = Fix("insert a colon", (Edit(place, ":"),))
            return self._finding(
                place, f'":" is missing after the key "{self.reader.key}"', 'write "name": value', fix=fix
            )
        return self._finding(self.span, f'expected a key in double quotes, found "{self.word}"', 'write "name": value')

    def _missing_comma(self) -> Diagnostic:
        place = Span(self.previous.end, self.previous.end)
        if self.text[self.previous.end - 1] == '"' and self.previous.end == self.span.start:
            return self._finding(self.span, "a text ends here and goes on", r"write a double quote in a text as \"")
        fix = Fix("insert a comma", (Edit(place, ","),))
        what = "member" if self.in_map else "value"
        return self._finding(place, f"a comma is missing before the next {what}", "insert a comma", fix=fix)

    # ------------------------------------------------------------------------------------------ characters

    def _wrong_character(self) -> Diagnostic:
        char = self.word
        if char == '"':
            return self._string()
        if char == "'":
            return self._single_quotes()
        if char == "/":
            return self._slash()
        if char == "#":
            fix = Fix('begin the comment with "//"', (Edit(self.span, "//"),))
            return self._finding(self.span, 'a comment does not begin with "#"', 'write "//"', fix=fix)
        if char in _TYPOGRAPHIC:
            return self._finding(self.span, f"{_named(char)} is no quote of JSON", 'write "')
        if char in "=;" and self.reader.expected in (self.expects.COLON, self.expects.COMMA_OR_CLOSE):
            right = ":" if char == "=" else ","
            fix = Fix(f'write "{right}"', (Edit(self.span, right),))
            return self._finding(self.span, f'expected "{right}", found "{char}"', f'write "{right}"', fix=fix)
        if (char.isdigit() or char in "-+.") and _NUMBER.match(self.text, self.span.start):
            return self._number()
        if _WORD.match(self.text, self.span.start):
            after_value = self.reader.expected == self.expects.COMMA_OR_CLOSE
            return self._missing_comma() if after_value else self._bare_word()
        return self._finding(self.span, f"{_named(char)} is not expected here")

    def _bare_word(self) -> Diagnostic:
        found = _WORD.match(self.text, self.span.start)
        assert found
        span, word = Span(*found.span()), found[0]
        if self.reader.expected in (self.expects.KEY, self.expects.KEY_OR_CLOSE):
            fix = Fix("quote the key", (Edit(span, f'"{word}"'),))
            return self._finding(span, f'the key "{word}" has no quotes', f'write "{word}" in double quotes', fix=fix)
        if word in _NOT_FINITE:
            return self._finding(span, f"{word} is not a number of JSON", code=NUMBER_RANGE)
        if word in _LITERALS:
            right = _LITERALS[word]
            fix = Fix(f"write {right}", (Edit(span, right),))
            return self._finding(span, f'"{word}" is not a value of JSON', f"write {right}", fix=fix)
        return self._finding(span, f'"{word}" is not a value of JSON', "write texts in double quotes")

    def _number(self) -> Diagnostic:
        found = _NUMBER.match(self.text, self.span.start)
        assert found
        span, number = Span(*found.span()), found[0]
        if number.lstrip("+-") in _NOT_FINITE:
            return self._finding(span, f"{number} is not a number of JSON", code=NUMBER_RANGE)
        remedy = "write the text in double quotes"
        if number[0] == "+":
            remedy = "leave the plus sign out"
        elif re.fullmatch(r"-?0[0-9]+", number):
            remedy = "a number has no leading zero; write it in double quotes if it is a text"
        elif re.fullmatch(r"-?\.[0-9]+|-?[0-9]+\.", number):
            remedy = "write digits on both sides of the point"
        return self._finding(span, f'"{number}" is not a number of JSON', remedy)

    def _slash(self) -> Diagnostic:
        if self.text.startswith("/*", self.span.start):
            span = Span(self.span.start, self.span.start + 2)
            return self._finding(span, "the comment is not closed", 'close it with "*/"')
        return self._finding(
            self.span, '"/" is not expected here', "a comment is // to the end of the line or /* ... */"
        )

    def _single_quotes(self) -> Diagnostic:
        found = _QUOTED.match(self.text, self.span.start)
        remedy = "write texts in double quotes"
        if not found:
            return self._finding(self.span, "a text in single quotes", remedy)
        inner = found[1].replace("\\'", "'")
        edit = Edit(Span(*found.span()), '"' + re.sub(r'(?<!\\)"', r"\"", inner) + '"')
        return self._finding(
            Span(*found.span()), "a text in single quotes", remedy, fix=Fix("use double quotes", (edit,))
        )

    def _string(self) -> Diagnostic:
        """A text that begins with a quote and does not read to the next one."""
        found = _STRING_START.match(self.text, self.span.start)
        assert found
        at = found.end()
        stop = self.text[at : at + 1]
        if stop == "\\":
            return self._escape(at)
        if stop in ("", "\n", "\r"):
            span = Span(self.span.start, max(at, self.span.start + 1))
            remedy = r"close the text with a double quote; a line break in a text is \n"
            return self._finding(span, "the text is not closed", remedy)
        escape = {"\t": r"\t", "\b": r"\b", "\f": r"\f"}.get(stop, f"\\u{ord(stop):04x}")
        fix = Fix(f"write {escape}", (Edit(Span(at, at + 1), escape),))
        remedy = f"write it as {escape}"
        return self._finding(Span(at, at + 1), f"control character U+{ord(stop):04X} in a text", remedy, fix=fix)

    def _escape(self, at: int) -> Diagnostic:
        char = self.text[at + 1 : at + 2]
        if char == "u":
            found = re.compile(r"\\u[0-9a-fA-F]{0,4}").match(self.text, at)
            span = Span(*found.span()) if found else Span(at, at + 2)
            return self._finding(span, r"\u needs four hexadecimal digits", r"write \\ for a backslash")
        if char in ("", "\n", "\r"):
            return self._finding(
                Span(self.span.start, at + 1), "the text is not closed", "close it with a double quote"
            )
        span = Span(at, at + 2)
        remedy = r"write \\ for a backslash, in regular expressions too: \\d"
        fix = Fix("double the backslash", (Edit(span, f"\\\\{char}"),))
        return self._finding(span, f'"\\{char}" is no escape of JSON', remedy, fix=fix)

    def _half_of_a_pair(self) -> Diagnostic:
        for found in re.finditer(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u([dD][89a-fA-F]\w\w)|\\[^u]", self.word):
            if found[1]:
                span = Span(self.span.start + found.start(), self.span.start + found.end())
                return self._finding(span, f"{found[0]} is half of a surrogate pair", "write both halves")
        return self._finding(self.span, "a text with half of a surrogate pair", "write both halves")

    # ---------------------------------------------------------------------------------------------- making it

    def _opening(self) -> Span:
        assert self.reader.current is not None
        start = self.reader.current.span.start
        return Span(start, start + 1)

    def _finding(
        self,
        span: Span,
        message: str,
        remedy: str = "",
        labels: tuple[Label, ...] = (),
        *,
        fix: Fix | None = None,
        code: Code = JSON_SYNTAX,
    ) -> Diagnostic:
        return Diagnostic(code, message, self.reader.source, span, remedy, labels, fix)


def _named(char: str) -> str:
    name = unicodedata.name(char, "")
    if char.isprintable() and char.isascii():
        return f'"{char}"'
    return f"the character U+{ord(char):04X}" + (f" ({name})" if name else "")
