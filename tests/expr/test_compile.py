"""Compiled code gives with values of a request what constant folding gives with literals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from expr import EvaluationError, compile_template, types
from expr.values import text
from gateway.http.bindings import RESPONSE_SIDE
from gateway.http.scope import scope_from_json

OPERATORS = Path(__file__).parent.parent / "conformance" / "expr" / "operators.json"
LITERALS = {
    "null": None,
    "true": True,
    "7": 7,
    "2.5": 2.5,
    "''": "",
    "'5'": "5",
    "'2.5'": "2.5",
    "'a'": "a",
    "'true'": "true",
}
LITERAL = re.compile(r"'xy'\.getBytes\(\)|'[^']*'|\b2\.5\b|\b7\b|\bnull\b|\btrue\b")


def _from_attributes(expression: str) -> str:
    names = {literal: f"attributes.v{number}" for number, literal in enumerate(LITERALS)}
    return LITERAL.sub(lambda hit: names.get(hit.group(), hit.group()), expression)


def _result(expression: str, arguments: tuple[Any, ...]) -> object:
    try:
        value = compile_template(expression, environment=RESPONSE_SIDE)(*arguments)
    except EvaluationError:
        return "an error"
    return type(value), text(value)


def test_operators_give_the_same_on_literals_and_on_values_of_a_request() -> None:
    document = json.loads(OPERATORS.read_text("utf-8"))
    values = {f"v{number}": value for number, value in enumerate(LITERALS.values())}
    scope = {**document["scope"], "attributes": {**document["scope"]["attributes"], **values}}
    made = scope_from_json(scope)
    arguments = made.arguments(RESPONSE_SIDE)
    different = [
        case["expression"]
        for case in document["cases"]
        if _result(case["expression"], arguments) != _result(_from_attributes(case["expression"]), arguments)
    ]
    assert different == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${attributes.max + 1}", -(2**63)),
        ("${attributes.min - 1}", 2**63 - 1),
        ("${attributes.max * 2}", -2),
        ("${-attributes.min}", -(2**63)),
        ("${attributes.one + attributes.one + attributes.one}", 3),
        ("${attributes.one < 2 and 2 < attributes.max}", True),
        ("${attributes.one == 1 ? attributes.max : attributes.nope.more}", 2**63 - 1),
    ],
)
def test_integers_wrap_at_64_bits(expression: str, value: object) -> None:
    made = scope_from_json({"attributes": {"max": 2**63 - 1, "min": -(2**63), "one": 1}})
    assert compile_template(expression, environment=RESPONSE_SIDE)(*made.arguments(RESPONSE_SIDE)) == value


def test_the_right_operand_is_not_evaluated_when_the_left_decides() -> None:
    made = scope_from_json({"attributes": {"yes": True, "no": False}})
    arguments = made.arguments(RESPONSE_SIDE)
    fails = "attributes.yes.nope()"
    for expression, value in (
        (f"${{attributes.no and {fails}}}", False),
        (f"${{attributes.yes or {fails}}}", True),
        (f"${{attributes.yes ? 1 : {fails}}}", 1),
        (f"${{attributes.none.call({fails})}}", None),
    ):
        assert compile_template(expression, environment=RESPONSE_SIDE)(*arguments) == value


def test_now_is_one_instant_in_an_evaluation() -> None:
    template = compile_template("${now == now and now.epochMillis == now.epochMillis}", environment=RESPONSE_SIDE)
    assert template(None, None, None) is True
    later = compile_template("${now.plusDays(1).isAfter(now)}", environment=RESPONSE_SIDE, expects=types.BOOLEAN)
    assert later(None, None, None) is True


def test_a_constant_template_is_known_when_it_is_compiled() -> None:
    for text_, value in (
        ("${1 + 2 * 3}", 7),
        ("a${'b'.toUpperCase()}", "aB"),
        ("${find('abc', 'b')}", True),
        ("x", "x"),
    ):
        template = compile_template(text_, environment=RESPONSE_SIDE)
        assert template.constant
        assert template() == value
    for text_ in ("${request.method}", "${now}", "${env.HOME}", "${read('/none')}", "${1 % 0}"):
        assert not compile_template(text_, environment=RESPONSE_SIDE).constant
