"""Reads YAML into the values that the same configuration in JSON gives.

The events come from LibYAML; values are put together here, with a stack of our own: the composer of PyYAML recurses in
C, so a deeply nested text would end the process. Plain scalars follow JSON, not YAML 1.1: `on`, `yes`, `0x1F`, `1:30`
and dates are texts.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml

from config.read_codes import DEEPEST, NESTING, NUMBER_RANGE, YAML_FEATURE, YAML_SYNTAX
from config.values import List, Map, Text, Value
from expr.diagnostic import Code, Diagnostic, DiagnosticError, Label
from expr.source import Source, Span

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST = 200_000
"""Values of a document, those behind aliases counted at each use: bounds what nested aliases can stand for."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_HELP = {
    "found character that cannot start any token": "indent with blanks, not tabs; quote a text that begins with % @ `",
    "did not find expected alphabetic or numeric character": 'quote a text that begins with "&" or "*": "&{token}"',
    "mapping values are not allowed in this context": 'quote a text that holds ": "',
    "did not find expected ',' or '}'": "close the object, or separate its members with commas",
    "did not find expected ',' or ']'": "close the array, or separate its items with commas",
    "could not find expected ':'": 'write "name: value"',
    "did not find expected key": "check the indentation",
    "did not find expected '-' indicator": "check the indentation",
    "found unexpected end of stream": "close the quoted text",
    "found unknown escape character": r"write \\ for a backslash, or use single quotes",
}


