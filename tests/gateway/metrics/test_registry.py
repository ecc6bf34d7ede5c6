"""Metrics by name and labels, and their sum over several processes."""

import gc
import pickle

import pytest

from gateway.metrics.registry import Metrics
from gateway.metrics.series import Distribution
from gateway.metrics.snapshot import Kind, Snapshot, merged


def test_the_same_name_and_labels_are_the_same_series():
    metrics = Metrics()
    one = metrics.counter("a_total", "help", route="x")
    assert metrics.counter("a_total", "help", route="x") is one
    other = metrics.counter("a_total", "help", route="y")
    one.add()
    other.add(2)
    samples = metrics.snapshot().families["a_total"].samples
    assert samples == {(("route", "x"),): 1, (("route", "y"),): 2}


def test_a_series_lives_as_long_as_somebody_holds_it():
    metrics = Metrics()
    kept, gone = metrics.gauge("a", "help", route="kept"), metrics.gauge("a", "help", route="gone")
    kept.add(5)
    gone.add(5)
    del gone
    gc.collect()
    assert metrics.snapshot().families["a"].samples == {(("route", "kept"),): 5}


def test_a_name_has_one_kind():
    metrics = Metrics()
    held = metrics.counter("a_total", "help")
    with pytest.raises(ValueError, match="the metric a_total is a counter"):
        metrics.summary("a_total", "help")
    assert held.value == 0


def test_labels_may_have_any_name():
    metrics = Metrics()
    held = metrics.summary("a", "help", name="timer", help="no")
    held.record(1)
    assert list(metrics.snapshot().families["a"].samples) == [(("name", "timer"), ("help", "no"))]


def test_a_collector_is_asked_until_it_is_removed():
    metrics = Metrics()
    remove = metrics.collect_from(lambda snapshot: snapshot.add("a", Kind.GAUGE, "help", {}, 1))
    assert metrics.snapshot().families["a"].samples == {(): 1}
    remove()
    assert "a" not in metrics.snapshot().families


def snapshot_of(requests, time, routes):
    made = Snapshot()
    made.add("requests_total", Kind.COUNTER, "help", {"route": "a"}, requests)
    made.add("time_seconds", Kind.SUMMARY, "help", {}, Distribution(1, time, {5: 1}))
    made.family("routes", Kind.GAUGE, "help", alike=True).samples[()] = routes
    return made


def test_workers_add_up():
    total = merged([snapshot_of(1, 0.5, 3), snapshot_of(2, 1.5, 4), Snapshot()])
    assert total.families["requests_total"].samples == {(("route", "a"),): 3}
    [time] = total.families["time_seconds"].samples.values()
    assert (time.count, time.total, time.buckets) == (2, 2.0, {5: 2})
    assert total.families["routes"].samples == {(): 4}, "every worker has all routes"


def test_a_snapshot_travels_between_processes():
    sent = snapshot_of(1, 0.5, 3)
    received = pickle.loads(pickle.dumps(sent))
    assert merged([received]).families["requests_total"].samples == {(("route", "a"),): 1}


def test_merging_does_not_change_what_is_merged():
    one = snapshot_of(1, 0.5, 3)
    merged([one, snapshot_of(5, 0.5, 3)])
    assert one.families["requests_total"].samples == {(("route", "a"),): 1}
