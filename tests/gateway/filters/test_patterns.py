"""Pattern templates, and patterns that ignore case."""

import pytest

from gateway.filters.patterns import fill, ignoring_case, matches


@pytest.mark.parametrize(
    ("template", "expected"),
    [("$0", "ab"), ("$2-$1", "b-a"), ("$3|$9", "|"), ("\\$1\\\\", "$1\\"), ("$", "$"), ("x$1y", "xay"), ("", "")],
)
def test_templates_are_filled_from_groups(template, expected):
    assert fill(template)(["ab", "a", "b", None]) == expected


def test_patterns_ignore_case_and_match_the_whole_value():
    pattern = ignoring_case("x-open.*|cookie")
    assert [matches(pattern, name) for name in ("X-OpenAM", "COOKIE", "set-cookie")] == [True, True, False]
