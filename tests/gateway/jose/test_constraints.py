"""Constraints on claims, as customizers add them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from expr.java_regex import matcher
from gateway.jose import constraints
from gateway.jose.constraints import Constraint, JwtValidatorBuilder, claim

CLAIMS: dict[str, Any] = {
    "name": "demo",
    "aud": ["app", "other"],
    "n": 5,
    "same": 5,
    "yes": True,
    "outer": {"inner": "x"},
    "https://example.com/a": "whole",
    "iat": 1000,
}


def _violations(name: str, constraint: Constraint, transformation: Any = lambda value: value) -> list[str]:
    builder = JwtValidatorBuilder().claim(name, transformation, constraint)
    return [str(violation) for violation in builder.violations(CLAIMS)]


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("name", constraints.is_equal_to("demo")),
        ("n", constraints.is_equal_to(claim("/same"))),
        ("outer/inner", constraints.is_equal_to("x")),
        ("https://example.com/a", constraints.is_equal_to("whole")),
        ("absent", constraints.is_equal_to(None)),
        ("n", constraints.is_greater_than(4)),
        ("n", constraints.is_greater_than_or_equal_to(claim("same"))),
        ("n", constraints.is_less_than(6)),
        ("n", constraints.is_less_than_or_equal_to(5)),
        ("aud", constraints.contains("app")),
        ("name", constraints.contains("em")),
        ("name", constraints.find(matcher("^de"))),
        ("name", constraints.matches(matcher("d.mo"))),
        ("iat", constraints.is_in_the_past(lambda: 1000)),
        ("iat", constraints.is_in_the_future(lambda: 999)),
    ],
)
def test_constraint_holds(name: str, constraint: Constraint) -> None:
    assert _violations(name, constraint) == []


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("name", constraints.is_equal_to("other")),
        ("yes", constraints.is_equal_to(1)),
        ("absent", constraints.is_greater_than(1)),
        ("name", constraints.is_greater_than(1)),
        ("n", constraints.is_less_than(claim("/same"))),
        ("n", constraints.is_less_than_or_equal_to(4)),
        ("aud", constraints.contains("third")),
        ("n", constraints.contains(5)),
        ("name", constraints.matches(matcher("d"))),
        ("n", constraints.find(matcher("5"))),
        ("iat", constraints.is_in_the_past(lambda: 999)),
        ("iat", constraints.is_in_the_future(lambda: 1000)),
        ("name", constraints.is_in_the_past()),
        ("outer/inner/deeper", constraints.is_equal_to("x")),
    ],
)
def test_constraint_that_does_not_hold_is_one_violation_that_names_the_claim(name: str, constraint: Constraint) -> None:
    found = _violations(name, constraint)
    assert len(found) == 1 and f"'{name}'" in found[0] and "demo" not in found[0]


def test_transformed_value_is_what_is_constrained() -> None:
    instant = constraints.is_in_the_past(lambda: 1000)
    assert _violations("iat", instant, lambda value: datetime.fromtimestamp(value, UTC)) == []
    assert _violations("name", constraints.is_equal_to(5), int) == ["the claim 'name' is not of the expected type"]


def test_violations_are_in_the_order_of_the_constraints() -> None:
    builder = JwtValidatorBuilder()
    builder.claim("n", int, constraints.is_less_than(1)).claim("name", str, constraints.is_equal_to(""))
    assert [str(v) for v in builder.violations(CLAIMS)] == [
        "the claim 'n' is too large",
        "the claim 'name' does not have the expected value",
    ]
