"""The example of each code has the finding, and its remedy has none."""

from __future__ import annotations

import json

import pytest

from expr import codes, compile_template, types
from expr.diagnostic import CODES, Code, DiagnosticError
from gateway.http.bindings import REQUEST_SIDE

OWN = [value for value in vars(codes).values() if isinstance(value, Code)]
CONDITIONS = [code for code in OWN if code.bad]


def found(document: str) -> list[str]:
    condition = json.loads(document)["condition"]
    try:
        template = compile_template(condition, environment=REQUEST_SIDE, expects=types.BOOLEAN)
    except DiagnosticError as error:
        return [finding.code.id for finding in error.diagnostics]
    return [finding.code.id for finding in template.findings]


@pytest.mark.parametrize("code", CONDITIONS, ids=lambda code: code.id)
def test_an_example_has_its_finding_and_the_remedy_none(code: Code) -> None:
    assert found(code.bad) == [code.id]
    assert found(code.good) == []


def test_every_code_of_the_language_has_an_example() -> None:
    targets = {codes.TARGET, codes.NOT_WRITABLE}
    assert {code.id for code in OWN} - {code.id for code in targets} == {code.id for code in CONDITIONS}
    assert all(CODES[code.id] is code for code in OWN)
