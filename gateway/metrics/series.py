"""What a metric counts: plain numbers that cost a request next to nothing. Knows neither names nor Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from math import frexp, ldexp, sqrt
from time import monotonic
from typing import Final

STEPS: Final = 32
"""Buckets for each power of two: a quantile is at most 1/64 off."""
NOTHING: Final = -1_000_000
"""The bucket of zero."""
WINDOW: Final = 300.0
"""Quantiles speak of the last one or two windows, in seconds; count and total of all time."""


class Counter:
    """A number that only grows."""

    __slots__ = ("__weakref__", "value")

    def __init__(self) -> None:
        self.value: float = 0

    def add(self, amount: float = 1) -> None:
        self.value += amount


class Gauge:
    """A number that goes up and down."""

    __slots__ = ("__weakref__", "value")

    def __init__(self) -> None:
        self.value: float = 0

    def add(self, amount: float = 1) -> None:
        self.value += amount


class Distribution:
    """What a summary says at one moment; distributions of several processes can be added."""

    __slots__ = ("buckets", "count", "total")

    def __init__(self, count: int = 0, total: float = 0.0, buckets: Mapping[int, int] | None = None) -> None:
        self.count, self.total = count, total
        self.buckets: dict[int, int] = dict(buckets or {})
        """Observations of the last windows by logarithmic bucket."""

    def plus(self, other: Distribution) -> Distribution:
        return Distribution(self.count + other.count, self.total + other.total, _added(self.buckets, other.buckets))

    @property
    def observed(self) -> int:
        """Observations in the last windows."""
        return sum(self.buckets.values())

    def quantiles(self, *fractions: float) -> list[float]:
        """Values below which fractions of the observations lie, fractions ascending; zero without observations."""
        ordered = sorted(self.buckets.items())
        total = self.observed
        found, seen, place = [], 0, iter(ordered)
        value = 0.0
        for fraction in fractions:
            while seen < fraction * total:
                index, count = next(place)
                seen, value = seen + count, middle(index)
            found.append(value)
        return found

    @property
    def lowest(self) -> float:
        return middle(min(self.buckets)) if self.buckets else 0.0

    @property
    def highest(self) -> float:
        return middle(max(self.buckets)) if self.buckets else 0.0

    @property
    def mean(self) -> float:
        return self._mean_of(lambda value: value)

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        mean = self.mean
        return sqrt(self._mean_of(lambda value: (value - mean) ** 2))

    def _mean_of(self, measure: Callable[[float], float]) -> float:
        observed = self.observed
        return sum(measure(middle(i)) * count for i, count in self.buckets.items()) / observed if observed else 0.0


class Summary:
    """How a number is distributed: `record` takes well under a microsecond and allocates nothing that stays."""

    __slots__ = ("__weakref__", "_before", "_buckets", "_turned", "count", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self._buckets: defaultdict[int, int] = defaultdict(int)
        self._before: Mapping[int, int] = {}
        self._turned = monotonic()

    def record(self, value: float) -> None:
        self.count += 1
        self.total += value
        if value > 0:
            mantissa, exponent = frexp(value)
            self._buckets[exponent * STEPS + int(mantissa * (2 * STEPS))] += 1
        else:
            self._buckets[NOTHING] += 1

    def distribution(self, now: float) -> Distribution:
        """What was recorded; asking is what turns the windows, so that recording does not have to look at a clock."""
        if now - self._turned >= WINDOW:
            self._before, self._buckets, self._turned = self._buckets, defaultdict(int), now
        return Distribution(self.count, self.total, _added(self._before, self._buckets))


def middle(index: int) -> float:
    """The value in the middle of a bucket."""
    if index == NOTHING:
        return 0.0
    exponent, step = divmod(index - STEPS, STEPS)
    return ldexp((step + STEPS + 0.5) / (2 * STEPS), exponent)


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    total = dict(one)
    for index, count in list(other.items()):
        total[index] = total.get(index, 0) + count
    return total
