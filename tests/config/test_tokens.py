"""Configuration tokens: their forms, the order of their sources, and what is said about those without a value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.java_properties import read_properties_file
from config.read import read_document
from config.resolver import Resolver, TokenFiles
from config.tokens import DEEPEST_TOKEN, expand, parse_tokens, substitute
from config.values import Unknown
from expr.diagnostic import DiagnosticError
from expr.source import Source

NO_FILES = TokenFiles()


def resolver(**sources):
    return Resolver(**{"environ": {}, "system": {}, "files": NO_FILES, **sources})


def document(value):
    return read_document(Source("route.json", json.dumps({"x": value})))


def substituted(text, **sources):
    return substitute(document(text), resolver(**sources), [])["x"]


VALUES = {
    "a": "A",
    "a.b": "AB",
    "a-b_c": "ABC",
    "port": 8080,
    "on": True,
    "list": ["x", 1],
    "env": "dev",
    "dev.host": "d",
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("&{a}", "A"),
        ("x&{a}y&{a.b}z", "xAyABz"),
        ("&{a-b_c}", "ABC"),
        ("&{port}", "8080"),
        ("&{on}", "true"),
        ("&{list}", '["x", 1]'),
        ("&{none|default}", "default"),
        ("&{none|}", ""),
        ("&{a|default}", "A"),
        ("&{none|a b|c: ${d}", "a b|c: ${d"),
        (r"&{none|a\}b}", "a}b"),
        ("&{&{env}.host|localhost}", "d"),
        ("&{&{none|dev}.host}", "d"),
        ("&{none|&{other|x}}", "x"),
        ("&{none|<&{a}>}", "<A>"),
        (r"\&{a}", "&{a}"),
        (r"\&{a} &{a}", "&{a} A"),
        (r"&{none|\&{a}", "&{a"),
        ("a & b { c } | d", "a & b { c } | d"),
        ("&&{a}", "&A"),
        ("&{a}}", "A}"),
        ("${find(request.uri.host, '^&{a}$')}", "${find(request.uri.host, '^A$')}"),
    ],
)
def test_tokens_are_replaced(text, result):
    assert substituted(text, properties=VALUES) == result


def test_sources_are_asked_in_the_documented_order(tmp_path):
    (tmp_path / "tokens.json").write_text('{"a": {"b": "file"}}')
    sources = {
        "properties": {"a.b": "property"},
        "environ": {"A_B": "environment"},
        "system": {"a.b": "system"},
        "files": TokenFiles([tmp_path]),
        "builtins": {"a.b": "built-in"},
    }
    for name, value in (
        ("properties", "property"),
        ("environ", "environment"),
        ("system", "system"),
        ("files", "file"),
        ("builtins", "built-in"),
    ):
        assert substituted("&{a.b|default}", **sources) == value
        del sources[name]
    assert substituted("&{a.b|default}") == "default"


def test_an_empty_text_is_a_value():
    assert substituted("<&{a|default}>", environ={"A": ""}) == "<>"


def test_a_null_property_is_none():
    assert substituted("&{a|default}", properties={"a": None}) == "default"


def test_environment_variables_can_be_named_as_such():
    assert substituted("&{env['Some_Name']}", environ={"Some_Name": "x"}) == "x"
    assert substituted('&{env["Some_Name"]|y}', environ={}) == "y"


def test_token_files_are_found_through_environment_and_system_property(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "b.properties").write_text("host = first\nonly.b = b\n")
    (tmp_path / "two" / "a.json").write_text('{"host": "second", "deep": {"er": [1]}, "number": 5}')
    (tmp_path / "two" / "notes.txt").write_text("{")
    both = f"{tmp_path / 'one'}, {tmp_path / 'two'},{tmp_path / 'missing'}"
    for found in (
        Resolver(environ={"IG_ENVCONFIG_DIRS": both}, system={}),
        Resolver(environ={}, system={"ig.envconfig.dirs": both}),
    ):
        assert expand("&{host} &{only.b} &{deep.er} &{number}", found) == "first b [1] 5"


def test_a_token_file_that_cannot_be_read_is_a_finding_in_that_file(tmp_path):
    (tmp_path / "tokens.json").write_text("[]")
    with pytest.raises(DiagnosticError) as caught:
        substituted("&{a}", files=TokenFiles([tmp_path]))
    assert caught.value.diagnostics[0].code.rule == "token-file"


def test_field_names_are_left_alone():
    values = read_document(Source("route.json", '{"&{a}": "&{a}"}'))
    assert substitute(values, resolver(properties={"a": "b"}), []) == {"&{a}": "b"}


def test_what_holds_no_token_is_not_copied():
    values = read_document(Source("route.json", '{"a": [{"b": "c"}, "&{t|d}"], "e": {"f": ["g"]}}'))
    found = substitute(values, resolver(), [])
    assert found["e"] is values["e"]
    assert found["a"][0] is values["a"][0]
    assert found["a"][1] == "d"
    assert found["a"][1].span == values["a"][1].span


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("é\n&{open", "the token is not closed", "&{open"),
        ("x&{", "the token is not closed", "&{"),
        ("&{}", "the token has no name", "&{}"),
        ("&{|x}", "the token has no name", "&{|"),
        ("&{a b}", '" " cannot stand in the name of a token', " "),
        ("&{a|&{b c}}", '" " cannot stand in the name of a token', " "),
        ("&{f(x)}", '"(" cannot stand in the name of a token', "("),
    ],
)
def test_a_malformed_token_is_an_error_at_its_place(text, message, place):
    values = document(text)
    with pytest.raises(DiagnosticError) as caught:
        substitute(values, resolver(), [])
    (found,) = caught.value.diagnostics
    assert (found.code.id, found.message) == ("GW110", message)
    assert values.source.text[slice(*found.span)] == place


def test_nesting_of_tokens_has_a_limit():
    deep = "&{a|" * (DEEPEST_TOKEN + 1) + "}" * (DEEPEST_TOKEN + 1)
    with pytest.raises(DiagnosticError):
        parse_tokens(deep)
    with pytest.raises(DiagnosticError):
        parse_tokens("&{" * 10_000)
    assert parse_tokens(deep[4:-1])


def test_tokens_without_a_value_are_all_named_with_their_places():
    values = document(["<&{am.url}>", "&{am.realm}", "&{env['X']}"])
    with pytest.raises(DiagnosticError) as caught:
        substitute(values, resolver(properties={"am.urls": 1}), [])
    first, second, third = caught.value.diagnostics
    assert (first.message, first.help) == ('nothing defines the token "am.url"', 'did you mean "am.urls"?')
    assert values.source.text[slice(*first.span)] == "&{am.url}"
    assert "AM_REALM" in second.help
    assert "env['X']" in third.message


def test_lint_takes_what_the_machine_of_the_gateway_defines_for_unknown():
    values = document(["<&{am.url}>", "&{b|c}", "&{", "d", "&{conf.port}"])
    findings = []
    conf = Unknown("", values.source, values.span)
    found = substitute(values, resolver(properties={"conf": conf}), findings, lint=True)["x"]
    assert [type(item) is Unknown for item in found] == [True, False, True, False, True]
    assert found[0] == "<&{am.url}>"
    assert found[0].locate((1, 10)) == values["x"][0].locate((1, 10))
    assert found[1] == "c"
    assert [d.message for d in findings] == ["the token is not closed"]


PLAIN = st.text(st.characters(exclude_characters="&\\", exclude_categories=["Cs"]))


@given(st.text())
def test_any_text_gives_a_text_or_a_finding_inside_it(text):
    values = document(text)
    try:
        assert isinstance(substitute(values, resolver(properties=VALUES), [])["x"], str)
    except DiagnosticError as error:
        place = values.value_span("x")
        for found in error.diagnostics:
            assert place.start <= found.span.start <= found.span.end <= place.end


@given(
    st.lists(st.sampled_from(["&{", "}", "|", "a", "none", "\\", "\\&{", "\\}", "env['a']", " ", "&", "{", "é"])).map(
        "".join
    )
)
def test_any_scraps_give_a_text_or_a_finding_inside_them(text):
    test_any_text_gives_a_text_or_a_finding_inside_it.hypothesis.inner_test(text)


@given(PLAIN, PLAIN, st.text())
def test_a_token_is_replaced_by_exactly_its_value(before, after, value):
    assert substituted(f"{before}&{{t}}{after}", environ={"T": value}) == before + value + after


@given(PLAIN)
def test_a_text_without_tokens_and_one_with_an_escaped_token_stay_what_they_say(text):
    assert substituted(text) == text
    assert substituted(f"{text}\\&{{t}}{text}") == f"{text}&{{t}}{text}"


@given(PLAIN.filter(lambda text: "}" not in text))
def test_a_default_is_taken_as_it_stands(text):
    assert substituted(f"&{{t|{text}}}") == text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=b", {"a": "b"}),
        ("  a b c \n", {"a": "b c "}),
        ("a : b\r\nc:=d", {"a": "b", "c": "=d"}),
        ("# no\n! no\n\n \t\na=1", {"a": "1"}),
        ("a=b\\\n   c\\\r\n d", {"a": "bcd"}),
        ("a\\ b\\:c=\\u00e9\\t\\q", {"a b:c": "é\tq"}),
        ("a=\\ud83d\\ude00", {"a": "\U0001f600"}),
        ("empty\nnext=", {"empty": "", "next": ""}),
        ("a=1\na=2", {"a": "2"}),
        ("a=\\", {"a": ""}),
    ],
)
def test_properties_files_read_as_in_java(text, values):
    assert read_properties_file(Source("x.properties", text)) == values


def test_values_of_properties_files_have_places():
    found = read_properties_file(Source("x.properties", "\n host = ${env.HOST}\n"))
    assert found["host"].source.text[slice(*found["host"].locate((0, 2)))] == "${"
    with pytest.raises(DiagnosticError) as caught:
        read_properties_file(Source("x.properties", "a=\\u12"))
    assert caught.value.diagnostics[0].span == (2, 4)


@given(st.text())
def test_any_properties_file_gives_values_or_a_finding(text):
    try:
        for value in read_properties_file(Source("x.properties", text)).values():
            value.encode()
    except (DiagnosticError, UnicodeEncodeError) as error:
        assert isinstance(error, DiagnosticError)
