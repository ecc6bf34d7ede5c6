"""Properties: groups, files, inheritance, and what tokens and expressions see of them."""

import json
import os

import pytest

from config.properties import Properties, prepare, read_properties
from config.read import read_document
from config.resolver import Resolver, TokenFiles
from config.values import Unknown
from expr import types
from expr.diagnostic import DiagnosticError
from expr.source import Source, Span


def surroundings(**environ):
    return Resolver(environ=environ, system={}, files=TokenFiles())


def document(value, name="route.json"):
    return read_document(Source(name, value if isinstance(value, str) else json.dumps(value)))


def read(block, parent=None, findings=None, lint=False, fetch=None, **environ):
    values = document({"properties": block})
    place = (values.source, values.value_span("properties"))
    found = [] if findings is None else findings
    made = read_properties(
        values["properties"], place, surroundings(**environ), found, parent=parent, lint=lint, fetch=fetch
    )
    assert findings is not None or found == []
    return made


def errors_of(block, **more):
    with pytest.raises(DiagnosticError) as caught:
        read(block, **more)
    return caught.value.diagnostics


def test_values_keep_their_types_and_groups_are_mappings():
    found = read({"port": 8081, "on": True, "list": [1, "a"], "db": {"host": "h", "deep": {"er": 1.5}}, "empty": {}})
    assert dict(found) == {
        "port": 8081,
        "on": True,
        "list": [1, "a"],
        "db": {"host": "h", "deep": {"er": 1.5}},
        "empty": {},
    }
    assert found.flat == {"port": 8081, "on": True, "list": [1, "a"], "db.host": "h", "db.deep.er": 1.5}


def test_a_later_value_may_use_earlier_ones_and_the_environment():
    found = read(
        {"base": "/opt", "routes": "&{base}/&{dir}", "group": {"a": "&{routes}", "b": "<&{group.a}>"}}, DIR="x"
    )
    assert found["routes"] == "/opt/x"
    assert found["group"] == {"a": "/opt/x", "b": "</opt/x>"}


def test_a_value_cannot_use_a_later_one():
    (found,) = errors_of({"a": "&{b}", "b": "1"})
    assert found.code.rule == "unresolved-token"


def test_transformations_give_values_of_other_types():
    found = read({"port": {"$int": "&{p|80}"}, "hosts": {"$list": "a,b"}, "o": {"$object": '{"x": 1}'}})
    assert dict(found) == {"port": 80, "hosts": ["a", "b"], "o": {"x": 1}}


def test_own_properties_hide_those_of_the_files_around():
    outer = read({"a": "outer", "b": "outer", "db": {"host": "outer", "port": 1}})
    inner = read({"a": "inner", "c": "&{b}", "db": {"host": "inner"}}, parent=outer)
    assert dict(inner) == {"a": "inner", "b": "outer", "c": "outer", "db": {"host": "inner"}}
    assert inner.flat["db.host"] == "inner"
    assert dict(outer)["db"] == {"host": "outer", "port": 1}
    assert outer["a"] == "outer"


def test_expressions_see_earlier_properties_and_keep_types():
    found = read(
        {
            "base": "/opt",
            "routes": "${base}/routes",
            "port": "${integer('8080')}",
            "db": {"host": "h"},
            "url": "http://${db.host}:${port}",
            "list": ["${base}", 1],
        }
    )
    assert found["routes"] == "/opt/routes"
    assert found["port"] == 8080
    assert found["url"] == "http://h:8080"
    assert found["list"] == ["/opt", 1]


def test_a_malformed_expression_is_an_error_at_its_place():
    found, *_ = errors_of({"a": "\u00e9 ${1 +}"})
    text = found.source.text
    assert found.source.name == "route.json"
    assert text.index("${") <= found.span.start <= found.span.end <= text.index("}") + 1


def test_a_json_file_takes_the_place_of_a_group(tmp_path):
    (tmp_path / "p.json").write_text('{"host": "h", "deep": {"er": true}, "uses": "&{conf.host}!"}')
    found = read({"conf": {"$location": str(tmp_path / "p.json"), "more": 1}})
    assert found["conf"] == {"host": "h", "deep": {"er": True}, "uses": "h!", "more": 1}
    assert found.flat["conf.deep.er"] is True
    assert found.watched == {}


def test_a_properties_file_holds_texts_and_its_dots_make_groups(tmp_path):
    (tmp_path / "p.properties").write_text("port = 80\ndb.host = h\ndb = x\n")
    found = read({"conf": {"$location": (tmp_path / "p.properties").as_uri()}})
    assert found["conf"]["port"] == "80"
    assert found.flat["conf.db.host"] == "h"
    assert found.flat["conf.db"] == "x"


def test_a_file_may_define_the_properties_themselves(tmp_path):
    (tmp_path / "p.json").write_text('{"a": 1, "c": "x"}')
    found = read({"$location": str(tmp_path / "p.json"), "b": "&{a}"})
    assert dict(found) == {"a": 1, "c": "x", "b": "1"}


