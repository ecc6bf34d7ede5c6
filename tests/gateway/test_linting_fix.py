from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.fix import Change, Fixer, edited
from expr.diagnostic import Edit, Fix
from expr.source import Span
from gateway.catalog import registry
from gateway.documented_removals import REMOVED_PROPERTIES
from gateway.linting import Gathering
from tests.gateway.lint_examples import ids, write

OLD_ROUTE = """\
{
  // of 2019
  "condition": "${matches(exchange.request.uri.path, '^/a') and matchingGroups(request.method, 'G(.*)')[0] == 'GET'}",
  "heap": [
    {
      "name": "Client",
      "type": "ClientHandler",
      "config": {
        "hostnameVerifier": "ALLOW_ALL",
        "maxConnections": "12",
        "trustManager": {"type": "TrustAllManager"}
      }
    },
    {"name": "Sessions", "type": "JwtSession", "config": {"cookieName": "x", "cookieDomain": "y"}},
    {"name": "Audit", "type": "AuditService", "config": {"event-handlers": [
      {"class": "org.forgerock.audit.handlers.json.stdout.JsonStdoutAuditEventHandler",
       "config": {"name": "out", "topics": ["access"]}}]}}
  ],
  "session": "Sessions",
  "auditService": "Audit",
  "handler": {"type": "DispatchHandler", "config": {"bindings": [
    {"handler": {"type": "RouterHandler", "config": {"directory": "routes", "scanInterval": 2}},
     "condition": "${request.method == 'GET'}"},
    {"handler": "Client"}]}}
}
"""
NEW_ROUTE = """\
{
  // of 2019
  "condition": "${find(request.uri.path, '^/a') and findGroups(request.method, 'G(.*)')[0] == 'GET'}",
  "heap": [
    {
      "name": "Client",
      "type": "ClientHandler",
      "config": {
        "tls": {"type": "ClientTlsOptions", "config": {"trustManager": {"type": "TrustAllManager"}, \
"hostnameVerifier": "ALLOW_ALL"}},
        "connections": 12
      }
    },
    {"name": "Sessions", "type": "JwtSessionManager", "config": {"cookie": {"domain": "y", "name": "x"}}},
    {"name": "Audit", "type": "AuditService", "config": {"eventHandlers": [
      {"class": "org.forgerock.audit.handlers.json.stdout.JsonStdoutAuditEventHandler",
       "config": {"name": "out", "topics": ["access"]}}]}}
  ],
  "session": "Sessions",
  "auditService": "Audit",
  "handler": {"type": "DispatchHandler", "config": {"bindings": [
    {"handler": {"type": "Router", "config": {"directory": "routes", "scanInterval": "2 seconds"}},
     "condition": "${request.method == 'GET'}"},
    {"handler": "Client"}]}}
}
"""


def changes(*paths: Path) -> list[Change]:
    return Fixer(lambda overlay: Gathering(overlay=overlay).lint(paths)).run()


def fixed(text: str, tmp_path: Path, name: str = "route.json") -> str:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    found = changes(path)
    return found[0].after if found else text


def test_an_old_route_is_brought_to_2026(tmp_path: Path) -> None:
    assert fixed(OLD_ROUTE, tmp_path) == NEW_ROUTE


def test_a_route_of_today_stays_as_it_is(tmp_path: Path) -> None:
    assert fixed(NEW_ROUTE, tmp_path) == NEW_ROUTE


def test_nothing_is_written_before_somebody_agrees(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(OLD_ROUTE)
    (change,) = changes(path)

    assert path.read_text() == OLD_ROUTE
    change.write()
    assert path.read_text() == NEW_ROUTE
    assert '-        "maxConnections": "12",' in change.diff()


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"handler": {"type": "RouterHandler",\r\n"config": {"directory": "x"}}}\r\n')
    (change,) = changes(path)
    change.write()

    assert (
        path.read_bytes() == b"\xef\xbb\xbf" + b'{"handler": {"type": "Router",\r\n"config": {"directory": "x"}}}\r\n'
    )


