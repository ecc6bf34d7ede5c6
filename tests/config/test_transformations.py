"""Transformations: every documented one, nesting, and what is said about arguments that do not fit."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.read import read_document
from config.transformations import TRANSFORMATIONS, transform
from config.values import Map, Text, Unknown, plain
from expr.diagnostic import DiagnosticError
from expr.source import Source


def document(value):
    return read_document(Source("route.json", json.dumps({"x": value})))


def transformed(value):
    findings = []
    found = transform(document(value), findings)["x"]
    assert findings == []
    return found


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"$int": "8080"}, 8080),
        ({"$int": " -5 "}, -5),
        ({"$int": 7}, 7),
        ({"$int": None}, None),
        ({"$number": "1.5"}, 1.5),
        ({"$number": "-2e3"}, -2000.0),
        ({"$number": "3"}, 3),
        ({"$bool": "TRUE"}, True),
        ({"$bool": "false"}, False),
        ({"$bool": True}, True),
        ({"$string": "a ${b}"}, "a ${b}"),
        ({"$string": ""}, ""),
        ({"$list": "a, b ,c"}, ["a", "b", "c"]),
        ({"$list": "one"}, ["one"]),
        ({"$list": ""}, []),
        ({"$array": '[1, "two", {"three": null}]'}, [1, "two", {"three": None}]),
        ({"$object": '{"a": [true]}'}, {"a": [True]}),
        ({"$base64:encode": "é"}, "w6k="),
        ({"$base64:encode": "é", "$charset": "ISO-8859-1"}, "6Q=="),
        ({"$base64:encode": "a", "$charset": "UTF-16"}, "/v8AYQ=="),
        ({"$base64:decode": "w6k="}, "é"),
        ({"$base64:decode": "w6k"}, "é"),
        ({"$base64:decode": "6Q==", "$charset": "iso-8859-1"}, "é"),
        ({"$array": {"$base64:decode": "WzEsIDJd"}}, [1, 2]),
        ({"$int": {"$base64:decode": {"$base64:encode": "12"}}}, 12),
        ([{"deep": [{"$int": "1"}]}], [{"deep": [1]}]),
        ({"$int": "1", "other": "2"}, {"$int": "1", "other": "2"}),
        ({"$int": "1", "$charset": "UTF-8"}, {"$int": "1", "$charset": "UTF-8"}),
        ({"$location": "file"}, {"$location": "file"}),
        ({}, {}),
    ],
)
def test_a_transformation_stands_for_its_result(value, result):
    found = transformed(value)
    assert found == result
    assert type(found) is type(result) or isinstance(found, type(result))


@pytest.mark.parametrize(
    ("value", "result", "message"),
    [
        ({"$int": "12x"}, None, '"12x" is no integer, so that the value is null'),
        ({"$int": "1.5"}, None, '"1.5" is no integer, so that the value is null'),
        ({"$int": "9" * 400}, None, None),
        ({"$number": "much"}, None, '"much" is no number, so that the value is null'),
        ({"$number": "9e999"}, None, '"9e999" is no number, so that the value is null'),
        ({"$bool": "yes"}, False, '"yes" is neither true nor false, and counts as false'),
        ({"$integer": "1"}, {"$integer": "1"}, '"$integer" is no transformation'),
        ({"$inline": "1"}, {"$inline": "1"}, '"$inline" is no transformation'),
    ],
)
def test_what_the_gateway_takes_for_null_or_false_is_a_warning(value, result, message):
    findings = []
    assert transform(document(value), findings)["x"] == result
    (found,) = findings
    assert message is None or found.message == message
    assert not found.code.stops_load


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"$int": ["1"]}, "the argument of $int is an array"),
        ({"$string": 1}, "the argument of $string is a literal"),
        ({"$list": {"a": "b"}}, "the argument of $list is an object"),
        ({"$array": "[1,]"}, '$array: a comma before "]"'),
        ({"$array": "{}"}, "the text of $array is not an array in JSON"),
        ({"$object": "[]"}, "the text of $object is not an object in JSON"),
        ({"$base64:decode": "*"}, "the text of $base64:decode is not base64"),
        ({"$base64:decode": "/w=="}, "the decoded bytes are not UTF-8"),
        ({"$base64:encode": "é", "$charset": "US-ASCII"}, "a character of the text has no code in US-ASCII"),
        ({"$base64:encode": "a", "$charset": "rot13"}, '"rot13" is no charset'),
        ({"$base64:encode": "a", "$charset": "nonsense"}, '"nonsense" is no charset'),
    ],
)
def test_an_argument_that_does_not_fit_is_an_error_at_its_place(value, message):
    values = document(value)
    with pytest.raises(DiagnosticError) as caught:
        transform(values, [])
    (found,) = caught.value.diagnostics
    assert found.message == message
    name = next(iter(value))
    assert found.span == values["x"].value_span(name)
    findings = []
    assert isinstance(transform(values, findings, lint=True)["x"], Unknown)
    assert [d.message for d in findings] == [message]


def test_all_errors_of_a_file_are_found_at_once():
    with pytest.raises(DiagnosticError) as caught:
        transform(document([{"$array": "x"}, {"$object": "y"}]), [])
    assert len(caught.value.diagnostics) == 2


def test_the_transformation_of_an_unknown_is_unknown_and_says_of_what_kind():
    values = document("&{port}")
    values["x"] = Map(values.source, values.span)
    values["x"]["$int"] = Unknown("&{port}", values.source, values.value_span("x"))
    found = transform(values, [])["x"]
    assert isinstance(found, Unknown)
    assert (found, found.transformation) == ("&{port}", "$int")


def test_what_holds_no_transformation_is_not_copied():
    values = document([{"a": "b"}, {"c": {"d": 1}}])
    assert transform(values, []) is values


def test_a_result_stands_where_the_transformation_stood():
    values = document({"$object": '{"a": "b"}'})
    found = transform(values, [])
    assert found.at(("x", "a"))[1] == values.value_span("x")
    assert isinstance(found["x"]["a"], Text)


@given(
    st.sampled_from(sorted(TRANSFORMATIONS)),
    st.text(),
    st.sampled_from([None, "utf-16", "latin-1", "hex", "idna", "\0"]),
)
def test_any_text_gives_a_value_or_a_finding(name, text, charset):
    value = {name: text} if charset is None or "base64" not in name else {name: text, "$charset": charset}
    values = document(value)
    try:
        json.dumps(plain(transform(values, [])))
    except DiagnosticError as error:
        for found in error.diagnostics:
            assert found.source is values.source
            assert values.span.start <= found.span.start <= found.span.end <= values.span.end


@given(st.text())
def test_decoding_takes_encoding_back(text):
    assert transformed({"$base64:decode": {"$base64:encode": text}}) == text
    assert base64.b64decode(transformed({"$base64:encode": text})).decode() == text
