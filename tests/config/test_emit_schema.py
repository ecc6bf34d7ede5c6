"""The schema of a document made of toy types: what a declaration says becomes what an editor knows."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from config.emit.properties import model_schemas
from config.emit.schema import NOT_RUN, SchemaWriter
from config.emit.type_page import kind_of_class, type_page, words_of
from tests.config.loading import REGISTRY, Page
from tests.config.toys.leaf import Leaf
from tests.config.toys.pair import Pair
from tests.config.toys.wrap import Wrap


@cache
def schema() -> dict[str, Any]:
    return SchemaWriter(REGISTRY, [Page]).document(Page, "A page")


def problem(document: object) -> str:
    error = best_match(Draft202012Validator(schema()).iter_errors(document))
    return "" if error is None else error.message


def leaf(**config: Any) -> dict[str, Any]:
    return {"handler": {"type": "Leaf", "config": config}}


def test_the_same_declarations_give_the_same_text() -> None:
    again = SchemaWriter(REGISTRY, [Page]).document(Page, "A page")
    assert json.dumps(again) == json.dumps(schema())
    assert (schema()["title"], schema()["$schema"]) == ("A page", "https://json-schema.org/draft/2020-12/schema")


@pytest.mark.parametrize(
    "document",
    [
        {},
        leaf(text="x", number=5, flag=True, colour="GREEN", wait="5 m", words=["a"], value="${request.a}"),
        leaf(number="5", flag="True".lower(), colour="green"),
        leaf(number="${1}", flag="&{flag}", colour="#{'RED'}", words={"$list": "&{words}"}),
        leaf(number={"$int": "&{n}"}, colour={"$string": "RED"}, wait={"$string": "1 s"}),
        leaf(oldName="x", old="x", threads=2, gone="whatever"),
        leaf(_text=1, comment="none", comments=["none"]),
        {"handler": "Default", "heap": [{"name": "a", "type": "Leaf"}], "properties": {"a": 1}},
        {"handler": {"type": "Leaf", "wrap": "x", "own": {"a": 1}}, "own": 5},
        {"handler": {"type": "Documented", "config": {"any": "thing"}, "wrap": "x"}},
        {"handler": {"type": "Stand", "config": {"for_": "Default"}}},
        {"heap": [{"name": "p", "type": "OldPair", "config": {"left": {"type": "Leaf"}, "others": "Default"}}]},
        {"heap": [{"name": "p", "type": "Pair", "config": {"$object": "&{all}"}}]},
    ],
)
def test_what_a_load_takes_is_valid(document: object) -> None:
    assert problem(document) == ""


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (leaf(txt="x"), "'txt' does not match any of the regexes"),
        (leaf(text=5), "5 is not of type 'string', 'object'"),
        (leaf(number="five"), "'five' does not match"),
        (leaf(number=1.5), "1.5 is not of type"),
        (leaf(flag="yes"), "'yes' does not match"),
        (leaf(colour="BLUE"), "'BLUE' "),
        *((leaf(wait=wait), f"'{wait}' does not match") for wait in ("10", "1.5 s", "-1 s", "5 s 3", "")),
        (leaf(words="a"), "'a' is not of type 'array', 'object'"),
        (leaf(words=[5]), "5 is not of type"),
        (leaf(value=5), "5 is not of type"),
        (leaf(number={"value": 5}), "'value' does not match"),
        ({"handler": {"type": "Leef"}}, "'Leef' "),
        ({"handler": {"type": "Removed"}}, "'Removed' "),
        ({"handler": {"type": "Pair", "config": {"left": "Default"}}}, "'Pair' "),
        ({"handler": {"config": {}}}, "'type' is a required property"),
        ({"heap": [{"type": "Leaf"}]}, "'name' is a required property"),
        ({"heap": [{"name": "p", "type": "Pair"}]}, "'config' is a required property"),
        ({"heap": [{"name": "p", "type": "Pair", "config": {}}]}, "'left' is a required property"),
        ({"heap": [{"name": "l", "type": "Leaf", "wrap": 5}]}, "5 is not of type"),
        ({"handler": 5}, "5 is not of type 'string', 'object'"),
    ],
)
def test_what_a_load_refuses_is_not(document: object, message: str) -> None:
    assert message in problem(document)


@pytest.mark.parametrize(
    "wait", ["1 minute and 30 seconds", "2 hours, 5 min", "5m", "Unlimited", "10 µs", "${env['W']}"]
)
def test_durations_have_many_forms(wait: str) -> None:
    assert problem(leaf(wait=wait)) == ""


def test_a_property_says_what_it_was_and_what_it_does() -> None:
    properties = schema()["$defs"]["Leaf"]["properties"]
    assert properties["wait"]["default"] == "1 second"
    assert properties["oldName"] == {
        "$ref": "#/$defs/ConfigurationString", "description": "Old name of renamed.", "deprecated": True,
    }  # fmt: skip
    assert properties["old"]["deprecationMessage"] == "Deprecated: use text."
    assert properties["threads"]["description"] == "No effect here: this gateway has no use for it."
    assert properties["gone"] == {"description": "Removed, and ignored: use text.", "deprecated": True}


def test_a_type_that_does_not_run_says_so() -> None:
    types = schema()["$defs"]["Object"]["properties"]["type"]
    said = dict(zip(types["enum"], types["enumDescriptions"], strict=True))
    assert said["Documented"] == NOT_RUN
    assert said["OldPair"] == "Other name of Pair."
    assert said["Leaf"] == "Holds values."


def test_types_are_named_as_the_documentation_does() -> None:
    schemas = model_schemas([Leaf, Pair])
    words = {
        name: words_of(item, schemas)
        for cls in (Leaf, Pair)
        for name, item in schemas.resolved(schemas.models[cls])["properties"].items()
    }
    assert words["number"] == "configuration expression<number>"
    assert words["colour"] == "configuration expression<enumeration>"
    assert words["wait"] == "configuration expression<duration>"
    assert words["words"] == "array of configuration expression<string>"
    assert words["value"] == "runtime expression<string>"
    assert words["left"] == "Leaf reference"
    assert words["others"] == "Leaf reference, or an array of these"
    assert kind_of_class(Wrap) == "decorator"
    page = type_page("Pair", Pair, schemas, ["OldPair"])
    assert (page.kind, page.summary) == ("object", "Refers to leaves, and to another pair.")
