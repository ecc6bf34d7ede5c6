"""Mistakes are found before they run, under the right characters, with a remedy."""

from __future__ import annotations

import pytest

from expr import CONFIGURATION, compile_lvalue, compile_template, types
from expr.diagnostic import CODES, Diagnostic, DiagnosticError, Severity
from tests.expr.hosts import HOUSE


def findings(text: str, expects: types.Type = types.ANY, **others: object) -> tuple[Diagnostic, ...]:
    try:
        return compile_template(text, environment=HOUSE, expects=expects, **others).findings  # type: ignore[arg-type]
    except DiagnosticError as error:
        return error.diagnostics


@pytest.mark.parametrize(
    ("text", "code", "under", "remedy"),
    [
        ("${dor.name}", "GW504", "dor", "'door'"),
        ("${xyzzy.name}", "GW504", "xyzzy", "door, data"),
        ("${window.x}", "GW505", "window", "no window"),
        ("a ${door.name.lenght()}", "GW507", "lenght", "'length'"),
        ("${door.name.substring()}", "GW508", ".substring()", "1 or 2"),
        ("${door.name.foo}", "GW506", ".foo", "length()"),
        ("${door.width.foo}", "GW506", ".foo", ""),
        ("${door.name.split(',')['a']}", "GW506", "['a']", "[0]"),
        ("${lenght(data)}", "GW501", "lenght", "'length'"),
        ("${LENGTH(data)}", "GW501", "LENGTH", "'length'"),
        ("${zzz(data)}", "GW501", "zzz", "gatewright explain"),
        ("${length(data, data)}", "GW502", "length(data, data)", "length(object: any)"),
        ("${1 + matches(data.x, 'a')}", "GW503", "matches", "find"),
        ("${matchingGroups(data.x, 'a')}", "GW503", "matchingGroups", "findGroups"),
        ("${join(door.name, ',')}", "GW509", "door.name", ""),
        ("${integerWithRadix('a', 'b')}", "GW509", "'b'", ""),
        ("${door.knock('x')}", "GW509", "'x'", ""),
        ("${door.knock(door)}", "GW509", "door", ""),
        ("${door.width < true}", "GW510", "door.width < true", ""),
        ("${door.name == 5 and door == 5}", "GW510", "door == 5", ""),
        ("${door.level == 'MEDIUM'}", "GW510", "door.level == 'MEDIUM'", "LOW, HIGH"),
        ("${'abc' == door.width}", "GW510", "'abc' == door.width", ""),
        ("${data < data}", "GW510", "data < data", ""),
        ("${'a' + door.name}", "GW511", "'a'", "concat"),
        ("${door.name + door.open}", "GW511", "door.open", ""),
        ("${door && true}", "GW511", "door", "not empty"),
        ("${door.width ? 1 : 2}", "GW511", "door.width", "compare"),
        ("${!door.width}", "GW511", "door.width", ""),
        ("${-data}", "GW511", "data", ""),
        ("${find(door.name, 'a(b')}", "GW514", "(b", "java.util.regex"),
        ("${door.name.matches('[')}", "GW514", "[", ""),
        ("${door.name.split('*')}", "GW514", "*", ""),
        ("${1 % 0}", "GW515", "1 % 0", ""),
        ("${'abc'.substring(9)}", "GW515", ".substring(9)", ""),
        ("${jmespath(data, 'a[')}", "GW515", "'a['", ""),
        ("${door.name.replaceAll('a', '$1')}", "GW516", "'$1'", ""),
        ("${door.name.split(',') == 'a'}", "GW517", "door.name.split(',') == 'a'", "[0]"),
        ("${decodeBase64('a')}", "GW518", "decodeBase64('a')", ""),
        ("${door.old}", "GW520", "old", "use name"),
        ("${jmespath(data, 'a')}", "GW521", "jmespath", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_place(text: str, code: str, under: str, remedy: str) -> None:
    found = [finding for finding in findings(text) if finding.code.id == code]
    assert [text[f.span.start : f.span.end] for f in found] == [under]
    assert remedy in found[0].help


@pytest.mark.parametrize(
    ("text", "expects", "code"),
    [
        ("true", types.BOOLEAN, "GW513"),
        ("${true} ", types.BOOLEAN, "GW513"),
        ("x${door.open}", types.BOOLEAN, "GW513"),
        ("42", types.NUMBER, "GW513"),
        ("${door.width}", types.STRING, "GW512"),
        ("${door}", types.STRING, "GW512"),
        ("${door.name}", types.BOOLEAN, "GW512"),
        ("${door.name.split(',')}", types.STRING, "GW512"),
        ("${length(data)}", types.STRING, "GW512"),
        ("${1}", types.BOOLEAN, "GW512"),
    ],
)
def test_a_result_that_counts_as_null_is_found(text: str, expects: types.Type, code: str) -> None:
    assert [finding.code.id for finding in findings(text, expects)] == [code]


@pytest.mark.parametrize(
    ("text", "expects"),
    [
        ("${door.name}", types.STRING),
        ("${data.any.thing['at'].all[0]}", types.STRING),
        ("${data.x + 1 > 2 and not empty data.y}", types.BOOLEAN),
        ("${door.width == '90'}", types.BOOLEAN),
        ("${data.x.whatever(1, 2, 3)}", types.LIST),
        ("${door.unpublished}", types.ANY),
        ("${null}", types.BOOLEAN),
        ("${env.HOME}/x", types.STRING),
        ("${data.x ? 'a' : 1}", types.STRING),
        ("${openig.baseDirectory}", types.STRING),
        ("${now.plusDays(1).rfc1123}", types.STRING),
        ("${find(door.name, data.pattern)}", types.BOOLEAN),
        ("${prop.host}:${prop.port}", types.STRING),
    ],
)
def test_what_may_work_is_not_reported(text: str, expects: types.Type) -> None:
    assert findings(text, expects, properties={"prop": {"host": "h", "port": 1}}) == ()


def test_only_the_first_mistake_of_a_chain_is_reported() -> None:
    assert [finding.code.id for finding in findings("${dor.a.b.c() + dor.d['x']}")] == ["GW504", "GW504"]
    assert [finding.code.id for finding in findings("${'a' + door.name}", types.STRING)] == ["GW511"]


def test_a_configuration_expression_sees_no_request() -> None:
    template = compile_template("${request.uri.path}", environment=CONFIGURATION)
    assert [finding.code.id for finding in template.findings] == ["GW505"]
    assert "before there is any request" in template.findings[0].help


def test_what_only_counts_as_null_does_not_stop_the_load() -> None:
    stopping = {code.id for code in CODES.values() if code.id.startswith("GW5") and code.stops_load}
    assert stopping == {"GW501", "GW502", "GW503", "GW522"}


def test_errors_of_syntax_stop_the_load() -> None:
    codes = [code for code in CODES.values() if code.id.startswith("GW40")]
    assert len(codes) == 9
    assert all(code.stops_load and code.severity is Severity.ERROR for code in codes)


@pytest.mark.parametrize(
    ("text", "under", "help_"),
    [
        ("${a =b}", "=", "=="),
        ("${a b}", "b", "an operator or the end"),
        ("${f(}", "}", "a value"),
        ("${map.empty}", "empty", "['empty']"),
        ("${'a\\nb'}", "\\n", "\\\\"),
        ("x${a", "${a", "}"),
        ("${a}#{b}", "#{", "\\#{"),
        ("${99999999999999999999}", "99999999999999999999", "9223372036854775807"),
        ("${'abc}", "'abc}", "quote"),
        ("${a ? b:c(1)}", "}", "':'"),
    ],
)
def test_a_syntax_error_points_at_the_token(text: str, under: str, help_: str) -> None:
    (finding,) = findings(text)
    assert text[finding.span.start : finding.span.end] == under
    assert help_ in finding.help


@pytest.mark.parametrize("text", ["plain", "", "${data.a}${data.b}", "a${data.a}"])
def test_a_target_is_one_expression(text: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        compile_lvalue(text, HOUSE)
    assert caught.value.diagnostics[0].code.id == "GW522"


def test_a_target_that_cannot_be_written_is_found() -> None:
    for text in ("${door.width}", "${length(data)}", "${data}"):
        assert [finding.code.id for finding in compile_lvalue(text, HOUSE).findings] == ["GW523"]
    assert compile_lvalue("${door.name}", HOUSE).findings == ()
