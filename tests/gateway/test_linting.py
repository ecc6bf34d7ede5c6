from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from expr.diagnostic import DiagnosticError, Severity
from expr.source import Source
from gateway.catalog import registry
from gateway.documented_contexts import PROVIDERS
from gateway.linting import Gathering, NothingToLint, lint_paths
from tests.gateway.lint_examples import ids, lint, shown, write

CLIENT = {"type": "ClientHandler"}
STATIC = {"type": "StaticResponseHandler", "config": {"status": 200}}


def static(entity: str) -> dict[str, object]:
    return {"type": "StaticResponseHandler", "config": {"status": 200, "entity": entity}}


def chain(filters: list[object], handler: object = "ReverseProxyHandler") -> dict[str, object]:
    return {"type": "Chain", "config": {"filters": filters, "handler": handler}}


# ------------------------------------------------------------------------------------------------------- kinds of files


@pytest.mark.parametrize(
    "document",
    [
        {"connectors": [{"port": 8080}]},
        {"mode": "development"},
        {"adminConnector": {"port": 8085}, "heap": [{"name": "capture", "type": "CaptureDecorator"}]},
        {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": ["X-A"]}},
        {"heap": [{"name": "A", "type": "ClientHandler"}]},
        [{"name": "A", "type": "ClientHandler"}, {"name": "B", "type": "Chain", "config": chain([], "A")["config"]}],
        {"handler": "ReverseProxyHandler", "temporaryStorage": {"type": "TemporaryStorage"}},
        {"handler": "ReverseProxyHandler"},
    ],
    ids=["connectors", "mode", "adminConnector", "object", "heap", "list", "config", "route"],
)
def test_a_file_of_any_name_is_told_by_what_it_holds(document: object, tmp_path: Path) -> None:
    assert lint(document, tmp_path, name="example.json") == []


def test_a_file_named_admin_is_admin_json_whatever_it_holds(tmp_path: Path) -> None:
    found = lint({"handler": "ReverseProxyHandler"}, tmp_path, name="admin.json")

    assert ids(found) == ["GW307"]


def test_a_bare_object_is_checked_like_one_in_a_heap(tmp_path: Path) -> None:
    found = lint({"type": "HeaderFilter", "config": {"remov": ["X"]}}, tmp_path, name="filter.json")

    assert ids(found) == ["GW202", "GW201"]


def test_a_file_that_holds_no_object_is_refused(tmp_path: Path) -> None:
    assert ids(lint("[1, 2]", tmp_path)) == ["GW206"]
    assert ids(lint("3", tmp_path)) == ["GW206"]
    assert ids(lint({"$int": "3"}, tmp_path)) == ["GW202", "GW307"]
    assert ids(lint("", tmp_path)) == ["GW101"]


def test_a_file_that_cannot_be_read_does_not_keep_others_from_being_linted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    (tmp_path / "b.json").write_text('{"handler": "Nobody"}')

    assert ids(lint_paths([tmp_path])) == ["GW103", "GW301"]


def test_stdin_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"handler": "Nobody"}')))

    (found,) = lint_paths([Path("-")])

    assert (found.code.id, found.source.name) == ("GW301", "<stdin>")


# ----------------------------------------------------------------------------------------------------------- instances


def test_routes_see_the_heap_and_the_properties_of_config_json(tmp_path: Path) -> None:
    files = {
        "config.json": {
            "properties": {"app": {"host": "app.example.com"}},
            "heap": [{"name": "Shared", **CLIENT}],
            "handler": {"type": "Router"},
        },
        "routes/a.json": {"condition": "${request.uri.host == app.host}", "handler": "Shared", "name": "&{app.host}"},
    }

    assert lint(files, tmp_path) == []


def test_a_route_alone_sees_the_config_json_that_is_around_it(tmp_path: Path) -> None:
    files = {
        "config.json": {"heap": [{"name": "Shared", **CLIENT}], "handler": {"type": "Router", "config": {"x": 1}}},
        "routes/a.json": {"handler": "Shared"},
    }
    write(files, tmp_path)

    assert lint_paths([tmp_path / "config/routes/a.json"]) == []


def test_admin_json_has_a_heap_of_its_own(tmp_path: Path) -> None:
    files = {
        "admin.json": {"connectors": [{"port": 8080, "tls": "Tls"}]},
        "config.json": {"heap": [{"name": "Tls", "type": "ServerTlsOptions", "config": {}}], "handler": CLIENT},
    }

    found = lint(files, tmp_path)

    assert "GW301" in ids(found)
    assert {f.source.name for f in found if f.code.id == "GW301"} == {str(tmp_path / "config/admin.json")}


