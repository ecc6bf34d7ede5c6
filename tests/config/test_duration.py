"""Durations: what the documented entry says, and where an error points."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.duration import parse_duration
from expr.diagnostic import DiagnosticError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 seconds", 10),
        ("5m", 300),
        ("5ms", 0.005),
        ("1 minute and 30 seconds", 90),
        ("2 hours, 5 min", 7500),
        ("1d,1h", 90_000),
        ("1 DAY", 86_400),
        ("3 μs", 3e-6),
        ("3 us", 3e-6),
        ("7 nanos", 7e-9),
        ("2 s, 2 s", 4),
        ("0 s", 0),
        ("zero", 0),
        ("Disabled", 0),
        ("unlimited", math.inf),
        ("indefinite", math.inf),
        ("infinity", math.inf),
        ("undefined", math.inf),
        ("none", math.inf),
    ],
)
def test_a_duration_is_a_number_of_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "a duration is empty", ""),
        ("  ", "a duration is empty", "  "),
        ("-1 s", "a duration cannot be negative", "-1"),
        ("1.5 s", '"1.5" is not a whole number', "1.5"),
        ("10", '"10" has no unit', "10"),
        ("10, 5 s", '"10" has no unit', "10"),
        ("10 parsecs", '"parsecs" is not a unit of time', "parsecs"),
        ("5 months", '"months" is not a unit of time', "months"),
        ("5 s 3 m", '"3" is not joined to what stands before it', "3"),
        ("5 s and unlimited", '"unlimited" is not expected in a duration', "unlimited"),
        ("unlimited, 5 s", '"," is not expected in a duration', ","),
        ("9" * 30 + " s", "the number of a duration is too large", "9" * 30),
        ("soon", '"soon" is not expected in a duration', "soon"),
    ],
)
def test_a_text_that_is_no_duration_is_explained_at_its_place(text, message, place):
    with pytest.raises(DiagnosticError) as caught:
        parse_duration(text)
    (found,) = caught.value.diagnostics
    assert found.message == message
    assert text[slice(*found.span)] == place


@given(st.text(alphabet="0123456789 .,-andhmsuμzeroμ\n", max_size=20))
def test_any_text_is_a_duration_or_a_diagnostic_inside_it(text):
    try:
        assert parse_duration(text) >= 0
    except DiagnosticError as error:
        for found in error.diagnostics:
            assert 0 <= found.span.start <= found.span.end <= len(text)
