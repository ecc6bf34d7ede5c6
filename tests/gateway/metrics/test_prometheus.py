"""The text format, read back by prometheus-client's own parser."""

from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics.prometheus import exposition
from gateway.metrics.registry import Metrics


def families(metrics):
    text = exposition(metrics.snapshot()).decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_each_kind_is_read_back():
    metrics = Metrics()
    counter = metrics.counter("ig_a_total", "A help", route="x")
    gauge = metrics.gauge("ig_b", "B help")
    summary = metrics.summary("ig_c_seconds", "C help", route="x")
    counter.add(3)
    gauge.add(-1)
    for _ in range(1000):
        summary.record(0.25)
    found = families(metrics)
    assert {name: family.type for name, family in found.items()} == {
        "ig_a": "counter",
        "ig_b": "gauge",
        "ig_c_seconds": "summary",
    }
    [sample] = found["ig_a"].samples
    assert (sample.name, sample.labels, sample.value) == ("ig_a_total", {"route": "x"}, 3.0)
    assert found["ig_b"].samples[0].value == -1
    samples = found["ig_c_seconds"].samples
    quantiles = {s.labels["quantile"]: s.value for s in samples if "quantile" in s.labels}
    assert list(quantiles) == ["0.5", "0.75", "0.95", "0.98", "0.99", "0.999"]
    assert all(0.245 < value < 0.255 for value in quantiles.values())
    rest = {s.name: s.value for s in samples if "quantile" not in s.labels}
    assert rest == {"ig_c_seconds_count": 1000, "ig_c_seconds_sum": 250.0}
    assert found["ig_a"].documentation == "A help"


def test_odd_label_values_do_no_harm():
    metrics = Metrics()
    odd = 'a "quoted"\\ name\nwith a line end'
    held = metrics.counter("ig_a_total", "help", route=odd)
    [sample] = families(metrics)["ig_a"].samples
    assert sample.labels == {"route": odd}
    assert held.value == 0


def test_a_metric_that_nobody_counts_is_left_out():
    metrics = Metrics()
    metrics.counter("ig_a_total", "help")
    assert families(metrics) == {}
