"""Date patterns of Java."""

from datetime import UTC, datetime

import pytest

from gateway.audit.java_date import check_pattern, formatted

MOMENT = datetime(2026, 3, 1, 16, 5, 9, 78_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("-yyyy.MM.dd-HH.mm.ss", "-2026.03.01-16.05.09"),
        ("yy", "26"),
        ("M/d".replace("/", "_"), "3_1"),
        ("MMM MMMM", "Mar March"),
        ("hh a", "04 PM"),
        ("SSS", "078"),
        ("DDD", "060"),
        ("EEE EEEE", "Sun Sunday"),
        ("'at' HH 'o''clock'", "at 16 o'clock"),
        ("''", "'"),
        ("Z z", "+0000 UTC"),
    ],
)
def test_a_pattern_writes_a_moment(pattern, text):
    check_pattern(pattern)
    assert formatted(pattern, MOMENT) == text


@pytest.mark.parametrize("pattern", ["yyyy/MM", "../x", "foo", "-\\x"])
def test_a_pattern_that_means_nothing_or_leaves_the_directory_is_refused(pattern):
    with pytest.raises(ValueError):
        check_pattern(pattern)
