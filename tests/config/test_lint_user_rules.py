from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.read import read_document
from config.selection import read_settings
from config.user_rules import read_rules
from expr.diagnostic import DiagnosticError, Severity
from expr.source import Source

DOCUMENT = {
    "name": "home",
    "heap": [
        {"name": "Slow", "type": "ClientHandler", "config": {"soTimeout": "1 hour", "flag": True}},
        {"name": "Fast", "type": "ClientHandler", "config": {"soTimeout": "1 s"}},
    ],
    "handler": "Slow",
}


def found(select: str, **more: str) -> list[str]:
    """What the findings of a rule point at."""
    text = json.dumps({"code": "ACME1", "message": "m", "select": select, **more})
    (rule,) = read_rules(read_document(Source("rules.yaml", text)))
    source = Source("route.json", json.dumps(DOCUMENT))
    return [source.text[f.span.start : f.span.end] for f in rule.check(read_document(source), source)]


def test_each_text_of_the_answer_is_a_finding_at_its_place() -> None:
    assert found("heap[?type=='ClientHandler'].name") == ['"Slow"', '"Fast"']
    assert found("heap[?contains(config.soTimeout, 'hour')].config.soTimeout") == ['"1 hour"']


def test_objects_are_pointed_at_by_their_brace_or_by_a_member() -> None:
    assert found("heap[?config.flag]") == ["{"]
    assert found("heap[?config.flag]", at="name") == ['"name"']


def test_a_query_that_is_true_is_one_finding_for_the_file() -> None:
    assert found("length(heap) > `1`") == ["{"]
    assert found("length(heap) > `2`") == []
    assert found("nothing") == []


@pytest.mark.parametrize(
    "select",
    [
        "sort_by(heap, &name)[0].name",
        "heap[?starts_with(name, 'F')].name | [0]",
        "keys(heap[0].config)",
        "length(name)",
        "max_by(heap, &length(name)).name",
        "join('-', heap[].name)",
        "length(`3`)",
    ],
)
def test_functions_of_jmespath_take_values_that_have_places(select: str) -> None:
    found(select)


def test_a_rule_has_its_own_code_severity_and_help() -> None:
    text = "{code: ACME7, name: no-slow, severity: error, message: too slow, help: be quick, select: heap}"
    (rule,) = read_rules(read_document(Source("rules.yaml", text)))

    assert (rule.code.id, rule.code.rule, rule.code.severity) == ("ACME7", "no-slow", Severity.ERROR)
    assert (rule.message, rule.help) == ("too slow", "be quick")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{message: m, select: a}", 'a rule needs "code", a text'),
        ("{code: ACME1, select: a}", 'a rule needs "message", a text'),
        ("{code: ACME1, message: m}", 'a rule needs "select", a text'),
        ("{code: GW1, message: m, select: a}", '"GW1" is no code for a rule of yours'),
        ("{code: ACME1, message: m, select: a, severty: error}", 'a rule has no "severty"'),
        ("{code: ACME1, message: m, select: a, severity: bad}", '"bad" is no severity'),
        ("{code: ACME1, message: m, select: a, name: unknown-property}", 'the name "unknown-property" is taken'),
        ("{code: ACME1, message: m, select: 'a['}", "this is no JMESPath query"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_at_its_place(rule: str, message: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        read_rules(read_document(Source("rules.yaml", rule)))

    assert caught.value.diagnostics[0].message.startswith(message)


def test_settings_hold_rules_and_name_files_of_them(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("- {code: A1, message: a, select: a}\n- {code: A2, message: b, select: b}\n")
    path = tmp_path / "gatewright.yaml"
    path.write_text("ignore: [A2]\nrules:\n  - own.yaml\n  - {code: A3, message: c, select: c}\n")

    assert [rule.code.id for rule in read_settings(path).rules] == ["A1", "A2", "A3"]


@pytest.mark.parametrize("rules", ["[3]", "missing.yaml", "[{code: A1}]"])
def test_rules_that_cannot_be_read_are_mistakes_of_the_settings(rules: str, tmp_path: Path) -> None:
    path = tmp_path / "gatewright.yaml"
    path.write_text(f"rules: {rules}\n")

    with pytest.raises(DiagnosticError):
        read_settings(path)
