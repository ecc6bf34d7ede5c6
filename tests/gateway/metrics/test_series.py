"""What a metric counts."""

import random
from statistics import pstdev

import pytest

from gateway.metrics.series import WINDOW, Distribution, Summary, middle

FRACTIONS = (0.5, 0.75, 0.95, 0.98, 0.99, 0.999)


def summary_of(values):
    summary = Summary()
    for value in values:
        summary.record(value)
    return summary


def distribution_of(values):
    return summary_of(values).distribution(0)


@pytest.mark.parametrize("draw", ["lognormvariate", "expovariate", "uniform"])
def test_quantiles_are_within_two_percent(draw):
    source = random.Random(7)
    drawn = {"lognormvariate": (-5, 2), "expovariate": (20,), "uniform": (1e-6, 1e6)}[draw]
    values = sorted(getattr(source, draw)(*drawn) for _ in range(20_000))
    found = distribution_of(values)
    for fraction, quantile in zip(FRACTIONS, found.quantiles(*FRACTIONS), strict=True):
        exact = values[int(fraction * len(values)) - 1]
        assert quantile == pytest.approx(exact, rel=0.02)
    assert found.count == len(values)
    assert found.total == pytest.approx(sum(values))
    assert found.mean == pytest.approx(sum(values) / len(values), rel=0.02)
    assert found.deviation == pytest.approx(pstdev(values), rel=0.02)
    assert found.lowest == pytest.approx(values[0], rel=0.02)
    assert found.highest == pytest.approx(values[-1], rel=0.02)


def test_nothing_observed_is_zero_everywhere():
    found = distribution_of([])
    assert found.quantiles(*FRACTIONS) == [0.0] * len(FRACTIONS)
    assert (found.count, found.mean, found.deviation, found.lowest, found.highest) == (0, 0.0, 0.0, 0.0, 0.0)


def test_zero_and_less_are_observed_as_zero():
    assert distribution_of([0, 0, -1]).quantiles(0.5, 0.999) == [0.0, 0.0]
    assert distribution_of([0, 0.25]).quantiles(0.5, 0.999) == pytest.approx([0.0, 0.25], rel=0.02)


@pytest.mark.parametrize("value", [1e-9, 3.3e-7, 0.001, 0.25, 0.5, 1, 2, 3.999, 1e12])
def test_a_bucket_holds_its_values(value):
    [index] = distribution_of([value]).buckets
    assert middle(index) == pytest.approx(value, rel=1 / 64)


def test_quantiles_forget_what_is_two_windows_old_and_totals_do_not():
    summary = summary_of([100.0] * 10)
    start = summary._turned
    summary.distribution(start + WINDOW)
    for _ in range(10):
        summary.record(1.0)
    both = summary.distribution(start + WINDOW + 1)
    assert both.quantiles(0.25, 0.99) == pytest.approx([1.0, 100.0], rel=0.02)
    later = summary.distribution(start + 2 * WINDOW + 1)
    assert later.quantiles(0.99) == pytest.approx([1.0], rel=0.02)
    assert (later.count, later.total) == (20, 1010.0)


def test_distributions_add_up():
    one, two = distribution_of([1.0] * 3), distribution_of([2.0] * 3)
    both = one.plus(two)
    assert (both.count, both.total) == (6, 9.0)
    assert both.quantiles(0.5, 0.999) == pytest.approx([1.0, 2.0], rel=0.02)
    assert one.count == 3
    assert Distribution().plus(one).quantiles(0.5) == one.quantiles(0.5)
