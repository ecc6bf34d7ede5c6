"""The JSON Schemas of configuration files accept what runs and refuse what is mistyped."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from config.read import load_source, read_document
from config.values import plain
from expr.source import Source
from gateway.all_codes import all_codes
from gateway.application.gateway_http_application import WITHOUT_FILE
from gateway.catalog import registry
from gateway.cli.new import KINDS as NEW
from gateway.cli.new import template
from gateway.cli.schema import KINDS, command
from gateway.reference import DOCUMENTS, TITLES, Reference

ROUTES = sorted(Path(str(files("routes"))).glob("*.json"))
OK = {"handler": "ReverseProxyHandler"}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    writer = Reference().schema_writer()
    return {kind: writer.document(cls, TITLES[kind]) for kind, cls in DOCUMENTS.items()}


def problem(document: Any, kind: str = "route") -> str:
    """What is wrong with a document first of all, or an empty text."""
    error = best_match(Draft202012Validator(schemas()[kind]).iter_errors(document))
    return "" if error is None else f"{error.json_path}: {error.message}"


def chain(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"handler": {"type": "Chain", "config": {"filters": list(filters), "handler": "ReverseProxyHandler"}}}


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(schemas()[kind])
    definitions = schemas()[kind]["$defs"]
    text = json.dumps(schemas()[kind])
    assert all(f'"#/$defs/{name}"' in text for name in definitions)
    assert '"x-' not in text


@pytest.mark.parametrize("path", ROUTES, ids=lambda path: path.stem)
def test_every_shipped_route_is_valid(path: Path) -> None:
    assert problem(plain(read_document(load_source(path)))) == ""


@pytest.mark.parametrize("kind", NEW)
def test_every_new_route_is_valid(kind: str) -> None:
    assert problem(plain(read_document(Source("new.json", template(kind, "new"))))) == ""


def test_the_clean_examples_of_findings_are_valid() -> None:
    for code in all_codes().values():
        example = json.loads(code.good) if code.good.startswith("{") else OK
        if not any(name.endswith(".json") for name in example):
            assert problem(example) == "", code.id


@pytest.mark.parametrize("name", registry().names())
def test_the_example_of_every_type_is_valid(name: str) -> None:
    assert problem({**OK, "heap": [{"name": "it", **registry().get(name).example}]}) == ""


def test_config_and_admin_files_are_valid() -> None:
    assert problem(WITHOUT_FILE, "config") == ""
    admin = {
        "mode": "DEVELOPMENT",
        "connectors": [{"port": "&{port|8080}", "tls": "T"}, {"port": [8443, {"$int": "&{p}"}]}],
    }
    assert problem(admin, "admin") == ""


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        (chain({"type": "HeaderFilter", "config": {"messageTypo": "x", "messageType": "REQUEST"}}), "messageTypo"),
        (chain({"type": "HeaderFilter", "config": {"messageType": "BOTH"}}), "BOTH"),
        (chain({"type": "HeaderFilter", "config": {}}), "'messageType' is a required property"),
        (chain({"type": "HeaderFilter"}), "'config' is a required property"),
        (chain({"type": "HeaderFiltr", "config": {}}), "HeaderFiltr"),
        (chain({"type": "ReverseProxyHandler"}), "ReverseProxyHandler"),
        ({"handler": {"type": "StaticResponseHandler", "config": {"status": "OK"}}}, "OK"),
        ({"handler": {"type": "ClientHandler", "config": {"connections": 0}}}, "0 is less than the minimum of 1"),
        ({"handler": {"type": "ClientHandler", "config": {"soTimeout": 10}}}, "10 is not of type"),
        ({"handler": {"type": "ClientHandler", "config": {"retries": {"tries": 3}}}}, "tries"),
        ({"handler": 1}, "1 is not of type 'string', 'object'"),
        ({}, "'handler' is a required property"),
        ({**OK, "condition": "true"}, "true"),
        ({**OK, "heap": [{"type": "ReverseProxyHandler"}]}, "'name' is a required property"),
        ({**OK, "capture": "everything"}, "everything"),
        ({"handler": {"type": "ClientHandler", "timer": "often"}}, "often"),
    ],
)  # fmt: skip
def test_what_is_mistyped_is_refused_where_it_stands(document: dict[str, Any], wrong: str) -> None:
    assert wrong in problem(document)


@pytest.mark.parametrize(
    "document",
    [
        chain({"type": "HeaderFilter", "config": {"messageType": "request", "_remove": 1, "comment": "x"}}),
        chain({"type": "HeaderFilter", "config": {"messageType": "&{which|REQUEST}"}}),
        chain({"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": {"$list": "&{gone}"}}}),
        chain({"type": "HeaderFilter", "config": {"$object": "&{all.of.it}"}}),
        {"handler": {"type": "ClientHandler", "config": {"connections": "${integer(env['N'])}"}}},
        {"handler": {"type": "ClientHandler", "config": {"connections": "32", "maxConnections": 8}}},
        {"handler": {"type": "ClientHandler", "config": {"connections": {"$int": "&{n}"}}, "capture": ["request"]}},
        {"handler": {"type": "ClientHandler", "myDecorator": {"any": "value"}}, "otherDecorator": 1},
        {"handler": {"type": "RouterHandler"}, "session": {"type": "JwtSession"}},
        chain({"type": "SingleSignOnFilter", "config": {"amService": "AmService-1"}}),
        {**OK, "condition": {"label": "all", "expression": "${true}"}, "properties": {"a": [1]}},
    ],
)
def test_whatever_loads_is_accepted(document: dict[str, Any]) -> None:
    assert problem(document) == ""


def test_editors_learn_what_a_property_means() -> None:
    definitions = schemas()["route"]["$defs"]
    timeout = definitions["ClientHandler"]["properties"]["soTimeout"]
    assert timeout["default"] == "10 seconds"
    assert "silence" in timeout["description"]
    old = definitions["ClientHandler"]["properties"]["maxConnections"]
    assert (old["deprecated"], old["description"]) == (True, "Old name of connections.")
    types = definitions["Object"]["properties"]["type"]
    summaries = dict(zip(types["enum"], types["enumDescriptions"], strict=True))
    assert summaries["Chain"] and "does not run" in summaries["SingleSignOnFilter"]


def test_the_command_prints_one_schema_or_writes_all(tmp_path: Path) -> None:
    printed = CliRunner().invoke(command, ["admin"])
    assert json.loads(printed.output) == schemas()["admin"]
    assert json.loads(CliRunner().invoke(command, []).output) == schemas()["route"]
    assert CliRunner().invoke(command, ["--out", str(tmp_path / "schemas")]).exit_code == 0
    written = {path.name: json.loads(path.read_text("utf-8")) for path in (tmp_path / "schemas").iterdir()}
    assert written == {f"{kind}.schema.json": schemas()[kind] for kind in KINDS}
