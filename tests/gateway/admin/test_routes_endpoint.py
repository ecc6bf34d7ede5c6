"""The interface to routes: what it changes is in force at once, and in the files."""

import json

import pytest

from tests.gateway.instances import at, running, static

BASE = "/api/system/objects/_router/routes"
DEVELOPMENT = {"mode": "development"}


def route(text, path="/x", **more):
    return static(text, condition=at(path), **more)


def files(tmp_path):
    return sorted(file.name for file in (tmp_path / "config" / "routes").iterdir())


@pytest.fixture
async def instance(tmp_path):
    routes = {"home": route("home", "/home", name="A home"), "00-uma": route("uma", "/uma")}
    async with running(tmp_path, admin=DEVELOPMENT, routes=routes) as running_:
        yield running_


async def test_a_route_is_read_as_it_was_written(instance):
    answer = await instance.admin(f"{BASE}/home")
    assert answer.json == {"_id": "home", **route("home", "/home", name="A home")}
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert (await instance.admin(f"{BASE}/home?_fields=name,_id")).json == {"name": "A home", "_id": "home"}


async def test_tokens_are_read_as_tokens(instance):
    body = {"properties": {"text": "secret"}, **route("&{text}", "/token")}
    await instance.admin(f"{BASE}/token", "PUT", json=body)
    assert (await instance.get("/token")).text == "secret"
    assert (await instance.admin(f"{BASE}/token")).json["handler"]["config"]["entity"] == "&{text}"


async def test_a_query_gives_all_routes_in_their_order(instance):
    answer = (await instance.admin(f"{BASE}?_queryFilter=true&_fields=_id")).json
    assert answer["result"] == [{"_id": "00-uma"}, {"_id": "home"}]
    assert (answer["resultCount"], answer["totalPagedResults"], answer["remainingPagedResults"]) == (2, -1, -1)


async def test_pages_of_a_query(instance):
    first = (await instance.admin(f"{BASE}?_queryFilter=true&_pageSize=1&_totalPagedResultsPolicy=EXACT")).json
    assert ([r["_id"] for r in first["result"]], first["totalPagedResults"]) == (["00-uma"], 2)
    more = f"{BASE}?_queryFilter=true&_pageSize=1&_pagedResultsCookie={first['pagedResultsCookie']}"
    second = (await instance.admin(more)).json
    assert ([r["_id"] for r in second["result"]], second["pagedResultsCookie"]) == (["home"], None)


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}])
async def test_a_route_is_created(instance, tmp_path, headers):
    answer = await instance.admin(f"{BASE}/new", "PUT", json=route("new"), headers=headers)
    assert answer.status == 201
    assert answer.headers["Location"] == f"{BASE}/new"
    assert answer.json == {"_id": "new", **route("new")}
    assert (await instance.get("/x")).text == "new"
    assert json.loads((tmp_path / "config" / "routes" / "new.json").read_text()) == route("new")
    table = instance.router.table
    assert await instance.router.scan() == []
    assert instance.router.table is table, "its own file is no change"


async def test_the_path_gives_the_id_and_the_name(instance):
    answer = await instance.admin(f"{BASE}/new", "PUT", json={"_id": "other", **route("new")})
    assert answer.json["_id"] == "new"
    [loaded] = [loaded for loaded in instance.router.table.routes if loaded.id == "new"]
    assert loaded.name == "new"


@pytest.mark.parametrize(
    ("id_", "body"),
    [
        ("home", route("again")),
        ("other", route("again", name="A home")),
        ("other", {"handler": {"type": "NoSuchType"}}),
        ("other", {"name": "no handler"}),
    ],
)
async def test_what_cannot_be_created_is_a_conflict(instance, tmp_path, id_, body):
    before = files(tmp_path)
    answer = await instance.admin(f"{BASE}/{id_}", "PUT", json=body)
    assert answer.status == 409
    assert answer.json["code"] == 409
    assert answer.json["reason"] == "Conflict"
    assert answer.json["message"] == f"Unable to create route {id_}"
    assert answer.json["cause"]["message"]
    assert files(tmp_path) == before
    assert (await instance.get("/home")).text == "home"


