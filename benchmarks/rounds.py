"""Interleaved measuring: contenders take turns (A B C A B C), and are compared within their round.

What else the machine does changes from minute to minute; contenders of one round see the same machine, so the median of
their ratios says more than the ratio of their medians.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Generic, TypeVar

T = TypeVar("T")


class Rounds(Generic[T]):
    """What each contender measured in each round."""

    def __init__(self) -> None:
        self._measured: dict[str, list[T]] = {}

    @classmethod
    def run(cls, contenders: Mapping[str, Callable[[], T]], number: int) -> Rounds[T]:
        """Let contenders take turns."""
        rounds = cls()
        for _ in range(number):
            for name, measure in contenders.items():
                rounds.add(name, measure())
        return rounds

    def add(self, name: str, measured: T) -> None:
        self._measured.setdefault(name, []).append(measured)

    @property
    def names(self) -> list[str]:
        return list(self._measured)

    def median(self, name: str, value: Callable[[T], float]) -> float:
        """The median of a contender's rounds."""
        return median(value(one) for one in self._measured[name])

    def difference(self, one: str, other: str, value: Callable[[T], float]) -> float:
        """The median of the differences of two contenders, each taken within one round."""
        pairs = zip(self._measured[one], self._measured[other], strict=True)
        return median(value(left) - value(right) for left, right in pairs)

    def ratio(self, one: str, other: str, value: Callable[[T], float]) -> float:
        """The median of the ratios of two contenders, each taken within one round."""
        pairs = zip(self._measured[one], self._measured[other], strict=True)
        return median(value(left) / value(right) if value(right) else float("inf") for left, right in pairs)
