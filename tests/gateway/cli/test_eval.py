"""`gatewright eval`: one answer for a template and a scope, and one for each line of a batch, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main

SCOPE = {
    "request": {
        "method": "POST",
        "uri": "https://www.example.com:8443/a?q=1",
        "headers": {"H": ["one", "two"]},
        "entity": "a=1&b=2",
    },
    "response": {"status": 404},
    "attributes": {"x": {"y": [1, 2]}},
    "session": {"user": "demo"},
    "contexts": {"oauth2TokenExchange": {"issuedToken": "t"}},
    "properties": {"backend": {"host": "app"}},
    "env": {"HOME": "/home/demo"},
    "system": {"user.home": "/u"},
}


def evaluate(template: str, *options: str, scope: object = SCOPE) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, ["eval", template, "--scope", json.dumps(scope), *options])
    return result.exit_code, json.loads(result.output)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        ("${request.method}", "POST"),
        ("${request.uri}", "https://www.example.com:8443/a?q=1"),
        ("${request.headers['h'][1]}", "two"),
        ("#{request.entity.form['b'][0]}", "2"),
        ("${request.queryParams.q}", ["1"]),
        ("${response.status.code}", 404),
        ("${response.status.family}", "CLIENT_ERROR"),
        ("${attributes.x}", {"y": [1, 2]}),
        ("${session.user}", "demo"),
        ("${contexts.oauth2TokenExchange.issuedToken}", "t"),
        ("${backend.host}", "app"),
        ("${env.HOME} ${system['user.home']}", "/home/demo /u"),
        ("${unknown}", None),
        ("${1 / 0}", "Infinity"),
    ],
)
def test_a_template_is_evaluated_against_the_scope(template: str, value: object) -> None:
    assert evaluate(template) == (0, {"value": value})


def test_a_failed_evaluation_is_null_and_says_why() -> None:
    code, answer = evaluate("${'a' + 1}")
    assert (code, answer["value"]) == (0, None)
    assert answer["problem"]


def test_a_result_of_another_type_is_null() -> None:
    assert evaluate("${1}", "--type", "string") == (0, {"value": None})


def test_a_text_that_does_not_compile_is_an_error_with_its_place() -> None:
    code, answer = evaluate("x ${nofunction(1)}")
    assert code == 1
    assert answer["error"]["span"] == [4, 14]
    assert answer["error"]["code"].startswith("GW")
    assert "nofunction" in answer["error"]["message"]


def test_the_environment_of_the_scope_ends_with_the_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/real")
    assert evaluate("${env.HOME}")[1] == {"value": "/home/demo"}
    assert evaluate("${env.HOME}", scope={})[1] == {"value": "/real"}


def test_a_batch_is_answered_line_by_line_in_order(tmp_path: Path) -> None:
    jobs = [{"expression": f"${{{n} + a}}", "scope": {"properties": {"a": n}}} for n in range(3)]
    lines = [*map(json.dumps, jobs), "not json", '{"scope": {}}', '{"expression": "${"}', '{"expression": "ok"}']
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(lines) + "\n", "utf-8")
    result = CliRunner().invoke(main, ["eval", "--batch", str(batch)])
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert answers[:3] == [{"value": 0}, {"value": 2}, {"value": 4}]
    assert all("error" in answer for answer in answers[3:6])
    assert answers[6] == {"value": "ok"}


def test_a_batch_may_come_from_standard_input() -> None:
    result = CliRunner().invoke(main, ["eval", "--batch", "-"], input='{"expression": "${1 + 1}"}\n')
    assert json.loads(result.output) == {"value": 2}


def test_explain_shows_the_value_of_each_part() -> None:
    result = CliRunner().invoke(
        main, ["eval", "${toUpperCase(session.user)}", "--explain", "--scope", json.dumps(SCOPE)]
    )
    assert "DEMO" in result.output
    assert "session" in result.output


@pytest.mark.parametrize("scope", ["[]", '{"nothing": 1}', '{"request": 3}'])
def test_a_scope_of_another_shape_is_refused(scope: str) -> None:
    result = CliRunner().invoke(main, ["eval", "x", "--scope", scope])
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