async def test_a_file_that_cannot_be_written_is_a_conflict_and_leaves_no_route(instance, monkeypatch):
    def fail(self, stem, text):
        raise OSError(28, "No space left on device", "/some/where")

    monkeypatch.setattr("gateway.routing.directory.RouteDirectory.write", fail)
    answer = await instance.admin(f"{BASE}/new", "PUT", json=route("new"))
    assert answer.status == 409
    assert answer.json["cause"]["message"] == "No space left on device"
    assert (await instance.get("/x")).status == 404


@pytest.mark.parametrize(
    "id_", ["..", "%2e%2e%2fx", "a%2fb", "default", "a%00b", ".hidden", "a%20b", "x.", "a%0Ab", "%E2%80%AE"]
)
async def test_an_id_never_leaves_the_directory(instance, tmp_path, id_):
    import yarl

    url = yarl.URL(f"{instance.admin_url}{BASE}/{id_}", encoded=True)
    answer = await instance.send("PUT", url, json=route("x"))
    assert answer.status in (400, 404)
    assert files(tmp_path) == ["00-uma.json", "home.json"]
    assert not (tmp_path / "config" / "x.json").exists()


async def test_a_route_is_replaced(instance, tmp_path):
    headers = {"If-Match": "*"}
    answer = await instance.admin(f"{BASE}/home", "PUT", json=route("newer", "/home"), headers=headers)
    assert answer.status == 200
    assert (await instance.get("/home")).text == "newer"
    assert json.loads((tmp_path / "config" / "routes" / "home.json").read_text()) == route("newer", "/home")


async def test_a_replacement_that_does_not_load_leaves_the_old_route(instance, tmp_path):
    broken = {"handler": {"type": "NoSuchType"}}
    answer = await instance.admin(f"{BASE}/home", "PUT", json=broken, headers={"If-Match": "*"})
    assert answer.status == 404
    assert 'no object type "NoSuchType"' in answer.json["cause"]["message"]
    assert (await instance.get("/home")).text == "home"
    assert "home" in (tmp_path / "config" / "routes" / "home.json").read_text()


async def test_a_route_whose_id_is_not_its_file_keeps_both(tmp_path):
    routes = {"file": route("old", _id="My Route")}
    async with running(tmp_path, admin=DEVELOPMENT, routes=routes) as instance:
        assert (await instance.admin(f"{BASE}/my-route")).json["_id"] == "My Route"
        answer = await instance.admin(f"{BASE}/my-route", "PUT", json=route("new"), headers={"If-Match": "*"})
        assert (answer.status, answer.json["_id"]) == (200, "My Route")
        assert files(tmp_path) == ["file.json"]
        assert await instance.router.scan() == []
        assert (await instance.get("/x")).text == "new"
        assert (await instance.admin(f"{BASE}/my-route", "DELETE")).status == 200
        assert files(tmp_path) == []


