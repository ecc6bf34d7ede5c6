"""Access events of a whole gateway: one for each request, as documented, with nothing in it that is not safe."""

import json

import pytest
from jsonschema import Draft202012Validator

from tests.canaries import canary
from tests.gateway.audit.access_schema import ACCESS_EVENT, ORDER
from tests.gateway.audit.support import CSV, JSON, handler, lines, service, to_json
from tests.gateway.instances import ROUTER, at, running, static

CANARY = canary("access")


def config(*objects, **handler):
    return {**ROUTER, **handler, "heap": list(objects)}


async def recorded(tmp_path, exchange, *, audit=None, routes=None, **more):
    """The events of what a function does with a running gateway."""
    logs = tmp_path / "audit"
    settings = {"config": config(audit or service(to_json(logs))), "routes": routes or {"home": static("hi")}, **more}
    async with running(tmp_path, **settings) as instance:
        await exchange(instance)
    events = lines(logs / "access.audit.json")
    for event in events:
        Draft202012Validator(ACCESS_EVENT).validate(event)
    return events


async def test_the_event_of_a_request_in_a_route(tmp_path):
    async def exchange(instance):
        await instance.get(f"/some%20where?secret={CANARY}", headers={"User-Agent": "test", "X-Request-ID": "7"})

    [event] = await recorded(tmp_path, exchange, routes={"10-home": static("hi", name="Home")})
    assert list(event) == [name for name in ORDER if name in event]
    request = event["http"]["request"]
    assert (request["method"], request["secure"]) == ("GET", False)
    assert request["path"].startswith("http://127.0.0.1:")
    assert request["path"].endswith("/some%20where")
    assert request["headers"]["user-agent"] == ["test"]
    assert request["headers"]["x-request-id"] == ["7"]
    assert event["response"]["status"] == "SUCCESSFUL"
    assert event["response"]["statusCode"] == "200"
    assert (event["ig"]["routeId"], event["ig"]["routeName"]) == ("10-home", "Home")
    assert event["client"]["ip"] == event["server"]["ip"] == "127.0.0.1"
    assert event["transactionId"] == event["ig"]["exchangeId"] != event["_id"]


async def test_what_is_not_safe_is_not_recorded(tmp_path):
    async def exchange(instance):
        headers = {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}", "X-Token": CANARY}
        await instance.get(f"/?password={CANARY}", headers=headers)

    answer = {"status": 200, "headers": {"Set-Cookie": [f"session={CANARY}"]}}
    routes = {"a": {"handler": {"type": "StaticResponseHandler", "config": answer}}}
    [event] = await recorded(tmp_path, exchange, routes=routes)
    assert CANARY not in json.dumps(event)
    assert set(event["http"]) == {"request"}
    assert set(event["http"]["request"]) == {"secure", "method", "path", "headers"}


async def test_fields_can_be_included_and_excluded(tmp_path):
    async def exchange(instance):
        await instance.get("/?a=1&a=2&b", headers={"Cookie": f"one=1; two={CANARY}", "X-Trace": "yes", "X-Other": "no"})

    include = [
        "/access/http/request/queryParameters",
        "/access/http/request/headers/X-Trace",
        "/access/http/request/cookies/one",
        "/access/http/response",
    ]
    exclude = ["/access/client", "/access/http/request/headers/HOST", "/access/http/response/headers/set-cookie"]
    answer = {"status": 200, "headers": {"Set-Cookie": ["s=1; Path=/"], "X-Answer": ["42"]}}
    routes = {"a": {"handler": {"type": "StaticResponseHandler", "config": answer}}}
    audit = service(to_json(tmp_path / "audit"), include=include, exclude=exclude)
    async with running(tmp_path, config=config(audit), routes=routes) as instance:
        await exchange(instance)
    [event] = lines(tmp_path / "audit" / "access.audit.json")
    assert "client" not in event
    request = event["http"]["request"]
    assert request["queryParameters"] == {"a": ["1", "2"], "b": [""]}
    assert request["cookies"] == {"one": "1"}
    assert request["headers"]["x-trace"] == ["yes"]
    assert not {"x-other", "host", "cookie"} & set(request["headers"])
    assert event["http"]["response"] == {"headers": {"x-answer": ["42"]}, "cookies": {"s": "1"}}


async def test_a_request_that_no_route_takes_is_recorded_by_the_service_of_the_gateway(tmp_path):
    async def exchange(instance):
        await instance.get("/nowhere")

    [event] = await recorded(tmp_path, exchange, routes={"a": static("a", condition=at("/a"))})
    assert (event["response"]["status"], event["response"]["statusCode"]) == ("FAILED", "404")
    assert set(event["ig"]) == {"exchangeId"}


async def test_a_failure_in_a_route_is_recorded_with_its_status(tmp_path):
    async def exchange(instance):
        await instance.get("/")

    routes = {"a": {"handler": "ReverseProxyHandler", "baseURI": "http://127.0.0.1:1"}}
    [event] = await recorded(tmp_path, exchange, routes=routes)
    assert (event["response"]["statusCode"], event["ig"]["routeId"]) == ("502", "a")


async def test_headers_are_those_that_came_not_those_that_a_filter_made(tmp_path):
    async def exchange(instance):
        await instance.get("/", headers={"User-Agent": "as it came"})

    change = {"messageType": "REQUEST", "remove": ["User-Agent"], "add": {"User-Agent": ["changed"]}}
    chain = {
        "filters": [{"type": "HeaderFilter", "config": change}],
        "handler": {"type": "StaticResponseHandler", "config": {"status": 200}},
    }
    [event] = await recorded(tmp_path, exchange, routes={"a": {"handler": {"type": "Chain", "config": chain}}})
    assert event["http"]["request"]["headers"]["user-agent"] == ["as it came"]


