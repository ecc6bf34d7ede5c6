"""Rules about the claims of a JWT that was read: times with a tolerance for clocks that differ, issuer, audience.

Each rule gives violations, values with a description; a validator collects them all, as the documented
JwtValidationErrorContext lists them. Descriptions never quote a claim's value.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from expr.host import HostType
from expr.types import STRING


@dataclass(frozen=True)
class Violation:
    """One reason why a JWT is not accepted."""

    description: str

    def __str__(self) -> str:
        return self.description

    published: ClassVar[HostType] = HostType("violation", properties={"description": (STRING, "description")})


@dataclass(frozen=True)
class ClaimsValidator:
    """Checks claims against a clock; `skew` is the tolerated difference of clocks in seconds."""

    skew: float = 0.0
    now: Callable[[], float] = time.time

    def times(self, claims: Mapping[str, Any], required: Iterable[str] = ()) -> list[Violation]:
        """Check `exp`, `nbf` and `iat` where they are present; those of `required` must be.

        With a skew of two minutes an exp of 13:00 holds until just before 13:02, an iat or nbf of 12:00 from 11:58 on.
        """
        moment = self.now()
        found = [Violation(f"the claim '{name}' is missing") for name in required if claims.get(name) is None]
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name)
            if value is None:
                continue
            if not is_instant(value):
                found.append(Violation(f"the claim '{name}' is not a number of seconds"))
            elif name == "exp" and moment >= value + self.skew:
                found.append(Violation("the token has expired"))
            elif name == "nbf" and moment < value - self.skew:
                found.append(Violation("the token is not valid yet"))
            elif name == "iat" and moment < value - self.skew:
                found.append(Violation("the token was issued in the future"))
        return found

    def issuer(self, claims: Mapping[str, Any], issuer: str) -> list[Violation]:
        """Check that `iss` is, byte for byte, the expected issuer."""
        return [] if claims.get("iss") == issuer else [Violation("the claim 'iss' is not the expected issuer")]

    def audience(self, claims: Mapping[str, Any], audience: str) -> list[Violation]:
        """Check that `aud` is, or contains, the expected audience."""
        value = claims.get("aud")
        present = value == audience or (isinstance(value, list) and audience in value)
        return [] if present else [Violation("the claim 'aud' does not contain the expected audience")]


def is_instant(value: object) -> bool:
    """Is it a number of seconds that a clock can reach?"""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
