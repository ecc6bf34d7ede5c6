"""Translates a regular expression of Java's dialect into one of the `regex` package, or of `re` when it is plain.

The whole pattern is read here, so that what Java refuses is refused with a place, and what the dialects write alike and
mean differently (dollar, dot, shorthands, case, classes in classes) is written out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from expr import java_classes as classes

TERMINATORS = r"\n\r\x85\u2028\u2029"
_END = {
    # (multi-line, unix lines)
    (False, False): r"(?=\r\n\Z|(?<!\r)\n\Z|[\r\x85\u2028\u2029]\Z|\Z)",
    (False, True): r"(?=\n?\Z)",
    (True, False): r"(?:(?<!\r)(?=\n)|(?=[\r\x85\u2028\u2029])|\Z)",
    (True, True): r"(?=\n|\Z)",
}
_BEGIN = {
    False: r"(?:(?:\A|(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))(?!\Z))",
    True: r"(?:(?:\A|(?<=\n))(?!\Z))",
}
_PLAIN = re.compile(r"[A-Za-z0-9_/]+(?![*+?{])")
_MAX_REPEAT = 2**31 - 1
_MAX_WEIGHT = 100_000
"""Parts of a pattern with its counted repetitions written out, which is what the engines do: it costs memory."""
_OPTIONAL_LIMIT = 6
"""So many optional parts backtrack at most 64 ways: still plain."""


class PatternError(Exception):
    """Not a pattern of Java: the reason, and where it shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class Translation(NamedTuple):
    """The pattern for Python, and what is known of it."""

    source: str
    groups: int
    names: dict[str, int]
    linear: bool
    """`re` can run it, in time proportional to the text: no unbounded repetition but one behind an anchor."""
    literal: str | None = None
    """The text that it looks for, when it is only that..."""
    at_start: bool = False
    at_end: bool = False


class _Flags:
    ignore_case = unicode_case = multiline = dotall = unix = comments = unicode = False

    def __init__(self, other: _Flags | None = None) -> None:
        if other is not None:
            self.__dict__.update(other.__dict__)


_FLAG_NAMES = {"i": "ignore_case", "u": "unicode_case", "m": "multiline", "s": "dotall", "d": "unix", "x": "comments",
               "U": "unicode"}  # fmt: skip


class _Shape:
    """What decides whether a pattern is plain."""

    __slots__ = ("alternatives", "at_end", "literal", "nested", "optional", "special", "unbounded", "weight")

    def __init__(self) -> None:
        self.unbounded = self.optional = self.weight = 0
        self.nested = self.special = self.alternatives = self.at_end = False
        self.literal: list[str] | None = []


