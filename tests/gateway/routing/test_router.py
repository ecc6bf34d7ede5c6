"""Routers: which routes there are, in which order, and what a change of their files does to requests."""

import asyncio
import os

import pytest

from expr.diagnostic import DiagnosticError
from gateway.http.message import Response
from gateway.routing.route import Route
from tests.gateway.instances import at, running, static, until, write

LOADED = "Loaded the route with id '%s' registered with the name '%s'"


def records(caplog, level: str) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelname == level and r.name == "gatewright.Router"]


async def test_a_request_goes_to_the_first_route_by_name_whose_condition_holds(tmp_path):
    routes = {
        "a-file": static("last", name="30"),
        "b-file": static("first", name="10", condition=at("/x")),
        "c-file": static("second", name="20", condition=at("/x")),
    }
    async with running(tmp_path, routes=routes) as instance:
        assert (await instance.get("/x")).text == "first"
        assert (await instance.get("/y")).text == "last"


async def test_names_are_ordered_by_character_and_default_to_the_file(tmp_path):
    routes = {"b": static("b"), "B": static("B"), "10": static("10"), "9": static("9")}
    async with running(tmp_path, routes=routes) as instance:
        assert [loaded.name for loaded in instance.router.table.routes] == ["10", "9", "B", "b"]


async def test_without_a_route_and_a_default_handler_it_is_404(tmp_path):
    async with running(tmp_path) as instance:
        answer = await instance.get("/")
        assert (answer.status, answer.text) == (404, "")


async def test_the_default_handler_takes_the_rest(tmp_path):
    default = static("rest", 418)["handler"]
    config = {"handler": {"type": "Router", "config": {"scanInterval": "disabled", "defaultHandler": default}}}
    async with running(tmp_path, config=config, routes={"a": static("a", condition=at("/a"))}) as instance:
        assert (await instance.get("/a")).text == "a"
        assert (await instance.get("/b")).status == 418


async def test_only_json_files_right_in_the_directory_are_routes(tmp_path):
    async with running(tmp_path) as instance:
        for name in ("deep/a.json", "b.txt", "c.JSON", "default.json"):
            write(tmp_path / "config" / "routes" / name, static(name))
        (tmp_path / "config" / "routes" / "d.json").mkdir()
        assert await instance.router.scan() == []
        assert instance.router.table.routes == []


async def test_an_added_route_serves_after_the_next_scan(tmp_path, caplog):
    caplog.set_level("INFO", "gatewright")
    async with running(tmp_path) as instance:
        instance.write_route("new", static("new", name="10-new"))
        await instance.router.scan()
        assert (await instance.get("/")).text == "new"
        assert LOADED % ("new", "10-new") in records(caplog, "INFO")


async def test_a_changed_route_is_replaced(tmp_path):
    async with running(tmp_path, routes={"a": static("old")}) as instance:
        instance.write_route("a", static("new"))
        await instance.router.scan()
        assert (await instance.get("/")).text == "new"


async def test_a_removed_route_is_gone(tmp_path, caplog):
    caplog.set_level("INFO", "gatewright")
    async with running(tmp_path, routes={"a": static("a")}) as instance:
        (tmp_path / "config" / "routes" / "a.json").unlink()
        await instance.router.scan()
        assert (await instance.get("/")).status == 404
        assert "Removed the route with id 'a'" in records(caplog, "INFO")


async def test_the_interval_of_scans_is_that_of_the_configuration(tmp_path):
    config = {"handler": {"type": "Router", "config": {"scanInterval": "5 ms"}}}
    async with running(tmp_path, config=config) as instance:
        instance.write_route("a", static("a"))
        await until(lambda: instance.router.table.routes)
        assert (await instance.get("/")).text == "a"


