"""What a compiled template tells its host, beside its value."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from expr import CONFIGURATION, Environment, EvaluationError, Name, compile_template, implicit, types
from expr.diagnostic import DiagnosticError
from gateway.http.bindings import REQUEST_SIDE, RESPONSE_SIDE

PLAIN = Environment(("value",), {"value": Name("value", types.ANY)})


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("${request.uri.path}", {"names": {"request"}}),
        ("${request.entity.json.a}", {"request_entity": True}),
        ("${response.entity.string}", {"response_entity": True, "request_entity": False}),
        ("${request.entity == response.entity}", {"response_entity": True, "request_entity": True}),
        ("${request.form.a[0]}", {"request_entity": True}),
        ("${request.getEntity().string}", {"request_entity": True}),
        ("${request[attributes.x]}", {"request_entity": True}),
        ("${session.user}", {"session": True}),
        ("${contexts.session.session.user}", {"session": True, "contexts": {"session"}}),
        ("${contexts.oauth2.accessToken}", {"contexts": {"oauth2"}, "session": False}),
        ("${contexts['a'].b}${contexts.c}", {"contexts": {"a", "c"}}),
        ("${contexts[attributes.x]}", {"contexts": {"*"}, "session": True}),
        ("${contexts.get('client').remoteAddress}", {"contexts": {"client"}}),
        ("${request.headers['X-A'][0]}${request.headers.Host}", {"headers": {"x-a", "host"}}),
        ("${request.headers.getFirst('X-A')}", {"headers": {"x-a"}}),
        ("${request.headers[attributes.x]}", {"headers": {"*"}}),
        ("${length(request.headers)}", {"headers": {"*"}}),
        ("${request.headers.keySet()}", {"headers": {"*"}}),
        ("${response.headers['X-A']}", {"headers": set(), "response_headers": {"x-a"}}),
        ("${request.cookies.sid}", {"headers": {"cookie"}}),
        ("${env.HOME}", {"environment": True}),
        ("${now.epochMillis}", {"now": True}),
        ("text", {"names": set(), "environment": False, "request": False}),
    ],
)
def test_a_template_tells_what_it_reads(text: str, reads: dict[str, Any]) -> None:
    found = compile_template(text, environment=RESPONSE_SIDE).reads
    assert {name: getattr(found, name) for name in reads} == reads


def test_equal_templates_are_compiled_once() -> None:
    for text in ("text", "${value.a == 1}", "a${value}b"):
        one = compile_template(text, environment=PLAIN, expects=types.STRING)
        assert compile_template(str(text), environment=PLAIN, expects=types.STRING) is one
        assert compile_template(text, environment=PLAIN, expects=types.BOOLEAN) is not one
        assert compile_template(text, environment=CONFIGURATION, expects=types.STRING) is not one


def test_heap_properties_are_constants_of_their_own_template() -> None:
    text = "${backend.host}:${backend.port + 1}"
    values = [{"backend": {"host": host, "port": 80}} for host in ("a", "b")]
    templates = [compile_template(text, environment=PLAIN, properties=value) for value in values]
    assert [template(None) for template in templates] == ["a:81", "b:81"]
    assert all(template.constant for template in templates)


def test_bindings_and_implicit_names_hide_heap_properties() -> None:
    hidden = {"value": "property", "env": "property", "now": "property"}
    assert compile_template("${value}", environment=PLAIN, properties=hidden)("bound") == "bound"
    assert compile_template("${env.x}", environment=PLAIN, properties=hidden)(None) is None


def test_a_heap_property_may_be_known_by_its_type_alone() -> None:
    template = compile_template("${port}", environment=PLAIN, expects=types.STRING, properties={"port": types.INTEGER})
    assert [finding.code.id for finding in template.findings] == ["GW512"]
    assert compile_template("${port}", environment=PLAIN, properties={"port": types.ANY})(None) is None


def test_a_wrong_type_of_result_is_null_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gatewright.expr")
    template = compile_template("${value}", environment=PLAIN, expects=types.STRING)
    assert template(5) is None
    assert template("text") == "text"
    assert template(None) is None
    assert [record.getMessage() for record in caplog.records] == [
        "${value}: the value is a number, not a string: it counts as null"
    ]
    assert template.mismatch(5) and not template.mismatch("x") and not template.mismatch(None)


def test_a_subclass_of_the_expected_type_is_accepted() -> None:
    class Name(str):
        __slots__ = ()

    assert compile_template("${value}", environment=PLAIN, expects=types.STRING)(Name("n")) == "n"


def test_an_evaluation_error_says_what_failed_without_the_value() -> None:
    template = compile_template("${value + 1}", environment=PLAIN)
    with pytest.raises(EvaluationError) as caught:
        template("password123")
    assert "password123" not in str(caught.value)


def test_findings_that_stop_the_load_come_with_the_others() -> None:
    with pytest.raises(DiagnosticError) as caught:
        compile_template("${nope(unknown)}", environment=PLAIN)
    assert [finding.code.id for finding in caught.value.diagnostics] == ["GW504", "GW501"]
    with pytest.raises(DiagnosticError):
        compile_template("${nope(unknown)}", environment=PLAIN)


def test_threads_compile_and_call_the_same_templates() -> None:
    texts = [f"${{value + {number}}}" for number in range(50)] * 4
    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(lambda text: compile_template(text, environment=PLAIN)(1), texts))
    assert values == [number + 1 for number in range(50)] * 4


def test_expressions_and_single_are_told() -> None:
    template = compile_template("a${value}b${value.c}", environment=PLAIN)
    assert [template.text[node.span.start : node.span.end] for node in template.expressions] == ["value", "value.c"]
    assert not template.single
    assert compile_template("${value}", environment=PLAIN).single
    assert repr(template) == "Template('a${value}b${value.c}')"


def test_env_and_system_are_read_at_each_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    template = compile_template("${env.GATEWRIGHT_TEST}", environment=CONFIGURATION)
    assert template() is None
    monkeypatch.setenv("GATEWRIGHT_TEST", "set")
    assert template() == "set"
    assert compile_template("${system['file.separator']}", environment=CONFIGURATION)() == "/"
    assert compile_template("${empty system['user.home']}", environment=CONFIGURATION)() is False
    monkeypatch.setattr(implicit, "openig", {"baseDirectory": "/ig"})
    assert compile_template("${openig.baseDirectory}/x", environment=CONFIGURATION)() == "/ig/x"


def test_an_environment_can_be_extended() -> None:
    wider = REQUEST_SIDE.extended({"extra": Name("extra", types.STRING)}, "extra", title="a wider place")
    assert compile_template("${extra.length()}", environment=wider)(None, None, "four") == 4
    assert wider.title == "a wider place"
