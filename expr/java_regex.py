"""Java's regular expressions: searching, matching, splitting and replacing as Java does, within a time limit.

A pattern that cannot take long runs on `re`, any other on the `regex` package, which can be stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Any

from expr.errors import EvaluationError
from expr.java_pattern import PatternError, translate
from expr.values import Array

TIME_LIMIT = 0.1
"""Seconds that one search may take."""
MAX_TEXT = 1 << 24
MAX_PATTERN = 10_000


class Matcher:
    """A pattern of Java, translated; compiled when it is first needed or by `prepare`."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise PatternError("the pattern is too long", MAX_PATTERN)
        self.pattern = pattern
        self.translation = translate(pattern)
        self.groups_count = self.translation.groups

    @cached_property
    def _compiled(self) -> Any:
        source = self.translation.source
        if self.translation.linear:
            return re.compile(source)
        import regex

        try:
            return regex.compile(f"(?V1){source}")
        except regex.error as error:
            raise EvaluationError(f"the pattern is not supported: {error}") from error

    @cached_property
    def _limit(self) -> dict[str, float]:
        return {} if self.translation.linear else {"timeout": TIME_LIMIT}

    @cached_property
    def find(self) -> Callable[[str], bool]:
        """Is there a match anywhere?"""
        found = self._find_literal()
        if found is not None:
            return found
        search, limit = self._compiled.search, self._limit
        if not limit:
            return lambda text: search(text) is not None

        def find(text: str) -> bool:
            try:
                return search(text, **limit) is not None
            except TimeoutError:
                raise _too_long() from None

        return find

    def _find_literal(self) -> Callable[[str], bool] | None:
        kind = self.translation
        wanted = kind.literal
        if wanted is None or (kind.at_end and not kind.at_start):
            return None
        if not kind.at_start:
            return lambda text: wanted in text
        if not kind.at_end:
            return lambda text: text.startswith(wanted)
        size = len(wanted)
        return lambda text: (
            text == wanted
            or (text.startswith(wanted) and text[size:] in ("\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"))
        )

    def prepare(self) -> None:
        """Compile now, so that no request has to wait for it."""
        _ = self.find

    def matches(self, text: str) -> bool:
        """Does the pattern match the whole text?"""
        try:
            return self._compiled.fullmatch(text, **self._limit) is not None
        except TimeoutError:
            raise _too_long() from None

    def groups(self, text: str) -> Array | None:
        """The first match and its groups."""
        try:
            hit = self._compiled.search(text, **self._limit)
        except TimeoutError:
            raise _too_long() from None
        return None if hit is None else Array([hit.group(), *hit.groups()])

    def _each(self, text: str) -> Iterator[Any]:
        # Not finditer: after an empty match Java goes on one character further, Python looks again at the same place.
        from time import monotonic

        search, limit = self._compiled.search, self._limit
        position, end = 0, monotonic() + TIME_LIMIT
        while position <= len(text):
            try:
                hit = search(text, position, **limit)
            except TimeoutError:
                raise _too_long() from None
            if hit is None:
                return
            yield hit
            position = hit.end() + (hit.end() == hit.start())
            if limit and monotonic() > end:
                raise _too_long()

    def split(self, text: str, limit: int = 0) -> Array:
        """String.split: no empty strings at the end when `limit` is 0, at most `limit` parts when it is positive."""
        parts: list[str] = []
        start = 0
        for hit in self._each(text):
            if limit > 0 and len(parts) == limit - 1:
                break
            if hit.end() == 0:
                continue  # a match of no width at the very start gives no empty string
            parts.append(text[start : hit.start()])
            start = hit.end()
        if not parts and start == 0:
            return Array([text])
        parts.append(text[start:])
        while limit == 0 and parts and not parts[-1]:
            parts.pop()
        return Array(parts)

    def replace(self, text: str, replacement: str, count: int = 0) -> str:
        """String.replaceAll, or replaceFirst with a count of one."""
        pieces: list[str | int] | None = None
        parts: list[str] = []
        start = size = 0
        for number, hit in enumerate(self._each(text)):
            if count and number == count:
                break
            if pieces is None:
                pieces = check_replacement(replacement, self)  # Java looks at it when there is a match
            new = "".join(piece if isinstance(piece, str) else hit.group(piece) or "" for piece in pieces)
            parts += (text[start : hit.start()], new)
            start = hit.end()
            size += len(new)
            if size > MAX_TEXT:
                raise EvaluationError("the text is too long")
        return "".join(parts) + text[start:]


def _too_long() -> EvaluationError:
    return EvaluationError(f"a regular expression took longer than {TIME_LIMIT} s on this text")


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> Matcher | PatternError:
    try:
        return Matcher(pattern)
    except PatternError as error:
        return error


def matcher(pattern: str) -> Matcher:
    """The matcher of a pattern; raises EvaluationError when it is no pattern."""
    found = _matcher(pattern)
    if isinstance(found, PatternError):
        raise EvaluationError(f"invalid regular expression: {found.reason}")
    return found


def check_pattern(pattern: str) -> Matcher:
    """The matcher of a literal pattern; raises PatternError."""
    found = _matcher(pattern)
    if isinstance(found, PatternError):
        raise PatternError(found.reason, found.offset)
    return found


@lru_cache(maxsize=256)
def _pieces(replacement: str) -> list[str | int | tuple[str, int]]:
    """Text, numbers of groups with the text of their digits, and names of groups."""
    pieces: list[Any] = []
    position = 0
    while position < len(replacement):
        char = replacement[position]
        following = replacement[position + 1 : position + 2]
        if char == "\\":
            if not following:
                raise EvaluationError("the replacement ends with a backslash")
            pieces.append(following)
            position += 2
        elif char == "$":
            piece, position = _group_piece(replacement, position + 1)
            pieces.append(piece)
        else:
            pieces.append(char)
            position += 1
    return pieces


def _group_piece(replacement: str, position: int) -> tuple[Any, int]:
    if replacement[position : position + 1] == "{":
        end = replacement.find("}", position)
        name = replacement[position + 1 : max(end, 0)]
        if not name or not name.isalnum() or name[0].isdigit():
            raise EvaluationError("the replacement has a '${' that names no group")
        return ("name", name), end + 1
    end = position
    while replacement[end : end + 1] in tuple("0123456789"):
        end += 1
    if end == position:
        raise EvaluationError("the replacement has a '$' without the number of a group; write '\\$' for the character")
    return ("number", replacement[position:end]), end


def check_replacement(replacement: str, of: Matcher) -> list[str | int]:
    """The parts of a replacement for a pattern; raises EvaluationError for a group that the pattern does not have."""
    parts: list[str | int] = []
    for piece in _pieces(replacement):
        if isinstance(piece, tuple):
            parts.extend(_resolved(piece, of))
        else:
            parts.append(piece)
    return parts


def _resolved(piece: tuple[str, Any], of: Matcher) -> list[str | int]:
    kind, value = piece
    if kind == "name":
        if value not in of.translation.names:
            raise EvaluationError(f"the pattern has no group <{value}>")
        return [of.translation.names[value]]
    number, used = int(value[0]), 1
    while used < len(value) and number * 10 + int(value[used]) <= of.groups_count:
        number = number * 10 + int(value[used])
        used += 1
    if number > of.groups_count:
        raise EvaluationError(f"the pattern has no group {number}")
    return [number, value[used:]]