async def test_a_scan_without_changes_changes_nothing(tmp_path):
    async with running(tmp_path, routes={"a": static("a")}) as instance:
        table = instance.router.table
        await instance.router.scan()
        assert instance.router.table is table


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        {"handler": {"type": "NoSuchType"}},
        {"name": "no handler"},
        {"handler": "NoSuchObject"},
        {"handler": {"type": "StaticResponseHandler", "config": {"status": "&{not.there}"}}},
        {"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "${request.("}}},
    ],
)
async def test_a_broken_route_keeps_its_last_good_version_and_the_others(tmp_path, caplog, broken):
    routes = {"a": static("good", condition=at("/a")), "b": static("other", condition=at("/b"))}
    async with running(tmp_path, routes=routes) as instance:
        instance.write_route("a", broken)
        instance.write_route("b", static("newer", condition=at("/b")))
        assert len(await instance.router.scan()) == 1
        assert (await instance.get("/a")).text == "good"
        assert (await instance.get("/b")).text == "newer"
        [line] = records(caplog, "ERROR")
        assert line.startswith("An error occurred while building the route with the name 'a'; its last good version")


async def test_what_is_wrong_is_logged_once_and_forgotten_when_it_is_right(tmp_path, caplog):
    async with running(tmp_path, routes={"a": "{"}) as instance:
        await instance.router.scan()
        await instance.router.scan()
        assert len(records(caplog, "ERROR")) == 1
        instance.write_route("a", static("good"))
        assert await instance.router.scan() == []
        assert (await instance.get("/")).text == "good"


async def test_a_fault_of_an_object_is_a_fault_of_its_route_alone(tmp_path, caplog, monkeypatch):
    async def fail(self):
        raise RuntimeError("out of order")

    async with running(tmp_path, routes={"b": static("fine")}) as instance:
        from gateway.handlers.static_response_handler import StaticResponseHandler

        with monkeypatch.context() as patch:
            patch.setattr(StaticResponseHandler, "start", fail)
            instance.write_route("a", static("a"))
            [failure] = await instance.router.scan()
        assert failure.diagnostics[0].code.id == "GW311"
        assert (await instance.get("/")).text == "fine"


async def test_two_routes_of_one_name_or_id_are_told_apart_by_refusing_the_second(tmp_path, caplog):
    routes = {
        "1": static("1", name="same"),
        "2": static("2", name="same"),
        "3": static("3", _id="x", name="3", condition=at("/3")),
        "4": static("4", _id="x", name="4"),
        "5": static("5", name="default"),
    }
    async with running(tmp_path, routes=routes) as instance:
        assert [loaded.key for loaded in instance.router.table.routes] == ["3", "1"]
        text = "\n".join(records(caplog, "ERROR"))
        assert 'the route name "same" is taken by another route' in text
        assert 'the route id "x" is taken by another route' in text
        assert 'the route name "default" is reserved' in text


async def test_the_second_route_of_a_name_loads_once_the_first_is_gone(tmp_path):
    async with running(tmp_path, routes={"1": static("1", name="same"), "2": static("2", name="same")}) as instance:
        (tmp_path / "config" / "routes" / "1.json").unlink()
        await instance.router.scan()
        assert (await instance.get("/")).text == "2"


async def test_a_start_may_insist_on_all_routes(tmp_path):
    config = {"handler": {"type": "Router", "config": {"scanInterval": "disabled", "failOnRouteError": True}}}
    with pytest.raises(DiagnosticError):
        async with running(tmp_path, config=config, routes={"a": static("a"), "b": "{"}):
            raise AssertionError("it started")


async def test_a_directory_that_is_named_has_to_exist(tmp_path):
    config = {"handler": {"type": "Router", "config": {"directory": str(tmp_path / "nowhere")}}}
    with pytest.raises(DiagnosticError, match="does not exist"):
        async with running(tmp_path, config=config):
            raise AssertionError("it started")


async def test_a_directory_that_is_gone_for_a_while_takes_no_route_away(tmp_path):
    async with running(tmp_path, routes={"a": static("a")}) as instance:
        routes = tmp_path / "config" / "routes"
        routes.rename(tmp_path / "elsewhere")
        await instance.router.scan()
        assert (await instance.get("/")).text == "a"
        (tmp_path / "elsewhere").rename(routes)
        await instance.router.scan()
        assert (await instance.get("/")).text == "a"


def nested(directory, **config):
    return {"handler": {"type": "Router", "name": "inner", "config": {"directory": str(directory), **config}}}


async def test_a_route_may_hold_a_router_whose_routes_see_its_heap(tmp_path):
    inner = tmp_path / "inner"
    write(inner / "deep.json", {"name": "deep", "handler": "Shared"})
    answer = {"name": "Shared", **static("from the heap of the route")["handler"]}
    outer = {**nested(inner, scanInterval="disabled"), "condition": at("/in"), "heap": [answer]}
    async with running(tmp_path, routes={"outer": outer}) as instance:
        assert (await instance.get("/in")).text == "from the heap of the route"
        assert len(instance.gateway.routers) == 2
        instance.write_route("outer", {**outer, "comment": "changed"})
        await instance.router.scan()
        assert (await instance.get("/in")).text == "from the heap of the route"
        await until(lambda: len(instance.gateway.routers) == 2)
        (tmp_path / "config" / "routes" / "outer.json").unlink()
        await instance.router.scan()
        await until(lambda: len(instance.gateway.routers) == 1)


async def test_a_route_whose_inner_router_fails_leaves_nothing_behind(tmp_path):
    async with running(tmp_path) as instance:
        instance.write_route("outer", nested(tmp_path / "nowhere"))
        assert len(await instance.router.scan()) == 1
        assert instance.gateway.routers == [instance.router]


class Gate:
    """Holds requests inside a route until it is opened."""

    def __init__(self):
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, context, request):
        self.entered.set()
        await self.opened.wait()
        return Response(200, None, "late")


