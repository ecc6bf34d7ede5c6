"""What lint sees of a file: references, expressions, and the same mistakes that keep a file from being built."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from config.check import Checker, Unreadable
from config.codes import CYCLE
from expr.diagnostic import Diagnostic
from tests.config.loading import check, checker, failures, shown

LEAF = {"name": "L", "type": "Leaf", "config": {"text": "x"}}


def ids(found: list[Diagnostic]) -> list[str]:
    return [finding.code.id for finding in found]


def pair(name: str, **config: Any) -> dict[str, Any]:
    return {"name": name, "type": "Pair", "config": {"left": "L", **config}}


def objects(document: object) -> list[tuple[str, bool]]:
    return [(node.declaration.name, node.inline) for node in checker(document).objects]


def test_references_resolve_to_declarations_with_nothing_built() -> None:
    found: Checker = checker({"heap": [pair("P", others=["L", {"type": "Leaf"}]), LEAF]})
    node = found.nodes["P"]

    assert [(r.property_name, r.target.declaration.name, r.inline) for r in node.references] == [
        ("left", "L", False),
        ("others", "L", False),
        ("others", "others", True),
    ]
    assert node.references[0].target is found.nodes["L"]


def test_every_object_is_known_inline_ones_and_the_file_itself_included() -> None:
    document = {"heap": [pair("P", next={"type": "Pair", "config": {"left": {"type": "Leaf"}}}), LEAF], "handler": "L"}

    assert objects(document) == [("P", False), ("next", True), ("left", True), ("L", False), ("", True)]


def test_expressions_are_kept_with_their_objects() -> None:
    found = checker({"heap": [{"name": "L", "type": "Leaf", "config": {"value": "${request.a}", "text": "${1 == 1}"}}]})

    assert {e.text for e in found.nodes["L"].expressions} == {"${request.a}", "${1 == 1}"}


def test_a_value_that_only_the_machine_knows_is_no_mistake() -> None:
    config = {"number": {"$int": "&{some.port}"}, "text": "${system['some.text']}", "colour": "${env['COLOUR']}"}
    document = {"heap": [{"name": "L", "type": "Leaf", "config": config}]}

    assert check(document) == []
    assert checker(document).nodes["L"].instance is None


def test_an_object_of_a_type_that_does_not_run_stands_for_anything() -> None:
    document = {
        "heap": [
            {
                "name": "U",
                "type": "Documented",
                "config": {"deep": [{"uses": "L"}, {"type": "Leaf", "config": {"txt": 1}}]},
            },
            LEAF,
            pair("P", left="U"),
        ]
    }
    found = check(document)
    node = checker(document).nodes["U"]

    assert ids(found) == ["GW306", "GW201"]
    assert node.cls is Unreadable
    assert node.incomplete
    assert {r.target.declaration.name for r in node.references} == {"L", "deep"}


def test_expressions_of_a_type_that_does_not_run_are_read_as_far_as_they_can_be() -> None:
    texts = {"a": "${matches(request.a, 'b')}", "b": "${unknown}", "c": "${", "d": "plain"}

    assert ids(check({"handler": {"type": "Documented", "config": texts}})) == ["GW306", "GW503", "GW402"]


@pytest.mark.parametrize(
    ("document", "codes"),
    [
        ({"heap": {}}, ["GW203"]),
        ({"heap": [3]}, ["GW206"]),
        ({"heap": [{"type": "Leaf"}]}, ["GW301"]),
        ({"heap": [{"name": "L"}]}, ["GW206"]),
        ({"heap": [{"name": 3, "type": "Leaf"}]}, ["GW203"]),
        ({"heap": [{"name": "L", "type": "Leaf", "config": 3}]}, ["GW203"]),
        ({"heap": [{"name": "L", "type": "Laef"}]}, ["GW305"]),
        ({"heap": [{"name": "L", "type": "Removed"}]}, ["GW701"]),
        ({"heap": [LEAF, LEAF]}, ["GW304"]),
        ({"handler": "L"}, ["GW301"]),
        ({"handler": {"type": "Pair", "config": {"left": "Default"}}}, ["GW302"]),
        ({"handler": {"type": "Leaf", "config": {"gone": 1}}}, ["GW703"]),
        ({"handler": {"type": "Leaf", "config": {"oldName": "x"}}}, ["GW704"]),
        ({"handler": {"type": "Leaf", "config": {"old": "x"}}}, ["GW704"]),
        ({"handler": {"type": "Leaf", "config": {"threads": 1}}}, ["GW705"]),
        ({"handler": {"type": "Leaf", "config": {"number": -1}}}, ["GW207"]),
        ({"handler": {"type": "Leaf", "wrp": "x"}}, ["GW307"]),
        ({"handler": {"type": "Leaf", "wrap": 1}}, ["GW203"]),
        ({"handler": {"type": "Leaf", "wrap": "${null}"}}, ["GW204"]),
    ],
)
def test_mistakes_have_their_codes(document: object, codes: list[str]) -> None:
    assert ids(check(document)) == codes


def test_a_circle_is_shown_as_a_path() -> None:
    heap = [pair("A", next="B"), pair("B", next={"type": "Pair", "config": {"left": "L", "next": "A"}}), LEAF]
    (found,) = check({"heap": heap})

    assert found.code is CYCLE
    assert found.message == '"A" refers to itself: A -> B -> A'


def test_a_number_is_pointed_at_although_it_carries_no_place() -> None:
    (found,) = check({"handler": {"type": "Leaf", "config": {"number": 3, "value": 17}}})

    assert (found.code.id, shown(found)) == ("GW205", "17")


def test_decorations_that_are_used_are_known() -> None:
    assert checker({"handler": {"type": "Leaf", "wrap": "x"}, "wrap": "y"}).used == {"wrap"}


def _can_go_on(heap: Any) -> bool:
    """Are there objects left to change?"""
    return (
        isinstance(heap, list)
        and bool(heap)
        and all(isinstance(item, dict) and isinstance(item.get("config", {}), dict) for item in heap)
    )


def _mutated(chance: random.Random) -> dict[str, Any]:
    document: dict[str, Any] = {
        "heap": [
            copy.deepcopy(LEAF),
            pair("P", others=["L", {"type": "Leaf", "config": {"number": 1}}], next="Q"),
            pair("Q", left={"type": "Leaf", "wrap": "x"}),
            {"name": "S", "type": "Stand", "config": {"for_": "L"}},
        ],
        "handler": "L",
    }
    values: list[Any] = [None, 1, True, [], {}, {"type": "Leaf"}, "Pair", *"LPQSx", "${", "${1}", "${null}"]
    for _ in range(chance.randint(1, 3)):
        item = chance.choice(document["heap"])
        target = chance.choice([item, item.setdefault("config", {}), document])
        if isinstance(target, dict):
            key = chance.choice([*target, "left", "next", "text", "number", "type"])
            target[key] = copy.deepcopy(chance.choice(values))
        if not _can_go_on(document.get("heap")):
            break
    return document


@pytest.mark.parametrize("part", range(4))
def test_lint_and_load_agree_on_what_keeps_a_file_from_loading(part: int) -> None:
    chance = random.Random(part)
    for _ in range(150):
        document = _mutated(chance)
        found = [f for f in check(document) if f.code.stops_load]
        built = failures(document)
        assert bool(found) == bool(built), f"{json.dumps(document)}\nlint: {found}\nload: {built}"
