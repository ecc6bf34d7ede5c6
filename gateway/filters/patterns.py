"""Patterns in filters: expressions of Java's dialect that ignore case, and templates that are filled from a match."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import AfterValidator

from config.codes import INVALID_VALUE
from config.problem import problem
from config.types import Static
from expr.errors import EvaluationError
from expr.java_pattern import PatternError
from expr.java_regex import Matcher, check_pattern
from expr.source import Span

Groups = Sequence[str | None]
"""The match of a pattern and, behind it, its groups."""
_TEMPLATE = re.compile(r"\\(.)|\$(\d+)|([^\\$]+|[\\$])", re.DOTALL)


def ignoring_case(text: str) -> Matcher:
    """Compile a pattern that ignores case; a mistake is reported at its place in the text."""
    try:
        check_pattern(text)
        return check_pattern(f"(?i){text}")
    except PatternError as error:
        message = f"this is not a regular expression: {error.reason}"
        raise problem(INVALID_VALUE, message, span=Span(error.offset, error.offset + 1)) from None


if TYPE_CHECKING:
    IgnoreCasePattern: TypeAlias = Matcher
else:
    IgnoreCasePattern = Annotated[Static[str], AfterValidator(ignoring_case)]
"""A regular expression that ignores case."""


def matches_any(patterns: Sequence[Matcher], value: str) -> bool:
    """Does one of the patterns match the whole value? One that takes too long does not."""
    return any(matches(pattern, value) for pattern in patterns)


def matches(pattern: Matcher, value: str) -> bool:
    """Does the pattern match the whole value? One that takes too long does not."""
    try:
        return pattern.matches(value)
    except EvaluationError:
        return False


def fill(template: str) -> Callable[[Groups], str]:
    """Compile a pattern template: `$n` is a group, a backslash takes the next character as it is.

    A group that took no part in the match, or does not exist, gives nothing.
    """
    parts = [_part(*found.groups()) for found in _TEMPLATE.finditer(template)]
    return lambda groups: "".join(_group(groups, part) if isinstance(part, int) else part for part in parts)


def _part(escaped: str | None, group: str | None, text: str | None) -> str | int:
    return int(group) if group is not None else escaped if escaped is not None else text or ""


def _group(groups: Groups, number: int) -> str:
    return (groups[number] or "") if number < len(groups) else ""
