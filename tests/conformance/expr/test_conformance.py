"""Runs the data files of this folder: what the specification says of an expression is what it gives.

A case is {expression, scope?, type?, side?} with one of `value`, `text` (for values that JSON cannot write: their
text), `error: true` (the evaluation fails) and `load` (the code that stops it from compiling). `finds` names findings.
operators.json comes from the rules in derive.py, patterns.json from java.util.regex of Java 17; the others are written
by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from expr import EvaluationError, compile_template, implicit, types
from expr.diagnostic import DiagnosticError
from expr.values import text
from gateway.http.bindings import REQUEST_SIDE, RESPONSE_SIDE
from gateway.http.scope import scope_from_json

FILES = sorted(Path(__file__).parent.glob("*.json"))
SIDES = {"request": REQUEST_SIDE, "response": RESPONSE_SIDE}


def _groups() -> Iterator[Any]:
    for file in FILES:
        document = json.loads(file.read_text("utf-8"))
        groups: dict[str, list[dict[str, Any]]] = {}
        for case in document["cases"]:
            groups.setdefault(case["section"], []).append(case)
        for section, cases in groups.items():
            yield pytest.param(document.get("scope", {}), cases, id=f"{file.stem}: {section}")


def _run(scope: Mapping[str, Any], case: dict[str, Any]) -> str:
    try:
        return _difference(scope, case)
    except DiagnosticError as error:
        codes = [finding.code.id for finding in error.diagnostics]
        return "" if case.get("load") in codes else f"does not load: {error}"


def _difference(scope: Mapping[str, Any], case: dict[str, Any]) -> str:
    environment = SIDES[case.get("side", "response")]
    made = scope_from_json(deepcopy({**scope, **case.get("scope", {})}))
    expects = getattr(types, case.get("type", "any").upper())
    template = compile_template(
        case["expression"], environment=environment, expects=expects, properties=made.properties
    )
    if "load" in case:
        return "loads"
    missing = set(case.get("finds", ())) - {finding.code.id for finding in template.findings}
    if missing:
        return f"does not find {missing}"
    try:
        value = template(*made.arguments(environment))
    except EvaluationError as error:
        return "" if case.get("error") else f"fails: {error}"
    if case.get("error"):
        return f"gives {value!r}"
    if "text" in case:
        return "" if text(value) == case["text"] else f"gives text {text(value)!r}"
    return "" if _same(value, case["value"]) else f"gives {value!r}"


def _same(value: Any, expected: Any) -> bool:
    if isinstance(expected, dict) and "double" in expected:
        return isinstance(value, float) and text(value) == expected["double"]
    if isinstance(expected, list):
        return isinstance(value, list | tuple) and [*map(_same, value, expected)] == [True] * len(expected) == [
            True
        ] * len(value)
    if isinstance(expected, dict):
        return (
            isinstance(value, Mapping)
            and value.keys() == expected.keys()
            and all(_same(value[key], item) for key, item in expected.items())
        )
    if isinstance(expected, float):
        return isinstance(value, float) and math.copysign(1, value) == math.copysign(1, expected) and value == expected
    if isinstance(expected, str):
        return isinstance(value, str) and value == expected
    return type(value) is type(expected) and value == expected


@pytest.mark.parametrize(("scope", "cases"), list(_groups()))
def test_expressions_give_what_the_specification_says(
    scope: dict[str, Any], cases: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(implicit, "env", {"HOME": "/home/joe", "EMPTY": ""})
    monkeypatch.setattr(implicit, "openig", {"baseDirectory": "/ig", "configDirectory": "/ig/config"})
    implicit.system = {"user.home": "/home/joe"}
    try:
        failures = [f"{case['expression']}: {problem}" for case in cases if (problem := _run(scope, case))]
    finally:
        implicit.system = None
    assert not failures, "\n".join(failures)


def test_there_are_enough_cases() -> None:
    cases = [case for file in FILES for case in json.loads(file.read_text("utf-8"))["cases"]]
    assert len({case["expression"] + str(case.get("scope")) for case in cases}) >= 800
