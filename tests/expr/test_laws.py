"""Laws that hold for any text: a value or our error, with a span inside the text, in bounded time."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expr import Environment, EvaluationError, Name, compile_template, types
from expr.diagnostic import DiagnosticError
from expr.values import double_text, parse_json, text
from tests.expr.hosts import HOUSE, Door

ATOMS = st.sampled_from(
    [
        "1",
        "2.5",
        "'a'",
        '"b"',
        "true",
        "null",
        "data",
        "door",
        "door.name",
        "data.list",
        "now",
        "env",
        "''",
        "9223372036854775807",
    ]
)
WORDS = st.sampled_from(
    [*"+-*/%<>()[]{}.,?:!&|'\"\\$# \n", "and", "or", "not", "empty", "==", "!=", "<=", "${", "#{", "}", "\\${",
     "instanceof", "door", "data", "length(", ".get(", "['x']", "find(", "'^a+'", "1e9", "toJson('{}')", "__class__",
     "é", "\U0001f600"]
)  # fmt: skip


def _compose(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "<", ">=", "==", "!=", "and", "or", "eq"])
    names = st.sampled_from(["x", "name", "list", "size", "length", "toString", "get", "knock", "substring", "none"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("{} ? {} : {}".format, inner, inner, inner).map("({})".format),
        st.builds("({}).{}".format, inner, names),
        st.builds("({}).{}({})".format, inner, names, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds(
            "{}({})".format, st.sampled_from(["not ", "-", "empty ", "length", "toString", "trim", "toJson"]), inner
        ),
        st.builds("contains({}, {})".format, inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _compose, max_leaves=12)


def law(template: str) -> None:
    """A value, or our error with a span inside the text."""
    try:
        compiled = compile_template(template, environment=HOUSE)
    except DiagnosticError as error:
        for finding in error.diagnostics:
            assert 0 <= finding.span.start <= finding.span.end <= len(template)
        return
    for finding in compiled.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(template)
    door = Door()
    for data in ({}, {"list": [1, "a", None], "x": {"get": 1}, "door": door}):
        try:
            value = compiled(door, data)
        except EvaluationError:
            continue
        text(value)


@given(st.text())
def test_any_text_is_a_template_or_an_error(template: str) -> None:
    law(template)


@given(st.lists(WORDS, max_size=25).map("".join))
def test_any_words_are_a_template_or_an_error(body: str) -> None:
    law(body)
    law(f"${{{body}}}")


@settings(max_examples=300)
@given(EXPRESSIONS)
def test_any_expression_gives_a_value_or_our_error(expression: str) -> None:
    law(f"${{{expression}}}")
    law(f"a ${{{expression}}} b")


@given(st.text().filter(lambda value: "${" not in value and "#{" not in value))
def test_text_without_an_expression_is_itself(value: str) -> None:
    assert compile_template(value, environment=HOUSE, expects=types.STRING)(None, None) == value


@given(st.text())
def test_a_string_literal_is_its_text(value: str) -> None:
    literal = value.replace("\\", "\\\\").replace("'", "\\'")
    assert compile_template(f"${{'{literal}'}}", environment=HOUSE)() == value


@given(st.text(), st.text())
def test_a_template_joins_its_parts(left: str, right: str) -> None:
    template = compile_template("${data.l}-${data.r}", environment=HOUSE)
    assert template(None, {"l": left, "r": right}) == f"{left}-{right}"


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_integer_arithmetic_is_that_of_64_bits(left: int, right: int) -> None:
    data = {"l": left, "r": right}
    for operator, exact in (("+", left + right), ("-", left - right), ("*", left * right)):
        value = compile_template(f"${{data.l {operator} data.r}}", environment=HOUSE)(None, data)
        assert value == (exact + 2**63) % 2**64 - 2**63


@given(st.floats())
def test_the_text_of_a_double_reads_back_as_it(value: float) -> None:
    printed = double_text(value)
    if value == value and abs(value) != float("inf"):
        assert float(printed) == value
        assert ("E" in printed) == (value != 0 and not 1e-3 <= abs(value) < 1e7)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(string.printable),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_text_reads_back_as_its_structure(value: Any) -> None:
    import json

    assert json.loads(text(parse_json(json.dumps({"v": value})))) == {"v": value}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${" + " + ".join(["1"] * 10_000) + "}", 10_000),
        ("${" + " + ".join(["data.one"] * 10_000) + "}", 10_000),
        ("${" + " and ".join(["data.yes"] * 10_000) + "}", True),
        ("${" + " == ".join(["data.yes"] * 10_001) + "}", True),
        ("${data" + "['none']" * 10_000 + "}", None),
        ("${" + "(" * 10_000 + "1" + ")" * 10_000 + "}", 1),
        ("${'" + "x" * 1_000_000 + "'.length()}", 1_000_000),
        ("x" * 1_000_000 + "${data.one}", "x" * 1_000_000 + "1"),
        ("${length(data.long)}", 1_000_000),
        ("\\${" * 100_000, "${" * 100_000),
        ("${data.one}" * 2_000, "1" * 2_000),
        ("${join(array(" + ", ".join(["data.one"] * 5_000) + "), '')}", "1" * 5_000),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_size_costs_no_more_than_time(template: str, value: object) -> None:
    data = {"one": 1, "yes": True, "long": "y" * 1_000_000}
    assert compile_template(template, environment=HOUSE)(None, data) == value


@pytest.mark.parametrize(
    "expression",
    ["-" * 10_000 + "1", "not " * 10_000 + "true", "length(" * 1_000 + "1" + ")" * 1_000,
     "data[" * 1_000 + "1" + "]" * 1_000, "true ? " * 1_000 + "1" + " : 2" * 1_000, "true ? 1 : " * 1_000 + "2"],
    ids=lambda value: value[:10],
)  # fmt: skip
def test_deep_nesting_is_one_clear_error(expression: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        compile_template(f"${{{expression}}}", environment=HOUSE)
    assert [finding.code.id for finding in caught.value.diagnostics] == ["GW408"]
    assert "nested too deeply" in caught.value.diagnostics[0].message


REACHES = ["__class__", "__globals__", "__builtins__", "__dict__", "__init__", "__mro__", "__subclasses__", "mro",
           "format", "format_map", "gi_frame", "f_globals", "func_globals", "__self__", "__func__", "__code__", "join",
           "encode", "__getattribute__", "__reduce__", "items", "pop", "update", "append", "extend",
           "count"]  # fmt: skip


@pytest.mark.parametrize("name", REACHES)
def test_no_python_attribute_is_reachable(name: str) -> None:
    values: dict[str, Any] = {
        "s": "text", "l": [1], "m": {"a": 1}, "f": len, "o": object(), "c": Door, "n": 5, "b": b"x",
        "d": 1.5, "t": (1,),
        "set": {1}, "door": Door(), "module": string,
    }  # fmt: skip
    for key in values:
        for access in (f"data.{key}.{name}", f"data.{key}['{name}']", f"data.{key}[data.name]"):
            assert compile_template(f"${{{access}}}", environment=HOUSE)(None, {**values, "name": name}) is None
        for call in (f"data.{key}.{name}()", f"data.{key}['{name}'](1)", f"data.{key}[data.name]('a')"):
            with pytest.raises(EvaluationError):
                compile_template(f"${{{call}}}", environment=HOUSE)(None, {**values, "name": name})


def test_names_of_the_generated_code_are_not_in_scope() -> None:
    scope = Environment(("value",), {"value": Name("value", types.ANY)})
    for name in (
        "implicit",
        "get",
        "call",
        "text",
        "k0",
        "_1",
        "evaluate",
        "make",
        "failed",
        "__builtins__",
        "list",
        "read_now",
    ):
        template = compile_template(f"${{{name}}}", environment=scope)
        assert template(1) is None
        assert [finding.code.id for finding in template.findings] == ["GW504"]
