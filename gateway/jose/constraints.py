"""Constraints on single claims: what a JwtValidatorCustomizer adds to the validation of a JWT.

The functions are the documented constraint factory under Python names; scripts call them by their documented ones. A
constraint takes the transformed value of a claim and all claims, and says whether the value holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from gateway.jose.validation import Violation, is_instant

Transformation = Callable[[Any], Any]


@dataclass(frozen=True)
class OtherClaim:
    """Stands for the value of another claim in a constraint: `claim('/other')`."""

    path: str

    def of(self, claims: Mapping[str, Any]) -> Any:
        """The value in these claims, None when it is not there."""
        return value_at(claims, self.path)


@dataclass(frozen=True)
class Constraint:
    """A test of a value, and what it demands, in words."""

    demand: str
    test: Callable[[Any, Mapping[str, Any]], bool]

    def holds(self, value: Any, claims: Mapping[str, Any]) -> bool:
        """Does the value hold? A value of a kind that cannot be compared does not."""
        try:
            return self.test(value, claims)
        except (TypeError, ValueError, AttributeError):
            return False


@dataclass
class JwtValidatorBuilder:
    """Collects constraints; what a customizer is given."""

    rules: list[tuple[str, Transformation, Constraint]] = field(default_factory=list)

    def claim(self, name: str, transformation: Transformation, constraint: Constraint) -> Self:
        """Demand that a claim, or a claim inside one (`outer/inner`), holds a constraint after its transformation."""
        self.rules.append((name, transformation, constraint))
        return self

    def violations(self, claims: Mapping[str, Any]) -> list[Violation]:
        """One violation for each constraint that does not hold; a transformation that fails is one too."""
        found: list[Violation] = []
        for name, transformation, constraint in self.rules:
            try:
                value = transformation(value_at(claims, name))
            except Exception:  # a transformation may be a script's; whatever it raises, the claim is not as demanded
                found.append(Violation(f"the claim '{name}' is not of the expected type"))
                continue
            if not constraint.holds(value, claims):
                found.append(Violation(f"the claim '{name}' {constraint.demand}"))
        return found


def value_at(claims: Mapping[str, Any], path: str) -> Any:
    """The value of a claim by its name, or by the names on the way to it; None when it is not there."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.strip("/").split("/"):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def claim(path: str) -> OtherClaim:
    """Refer to another claim inside a constraint."""
    return OtherClaim(path)


def _given(value: Any, claims: Mapping[str, Any]) -> Any:
    return value.of(claims) if isinstance(value, OtherClaim) else value


def is_equal_to(expected: Any) -> Constraint:
    """The value equals another; numbers and booleans are never equal."""
    return Constraint(
        "does not have the expected value",
        lambda value, claims: (
            value == _given(expected, claims) and isinstance(value, bool) == isinstance(_given(expected, claims), bool)
        ),
    )


def is_greater_than(limit: Any) -> Constraint:
    """The value is greater than another."""
    return Constraint("is too small", lambda value, claims: value > _given(limit, claims))


def is_greater_than_or_equal_to(limit: Any) -> Constraint:
    """The value is not less than another."""
    return Constraint("is too small", lambda value, claims: value >= _given(limit, claims))


def is_less_than(limit: Any) -> Constraint:
    """The value is less than another."""
    return Constraint("is too large", lambda value, claims: value < _given(limit, claims))


def is_less_than_or_equal_to(limit: Any) -> Constraint:
    """The value is not greater than another."""
    return Constraint("is too large", lambda value, claims: value <= _given(limit, claims))


def contains(member: Any) -> Constraint:
    """A list has a member, or a text a part."""
    return Constraint(
        "does not contain the expected value",
        lambda value, claims: isinstance(value, list | str) and _given(member, claims) in value,
    )


def find(pattern: Any) -> Constraint:
    """A part of the text matches a pattern (`expr.java_regex.Matcher`)."""
    return Constraint("does not match", lambda value, _: isinstance(value, str) and bool(pattern.find(value)))


def matches(pattern: Any) -> Constraint:
    """The whole text matches a pattern (`expr.java_regex.Matcher`)."""
    return Constraint("does not match", lambda value, _: isinstance(value, str) and bool(pattern.matches(value)))


def is_in_the_past(now: Callable[[], float] = time.time, skew: float = 0.0) -> Constraint:
    """The value, in seconds or an instant, is not after now."""
    return Constraint("is not in the past", lambda value, _: seconds_of(value) <= now() + skew)


def is_in_the_future(now: Callable[[], float] = time.time, skew: float = 0.0) -> Constraint:
    """The value, in seconds or an instant, is after now."""
    return Constraint("is not in the future", lambda value, _: seconds_of(value) > now() - skew)


def seconds_of(value: Any) -> float:
    """Seconds since the epoch of a number or of an instant that has a `timestamp`."""
    if is_instant(value):
        return float(value)
    return float(value.timestamp())
