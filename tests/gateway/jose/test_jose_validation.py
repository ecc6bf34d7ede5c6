"""Claims: times at both edges of the skew, issuer and audience."""

from __future__ import annotations

import pytest

from gateway.jose.validation import ClaimsValidator

NOON = 1_700_000_000


def _violations(claims: dict[str, object], *, now: float, skew: float = 0) -> list[str]:
    return [str(violation) for violation in ClaimsValidator(skew, lambda: now).times(claims)]


@pytest.mark.parametrize("skew", [0, 120])
def test_exp_holds_until_the_end_of_the_skew(skew: float) -> None:
    assert _violations({"exp": NOON}, now=NOON + skew - 0.001, skew=skew) == []
    assert _violations({"exp": NOON}, now=NOON + skew, skew=skew) == ["the token has expired"]


@pytest.mark.parametrize("skew", [0, 120])
@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_nbf_and_iat_hold_from_the_start_of_the_skew(claim: str, skew: float) -> None:
    assert _violations({claim: NOON}, now=NOON - skew, skew=skew) == []
    assert len(_violations({claim: NOON}, now=NOON - skew - 0.001, skew=skew)) == 1


@pytest.mark.parametrize("value", ["1700000000", True, [], {}, float("inf"), float("nan")])
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_time_that_is_no_number_is_a_violation(claim: str, value: object) -> None:
    assert _violations({claim: value}, now=NOON) == [f"the claim '{claim}' is not a number of seconds"]


def test_absent_times_hold_unless_they_are_required() -> None:
    validator = ClaimsValidator(now=lambda: NOON)
    assert validator.times({}) == []
    assert [str(v) for v in validator.times({"exp": None}, required=("exp",))] == ["the claim 'exp' is missing"]


def test_all_violations_are_told() -> None:
    assert len(_violations({"exp": NOON - 1, "nbf": NOON + 1, "iat": NOON + 1}, now=NOON)) == 3


def test_issuer_is_compared_byte_for_byte() -> None:
    validator = ClaimsValidator()
    assert validator.issuer({"iss": "https://am.example.com/"}, "https://am.example.com/") == []
    for other in ("https://am.example.com", "HTTPS://am.example.com/", None, ["https://am.example.com/"]):
        assert len(validator.issuer({"iss": other}, "https://am.example.com/")) == 1


def test_audience_is_one_value_or_one_of_a_list() -> None:
    validator = ClaimsValidator()
    assert validator.audience({"aud": "app"}, "app") == []
    assert validator.audience({"aud": ["other", "app"]}, "app") == []
    for other in ("application", ["other"], None, {"app": 1}, "other app"):
        assert len(validator.audience({"aud": other}, "app")) == 1