async def test_a_request_inside_ends_in_the_route_that_it_entered(tmp_path):
    async with running(tmp_path, routes={"a": static("old")}) as instance:
        [loaded] = instance.router.table.routes
        gate = Gate()
        loaded.route._entrance.following = gate
        request = asyncio.create_task(instance.get("/"))
        await gate.entered.wait()
        instance.write_route("a", static("new"))
        await instance.router.scan()
        assert (await instance.get("/")).text == "new"
        assert loaded.heap._running, "the objects of a route run while a request is inside"
        gate.opened.set()
        assert (await request).text == "late"
        await until(lambda: not loaded.heap._running)


async def test_a_request_whose_condition_takes_its_time_goes_to_the_new_route(tmp_path):
    async with running(tmp_path, routes={"a": static("old")}) as instance:
        table, gate = instance.router.table, Gate()

        class Slow:
            immediate, routes = False, table.routes

            async def choose(self, context, request):
                await gate(context, request)
                return await table.choose(context, request)

        instance.router._table = Slow()
        request = asyncio.create_task(instance.get("/"))
        await gate.entered.wait()
        instance.write_route("a", static("new"))
        await instance.router.scan()
        gate.opened.set()
        assert (await request).text == "new"


async def test_routes_that_end_are_awaited_when_the_gateway_stops(tmp_path):
    stopped = []
    async with running(tmp_path, routes={"a": static("a"), "b": static("b")}) as instance:
        loaded = list(instance.router.table.routes)
        for one in loaded:
            assert isinstance(one.route, Route)
            stopped.append(one.heap)
    assert all(not heap._running for heap in stopped)


async def test_what_never_ends_does_not_hold_the_stop(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("gateway.routing.router.PATIENCE", 0.01)
    async with running(tmp_path, routes={"a": static("a")}) as instance:
        instance.router.table.routes[0].route.traffic.active += 1
    assert "requests are still inside of routes" in caplog.text


def test_a_signature_of_a_file_that_vanished_is_no_failure(tmp_path):
    from gateway.routing.directory import _signature

    assert _signature(tmp_path / "gone.json") == (0, 0, 0)
    file = tmp_path / "there.json"
    file.write_text("{}")
    os.utime(file, ns=(1, 1))
    assert _signature(file)[0] == 1
