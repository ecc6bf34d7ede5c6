from urllib.parse import quote_plus

import pytest

from gateway.http.form import Form


def test_a_query_keeps_order_values_and_parameters_without_value():
    form = Form.from_query("a=1&b&c=&a=x+y&=n&d=%C3%A9")
    assert form == {"a": ["1", "x y"], "b": [None], "c": [""], "d": ["é"]}
    assert form.first("a") == "1"
    assert form.first("none") is None


def test_a_form_body_drops_parameters_without_an_equals_sign():
    assert Form.from_body("a=1&b&c=") == {"a": ["1"], "c": [""]}


def test_a_form_body_that_cannot_be_decoded_is_an_error_or_passed_over():
    with pytest.raises(ValueError):
        Form.from_body("a=1&b=%zz")
    assert Form.from_body("a=1&b=%zz", ignore_errors=True) == {"a": ["1"]}


def test_both_encodings():
    form = Form.of([("a b", "c+d&e"), ("x", None), ("é", "ü")])
    assert form.to_query_string() == "a%20b=c%2Bd%26e&x&%C3%A9=%C3%BC"
    assert form.to_form_string() == "a+b=c%2Bd%26e&%C3%A9=%C3%BC"
    assert str(form) == form.to_form_string()


def test_an_empty_query_has_no_parameters():
    assert Form.from_query(None) == Form.from_query("") == {}


def test_a_representation_holds_no_values():
    assert "hunter2" not in repr(Form.of([("password", "hunter2")]))


def test_form_encoding_is_that_of_java_which_keeps_an_asterisk_and_no_tilde():
    every = "".join(map(chr, range(0x180))) + "\u20ac \U0001f600"
    for text in (every, every[:128], *every[:128], "", "a b+c&d=e%"):
        assert Form.of([("x", text)]).to_form_string() == "x=" + quote_plus(text, safe="*").replace("~", "%7E")
