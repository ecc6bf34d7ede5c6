from __future__ import annotations

import pytest

from config.rules.pattern_shape import is_catastrophic


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "([a-z]+)*$",
        "^/([a-z]+)*$",
        r"(\w+\s?)*",
        r"(?:\w|\d)+",
        "(.*,)*x",
        "(a*)*b",
        "((a+))+",
        "(a{1,}b?){2,}",
        r"([\w.]+)+@",
        r"(x|[a-z])*y",
        r"(?<name>\d+)+",
        r"(\p{L}+)*",
    ],
)
def test_a_repetition_that_can_be_cut_in_many_ways_is_catastrophic(pattern: str) -> None:
    assert is_catastrophic(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "^/app",
        "(/[^/]+)*",
        r"(\w+\.)*com",
        "([a-z]++)*",
        "(?>[a-z]+)*",
        "(a|b)+",
        "(ab)+",
        r"[\w.-]+@[\w.-]+",
        r"^(?:\d{1,3}\.){3}\d{1,3}$",
        "(a+){2}",
        r"\Q(a+)+\E",
        r"\(a+\)+",
        "[(a+)+]",
        ".*a.*b",
        "(?=a+)b",
        "(?i)(?:jpe?g|png)$",
        "",
    ],
)
def test_other_repetitions_are_harmless(pattern: str) -> None:
    assert not is_catastrophic(pattern)


@pytest.mark.parametrize("pattern", ["(", "[", "(a+", "[a-", "\\", "(?<", "a{", "(?P<x>a)", "[[a-z]&&[^b]]+"])
def test_a_pattern_that_cannot_be_read_counts_as_harmless(pattern: str) -> None:
    assert not is_catastrophic(pattern)
