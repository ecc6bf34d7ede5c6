"""Snapshots as plain JSON values, for the way from one worker process to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.metrics.series import Distribution
from gateway.metrics.snapshot import Family, Kind, Snapshot, Value


def to_plain(snapshot: Snapshot) -> dict[str, Any]:
    return {name: _family(family) for name, family in snapshot.families.items()}


def from_plain(plain: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `to_plain` was given."""
    made = Snapshot()
    for name, (kind, text, alike, samples) in plain.items():
        family = made.family(name, Kind(kind), text, alike=alike)
        for labels, value in samples:
            family.samples[tuple((label, content) for label, content in labels)] = _value(value)
    return made


def lasting(snapshot: Snapshot) -> Snapshot:
    """What still counts when its process is gone: counters and summaries, but nothing of the moment."""
    kept = {name: family for name, family in snapshot.families.items() if family.kind is not Kind.GAUGE}
    return Snapshot(kept)


def without_routes_but(snapshot: Snapshot, living: Snapshot) -> Snapshot:
    """The samples that belong to no route, or to one that another snapshot knows."""
    known = {content for _, content in _routes(living)}
    kept = Snapshot()
    for name, family in snapshot.families.items():
        samples = {
            labels: value
            for labels, value in family.samples.items()
            if all(label != "route" or not content or content in known for label, content in labels)
        }
        kept.families[name] = Family(family.kind, family.help, family.alike, samples)
    return kept


def _routes(snapshot: Snapshot) -> set[tuple[str, str]]:
    # A route has its id as `route` in some families, and its name in others, where those have the name as `name`.
    labels = (pair for family in snapshot.families.values() for sample in family.samples for pair in sample)
    return {(label, content) for label, content in labels if label in ("route", "name")}


def _family(family: Family) -> list[Any]:
    return [family.kind, family.help, family.alike, [[labels, _plain(v)] for labels, v in family.samples.items()]]


def _plain(value: Value) -> Any:
    if isinstance(value, Distribution):
        return [value.count, value.total, list(value.buckets.items())]
    return value


def _value(plain: Any) -> Value:
    if isinstance(plain, list):
        count, total, buckets = plain
        return Distribution(count, total, dict(buckets))
    return plain  # type: ignore[no-any-return]