def translate(pattern: str) -> Translation:
    """The translation of a pattern; raises PatternError."""
    return _Translator(pattern).run()


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.original = pattern
        self.text = _unquote(pattern) if "\\Q" in pattern else pattern
        self.pos = 0
        self.flags = _Flags()
        self.groups = 0
        self.names: dict[str, int] = {}
        self.open: set[int] = set()
        self.closed: set[int] = set()
        self.shape = _Shape()
        self.depth = 0

    def run(self) -> Translation:
        source = self.alternation()
        if self.pos < len(self.text):
            raise self.error("unmatched closing ')'", self.pos)
        shape = self.shape
        at_start = self.text.startswith("^") and not self.flags.multiline and not shape.alternatives
        plain = not shape.special and not shape.nested and shape.optional <= _OPTIONAL_LIMIT
        linear = plain and (not shape.unbounded or (shape.unbounded == 1 and at_start))
        literal = "".join(shape.literal) if shape.literal is not None and not shape.alternatives else None
        return Translation(source, self.groups, self.names, linear, literal, at_start, shape.at_end)

    def error(self, reason: str, offset: int) -> PatternError:
        return PatternError(reason, min(offset, len(self.original)))

    def peek(self) -> str:
        if self.flags.comments:
            self.skip_comments()
        return self.text[self.pos] if self.pos < len(self.text) else ""

    def skip_comments(self) -> None:
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == "#":
                while self.pos < len(self.text) and self.text[self.pos] not in "\n\r\x85\u2028\u2029":
                    self.pos += 1
            elif char not in " \t\n\x0b\f\r":
                return
            else:
                self.pos += 1

    def alternation(self) -> str:
        flags = self.flags
        self.depth += 1
        if self.depth > 60:
            raise self.error("groups nested too deeply", self.pos)
        branches = [self.sequence()]
        while self.peek() == "|":
            self.pos += 1
            self.shape.alternatives = True
            branches.append(self.sequence())
        self.depth -= 1
        self.flags = flags
        return "|".join(branches)

    def sequence(self) -> str:
        parts: list[str] = []
        while (char := self.peek()) and char not in "|)":
            start = self.pos
            if char.isalnum() or char in "/_":
                self.run_of_text(parts)
            if self.pos > start:
                continue
            if char in "*+?":
                raise self.error(f"dangling meta character '{char}'", start)
            before = (self.shape.unbounded, self.shape.optional, self.shape.weight)
            atom = self.atom(char)
            self.shape.weight += 1
            parts.append(self.quantified(atom, start, before))
        return "".join(parts)

    def run_of_text(self, parts: list[str]) -> None:
        """Take what is plain text in one go, but for a character with a quantifier."""
        run = _PLAIN.match(self.text, self.pos)
        if run is not None and not self.flags.ignore_case and not self.flags.comments:
            self.pos = run.end()
            parts.append(run.group())
            if self.shape.literal is not None:
                self.shape.literal.append(run.group())

    def atom(self, char: str) -> str:
        start = self.pos
        self.pos += 1
        if char == "(":
            return self.group(start)
        if char == "[":
            self.not_literal()
            return self.char_class()
        if char == ".":
            self.not_literal()
            return r"(?s:.)" if self.flags.dotall else r"[^\n]" if self.flags.unix else f"[^{TERMINATORS}]"
        if char == "^":
            if start or self.flags.multiline:
                self.not_literal()
            return _BEGIN[self.flags.unix] if self.flags.multiline else r"\A"
        if char == "$":
            if self.pos != len(self.text) or self.flags.multiline or self.flags.unix:
                self.not_literal()
            self.shape.at_end = True
            return _END[self.flags.multiline, self.flags.unix]
        if char == "{":
            self.pos = start
            self.not_literal()
            self.repeat_range()  # of nothing, which Java allows when it is well formed
            self.pos += self.text[self.pos : self.pos + 1] in ("?", "+")
            return ""
        return self.escape(start) if char == "\\" else self.literal(ord(char))

    def literal(self, code: int) -> str:
        char = chr(code)
        other = classes.other_case(code, code)
        if self.flags.ignore_case and self.flags.unicode_case:
            self.special()
            return f"(?i:{_escaped(char)})"
        if self.flags.ignore_case and other:
            self.not_literal()
            return f"[{char}{chr(other[0][0])}]"
        if self.shape.literal is not None:
            self.shape.literal.append(char)
        return _escaped(char)

    def not_literal(self) -> None:
        self.shape.literal = None

    def special(self) -> None:
        self.shape.special = True
        self.shape.literal = None

    def quantified(self, atom: str, start: int, before: tuple[int, int, int]) -> str:
        char = self.peek()
        if not char or char not in "*+?{":
            return atom
        if not atom and char != "{":
            raise self.error(f"dangling meta character '{char}'", self.pos)
        self.not_literal()
        quantifier = self.repeat_range() if char == "{" else char
        self.pos += char != "{"
        if not atom:
            self.pos += self.text[self.pos : self.pos + 1] in ("?", "+")
            return self.quantified("", start, before)
        self.measure(quantifier, before)
        mode = self.text[self.pos : self.pos + 1]
        if mode in ("?", "+") and mode:
            self.pos += 1
            quantifier += mode
        if self.peek() in ("*", "+", "?"):
            raise self.error(f"dangling meta character '{self.peek()}'", self.pos)
        while self.peek() == "{":
            self.repeat_range()  # Java lets it repeat nothing
        single = len(atom) == 1 or (atom.startswith(("(", "[")) and _balanced(atom)) or _one_escape(atom)
        return f"{atom if single else f'(?:{atom})'}{quantifier}"

    def measure(self, quantifier: str, before: tuple[int, int, int]) -> None:
        shape = self.shape
        inner = (shape.unbounded, shape.optional) != before[:2]
        low, _, high = quantifier.strip("{}").partition(",")
        if low.isdigit():
            shape.weight = before[2] + (shape.weight - before[2]) * max(int(low), 1)
            if shape.weight > _MAX_WEIGHT:
                raise self.error("the counted repetitions are too many", self.pos)
        if quantifier in ("*", "+") or (quantifier[0] == "{" and "," in quantifier and (not high or int(high) > 16)):
            shape.unbounded += 1
            shape.nested = shape.nested or inner or shape.alternatives
        elif quantifier == "?" or low != (high or low) or shape.alternatives:
            shape.optional += 1 if quantifier == "?" else int(high or low)
            shape.nested = shape.nested or inner
        elif inner or int(low) > 1000:
            shape.nested = True

    def repeat_range(self) -> str:
        start = self.pos
        self.pos += 1
        low = self.digits()
        if not low:
            raise self.error("illegal repetition", start)
        high = low
        comma = self.text[self.pos : self.pos + 1] == ","
        if comma:
            self.pos += 1
            high = self.digits()
        if self.text[self.pos : self.pos + 1] != "}":
            raise self.error("unclosed counted closure", self.pos)
        self.pos += 1
        if int(low) > _MAX_REPEAT or (high and not int(low) <= int(high) <= _MAX_REPEAT):
            raise self.error("illegal repetition range", start)
        return f"{{{int(low)},{high}}}" if comma else f"{{{int(low)}}}"

    def digits(self) -> str:
        start = self.pos
        while self.text[self.pos : self.pos + 1].isdecimal() and self.text[self.pos].isascii():
            self.pos += 1
        return self.text[start : self.pos]

    def group(self, start: int) -> str:
        self.not_literal()
        if self.text[self.pos : self.pos + 1] != "?":
            return self.captured(start, "")
        self.pos += 1
        for opening in (":", "=", "!", ">", "<=", "<!"):
            if self.text.startswith(opening, self.pos):
                self.pos += len(opening)
                if opening != ":":
                    self.shape.special = True
                return self.closed_group(start, f"(?{opening}")
        if self.text[self.pos : self.pos + 1] == "<":
            self.pos += 1
            return self.captured(start, self.group_name(start))
        return self.inline_flags(start)

    def captured(self, start: int, name: str) -> str:
        self.groups += 1
        number = self.groups
        if name:
            self.names[name] = number
        self.open.add(number)
        source = self.closed_group(start, "(")
        self.open.discard(number)
        self.closed.add(number)
        return source

    def closed_group(self, start: int, opening: str) -> str:
        inner = self.alternation()
        if self.pos >= len(self.text):
            raise self.error("unclosed group", start)
        self.pos += 1
        return f"{opening}{inner})"

    def group_name(self, start: int) -> str:
        end = self.text.find(">", self.pos)
        name = self.text[self.pos : end] if end >= 0 else ""
        if not name.isalnum() or not name.isascii() or name[0].isdigit():
            raise self.error("the name of a group is made of ASCII letters and digits and ends with '>'", start)
        if name in self.names:
            raise self.error(f"named capturing group <{name}> is already defined", start)
        self.pos = end + 1
        return name

    def inline_flags(self, start: int) -> str:
        flags = _Flags(self.flags)
        on = True
        while self.pos < len(self.text) and (char := self.text[self.pos]) not in ":)":
            if char == "-" and on:
                on = False
            elif char in _FLAG_NAMES:
                setattr(flags, _FLAG_NAMES[char], on)
                flags.unicode_case = flags.unicode_case or (char == "U" and on)
            else:
                raise self.error("unknown inline modifier", self.pos)
            self.pos += 1
        if self.pos >= len(self.text):
            raise self.error("unknown inline modifier", start)
        self.pos += 1
        if self.text[self.pos - 1] == ")":
            self.flags = flags
            return ""
        outer, self.flags = self.flags, flags
        source = self.closed_group(start, "(?:")
        self.flags = outer
        return source

    def escape(self, start: int) -> str:
        from expr import java_escapes

        return java_escapes.outside(self, start)

    def char_class(self) -> str:
        from expr import java_escapes

        source = java_escapes.char_class(self, self.pos - 1)
        if source.count("[") - source.count(r"\[") > 1 or r"\p" in source or r"\P" in source:
            self.special()
        return source


