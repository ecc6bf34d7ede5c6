"""Functions with regular expressions, in the dialect of java.util.regex.

A literal pattern is translated when the expression is compiled. A pattern that is not valid counts as no match, with a
warning in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from expr.errors import EvaluationError, warn
from expr.functions import Function, Parameter
from expr.java_pattern import PatternError
from expr.java_regex import Matcher, check_pattern, matcher
from expr.methods.maps import keys
from expr.types import BOOLEAN, MAP, PATTERN, STRING, array_of
from expr.values import Array

_STRING = Parameter("string", STRING)
_PATTERN = Parameter("pattern", PATTERN, "a Java regular expression")


def _tolerant(use: Callable[[Matcher, Any], Any], otherwise: Any) -> Callable[[Any, str | None], Any]:
    def call(value: Any, pattern: str | None) -> Any:
        if value is None or pattern is None:
            return otherwise
        try:
            found = check_pattern(pattern)
        except PatternError as error:
            warn(f"invalid regular expression: {error.reason}")
            return otherwise
        return use(found, value)

    return call


def _literal(use: Callable[[Matcher], Callable[[Any], Any]]) -> Callable[[str], Callable[[Any], Any]]:
    return lambda pattern: use(matcher(pattern))


def _key_match(found: Matcher, values: Mapping[Any, Any]) -> str | None:
    return next((key for key in keys(values) if isinstance(key, str) and found.matches(key)), None)


def _split(value: str | None, pattern: str | None) -> Array | None:
    if value is None:
        return None
    if pattern is None:
        raise EvaluationError("the pattern is null")
    return matcher(pattern).split(value)


FUNCTIONS = (
    Function(
        "find",
        "Is there a match of a regular expression anywhere in the text?",
        (_STRING, _PATTERN),
        BOOLEAN,
        _tolerant(lambda found, value: found.find(value), False),
        (
            ("find('/app/x', '^/app')", True),
            ("find(null, 'x')", False),
            ("find('abc', '[[bad')", False),
            ("find('a/app', '^/app')", False),
        ),
        notes="It does not anchor: begin with ^ and end with $ to match the whole text.",
        prepared=lambda pattern: matcher(pattern).find,
        null=False,
    ),
    Function(
        "findGroups",
        "First match of a regular expression in the text with its groups, or null when there is none.",
        (_STRING, _PATTERN),
        array_of(STRING),
        _tolerant(lambda found, value: found.groups(value), None),
        (
            ("findGroups('I am the very model', 'the (.*) model')[1]", "very"),
            ("findGroups('/saml/x', '^/saml')[0]", "/saml"),
            ("findGroups('abc', 'z')[0]", None),
            ("findGroups('token=abc;x', 'token=(\\\\w+)')[1]", "abc"),
            ("length(findGroups('a', '(a)(b)?'))", 3),
        ),
        notes="Element 0 is the whole match, element n is group n; a group that took no part is null.",
        prepared=_literal(lambda found: found.groups),
    ),
    Function(
        "keyMatch",
        "First key of a map that a regular expression matches as a whole.",
        (Parameter("map", MAP), _PATTERN),
        STRING,
        _tolerant(_key_match, None),
        (("keyMatch(toJson('{\"a\": 1, \"xb\": 2}'), '^x.*')", "xb"), ("keyMatch(null, 'x')", None)),
    ),
    Function(
        "matchesWithRegex",
        "Does a regular expression match the whole text?",
        (_STRING, _PATTERN),
        BOOLEAN,
        _tolerant(lambda found, value: found.matches(value), False),
        (
            ("matchesWithRegex('/app', '/[a-z]+')", True),
            ("matchesWithRegex('/app/1', '/[a-z]+')", False),
            ("matchesWithRegex('abcd', 'ab')", False),
            ("matchesWithRegex(null, 'ab')", False),
        ),
        prepared=_literal(lambda found: found.matches),
        null=False,
    ),
    Function(
        "split",
        "Splits a string at the matches of a regular expression; empty strings at the end are dropped.",
        (_STRING, _PATTERN),
        array_of(STRING),
        _split,
        (
            ("split('a,b,c,d,e', ',')[2]", "c"),
            ("length(split('a,b,,', ','))", 2),
            ("length(split(',a', ','))", 2),
            ("length(split('', ','))", 1),
            ("length(split(',,,', ','))", 0),
            ("split(null, ',')", None),
            ("split('a.b', '\\\\.')[1]", "b"),
        ),
        prepared=_literal(lambda found: found.split),
    ),
)
