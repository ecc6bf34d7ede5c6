"""The Prometheus endpoint of a gateway that serves: documented names, labels and values."""

import base64
import json

from prometheus_client.parser import text_string_to_metric_families

from gateway.http.message import Response
from gateway.server.listener import Listener
from gateway.server.service import Service
from tests.gateway.instances import ROUTER, at, running, static

ROUTES = {
    "home": static("hi", name="Home route", condition=at("/home")),
    "broken": {"condition": at("/broken"), "handler": "ClientHandler", "baseURI": "http://127.0.0.1:1"},
}


async def scrape(instance):
    """Values by name and labels."""
    answer = await instance.admin("/metrics/prometheus/0.0.4")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found, name, /, **labels):
    return found.get((name, *sorted(labels.items())))


HOME = {"name": "Home route", "route": "home", "router": "gateway._router"}
BROKEN = {"name": "broken", "route": "broken", "router": "gateway._router"}


async def test_routes_have_their_documented_metrics(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        before = await scrape(instance)
        for path in ("/home", "/home", "/broken", "/nowhere"):
            await instance.get(path)
        after = await scrape(instance)
    assert value(before, "ig_route_request_total", **HOME) == 0, "a value of zero is there from the start"
    assert value(after, "ig_route_request_total", **HOME) == 2
    assert value(after, "ig_route_request_active", **HOME) == 0
    assert value(after, "ig_route_response_status_total", family="successful", **HOME) == 2
    assert value(after, "ig_route_response_time_seconds_count", **HOME) == 2
    assert 0 < value(after, "ig_route_response_time_seconds", quantile="0.999", **HOME) < 10
    assert value(after, "ig_route_response_error_total", **BROKEN) == 1
    assert value(after, "ig_route_response_null_total", **BROKEN) == 0
    assert value(after, "ig_route_response_status_total", family="server_error", **BROKEN) == 1
    place = {"fully_qualified_name": "gateway._router", "heap": "gateway", "name": "_router"}
    assert value(after, "ig_router_deployed_routes", **place) == 2


async def test_listeners_have_their_documented_metrics(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        await instance.send("POST", instance.url + "/home", data=b"12345")
        await instance.get("/nowhere")
        found = await scrape(instance)
        port = instance.gateway.ports[0]
    home = {"local": f"127.0.0.1:{port}", "method": "POST", "code": "200", "route": "Home route"}
    assert value(found, "ig_http_server_requests_total", **home) == 1
    assert value(found, "ig_http_server_response_time_seconds_count", **home) == 1
    assert value(found, "ig_http_server_response_time_seconds_sum", **home) > 0
    assert value(found, "ig_http_server_time_seconds_count", route="Home route") == 1
    assert value(found, "ig_http_server_request_bytes_sum", **home) == 5
    assert value(found, "ig_http_server_response_bytes_sum", **home) == 2
    nowhere = {"local": f"127.0.0.1:{port}", "method": "GET", "code": "404", "route": ""}
    assert value(found, "ig_http_server_requests_total", **nowhere) == 1
    assert value(found, "ig_http_server_active_connections", local="127.0.0.1") >= 1


async def test_clients_have_their_documented_metrics(tmp_path):
    async def application(context, request):
        return Response(201)

    behind = Listener(Service(application), [0], "127.0.0.1")
    await behind.start()
    remote = f"127.0.0.1:{behind.ports[0]}"
    try:
        routes = {"a": {"handler": "ReverseProxyHandler", "baseURI": f"http://{remote}"}}
        async with running(tmp_path, routes=routes) as instance:
            await instance.get("/")
            await instance.get("/")
            found = await scrape(instance)
    finally:
        await behind.stop(0)
    assert value(found, "ig_http_client_requests_total", remote=remote, method="GET", code="201") == 2
    assert value(found, "ig_http_client_response_time_seconds_count", remote=remote, method="GET", code="201") == 2
    assert value(found, "ig_http_client_active_connections", remote=remote) == 1
    assert value(found, "ig_http_client_active_requests", remote=remote) == 0


async def test_metrics_of_the_engine_can_be_switched_off(tmp_path):
    async with running(tmp_path, admin={"vertx": {"metricsEnabled": False}}, routes=ROUTES) as instance:
        await instance.get("/home")
        found = await scrape(instance)
    assert value(found, "ig_route_request_total", **HOME) == 1
    assert not [key for key in found if key[0].startswith("ig_http_")]


async def test_metrics_of_routes_may_wait_for_their_first_request(tmp_path):
    config = {"handler": {"type": "Router", "config": {"scanInterval": "disabled", "delayRouteMetrics": True}}}
    labels = {"route": "home", "name": "Home route", "router": "gateway.router-handler"}
    async with running(tmp_path, config=config, routes=ROUTES) as instance:
        assert value(await scrape(instance), "ig_route_request_total", **labels) is None
        await instance.get("/home")
        assert value(await scrape(instance), "ig_route_request_total", **labels) == 1


async def test_the_default_handler_counts_as_a_route(tmp_path):
    config = json.loads(json.dumps(ROUTER))
    config["handler"]["config"]["defaultHandler"] = static("rest")["handler"]
    async with running(tmp_path, config=config, routes=ROUTES) as instance:
        await instance.get("/nowhere")
        found = await scrape(instance)
    assert value(found, "ig_route_request_total", name="default", route="default", router="gateway._router") == 1


async def test_a_route_that_is_gone_takes_its_metrics_along(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        await instance.get("/home")
        (tmp_path / "config" / "routes" / "home.json").unlink()
        await instance.router.scan()
        found = await scrape(instance)
    assert not [key for key in found if ("route", "home") in key or ("route", "Home route") in key]


async def test_nested_routers_are_named_by_where_they_are(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "deep.json").write_text(json.dumps(static("deep")))
    router = {"type": "Router", "name": "In Here", "config": {"directory": str(inner), "scanInterval": "disabled"}}
    async with running(tmp_path, routes={"outer": {"handler": router}}) as instance:
        await instance.get("/")
        found = await scrape(instance)
    place = {"fully_qualified_name": "gateway._router.outer.In Here", "heap": "gateway._router.outer"}
    assert value(found, "ig_router_deployed_routes", name="In Here", **place) == 1
    deep = {"name": "deep", "route": "deep", "router": "gateway._router.outer.In Here"}
    assert value(found, "ig_route_request_total", **deep) == 1


async def test_timers_of_decorators_and_the_process_are_scraped_too(tmp_path):
    routes = {"a": {**static("a"), "timer": True}}
    async with running(tmp_path, routes=routes) as instance:
        await instance.get("/")
        found = await scrape(instance)
    names = {key[0] for key in found}
    assert {"ig_timerdecorator_handler_elapsed_seconds_count", "process_cpu_seconds_total"} <= names
    assert {"process_resident_memory_bytes", "process_open_fds", "ig_secrets_refresh_failures_total"} <= names


async def test_workers_are_scraped_as_one(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        await instance.get("/home")
        own = await instance.gateway.administration.snapshot()

        async def peers():
            return [own, own]

        instance.gateway.administration.peers = peers
        found = await scrape(instance)
    assert value(found, "ig_route_request_total", **HOME) == 3
    place = {"fully_qualified_name": "gateway._router", "heap": "gateway", "name": "_router"}
    assert value(found, "ig_router_deployed_routes", **place) == 2


async def test_a_scrape_names_each_metric_once(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        await instance.get("/home")
        text = (await instance.admin("/metrics/prometheus/0.0.4")).text
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))


async def test_a_key_that_became_garbage_is_counted_and_the_last_good_one_serves(tmp_path):
    file = tmp_path / "secrets" / "key"
    file.parent.mkdir()
    file.write_text(base64.b64encode(b"k" * 32).decode())
    key = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "HmacSHA256"}}
    store = {"type": "FileSystemSecretStore", "config": {"directory": str(file.parent), "format": key}}
    signature = {"secretId": "key", "algorithm": "HS256"}
    maker = {
        "type": "JwtBuilderFilter",
        "config": {"template": {"a": 1}, "secretsProvider": store, "signature": signature},
    }
    chain = {"filters": [maker], "handler": static("${contexts.jwtBuilder.value}")["handler"]}
    routes = {"jwt": {"handler": {"type": "Chain", "config": chain}}}
    async with running(tmp_path, routes=routes) as instance:
        before = value(await scrape(instance), "ig_secrets_refresh_failures_total")
        good = (await instance.get("/")).text
        file.write_text("no key at all")
        assert (await instance.get("/")).text == good
        assert value(await scrape(instance), "ig_secrets_refresh_failures_total") == before + 1