def test_routers_in_routes_lead_to_more_routes_with_the_heap_of_the_route_around(tmp_path: Path) -> None:
    nested = {"type": "Router", "config": {"directory": "${openig.configDirectory}/more", "scanInterval": "disabled"}}
    files = {
        "config.json": {"handler": {"type": "Router"}},
        "routes/a.json": {"heap": [{"name": "OfRoute", **CLIENT}], "handler": nested},
        "more/b.json": {"handler": "OfRoute"},
        "more/c.json": {"handler": "Nobody"},
    }

    (found,) = lint(files, tmp_path)

    assert (found.code.id, Path(found.source.name).name) == ("GW301", "c.json")


def test_routers_that_lead_to_each_other_are_read_once(tmp_path: Path) -> None:
    router = {"type": "Router", "config": {"directory": "&{ig.instance.dir}/config/routes"}}

    assert lint({"config.json": {"handler": router}, "routes/a.json": {"handler": router}}, tmp_path) == []


def test_an_instance_without_config_json_has_the_routes_of_the_default_router(tmp_path: Path) -> None:
    write({"admin.json": {"mode": "production"}, "routes/a.json": {"handler": "Nobody"}}, tmp_path)

    assert ids(lint_paths([tmp_path])) == ["GW301"]
    assert ids(lint_paths([tmp_path / "config"])) == ["GW301"]


def test_a_configuration_directory_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf = tmp_path / "conf"
    (conf / "routes").mkdir(parents=True)
    (conf / "config.json").write_text('{"handler": {"type": "Router"}}')
    (conf / "routes" / "a.json").write_text('{"handler": "Nobody"}')

    assert ids(lint_paths([conf])) == ["GW301"]
    monkeypatch.chdir(conf)
    assert ids(lint_paths([Path()])) == ["GW301"]


def test_a_directory_without_configuration_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(NothingToLint):
        lint_paths([tmp_path])


def test_a_route_alone_is_told_where_else_a_name_may_be(tmp_path: Path) -> None:
    (found,) = lint({"handler": "Elsewhere"}, tmp_path)

    assert found.help.endswith("if config.json has it, lint the directory as a whole")


# --------------------------------------------------------------------------------------------------------------- rules


def test_an_object_that_only_a_route_uses_is_used(tmp_path: Path) -> None:
    config = {"heap": [{"name": "Used", **CLIENT}, {"name": "Idle", **CLIENT}], "handler": {"type": "Router"}}

    (found,) = lint({"config.json": config, "routes/a.json": {"handler": "Used"}}, tmp_path)

    assert (found.code.id, shown(found)) == ("GW312", '"Idle"')


def test_a_route_that_cannot_be_read_may_use_anything(tmp_path: Path) -> None:
    config = {"heap": [{"name": "Idle", **CLIENT}], "handler": {"type": "Router"}}

    assert ids(lint({"config.json": config, "routes/a.json": "{", "routes/b.json": {"handler": CLIENT}}, tmp_path)) == [
        "GW101"
    ]


def test_config_json_alone_may_have_objects_for_routes(tmp_path: Path) -> None:
    config = {"heap": [{"name": "ForRoutes", **CLIENT}], "handler": {"type": "Router"}}

    assert lint(config, tmp_path, name="config.json") == []


@pytest.mark.parametrize("name", ["ForgeRockClientHandler", "capture", "AuditService"])
def test_an_object_in_place_of_a_default_one_is_used(name: str, tmp_path: Path) -> None:
    kind = {"capture": "CaptureDecorator", "AuditService": "NoOpAuditService"}.get(name, "ClientHandler")

    assert lint({"heap": [{"name": name, "type": kind}], "handler": CLIENT}, tmp_path) == []


def test_a_decorator_of_a_whole_file_is_used_and_known(tmp_path: Path) -> None:
    heap = [{"name": "mine", "type": "CaptureDecorator"}]
    document = {"heap": heap, "handler": CLIENT, "globalDecorators": {"mine": "all", "_off": 1}}

    assert lint(document, tmp_path) == []
    assert ids(lint({"handler": CLIENT, "globalDecorators": {"captur": "all"}}, tmp_path)) == ["GW307"]


