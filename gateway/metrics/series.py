"""What a metric counts: plain numbers that cost a request next to nothing. Knows neither names nor Prometheus."""

from __future__ import annotations

import struct
import sys
from array import array
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Mapping
from math import sqrt
from time import monotonic
from typing import Final

FINER: Final = 2
"""Bits that a bucket leaves out of half a float: what stays are 32 buckets for each power of two, so a quantile is at
most 1/64 off."""
_HIGH_HALVES: Final = slice(1 if sys.byteorder == "little" else 0, None, 2)
_NEGATIVE: Final = 1 << 15
_BATCH: Final = 256
"""Values that wait until they are counted together."""
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
    """How a number is distributed; what is below zero counts as zero.

    `record` only writes it down. Counting a batch is a few calls into C: the upper half of a single precision float is
    its logarithm, with seven bits behind the point.
    """

    __slots__ = ("__weakref__", "_before", "_buckets", "_count", "_recorded", "_total", "_turned")

    def __init__(self) -> None:
        self._count = 0
        self._total = 0.0
        self._recorded: list[float] = []
        self._buckets: defaultdict[int, int] = defaultdict(int)
        self._before: Mapping[int, int] = {}
        self._turned = monotonic()

    def record(self, value: float) -> None:
        recorded = self._recorded
        recorded.append(value)
        if len(recorded) == _BATCH:
            self._take_in()

    def _take_in(self) -> None:
        recorded, self._recorded = self._recorded, []
        self._count += len(recorded)
        self._total += sum(recorded)
        halves = memoryview(array("f", recorded)).cast("B").cast("H")
        for half, count in Tally(halves[_HIGH_HALVES].tolist()).items():
            self._buckets[half >> FINER if half < _NEGATIVE else 0] += count

    @property
    def count(self) -> int:
        return self._count + len(self._recorded)

    def distribution(self, now: float) -> Distribution:
        """What was recorded; asking is what turns the windows, so that recording does not have to look at a clock."""
        self._take_in()
        if now - self._turned >= WINDOW:
            self._before, self._buckets, self._turned = self._buckets, defaultdict(int), now
        return Distribution(self._count, self._total, _added(self._before, self._buckets))


def middle(index: int) -> float:
    """The value in the middle of a bucket."""
    if index == 0:
        return 0.0
    value: float = struct.unpack("<f", struct.pack("<I", ((index << FINER) + (1 << FINER - 1)) << 16))[0]
    return value


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    total = dict(one)
    for index, count in list(other.items()):
        total[index] = total.get(index, 0) + count
    return total
