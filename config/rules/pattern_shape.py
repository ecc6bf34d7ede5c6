r"""The shape of a regular expression, as far as it tells whether a match can take exponential time.

A repetition of something that itself repeats is harmless where the inner parts cannot be told apart in two ways:
`(/[^/]+)*` is fine, `([a-z]+)*` and `(\w+\s?)*` are not. Characters are looked at one by one in ASCII; what is not
understood counts as harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ALL = frozenset(map(chr, range(1, 128)))
_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SPACE = frozenset(" \t\n\x0b\f\r")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE, "D": ALL - _DIGITS, "W": ALL - _WORD, "S": ALL - _SPACE}
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(,?)(\d*)\})([?+]?)")
MANY = 16
"""Repetitions that count as without end."""


@dataclass
class Item:
    """A part of a pattern: characters, or a group of alternatives, and how often it may stand."""

    characters: frozenset[str] = frozenset()
    alternatives: list[list[Item]] = field(default_factory=list)
    optional: bool = False
    endless: bool = False
    possessive: bool = False

    @property
    def all_characters(self) -> frozenset[str]:
        """Every character that it can match."""
        found = self.characters
        for alternative in self.alternatives:
            for item in alternative:
                found |= item.all_characters
        return found

    @property
    def empty(self) -> bool:
        """Can it match nothing?"""
        return self.optional or (
            bool(self.alternatives) and any(all(item.empty for item in items) for items in self.alternatives)
        )


def is_catastrophic(pattern: str) -> bool:
    """Can a match of the pattern take exponential time on a text that is made for it?"""
    parser = _Parser(pattern)
    try:
        items = parser.alternatives()
    except (IndexError, RecursionError):
        return False
    return any(_ambiguous(item) for alternative in items for item in alternative)


def _ambiguous(item: Item) -> bool:
    if item.possessive:
        return False
    if item.endless and item.alternatives and _repeats_in_two_ways(item):
        return True
    return any(_ambiguous(inner) for alternative in item.alternatives for inner in alternative)


def _repeats_in_two_ways(group: Item) -> bool:
    """Can one text be cut into repetitions of the group in many ways?"""
    singles = [items[0] for items in group.alternatives if len(items) == 1]
    for index, one in enumerate(singles):
        if not one.alternatives and any(one.characters & other.all_characters for other in singles[index + 1 :]):
            return True
    for items in group.alternatives:
        for index, item in enumerate(items):
            others = [other for position, other in enumerate(items) if position != index]
            if _endless_inside(item) and all(other.empty or other.all_characters & _run(item) for other in others):
                return True
    return False


def _endless_inside(item: Item) -> bool:
    if item.possessive:
        return False
    return item.endless or any(len(items) == 1 and _endless_inside(items[0]) for items in item.alternatives)


def _run(item: Item) -> frozenset[str]:
    """The characters of which the item can match any number."""
    return item.all_characters


class _Parser:
    """Reads a pattern of Java's dialect; the pattern is known to be valid."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0

    def alternatives(self) -> list[list[Item]]:
        found: list[list[Item]] = [[]]
        while self.at < len(self.text) and self.text[self.at] != ")":
            if self.text[self.at] == "|":
                self.at += 1
                found.append([])
            elif (item := self.item()) is not None:
                found[-1].append(self.quantified(item))
        return found

    def item(self) -> Item | None:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self.group()
        if char == "[":
            return Item(self.char_class())
        if char == "\\":
            return self.escape()
        if char in "^$":
            return None
        return Item(ALL - {"\n"} if char == "." else frozenset(char))

    def group(self) -> Item | None:
        opening = re.compile(r"\?(?:<[a-zA-Z]\w*>|[:>=!]|<[=!]|[a-zA-Z-]*[:)])?").match(self.text, self.at)
        kind = opening[0] if opening else ""
        self.at += len(kind)
        if kind.endswith(")"):
            return None
        inner = self.alternatives()
        self.at += 1
        if kind in ("?=", "?!", "?<=", "?<!"):
            return None
        return Item(alternatives=inner, possessive=kind == "?>")

    def escape(self) -> Item | None:
        char = self.text[self.at]
        self.at += 1
        if char == "Q":
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at : end if end >= 0 else len(self.text)]
            self.at = end + 2 if end >= 0 else len(self.text)
            return Item(alternatives=[[Item(frozenset(c)) for c in quoted]])
        if char in "bBAzZG":
            return None
        if char in "pP":
            self.at = self.text.find("}", self.at) + 1 if self.text[self.at] == "{" else self.at + 1
            return Item(ALL)
        return Item(_CLASSES.get(char, frozenset(char)))

    def char_class(self) -> frozenset[str]:
        negated = self.text[self.at] == "^"
        self.at += negated
        found: frozenset[str] = frozenset()
        first = True
        while first or self.text[self.at] != "]":
            first = False
            char = self.text[self.at]
            self.at += 1
            if char == "[":
                found |= self.char_class()
                continue
            if char == "\\":
                escaped = self.escape()
                members = escaped.all_characters if escaped is not None else frozenset()
            else:
                members = frozenset(char)
            if self.text[self.at] == "-" and self.text[self.at + 1] not in "][" and len(members) == 1:
                last = self.text[self.at + 1]
                self.at += 2
                members = frozenset(map(chr, range(ord(next(iter(members))), min(ord(last), 127) + 1)))
            found |= members
        self.at += 1
        return ALL - found if negated else found

    def quantified(self, item: Item) -> Item:
        match = _QUANTIFIER.match(self.text, self.at)
        if match is None:
            return item
        self.at = match.end()
        sign = match[0][0]
        most = int(match[3] or MANY) if match[2] else int(match[1] or 0)
        item.optional = item.optional or sign in "*?" or match[1] == "0"
        item.endless = sign in "*+" or (sign == "{" and bool(match[2]) and most >= MANY)
        item.possessive = item.possessive or match[4] == "+"
        return item
