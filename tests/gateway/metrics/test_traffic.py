"""What is counted of exchanges, without any socket."""

from types import SimpleNamespace

import pytest

from gateway.errors import ExchangeError, UpstreamTimeout
from gateway.http.message import Response
from gateway.metrics.http_traffic import OTHER, REMOTES, ClientTraffic, ServerTraffic
from gateway.metrics.route_traffic import RouteTraffic
from gateway.metrics.snapshot import Snapshot


def answering(result):
    async def following(context, request):
        if isinstance(result, Exception):
            raise result
        return Response(result) if isinstance(result, int) else result

    return following


async def pass_through(traffic, *results):
    for result in results:
        try:
            await traffic.through(answering(result), None, None)
        except Exception as error:
            assert error is result or result is None


async def test_responses_are_counted_by_family():
    traffic = RouteTraffic()
    await pass_through(traffic, 101, 200, 204, 302, 404, 503, 799)
    assert traffic.statuses_by_family() == {
        "informational": 1,
        "successful": 2,
        "redirection": 1,
        "client_error": 1,
        "server_error": 1,
        "unknown": 1,
    }
    assert (traffic.total, traffic.failed, traffic.missing, traffic.active) == (7, 0, 0, 0)


async def test_failures_count_with_the_status_that_they_become():
    traffic = RouteTraffic()
    await pass_through(traffic, UpstreamTimeout("late"), ExchangeError("bad", 400), KeyError("x"))
    assert (traffic.failed, traffic.total) == (3, 3)
    assert traffic.statuses_by_family()["server_error"] == 2
    assert traffic.statuses_by_family()["client_error"] == 1


async def test_no_response_at_all_is_counted_and_is_a_failure():
    traffic = RouteTraffic()
    with pytest.raises(ExchangeError, match="no response"):
        await traffic.through(answering(None), None, None)
    assert (traffic.missing, traffic.failed, traffic.active) == (1, 1, 0)


async def test_the_last_request_that_ends_is_told():
    traffic, told = RouteTraffic(), []

    async def following(context, request):
        assert traffic.active == 1
        traffic.on_idle = lambda: told.append(traffic.active)
        return Response(200)

    await traffic.through(following, None, None)
    assert told == [0]


def values(collect):
    snapshot = Snapshot()
    collect(snapshot)
    return {
        (name, *(value for _, value in labels)): getattr(value, "count", value)
        for name, family in snapshot.families.items()
        for labels, value in family.samples.items()
    }


def test_exchanges_with_clients_are_counted_by_what_they_have_in_common():
    traffic = ServerTraffic("127.0.0.1")
    for code in (200, 200, 502):
        traffic.record((8080, "home", "GET", code), 0.1, 10, 100)
    connections = [SimpleNamespace(idle=True), SimpleNamespace(idle=False)]
    found = values(lambda snapshot: traffic.collect(snapshot, connections))
    assert found["ig_http_server_active_connections", "127.0.0.1"] == 2
    assert found["ig_http_server_active_requests", "127.0.0.1"] == 1
    fine, bad = ("127.0.0.1:8080", "GET", "200", "home"), ("127.0.0.1:8080", "GET", "502", "home")
    assert found["ig_http_server_requests_total", *fine] == 2
    assert found["ig_http_server_response_time_seconds", *fine] == 2
    assert found["ig_http_server_bytes_read_total", *fine] == 20
    assert found["ig_http_server_bytes_written_total", *fine] == 200
    assert found["ig_http_server_errors_total", *fine] == 0
    assert found["ig_http_server_errors_total", *bad] == 1


def test_methods_that_clients_make_up_are_one():
    traffic = ServerTraffic("h")
    for number in range(100):
        traffic.record((80, "", f"M{number}", 200), 0.1, 0, 0)
    assert list(traffic._kept) == [(80, "", OTHER, 200)]


def test_routes_that_are_gone_are_forgotten():
    traffic = ServerTraffic("h")
    for route in ("", "a", "b"):
        traffic.record((80, route, "GET", 200), 0.1, 0, 0)
    traffic.forget_routes({"b"})
    assert [key[1] for key in traffic._kept] == ["", "b"]


def test_servers_beyond_a_number_are_one():
    traffic = ClientTraffic()
    for number in range(REMOTES + 10):
        traffic.record(f"host{number}:80", "GET", 200, 0.1)
        traffic.record(f"host{number}:80", "FETCH", 200, 0.1)
    found = values(lambda snapshot: traffic.collect(snapshot, {"host1:80": (3, 1)}))
    assert found["ig_http_client_requests_total", OTHER, "GET", "200"] == 10
    assert found["ig_http_client_requests_total", "host1:80", OTHER, "200"] == 1
    assert found["ig_http_client_active_connections", "host1:80"] == 3
    assert found["ig_http_client_active_requests", "host1:80"] == 1
