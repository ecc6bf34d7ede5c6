"""The administrative port: which paths there are, in which mode, behind which protection."""

import pytest

from gateway.application.gateway import Gateway, Overrides
from gateway.application.instance import Instance
from gateway.version import VERSION
from tests.canaries import canary
from tests.gateway.instances import LOCAL, at, running, static, write

SEEN = canary("seen")
DEVELOPMENT = {"mode": "development"}
ROUTES = {"home": static("hi", condition=at("/home"))}
ROUTES_PATH = "/api/system/objects/_router/routes"
DENY = {
    "type": "ConditionEnforcementFilter",
    "config": {"condition": "${request.headers['X-Key'][0] == 'open'}"},
}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/startup", "/ping"])
async def test_probes_of_a_gateway_that_runs(tmp_path, path):
    async with running(tmp_path) as instance:
        answer = await instance.admin(path)
        assert (answer.status, answer.text) == (200, "")
        assert (await instance.admin(path, "HEAD")).status == 200
        assert (await instance.admin(path, "POST")).status == 405
        instance.gateway.running = False
        assert (await instance.admin(path)).status == (200 if path == "/health/live" else 503)


async def test_probes_tell_a_gateway_that_still_starts(tmp_path, monkeypatch):
    from gateway.routing.router import Router
    from tests.gateway.instances import ADMIN, ROUTER, Running

    seen = []
    write(tmp_path / "config" / "admin.json", ADMIN)
    write(tmp_path / "config" / "config.json", ROUTER)
    gateway = Gateway(Instance(tmp_path))
    gateway.load()
    start = Router.start

    async def slow(self):
        import aiohttp

        async with aiohttp.ClientSession() as client:
            instance = Running(gateway, tmp_path, client)
            seen.extend([(await instance.admin(f"/health/{probe}")).status for probe in ("live", "startup", "ready")])
        await start(self)

    monkeypatch.setattr(Router, "start", slow)
    await gateway.start()
    await gateway.stop()
    assert seen == [200, 503, 503]