async def test_a_route_may_switch_auditing_off_or_have_a_service_of_its_own(tmp_path):
    async def exchange(instance):
        for path in ("/off", "/own", "/heap", "/other"):
            await instance.get(path)

    own = service(to_json(tmp_path / "own"))
    named = service(to_json(tmp_path / "heap"))
    routes = {
        "off": static("", condition=at("/off"), auditService={"type": "NoOpAuditService"}),
        "own": static("", condition=at("/own"), auditService={"type": "AuditService", "config": own["config"]}),
        "heap": static("", condition=at("/heap"), heap=[named]),
        "other": static("", condition=at("/other")),
    }
    events = await recorded(tmp_path, exchange, routes=routes)
    assert [event["ig"]["routeId"] for event in events] == ["other"]
    assert [event["ig"]["routeId"] for event in lines(tmp_path / "own" / "access.audit.json")] == ["own"]
    assert [event["ig"]["routeId"] for event in lines(tmp_path / "heap" / "access.audit.json")] == ["heap"]


async def test_a_request_through_nested_routes_is_recorded_once_by_the_innermost(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "deep.json").write_text(json.dumps(static("deep")))

    async def exchange(instance):
        await instance.get("/")

    router = {"type": "Router", "config": {"directory": str(inner), "scanInterval": "disabled"}}
    [event] = await recorded(tmp_path, exchange, routes={"outer": {"handler": router}})
    assert event["ig"]["routeId"] == "deep"


async def test_user_and_extra_data_are_recorded_when_something_said_so(tmp_path, monkeypatch):
    async def exchange(instance):
        [loaded] = instance.router.table.routes
        enter = loaded.route._entrance.following

        async def entering(context, request):
            context.find("requestAudit").user_id = "bjensen"
            context.root.audit_extensions["fapi-client-id"] = "client"
            return await enter(context, request)

        loaded.route._entrance.following = entering
        await instance.get("/")

    [event] = await recorded(tmp_path, exchange)
    assert event["userId"] == "bjensen"
    assert event["ig"]["ext"] == {"fapi-client-id": "client"}


async def test_an_incoming_transaction_id_is_recorded_where_it_is_trusted(tmp_path, monkeypatch):
    from expr.scope import implicit

    async def exchange(instance):
        await instance.get("/", headers={"X-ForgeRock-TransactionId": "from-outside"})

    monkeypatch.setattr(implicit, "system", {"org.forgerock.http.TrustTransactionHeader": "true"})
    [event] = await recorded(tmp_path, exchange)
    assert event["transactionId"] == "from-outside"
    assert event["ig"]["exchangeId"] != "from-outside"


async def test_a_relative_directory_is_below_that_of_the_instance(tmp_path):
    audit = service(handler(JSON, logDirectory="logs/audit"), handler(CSV, name="csv", logDirectory="csv"))
    async with running(tmp_path, config=config(audit), routes={"a": static("a")}) as instance:
        await instance.get("/")
    assert len(lines(tmp_path / "logs" / "audit" / "access.audit.json")) == 1
    assert (tmp_path / "csv" / "access.csv").exists()


async def test_without_a_service_nothing_is_kept_of_a_request(tmp_path):
    kept = []
    async with running(tmp_path, routes={"a": static("a")}) as instance:
        [loaded] = instance.router.table.routes
        enter = loaded.route._entrance.following

        def entering(context, request):
            kept.append(context.root.received)
            return enter(context, request)

        loaded.route._entrance.following = entering
        await instance.get("/")
    assert kept == [None]


async def test_administrative_requests_have_a_service_of_their_own(tmp_path):
    admin = {"heap": [service(to_json(tmp_path / "admin"))]}
    async with running(tmp_path, admin=admin, routes={"a": static("a")}) as instance:
        await instance.get("/")
        await instance.admin("/health/live")
    [event] = lines(tmp_path / "admin" / "access.audit.json")
    assert event["http"]["request"]["path"].endswith("/health/live")


async def test_the_service_of_the_administration_needs_the_topic(tmp_path):
    from expr.diagnostic import DiagnosticError

    admin = {"heap": [service(to_json(tmp_path / "admin", topics=["mcp"]))]}
    with pytest.raises(DiagnosticError, match='does not record the topic "access"'):
        async with running(tmp_path, admin=admin):
            raise AssertionError("it started")


async def test_the_event_of_a_route_that_was_replaced_meanwhile_is_not_lost(tmp_path):
    logs = tmp_path / "own"
    audit = {"type": "AuditService", "config": service(to_json(logs))["config"]}
    async with running(tmp_path, routes={"a": static("old", auditService=audit)}) as instance:
        old = instance.router.table.routes[0]
        enter = old.route._entrance.following

        async def entering(context, request):
            instance.write_route("a", static("new"))
            response = await enter(context, request)
            await instance.router.scan()
            return response

        old.route._entrance.following = entering
        done = instance.gateway.listeners[0][0].service
        publish = done.on_exchange_done

        def late(*arguments):
            # As when a large response leaves slowly: the objects of the route are stopped by now.
            old.route.auditService.eventHandlers[0]._delivery = None
            publish(*arguments)

        done.on_exchange_done = late
        assert (await instance.get("/")).text == "old"
        from tests.gateway.instances import until

        await until(lambda: lines(logs / "access.audit.json"))