def test_types_that_provide_a_documented_context_say_so() -> None:
    for context, types in PROVIDERS.items():
        for name in filter(registry().knows, types):
            provided = {one for names in registry().get(name).provides.values() for one in names}
            assert context in provided, f"{name} provides {context}"


def test_what_an_object_of_an_unsupported_type_refers_to_is_used(tmp_path: Path) -> None:
    user = {"type": "SingleSignOnFilter", "config": {"amService": "Used", "deep": [{"er": "Used2"}]}}
    heap = [{"name": "Used", **CLIENT}, {"name": "Used2", **CLIENT}]

    assert ids(lint({"heap": heap, "handler": chain([user])}, tmp_path)) == ["GW306"]


def test_a_reference_to_an_object_of_an_unsupported_type_is_no_second_mistake(tmp_path: Path) -> None:
    heap = [{"name": "Sso", "type": "SingleSignOnFilter", "config": {}}]

    assert ids(lint({"heap": heap, "handler": chain(["Sso"])}, tmp_path)) == ["GW306"]


def test_an_unsupported_filter_may_provide_any_context(tmp_path: Path) -> None:
    sso = {"type": "SingleSignOnFilter", "config": {}}

    assert ids(lint({"handler": chain([sso], static("${contexts.ssoToken.value}"))}, tmp_path)) == ["GW306"]


def test_a_context_before_its_filter_is_not_there(tmp_path: Path) -> None:
    header = {"messageType": "REQUEST", "add": {"X": ["${contexts.interactionIdFapiContext.value}"]}}
    reader = {"type": "HeaderFilter", "config": header}
    provider = {"type": "FapiInteractionIdFilter"}

    assert "GW310" in ids(lint({"handler": chain([reader, provider])}, tmp_path))
    assert "GW310" not in ids(lint({"handler": chain([provider, reader])}, tmp_path))


def test_routes_see_the_contexts_of_the_filters_before_their_router(tmp_path: Path) -> None:
    files = {
        "config.json": {"handler": chain([{"type": "FapiInteractionIdFilter"}], {"type": "Router"})},
        "routes/a.json": {"handler": static("${contexts.interactionIdFapiContext} ${contexts.ssoToken}")},
    }

    (found,) = lint(files, tmp_path)

    assert (found.code.id, shown(found)) == ("GW310", "ssoToken")


def test_a_shared_object_needs_a_context_on_one_of_the_ways_to_it(tmp_path: Path) -> None:
    heap = [{"name": "Answer", **static("id: ${contexts.interactionIdFapiContext}")}]
    bindings = [
        {"condition": "${request.method == 'GET'}", "handler": chain([{"type": "FapiInteractionIdFilter"}], "Answer")},
        {"handler": "Answer"},
    ]
    dispatch = {"type": "DispatchHandler", "config": {"bindings": bindings}}

    assert lint({"heap": heap, "handler": dispatch}, tmp_path) == []


@pytest.mark.parametrize(
    ("first", "second", "covered"),
    [
        ("${find(request.uri.path, '^/a')}", "${find(request.uri.path, '^/a/b')}", True),
        ("${find(request.uri.path, '^/a')}", "${find(request.uri.path, '^/a') and request.method == 'GET'}", True),
        ("${find(request.uri.path, '^/a')}", "${request.uri.path == '/a/x'}", True),
        ("${request.uri.path.startsWith('/a')}", "${find(request.uri.path, '^/ab?$')}", True),
        ("${request.method == 'GET' or request.method == 'PUT'}", "${request.method == 'PUT'}", True),
        (None, "${request.method == 'PUT'}", True),
        (True, "${request.method == 'PUT'}", True),
        ("${find(request.uri.path, '^/a$')}", "${find(request.uri.path, '^/a/b')}", False),
        ("${find(request.uri.path, '^/a/b')}", "${find(request.uri.path, '^/a')}", False),
        ("${find(request.uri.path, '^/ab')}", "${find(request.uri.path, '^/ab?')}", False),
        ("${find(request.uri.path, '^/a') and request.method == 'GET'}", "${find(request.uri.path, '^/a/b')}", False),
        ("${not find(request.uri.path, '^/a')}", "${find(request.uri.path, '^/a/b')}", False),
        ("${request.method == 'GET'}", "${request.method == 'PUT'}", False),
        (False, "${request.method == 'PUT'}", False),
        ("${find(request.uri.path, '^/a|^/b')}", "${find(request.uri.path, '^/c')}", False),
        ("${session.x == 'a'}", "${session.x == 'a'}", True),
    ],
)
def test_a_route_behind_one_that_takes_its_requests_is_never_reached(
    first: object, second: object, covered: bool, tmp_path: Path
) -> None:
    files = {
        "config.json": {"handler": {"type": "Router"}},
        "routes/1.json": {"handler": CLIENT, **({"condition": first} if first is not None else {})},
        "routes/2.json": {"handler": CLIENT, "condition": second},
    }

    assert ("GW314" in ids(lint(files, tmp_path))) is covered