async def test_removed_and_unknown_paths_are_not_there(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        for path in ("/", "/health", "/health/liveness", "/metrics", "/metrics/prometheus", "/studio", "/api", "/home"):
            assert (await instance.admin(path)).status == 404


async def test_administrative_paths_are_not_on_the_other_ports(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        for path in ("/ping", "/health/live", "/metrics/prometheus/0.0.4", "/openig/ping"):
            assert (await instance.get(path)).status == 404


async def test_information_about_the_gateway(tmp_path):
    async with running(tmp_path) as instance:
        answer = await instance.admin("/api/info?_prettyPrint=true")
        assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert answer.json["version"] == VERSION
        assert "\n" in answer.text
        assert (await instance.admin("/api/info", "DELETE")).status == 405


async def test_metrics_at_their_old_path_only_where_it_is_said(tmp_path):
    async with running(tmp_path, admin={"serveDeprecatedPrometheusEndpoint": True}) as instance:
        assert "# TYPE" in (await instance.admin("/metrics/prometheus")).text
        assert (await instance.admin("/metrics/prometheus", "PUT")).status == 405


async def test_production_has_no_routes_endpoint(tmp_path):
    async with running(tmp_path, routes=ROUTES) as instance:
        for method in ("GET", "PUT", "DELETE"):
            for path in (f"{ROUTES_PATH}?_queryFilter=true", f"{ROUTES_PATH}/home", f"{ROUTES_PATH}?_api"):
                assert (await instance.admin(path, method)).status == 404
        assert (await instance.get("/home")).text == "hi"


@pytest.mark.parametrize(
    ("admin", "remote", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "::ffff:127.0.0.1", 200),
        ({}, "192.0.2.7", 403),
        ({}, "", 403),
        (DEVELOPMENT, "192.0.2.7", 200),
    ],
)
async def test_production_answers_api_requests_of_this_machine_only(tmp_path, monkeypatch, admin, remote, status):
    from gateway.http.connection import Connection

    made = Connection.of_transport

    def from_elsewhere(transport):
        connection = made(transport)
        connection.remote_address = remote
        return connection

    monkeypatch.setattr(Connection, "of_transport", from_elsewhere)
    async with running(tmp_path, admin=admin, routes=ROUTES) as instance:
        answer = await instance.admin("/api/info")
        assert answer.status == status
        assert status == 200 or answer.text == ""
        assert (await instance.admin("/metrics/prometheus/0.0.4")).status == 200
        assert (await instance.admin("/health/live")).status == 200
        # In production a stranger is not even told that the path does not exist.
        expected = 200 if admin else 404 if status == 200 else 403
        assert (await instance.admin(f"{ROUTES_PATH}/home")).status == expected


@pytest.mark.parametrize("mode", ["production", "DEVELOPMENT"])
async def test_protection_filters_stand_in_front(tmp_path, mode):
    admin = {"mode": mode, "apiProtectionFilter": DENY, "metricsProtectionFilter": "guard"}
    admin["heap"] = [{"name": "guard", **DENY}]
    async with running(tmp_path, admin=admin, routes=ROUTES) as instance:
        for path in ("/api/info", "/metrics/prometheus/0.0.4", "/metrics/api?_queryFilter=true"):
            assert (await instance.admin(path)).status == 403
            assert (await instance.admin(path, headers={"X-Key": "open"})).status == 200
        assert (await instance.admin("/health/ready")).status == 200


async def test_protection_filters_under_their_old_names(tmp_path):
    heap = [{"name": name, **DENY} for name in ("ApiProtectionFilter", "MetricsProtectionFilter")]
    async with running(tmp_path, admin={"heap": heap}) as instance:
        for path in ("/api/info", "/metrics/prometheus/0.0.4"):
            assert (await instance.admin(path)).status == 403
            assert (await instance.admin(path, headers={"X-Key": "open"})).status == 200


async def test_administrative_sessions_have_a_cookie_of_their_own(tmp_path):
    note = {"type": "AssignmentFilter", "config": {"onRequest": [{"target": "${session.seen}", "value": SEEN}]}}
    async with running(tmp_path, admin={"apiProtectionFilter": note}) as instance:
        answer = await instance.admin("/api/info")
        assert answer.headers["Set-Cookie"].startswith("IG_ADMIN_SESSIONID=")


async def test_the_deprecated_prefix_puts_the_endpoints_on_the_connectors(tmp_path):
    write(tmp_path / "config" / "admin.json", {})
    admin = {"prefix": "openig", "connectors": [LOCAL], "mode": "development"}
    write(tmp_path / "config" / "admin.json", admin)
    write(tmp_path / "config" / "config.json", {"handler": {"type": "Router", "name": "_router"}})
    write(tmp_path / "config" / "routes" / "all.json", static("route"))
    gateway = Gateway(Instance(tmp_path), Overrides())
    gateway.load()
    await gateway.start()
    try:
        import aiohttp

        from tests.gateway.instances import Running

        async with aiohttp.ClientSession() as client:
            instance = Running(gateway, tmp_path, client)
            assert gateway.admin_ports == []
            for path in ("/openig/ping", "/openig/health/live", "/openig/metrics/prometheus/0.0.4", "/openig/api/info"):
                assert (await instance.get(path)).status == 200
            assert (await instance.get(f"/openig{ROUTES_PATH}/all")).json["_id"] == "all"
            assert (await instance.get("/openig/other")).status == 404
            assert (await instance.get("/ping")).text == "route"
            assert (await instance.get("/openigs")).text == "route"
            created = await instance.send(
                "PUT", f"{instance.url}/openig{ROUTES_PATH}/b", json=static("", condition=False)
            )
            assert created.headers["Location"] == f"/openig{ROUTES_PATH}/b"
    finally:
        await gateway.stop()


async def test_a_port_of_the_command_line_is_the_administrative_one(tmp_path):
    async with running(tmp_path, overrides=Overrides(admin_port=0, host="127.0.0.1")) as instance:
        assert (await instance.admin("/ping")).status == 200


async def test_the_mode_comes_from_the_environment_where_the_file_says_nothing(tmp_path, monkeypatch):
    from expr.scope import implicit

    monkeypatch.setattr(implicit, "env", {"IG_RUN_MODE": "Development"})
    async with running(tmp_path, routes=ROUTES) as instance:
        assert (await instance.admin(f"{ROUTES_PATH}/home")).status == 200