def test_yaml_keeps_its_spelling(tmp_path: Path) -> None:
    text = "handler:\n  type: RouterHandler\n  config: {directory: 'x', scanInterval: 10}  # ten\n"

    assert fixed(text, tmp_path, "route.yaml") == (
        "handler:\n  type: Router\n  config: {directory: 'x', scanInterval: \"10 seconds\"}  # ten\n"
    )


def test_files_of_an_instance_are_fixed_together(tmp_path: Path) -> None:
    write(
        {
            "config.json": {"handler": {"type": "RouterHandler"}},
            "routes/a.json": {"handler": "ClientHandler", "condition": "${matches(request.uri.path, '^/a')}"},
            "routes/b.json": {"handler": "ClientHandler", "condition": "${matches(request.uri.path, '^/b')}"},
        },
        tmp_path,
    )
    found = changes(tmp_path)

    assert [change.path.name for change in found] == ["config.json", "a.json", "b.json"]
    for change in found:
        change.write()
    assert Gathering().lint([tmp_path]) == []


def test_a_property_that_has_its_successor_beside_it_is_left_to_people(tmp_path: Path) -> None:
    text = json.dumps({"handler": {"type": "ClientHandler", "config": {"maxConnections": 1, "connections": 2}}})

    assert fixed(text, tmp_path) == text


def test_what_is_hidden_by_an_escape_is_replaced_in_the_spelling_of_the_file(tmp_path: Path) -> None:
    text = '{"condition": "${\\u006datches(request.uri.path, \'^/\\u0061\')}", "handler": "ClientHandler"}'

    assert (
        fixed(text, tmp_path) == '{"condition": "${find(request.uri.path, \'^/\\u0061\')}", "handler": "ClientHandler"}'
    )


def test_a_fix_after_which_more_is_wrong_is_dropped() -> None:
    from expr.diagnostic import Code, Diagnostic
    from expr.source import Source

    code = Code("X1", "x", "x")
    before, after = Source("a.json", "old good"), []

    def lint(overlay: dict[Path, Source]) -> list[Diagnostic]:
        source = overlay.get(Path("a.json"), before)
        after.append(source.text)
        start = source.text.find("old")
        found = [Diagnostic(code, f"bad {n}", source, Span(0, 0)) for n in range(3)] if "worse" in source.text else []
        if start >= 0:
            found.append(
                Diagnostic(
                    code, "old", source, Span(start, start + 3), fix=Fix("", (Edit(Span(start, start + 3), "worse"),))
                )
            )
        place = source.text.find("good")
        if place >= 0:
            edit = Edit(Span(place, place + 4), "fine")
            found.append(Diagnostic(code, "good", source, Span(place, place + 4), fix=Fix("", (edit,))))
        return found

    (change,) = Fixer(lint).run()

    assert change.after == "old fine"


def test_edits_that_touch_each_other_are_not_made_at_once() -> None:
    one = Fix("", (Edit(Span(0, 3), "x"),))
    other = Fix("", (Edit(Span(2, 4), "y"), Edit(Span(8, 8), "z")))

    assert edited("0123456789", [one, other]) == "x3456789"
    assert edited("0123456789", [other, one]) == "01y4567z89"


@pytest.mark.parametrize("type_name", sorted(REMOVED_PROPERTIES))
def test_a_type_that_runs_declares_what_documentation_removed(type_name: str) -> None:
    if not registry().knows(type_name):
        assert type_name in registry().documented
        return
    cls = registry().get(type_name)

    assert set(REMOVED_PROPERTIES[type_name]) - set(cls.removed) - set(cls.property_names()) == set()


def test_removed_things_of_types_that_do_not_run_are_told_too(tmp_path: Path) -> None:
    from tests.gateway.lint_examples import lint

    unsupported = [name for name in REMOVED_PROPERTIES if not registry().knows(name)]
    for name in unsupported:
        properties = dict.fromkeys(REMOVED_PROPERTIES[name], "x")
        found = ids(lint({"type": name, "config": properties}, tmp_path))
        assert found.count("GW703") == len(properties)