class _Open:
    """A container that is not closed yet, or the document itself (`value` is None)."""

    __slots__ = ("anchor", "key", "key_span", "merges", "size", "value")

    def __init__(self, value: Map | List | None, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: str | None = None
        self.key_span = (0, 0)
        self.merges: list[Map] = []
        self.size = 1


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.skipped = 1 if source.text.startswith("\ufeff") else 0
        self.stack = [_Open(None, None)]
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.root: Value = None
        self.documents = 0

    def read(self) -> Value:
        handlers = {
            yaml.DocumentStartEvent: self._document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
        }
        loader = _LOADER(self.source.text[self.skipped :])
        try:
            while loader.check_event():
                event = loader.get_event()
                handler = handlers.get(type(event))
                if handler:
                    handler(event)
        except yaml.YAMLError as error:
            raise DiagnosticError([self._syntax_error(error)]) from None
        finally:
            loader.dispose()
        if not self.documents:
            self._refuse((0, 0), "the file is empty", "a configuration is an object: `handler: ...`", YAML_SYNTAX)
        return self.root

    # ------------------------------------------------------------------------------------------------ events

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse(self._span(event), "a second document begins here", "a file holds one configuration")

    def _start(self, event: Any) -> None:
        span = self._span(event)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._check_tag(event, span, "map" if mapping else "seq")
        top = self.stack[-1]
        if isinstance(top.value, Map) and top.key is None:
            self._refuse(span, "a key that is not a text", 'write "name: value"')
        if len(self.stack) > DEEPEST:
            self._refuse(span, f"nested more than {DEEPEST} levels deep", NESTING.explanation, NESTING)
        self.anchors.pop(event.anchor, None)
        self.stack.append(_Open(Map(self.source, span) if mapping else List(self.source, span), event.anchor))

    def _end(self, event: Any) -> None:
        done = self.stack.pop()
        value = done.value
        assert value is not None
        value.end_at(self._content_end(value.span.start, event.end_mark.index + self.skipped))
        for merged in reversed(done.merges):
            _merge(value, merged)
        self._add(value, value.span, done.size, done.anchor)

    def _scalar(self, event: Any) -> None:
        span = self._span(event)
        top = self.stack[-1]
        if isinstance(top.value, Map) and top.key is None:
            self._check_tag(event, span, "str")
            if event.value == "" and not event.style:
                self._refuse(span, "a key is missing", 'write "name: value"')
            top.key, top.key_span = event.value, span
            if event.anchor:
                self.anchors[event.anchor] = (Text(event.value, self.source, span), 1)
            return
        self._add(self._scalar_value(event, span), span, 1, event.anchor)

    def _alias(self, event: Any) -> None:
        span = self._span(event)
        if event.anchor not in self.anchors:
            inside = any(opened.anchor == event.anchor for opened in self.stack)
            message = f'"{event.anchor}" is used inside itself' if inside else f'no anchor "{event.anchor}" before this'
            self._refuse(span, message, f'quote the text if it begins with "*": "*{event.anchor}"')
        value, size = self.anchors[event.anchor]
        top = self.stack[-1]
        if isinstance(top.value, Map) and top.key is None:
            if not isinstance(value, Text):
                self._refuse(span, "a key that is not a text", 'write "name: value"')
            top.key, top.key_span = str(value), span
            return
        self._add(value, span, size, None)

    # ------------------------------------------------------------------------------------------------ values

    def _add(self, value: Value, span: tuple[int, int], size: int, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = (value, size)
        top = self.stack[-1]
        top.size += size
        if top.size > _LARGEST:
            self._refuse(span, f"aliases make more than {_LARGEST} values of this document", "use fewer aliases")
        if isinstance(top.value, Map):
            assert top.key is not None
            if top.key == _MERGE and self.source.text[top.key_span[0] : top.key_span[1]] == _MERGE:
                top.merges += self._merged(value, span)
            else:
                top.value.place(top.key, value, top.key_span, span)
            top.key = None
        elif top.value is not None:
            top.value.place(value, span)
        else:
            self.root = value

    def _merged(self, value: Value, span: tuple[int, int]) -> list[Map]:
        found = value if isinstance(value, List) else [value]
        if not all(isinstance(item, Map) for item in found):
            self._refuse(span, 'only objects can be merged by "<<"', 'quote the key to mean it literally: "<<"')
        return list(reversed(found))

    def _scalar_value(self, event: Any, span: tuple[int, int]) -> Value:
        text: str = event.value
        tag = self._check_tag(event, span, "str", "int", "float", "bool", "null")
        if event.style or tag == "str":
            return Text(text, self.source, span)
        value = self._plain(text, span)
        kinds = {"int": int, "float": int | float, "bool": bool, "null": type(None)}
        if tag and (not isinstance(value, kinds[tag]) or isinstance(value, bool) != (tag == "bool")):
            self._refuse(span, f'"{text}" is not what its tag says', "leave the tag out")
        return value

    def _plain(self, text: str, span: tuple[int, int]) -> Value:
        if text in _WORDS:
            return _WORDS[text]
        number = _NUMBER.fullmatch(text)
        if number:
            try:
                value = float(text) if number[1] or number[2] else int(text)
            except ValueError:
                value = float("inf")
            if value not in (float("inf"), float("-inf")):
                return value
        if number or _NOT_FINITE.fullmatch(text):
            shown = text if len(text) <= 24 else f"{text[:20]}..."
            message = f"the number {shown} is too large" if number else f"{shown} is not a number of JSON"
            self._refuse(span, message, "write a text in quotes", NUMBER_RANGE)
        return Text(text, self.source, span)

    def _check_tag(self, event: Any, span: tuple[int, int], *allowed: str) -> str:
        """The short name of the tag, empty without one."""
        if event.tag in (None, "!"):
            return "str" if event.tag == "!" and allowed[0] == "str" else ""
        short = str(event.tag).removeprefix(_TAG)
        if short not in allowed:
            shown = f"!!{short}" if event.tag.startswith(_TAG) else event.tag
            self._refuse(
                span, f'the tag "{shown}" has no meaning here', "leave it out, or quote a text that begins with !"
            )
        return short

    # ------------------------------------------------------------------------------------------------ places

    def _span(self, event: Any) -> Span:
        start = event.start_mark.index + self.skipped
        return Span(start, max(start, self._content_end(start, event.end_mark.index + self.skipped)))

    def _content_end(self, start: int, end: int) -> int:
        """A block ends where the next token begins; what people see ends with its last character."""
        return start + len(self.source.text[start:end].rstrip(" \t\r\n")) if end > start else end

    def _syntax_error(self, error: yaml.YAMLError) -> Diagnostic:
        labels: tuple[Label, ...] = ()
        problem, at = str(error), 0
        if isinstance(error, yaml.MarkedYAMLError):
            problem = error.problem or problem
            if error.problem_mark:
                at = error.problem_mark.index + self.skipped
            if error.context and error.context_mark and error.context_mark.index + self.skipped != at:
                start = min(error.context_mark.index + self.skipped, len(self.source.text))
                labels = (Label(self.source, Span(start, min(start + 1, len(self.source.text))), error.context),)
        elif isinstance(error, yaml.reader.ReaderError):
            problem = "a character that YAML does not allow"
            found = _FORBIDDEN.search(self.source.text, self.skipped)
            at = found.start() if found else 0
            problem = f"the character U+{ord(found[0]):04X} is not allowed in YAML" if found else problem
        at = min(at, len(self.source.text))
        span = Span(at, min(at + 1, len(self.source.text)))
        code = NESTING if "nesting depth" in problem else YAML_SYNTAX
        return Diagnostic(code, problem, self.source, span, _HELP.get(problem, ""), labels)

    def _refuse(self, span: tuple[int, int], message: str, remedy: str = "", code: Code = YAML_FEATURE) -> NoReturn:
        raise DiagnosticError([Diagnostic(code, message, self.source, Span(*span), remedy)])


_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def _merge(into: Value, merged: Map) -> None:
    for key, value in merged.items():
        if key not in into:
            into.place(key, value, merged.key_span(key), merged.value_span(key))


def read_yaml(source: Source) -> Value:
    """The value of a YAML text; raises DiagnosticError with one finding."""
    return _Reader(source).read()
