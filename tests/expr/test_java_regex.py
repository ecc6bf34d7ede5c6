"""Patterns run within a time limit, on the engine that suits them; conformance/expr/patterns.json has their meaning."""

from __future__ import annotations

from time import monotonic

import pytest

from expr import CONFIGURATION, Environment, EvaluationError, Name, compile_template, types
from expr.java_pattern import PatternError, translate
from expr.java_regex import TIME_LIMIT, check_pattern, matcher

TEXT = Environment(("text", "pattern"), {"text": Name("text", types.STRING), "pattern": Name("pattern", types.STRING)})
HOSTILE = [
    ("(a+)+$", "a" * 5000 + "!"),
    ("(a|a)*b", "a" * 5000),
    ("(.*)*x", "y" * 5000),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 5000),
    (".*.*.*.*=.*", "x" * 5000),
    ("(\\w+\\s?)*!", "word " * 2000),
    ("(x+x+)+y", "x" * 5000),
    ("(?=(a+))\\1*b", "a" * 20000),
    ("([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@)", "a" * 5000),
    ("a*a*a*a*a*a*b", "a" * 3000),
]


@pytest.mark.parametrize(("pattern", "text"), HOSTILE)
def test_a_catastrophic_pattern_is_an_evaluation_error_in_bounded_time(pattern: str, text: str) -> None:
    literal = pattern.replace("\\", "\\\\")
    for expression in (
        f"${{find(text, '{literal}')}}",
        "${find(text, pattern)}",
        "${matchesWithRegex(text, pattern)}",
        "${findGroups(text, pattern)}",
        "${length(text.split(pattern))}",
        "${text.replaceAll(pattern, '')}",
        "${text.matches(pattern)}",
    ):
        start = monotonic()
        try:
            compile_template(expression, environment=TEXT)(text, pattern)
        except EvaluationError as error:
            assert "longer than" in str(error)
        assert monotonic() - start < 20 * TIME_LIMIT


@pytest.mark.parametrize(
    "pattern", ["^/app", "/home", "^/home/[a-z]+$", "abc", "^/(a|b)/c", "^/.*\\.ico$", "a?b", "[0-9]{4}", "^x$", ""]
)
def test_a_plain_pattern_needs_no_time_limit(pattern: str) -> None:
    assert translate(pattern).linear


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "a*b*", "a+", "(a|b)*", "(?i)é(?u)k", "\\p{L}", "a?" * 10 + "b", "(a{1,20}){1,20}"]
)
def test_a_pattern_that_may_take_long_has_one(pattern: str) -> None:
    assert not translate(pattern).linear


@pytest.mark.parametrize(
    ("pattern", "offset"), [("a(b", 1), ("ab*+*", 4), ("[a-", 0), ("x{2,1}", 1), ("a\\y", 1), ("(?<1>x)", 0)]
)
def test_a_bad_pattern_is_refused_with_a_place(pattern: str, offset: int) -> None:
    with pytest.raises(PatternError) as caught:
        check_pattern(pattern)
    assert caught.value.offset == offset


def test_a_pattern_that_nests_deeply_or_is_long_is_refused() -> None:
    many = ("a{100000000}", "(a{1000}){1000}", "(?:(?:(?:ab){100}){100}){100}", "[ab]{200000,}")
    for pattern in ("(" * 200 + ")" * 200, "[" * 100 + "a" + "]" * 100, "a" * 20_000, *many):
        with pytest.raises(PatternError):
            check_pattern(pattern)


def test_a_pattern_is_compiled_once() -> None:
    assert matcher("once[a-z]") is matcher("once[a-z]")


def test_a_literal_pattern_is_ready_when_the_expression_is() -> None:
    template = compile_template("${find(text, '^/ready/[a-z]+$')}", environment=TEXT).prepare()
    assert "_compiled" in vars(matcher("^/ready/[a-z]+$"))
    assert template("/ready/x", None) is True


@pytest.mark.parametrize(
    ("replacement", "problem"),
    [
        ("$", "'$'"),
        ("$x", "'$'"),
        ("\\", "backslash"),
        ("$3", "group 3"),
        ("${name}", "<name>"),
        ("${1}", "names no group"),
    ],
)
def test_a_bad_replacement_is_an_error(replacement: str, problem: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        matcher("(a)(b)").replace("ab", replacement)
    assert problem in str(caught.value)


def test_an_empty_match_does_not_stop_the_text_from_going_on() -> None:
    assert matcher("").replace("ab", "-") == "-a-b-"
    assert list(matcher("").split("ab")) == ["a", "b"]
    assert matcher("x*").replace("axb", "-") == "-a--b-"


def test_a_text_of_a_megabyte_is_searched() -> None:
    text = "a" * 1_000_000 + "/end"
    assert compile_template("${find(text, '/end$')}", environment=TEXT)(text, None) is True
    assert compile_template("${find(text, '^a+/end$')}", environment=TEXT)(text, None) is True


def test_a_replacement_does_not_grow_without_bounds() -> None:
    with pytest.raises(EvaluationError):
        matcher("a").replace("a" * 100_000, "b" * 10_000)
    assert compile_template("${'a'.repeat(3)}", environment=CONFIGURATION)() == "aaa"