def test_a_group_of_a_file_does_not_change_that_of_the_file_around(tmp_path):
    (tmp_path / "p.properties").write_text("db.host=inner\n")
    outer = read({"db": {"host": "outer", "port": 1}})
    inner = read({"$location": str(tmp_path / "p.properties")}, parent=outer)
    assert dict(inner) == {"db": {"host": "inner"}}
    assert dict(outer) == {"db": {"host": "outer", "port": 1}}


def test_a_file_with_an_id_is_watched(tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"a": 1}')
    outer = read({"conf": {"$location:one": str(file)}})
    inner = read({"b": 2}, parent=outer)
    assert list(outer.watched) == [file]
    assert not inner.changed()
    os.utime(file, ns=(1, 1))
    assert outer.changed()
    assert inner.changed()
    file.unlink()
    assert outer.changed()


def test_a_file_that_is_missing_is_an_error_where_it_is_named(tmp_path):
    (found,) = errors_of({"conf": {"$location": str(tmp_path / "p.json")}})
    assert (found.code.rule, found.source.name) == ("unreadable-file", "route.json")
    assert "p.json" in found.source.text[slice(*found.span)]


def test_a_file_with_a_mistake_is_an_error_in_that_file(tmp_path):
    (tmp_path / "p.json").write_text('{"a": 1,}')
    (found,) = errors_of({"conf": {"$location": str(tmp_path / "p.json")}})
    assert found.source.name == str(tmp_path / "p.json")


@pytest.mark.parametrize("location", [5, "", "x.txt", None])
def test_a_location_that_is_no_file_of_properties_is_an_error(location):
    (found,) = errors_of({"conf": {"$location": location}})
    assert found.code.rule == "properties-location"


def test_a_url_is_read_and_advised_against():
    findings = []
    asked = []

    def fetch(url):
        asked.append(url)
        return b"a = b\n"

    found = read({"conf": {"$location": "https://x.example.com/p.properties?q"}}, fetch=fetch, findings=findings)
    assert found["conf"] == {"a": "b"}
    assert asked == ["https://x.example.com/p.properties?q"]
    assert [d.code.rule for d in findings] == ["properties-url"]


def test_a_url_that_cannot_be_read_is_an_error():
    def fetch(url):
        raise OSError("refused")

    findings = []
    (found,) = errors_of({"conf": {"$location": "http://x/p.json"}}, fetch=fetch, findings=findings)
    assert "refused" in found.message


def test_a_name_that_no_expression_can_say_is_a_warning():
    findings = []
    found = read({"a-b": "1", "_comment": "x", "c": "&{a-b}"}, findings=findings)
    assert found["c"] == "1"
    assert [(d.code.rule, d.source.text[slice(*d.span)]) for d in findings] == [("property-name", '"a-b"')]


def test_properties_are_an_object():
    (found,) = errors_of(["a"])
    assert (found.code.rule, found.source.text[slice(*found.span)]) == ("properties-form", '["a"]')
    assert dict(read(None)) == {}


def test_all_errors_are_found_at_once():
    assert len(errors_of({"a": "&{", "b": "&{none}", "c": {"$array": "x"}})) == 3


def test_lint_knows_not_what_the_machine_of_the_gateway_defines(tmp_path):
    findings = []
    found = read(
        {
            "host": "&{app.host}",
            "uses": "<&{host}>",
            "expression": "${host}/x",
            "env": "${env['HOME']}",
            "conf": {"$location": str(tmp_path / "missing.json")},
            "port": "&{conf.port}",
            "known": "&{none|1}",
            "two": "${known}2",
            "group": {"whole": 1, "part": "${group.other}${host}"},
        },
        lint=True,
        findings=findings,
    )
    assert findings == []
    unknown = {name for name, value in found.flat.items() if isinstance(value, Unknown)}
    assert unknown == {"host", "uses", "expression", "env", "conf", "port", "group.part"}
    assert found["two"] == "12"
    assert found["host"] is types.ANY
    assert found["group"] is types.MAP
    assert found.flat["group.whole"] == 1


def test_lint_cannot_name_what_a_file_it_cannot_read_defines(tmp_path):
    found = read({"$location": str(tmp_path / "missing.json")}, lint=True, findings=[])
    assert found.incomplete


def test_a_prepared_file_has_its_tokens_and_transformations_done():
    config = document({"properties": {"host": "h"}}, "config.json")
    text = {"properties": {"port": 80, "raw": "&{host}"}, "url": "http://&{host}:&{port}", "n": [{"$int": "&{port}"}]}
    route = document(text)
    around = prepare(config, surroundings(), [])
    found = prepare(route, surroundings(), [], parent=around.properties)
    assert list(found.values) == list(route)
    assert found.values["url"] == "http://h:80"
    assert found.values["n"] == [80]
    assert found.values["properties"] == {"port": 80, "raw": "&{host}"}
    assert found.values.at(("n", 0))[1] == route.at(("n", 0))[1]
    assert isinstance(found.properties, Properties)


def test_a_prepared_file_in_lint_collects_everything():
    findings = []
    found = prepare(
        document({"properties": [], "a": "&{", "b": {"$array": "x"}, "c": "&{d}"}), surroundings(), findings, lint=True
    )
    assert {d.code.rule for d in findings} == {"properties-form", "token-syntax", "transformation-argument"}
    assert isinstance(found.values["c"], Unknown)
    for d in findings:
        assert isinstance(d.span, Span)
