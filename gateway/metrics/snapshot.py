"""All metrics at one moment, as plain data: workers send theirs to whoever answers a scrape, and the sum is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from gateway.metrics.series import Distribution

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of labels, in the order in which they are shown."""
Value: TypeAlias = float | Distribution


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    SUMMARY = "summary"


@dataclass
class Family:
    """A metric: one value for each set of labels."""

    kind: Kind
    help: str
    alike: bool = False
    """Every worker has the same value, such as the number of routes: values are not added but the largest counts."""
    samples: dict[Labels, Value] = field(default_factory=dict)

    def add(self, labels: Labels, value: Value) -> None:
        """Add a value to what is there under the same labels."""
        there = self.samples.get(labels)
        self.samples[labels] = value if there is None else self._both(there, value)

    def merge(self, other: Family) -> None:
        for labels, value in other.samples.items():
            self.add(labels, value)

    def _both(self, one: Value, other: Value) -> Value:
        if isinstance(one, Distribution) or isinstance(other, Distribution):
            assert isinstance(one, Distribution)
            assert isinstance(other, Distribution)
            return one.plus(other)
        return max(one, other) if self.alike else one + other


@dataclass
class Snapshot:
    """Families by name; the name of a counter ends in `_total`."""

    families: dict[str, Family] = field(default_factory=dict)

    def family(self, name: str, kind: Kind, help: str, *, alike: bool = False) -> Family:  # noqa: A002
        """The family of a name, which is made when it is not there."""
        found = self.families.get(name)
        if found is None:
            found = self.families[name] = Family(kind, help, alike)
        return found

    def add(self, name: str, kind: Kind, help: str, labels: Mapping[str, str], value: Value) -> None:  # noqa: A002
        """Add a value to what is there under the same labels."""
        self.family(name, kind, help).add(tuple(labels.items()), value)

    def merge(self, other: Snapshot) -> None:
        for name, family in other.families.items():
            self.family(name, family.kind, family.help, alike=family.alike).merge(family)


def merged(snapshots: Iterable[Snapshot]) -> Snapshot:
    """The metrics of several processes as those of one."""
    total = Snapshot()
    for snapshot in snapshots:
        total.merge(snapshot)
    return total
