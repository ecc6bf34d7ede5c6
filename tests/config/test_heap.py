"""Building the objects of a heap: references, sharing, decoration, life cycle, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from expr.diagnostic import DiagnosticError
from tests.config.loading import build, failures, shown
from tests.config.toys.leaf import Leaf
from tests.config.toys.pair import Pair


def leaf(name: str, **config: Any) -> dict[str, Any]:
    return {"name": name, "type": "Leaf", "config": config}


def test_an_object_may_refer_to_a_later_one() -> None:
    heap, _ = build({"heap": [{"name": "P", "type": "Pair", "config": {"left": "L"}}, leaf("L", text="x")]})
    assert heap.get("P", Pair).left.text == "x"


def test_all_references_share_one_object() -> None:
    heap, _ = build(
        {"heap": [leaf("L"), {"name": "P", "type": "Pair", "config": {"left": "L", "others": ["L", {"type": "Leaf"}]}}]}
    )
    pair = heap.get("P", Pair)
    assert pair.others[0] is pair.left
    assert pair.others[1] is not pair.left


def test_one_value_stands_for_a_list_of_one() -> None:
    heap, _ = build({"heap": [{"name": "P", "type": "Pair", "config": {"left": "Default", "others": "Default"}}]})
    assert [other.text for other in heap.get("P", Pair).others] == ["default"]


def test_an_inner_object_hides_one_of_the_same_name_outside() -> None:
    outer, _ = build({"heap": [leaf("L", text="outer"), leaf("Only", text="outer only")]})
    inner, _ = build({"heap": [leaf("L", text="inner")]}, parent=outer)
    assert inner.get("L", Leaf).text == "inner"
    assert inner.get("Only", Leaf) is outer.get("Only", Leaf)
    assert outer.get("L", Leaf).text == "outer"


def test_an_object_that_stands_for_another_is_that_object() -> None:
    heap, _ = build(
        {"heap": [leaf("L"), {"name": "S", "type": "Stand", "config": {"for_": "L"}}]},
    )
    assert heap.get("S", Leaf) is heap.get("L", Leaf)


@pytest.mark.parametrize(
    ("document", "code", "message", "place"),
    [
        ({"handler": "Lef", "heap": [leaf("Leaf1")]}, "GW301", 'no object is named "Lef"', '"Lef"'),
        (
            {"handler": "P", "heap": [{"name": "P", "type": "Pair", "config": {"left": "Default"}}]},
            "GW302",
            '"P" is a Pair, which is no Leaf',
            '"P"',
        ),
        ({"heap": [leaf("A"), leaf("A")]}, "GW304", 'two objects of this heap are named "A"', '"A"'),
        ({"heap": [{"name": "A", "type": "Leef"}]}, "GW305", 'there is no object type "Leef"', '"Leef"'),
        (
            {"heap": [{"name": "A", "type": "Documented"}]},
            "GW306",
            'PingGateway documents the type "Documented", and this version of Gatewright does not run it',
            '"Documented"',
        ),
        ({"heap": [{"name": "A", "type": "Removed"}]}, "GW701", 'the type "Removed" no longer exists', '"Removed"'),
        ({"heap": [{"name": "A"}]}, "GW206", 'an object declaration needs a "type"', "{"),
        ({"heap": [{"name": "A", "type": "Pair"}]}, "GW202", 'Pair needs the property "left"', '"A"'),
    ],
)
def test_a_mistake_is_refused_at_its_place(document: Any, code: str, message: str, place: str) -> None:
    [found] = failures(document)
    assert (found.code.id, found.message, shown(found)) == (code, message, place)


def test_a_circle_is_shown_as_a_path() -> None:
    objects = [
        {"name": name, "type": "Pair", "config": {"left": "Default", "next": following}}
        for name, following in (("A", "B"), ("B", "C"), ("C", "A"))
    ]
    [found] = failures({"heap": objects})
    assert found.code.rule == "cyclic-reference"
    assert "A -> B -> C -> A" in found.message


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    found = failures({"heap": [leaf("A", number="x"), leaf("B", flag=3)], "handler": "C"})
    assert [f.code.id for f in found] == ["GW203", "GW203", "GW301"]


def test_a_fault_in_an_unused_object_fails_the_load() -> None:
    assert failures({"heap": [leaf("Unused", colour="blue")], "handler": "Default"})


def test_a_close_name_is_offered() -> None:
    [found] = failures({"handler": "defalt"})
    assert found.help == 'did you mean "Default"?'


def test_decorations_are_applied_in_the_order_of_the_fields_then_globally_then_at_the_top() -> None:
    declaration = {**leaf("L", text="x"), "wrap": "1", "own": "2"}
    heap, page = build(
        {
            "heap": [declaration, {"name": "own", "type": "Wrap"}],
            "globalDecorators": {"wrap": "3"},
            "handler": "L",
            "own": "4",
        }
    )
    assert heap.get("L", Leaf).text == "3(2(1(x)))"
    assert page.handler is not None
    assert page.handler.text == "4(3(2(1(x))))"


def test_global_decorations_of_an_outer_file_are_inside_those_of_an_inner_one() -> None:
    outer, _ = build({"heap": [leaf("L", text="x")], "globalDecorators": {"wrap": "outer"}})
    inner, _ = build({"globalDecorators": {"wrap": "inner"}}, parent=outer)
    assert inner.get("L", Leaf).text == "inner(outer(x))"
    assert outer.get("L", Leaf).text == "outer(x)"


def test_a_field_that_names_no_decorator_does_nothing() -> None:
    heap, _ = build({"heap": [{**leaf("L", text="x"), "wrop": "1", "_wrap": "2", "comment": "c"}]})
    assert heap.get("L", Leaf).text == "x"


async def test_objects_start_in_the_order_of_building_and_stop_in_reverse() -> None:
    Leaf.log_of_life.clear()
    heap, _ = build({"heap": [{"name": "P", "type": "Pair", "config": {"left": "B"}}, leaf("A"), leaf("B")]})
    await heap.start()
    await heap.stop()
    assert Leaf.log_of_life == ["start B", "start A", "stop A", "stop B"]


async def test_what_started_before_a_failure_is_stopped() -> None:
    Leaf.log_of_life.clear()
    heap, _ = build({"heap": [leaf("A"), leaf("B", text="refuses"), leaf("C")]})
    with pytest.raises(RuntimeError):
        await heap.start()
    await heap.stop()
    assert Leaf.log_of_life == ["start A", "stop A"]


def test_looking_up_a_missing_object_is_a_diagnostic() -> None:
    heap, _ = build({})
    with pytest.raises(DiagnosticError):
        heap.get("Nothing")
    assert heap.optional("Nothing", Leaf) is None