def _unquote(pattern: str) -> str:
    """Java reads quotes before all else: what is between stands for itself."""
    parts: list[str] = []
    start = 0
    while (begin := _quote_start(pattern, start)) >= 0:
        end = pattern.find("\\E", begin + 2)
        stop = len(pattern) if end < 0 else end
        parts.append(pattern[start:begin])
        parts.extend(
            char if char.isalnum() or not char.isascii() else f"\\{char}" for char in pattern[begin + 2 : stop]
        )
        start = min(stop + 2, len(pattern))
    return "".join(parts) + pattern[start:]


def _quote_start(pattern: str, start: int) -> int:
    while (start := pattern.find("\\", start)) >= 0:
        if pattern[start + 1 : start + 2] == "Q":
            return start
        start += 2
    return -1


def _escaped(char: str) -> str:
    if char.isalnum() or char == "_" or (not char.isascii() and char.isprintable()):
        return char
    return f"\\{char}" if char.isascii() and char.isprintable() and char != " " else classes.member(ord(char))


def _balanced(atom: str) -> bool:
    """Is the source one group or one set, and not two side by side? Atoms of the translator are, but for anchors."""
    return atom[-1] in ")]"


def _one_escape(atom: str) -> bool:
    return atom[0] == "\\" and len(atom) == 2 and atom[1] not in "AZbB"
