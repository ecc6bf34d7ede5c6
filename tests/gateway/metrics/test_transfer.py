"""Snapshots on their way between processes."""

import json

from gateway.metrics.series import Summary
from gateway.metrics.snapshot import Kind, Snapshot
from gateway.metrics.transfer import from_plain, lasting, to_plain


def _snapshot() -> Snapshot:
    summary = Summary()
    for value in (0.0, 0.1, 0.2, 30.0):
        summary.record(value)
    made = Snapshot()
    made.add("ig_things_total", Kind.COUNTER, "Things", {"name": 'a "name"'}, 3)
    made.add("ig_time_seconds", Kind.SUMMARY, "Time", {}, summary.distribution(0))
    made.family("ig_routes", Kind.GAUGE, "Routes", alike=True).samples[()] = 2
    return made


def test_a_snapshot_arrives_as_it_was() -> None:
    sent = _snapshot()
    received = from_plain(json.loads(json.dumps(to_plain(sent))))
    assert to_plain(received) == to_plain(sent)
    assert received.families["ig_routes"] == sent.families["ig_routes"]
    assert received.families["ig_things_total"] == sent.families["ig_things_total"]
    before, after = (one.families["ig_time_seconds"].samples[()] for one in (sent, received))
    assert before.quantiles(0.5, 0.99) == after.quantiles(0.5, 0.99)


def test_what_lasts_is_what_was_counted() -> None:
    assert set(lasting(_snapshot()).families) == {"ig_things_total", "ig_time_seconds"}