@pytest.mark.parametrize(
    ("condition", "impossible"),
    [
        ("${request.method == 'GET' and request.method == 'PUT'}", True),
        ("${request.method == 'GET' and not (request.method == 'GET')}", True),
        ("${find(request.uri.path, '^/a') and find(request.uri.path, '^/b')}", True),
        ("${request.uri.path == 'home' or request.uri.path == 'house'}", True),
        ("${request.uri.path == '/home?x=1'}", True),
        ("${request.method == 'GET' or request.method == 'put'}", False),
        ("${find(request.uri.path, '^/a') and find(request.uri.path, '/b$')}", False),
        ("${find(request.uri.path, '^/a') and find(request.uri.path, '^/ab')}", False),
        ("${find(request.uri.path, 'home')}", False),
        ("${not (request.uri.path == 'home')}", False),
        ("${false}", False),
    ],
)
def test_a_condition_that_no_request_satisfies(condition: str, impossible: bool, tmp_path: Path) -> None:
    found = ids(lint({"handler": CLIENT, "condition": condition}, tmp_path))

    assert ("GW315" in found) is impossible


def test_names_of_routes_are_their_own_within_a_router(tmp_path: Path) -> None:
    files = {
        "config.json": {"handler": {"type": "Router"}},
        "routes/a.json": {"handler": CLIENT, "condition": "${request.method == 'GET'}", "name": "x"},
        "routes/b.json": {"handler": CLIENT, "condition": "${request.method == 'PUT'}", "name": "x"},
        "routes/c.json": {"handler": CLIENT, "condition": "${request.method == 'POST'}", "_id": "a"},
        "routes/d.json": {"handler": CLIENT, "condition": "${request.method == 'HEAD'}", "name": "default"},
    }

    assert ids(lint(files, tmp_path)) == ["GW309", "GW309", "GW309"]


def test_scripts_are_looked_for_in_the_instance_directory(tmp_path: Path) -> None:
    script = {"type": "application/x-groovy", "file": "A.groovy"}
    files = {
        "config.json": {"handler": {"type": "ScriptableHandler", "config": script}},
        "scripts/groovy/A.groovy": "new Helper()",
        "scripts/groovy/Helper.groovy": "class Helper {}",
        "scripts/groovy/Old.groovy": "",
    }

    found = [f for f in lint(files, tmp_path) if f.code.id != "GW306"]

    assert [(f.code.id, Path(f.source.name).name) for f in found] == [("GW806", "Old.groovy")]


def test_an_extension_of_the_language_is_told_to_those_who_ask(tmp_path: Path) -> None:
    document = {"handler": CLIENT, "condition": "${jmespath(request.entity.json, 'a') == 'b'}"}

    assert lint(document, tmp_path) == []
    assert ids(lint(document, tmp_path, "GW521")) == ["GW521"]


# ---------------------------------------------------------------------------------------------------- large and broken


def test_objects_nested_beyond_what_can_be_read_are_a_finding(tmp_path: Path) -> None:
    handler: object = "ReverseProxyHandler"
    for _ in range(95):
        handler = {"type": "Chain", "config": {"filters": [], "handler": handler}}

    assert set(ids(lint({"handler": handler}, tmp_path))) <= {"GW105"}


def test_a_text_in_place_of_a_file_is_linted_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("nonsense")
    gathering = Gathering(overlay={path: Source(str(path), '{"handler": "ReverseProxyHandler"}')})

    assert gathering.lint([path]) == []


def test_settings_that_cannot_be_used_stop_lint(tmp_path: Path) -> None:
    (tmp_path / "gatewright.yaml").write_text("selct: [GW301]\n")
    (tmp_path / "a.json").write_text('{"handler": "ReverseProxyHandler"}')

    with pytest.raises(DiagnosticError) as caught:
        lint_paths([tmp_path / "a.json"])

    (found,) = caught.value.diagnostics
    assert (found.code.id, found.level, found.help) == ("GW802", Severity.ERROR, 'did you mean "select"?')
