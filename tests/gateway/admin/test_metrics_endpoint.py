"""Metrics as Common REST resources."""

import pytest

from gateway.admin.metrics_endpoint import Rates
from tests.gateway.instances import at, running, static

ROUTES = {"home": static("hi", name="My Home", condition=at("/home"))}
BASE = "gateway._router.route.my-home"


async def test_resources_have_documented_ids_and_kinds(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        await instance.get("/home")
        await instance.get("/home")
        answer = (await instance.admin("/metrics/api?_queryFilter=true")).json
    found = {one["_id"]: one for one in answer["result"]}
    assert answer["totalPagedResultsPolicy"] == "EXACT"
    assert answer["resultCount"] == answer["totalPagedResults"] == len(found)
    assert answer["remainingPagedResults"] == -1
    assert found["gateway._router.deployed-routes"] == {
        "_id": "gateway._router.deployed-routes",
        "value": 1,
        "_type": "gauge",
    }
    assert found[f"{BASE}.request"] == {"_id": f"{BASE}.request", "count": 2, "_type": "counter"}
    assert found[f"{BASE}.request.active"]["_type"] == "gauge"
    assert found[f"{BASE}.response.status.successful"]["count"] == 2
    assert {f"{BASE}.response.{kind}" for kind in ("error", "null")} <= set(found)
    timer = found[f"{BASE}.response.time"]
    assert (timer["count"], timer["_type"]) == (2, "timer")
    assert (timer["duration_units"], timer["rate_units"]) == ("milliseconds", "calls/second")
    assert timer["min"] <= timer["p50"] <= timer["p999"] <= timer["max"]
    rates = {"m1_rate", "m5_rate", "m15_rate", "mean_rate"}
    assert rates | {"mean", "stddev", "p75", "p95", "p98", "p99", "total"} <= set(timer)


async def test_a_filter_and_fields(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        query = f'_queryFilter=_id sw "{BASE}.response.status"&_fields=count&_sortKeys=-_id'
        answer = (await instance.admin(f"/metrics/api?{query}")).json
        assert answer["result"] == [{"count": 0}] * 6
        assert (await instance.admin("/metrics/api")).status == 400
        assert (await instance.admin("/metrics/api?_queryFilter=true", "POST")).status == 501


def test_rates_follow_the_calls():
    rates = Rates(0.0)
    for minute in range(1, 31):
        found = rates.at(minute * 600, minute * 60.0)
    assert found["m1_rate"] == pytest.approx(10, rel=0.01)
    assert found["m5_rate"] == pytest.approx(10, rel=0.01)
    assert 8 < found["m15_rate"] < 10
    assert found["mean_rate"] == 10
    quiet = rates.at(18_000, 40 * 60.0)
    assert quiet["m1_rate"] < 0.01 < quiet["m5_rate"] < quiet["m15_rate"]