async def test_a_route_is_removed(instance, tmp_path):
    answer = await instance.admin(f"{BASE}/home", "DELETE")
    assert (answer.status, answer.json["name"]) == (200, "A home")
    assert (await instance.get("/home")).status == 404
    assert files(tmp_path) == ["00-uma.json"]
    assert (await instance.admin(f"{BASE}/home", "DELETE")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("PUT", "/nothing", {"json": {}, "headers": {"If-Match": "*"}}, 404),
        ("DELETE", "/nothing", {}, 404),
        ("PUT", "/home", {"json": {}, "headers": {"If-Match": '"1"'}}, 412),
        ("PUT", "/new", {"json": {}, "headers": {"If-None-Match": '"1"'}}, 400),
        ("PUT", "/new", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ("PUT", "/new", {"data": "[]", "headers": {"Content-Type": "application/json"}}, 400),
        ("PUT", "/new", {"data": b"\xff", "headers": {"Content-Type": "application/json"}}, 400),
        ("PUT", "/new", {"data": "a=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 415),
        ("PATCH", "/home", {"json": []}, 501),
        ("POST", "/home?_action=x", {}, 501),
        ("POST", "?_action=create", {"json": {}}, 400),
        ("POST", "?_action=other", {"json": {}}, 501),
        ("GET", "", {}, 400),
        ("GET", "?_queryFilter=true&_queryId=x", {}, 400),
        ("GET", "?_queryId=all", {}, 501),
        ("GET", "?_queryFilter=false", {}, 501),
        ("GET", "?_queryFilter=(", {}, 400),
        ("GET", "?_queryFilter=true&_pageSize=x", {}, 400),
    ],
)
async def test_what_is_not_served_has_a_status_and_an_error_body(instance, method, path, options, status):
    answer = await instance.admin(BASE + path, method, **options)
    assert answer.status == status
    assert answer.json["code"] == status
    assert {"reason", "message"} <= set(answer.json)


@pytest.mark.parametrize(
    "path",
    [
        "/api/system/objects",
        "/api/system/objects/_router",
        "/api/system/objects/other/routes",
        f"{BASE}/home/objects",
        f"{BASE}/home/objects/none",
        f"{BASE}/none/objects/inner/routes",
        f"{BASE}/home/more",
    ],
)
async def test_other_paths_are_not_there(instance, path):
    assert (await instance.admin(path)).status == 404


async def test_the_interface_describes_itself(instance):
    described = (await instance.admin(f"{BASE}?_api")).json
    assert described["swagger"] == "2.0"
    assert set(described["paths"]) == {"/routes", "/routes/{id}"}
    assert described["basePath"] == "/api/system/objects/_router"
    assert BASE in (await instance.admin(f"{BASE}?_crestapi")).json["paths"]


@pytest.mark.parametrize(
    ("declared", "name"),
    [({}, "router-handler"), ({"name": "My Router"}, "my-router"), ({"name": "_router"}, "_router")],
)
async def test_the_name_of_the_router_in_the_path(tmp_path, declared, name):
    config = {"handler": {"type": "Router", "config": {"scanInterval": "disabled"}, **declared}}
    async with running(tmp_path, admin=DEVELOPMENT, config=config, routes={"a": static("a")}) as instance:
        assert (await instance.admin(f"/api/system/objects/{name}/routes/a")).status == 200


async def test_a_router_of_the_heap_is_reached_by_its_name(tmp_path):
    heap = [{"name": "Main", "type": "Router", "config": {"scanInterval": "disabled"}}]
    config = {"handler": "Main", "heap": heap}
    async with running(tmp_path, admin=DEVELOPMENT, config=config, routes={"a": static("a")}) as instance:
        assert (await instance.admin("/api/system/objects/main/routes/a")).status == 200


async def test_nested_routers_are_below_their_route(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    router = {"type": "Router", "name": "Inner", "config": {"directory": str(inner), "scanInterval": "disabled"}}
    async with running(tmp_path, admin=DEVELOPMENT, routes={"outer": {"handler": router}}) as instance:
        base = f"{BASE}/outer/objects/inner/routes"
        created = await instance.admin(f"{base}/deep", "PUT", json=static("deep"))
        assert created.headers["Location"] == f"{base}/deep"
        assert (inner / "deep.json").exists()
        assert (await instance.get("/")).text == "deep"
        assert (await instance.admin(f"{base}?_queryFilter=true")).json["resultCount"] == 1
        assert (await instance.admin("/api/system/objects/inner/routes/deep")).status == 404


async def test_an_object_of_a_route_may_have_an_endpoint(instance):
    from gateway.admin.registered import REGISTERED
    from gateway.http.message import Response

    async def share(context, request):
        return Response(200, None, request.uri.path.rpartition("/")[2])

    [home] = [loaded for loaded in instance.router.table.routes if loaded.id == "home"]
    remove = REGISTERED.add(home.heap, "Uma Service", share)
    assert (await instance.admin(f"{BASE}/home/objects/uma-service/share/7")).text == "7"
    remove()
    assert (await instance.admin(f"{BASE}/home/objects/uma-service/share/7")).status == 404
