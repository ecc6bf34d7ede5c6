from __future__ import annotations

from pathlib import Path

import pytest

from config.rules import RULES
from expr.diagnostic import Code, Severity
from gateway.all_codes import MODULES, all_codes
from tests.gateway.lint_examples import ids, lint

UNSUPPORTED = "GW306"
WITH_EXAMPLES = [code for code in all_codes().values() if code.bad and code.bad.lstrip().startswith("{")]


@pytest.mark.parametrize("code", WITH_EXAMPLES, ids=lambda code: code.id)
def test_the_erring_example_of_a_code_has_its_finding(code: Code, tmp_path: Path) -> None:
    assert code.id in ids(lint(code.bad, tmp_path, *([code.id] if code.optional else [])))


@pytest.mark.parametrize("code", WITH_EXAMPLES, ids=lambda code: code.id)
def test_the_clean_example_of_a_code_has_no_finding(code: Code, tmp_path: Path) -> None:
    found = lint(code.good, tmp_path, *([code.id] if code.optional else []))

    assert code.id not in ids(found)
    assert [f for f in found if f.level is Severity.ERROR and f.code.id != UNSUPPORTED] == []


def test_every_rule_has_a_module_of_its_own_with_a_code() -> None:
    modules = {__import__(rule.__module__, fromlist=["CODE"]) for rule in RULES}

    assert len(modules) == len(RULES)
    assert all(isinstance(module.CODE, Code) for module in modules)


def test_every_code_of_a_rule_is_documented_with_examples() -> None:
    declared = [
        code
        for rule in RULES
        for code in vars(__import__(rule.__module__, fromlist=["CODE"])).values()
        if isinstance(code, Code) and code.id not in ("GW702", "GW703")
    ]

    assert [code.id for code in declared if not (code.explanation and code.bad and code.good)] == []


def test_no_module_that_declares_codes_is_left_out() -> None:
    root = Path(__file__).parents[2]
    declaring = {
        str(path.relative_to(root).with_suffix("")).replace("/", ".")
        for package in ("expr", "config", "gateway")
        for path in (root / package).rglob("*.py")
        if "= declare(\n" in path.read_text() or "= declare(Code" in path.read_text()
    }
    all_codes()
    import sys

    assert {module for module in declaring if module not in sys.modules} == set()
    assert set(MODULES) <= set(sys.modules)


def test_the_number_of_a_code_tells_what_it_is_about() -> None:
    for code in all_codes().values():
        assert code.id[2] in "123456789"
        assert code.summary[0].islower() or code.summary[0] in "`$"
        assert not code.summary.endswith(".")
        assert isinstance(code.severity, Severity)
