import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.headers import Headers, encode_wire

SPELLINGS = ("X-One", "x-one", "Host", "host", "Content-Length", "Connection", "connection", "Accept")
NAMES = st.sampled_from(SPELLINGS)
VALUES = st.sampled_from(("1", "a: b", "é", "€"))


def test_a_header_is_found_whatever_the_case_of_its_name():
    headers = Headers([("X-One", "1"), ("x-one", "2")])
    assert headers.first("X-ONE") == "1"
    assert headers.all("x-One") == ["1", "2"]
    assert "x-one" in headers
    assert headers.first("none") is None
    assert headers.all("none") == []


def test_a_value_that_is_set_keeps_the_spelling_and_the_place_of_the_first_write():
    headers = Headers([("X-One", "1"), ("Other", "o"), ("x-one", "2")])
    headers.set("X-ONE", ["a", "b"])
    assert list(headers.items()) == [("X-One", "a"), ("Other", "o"), ("X-One", "b")]
    assert headers.names() == ["X-One", "Other"]
    assert headers.all("x-one") == ["a", "b"]


def test_every_way_of_writing_keeps_what_is_found_and_what_is_sent_alike():
    headers = Headers([("X", "1"), ("content-length", "5"), ("X", "€"), ("Y", "é")])
    assert headers.all("x") == ["1", "€"]
    headers.set("Content-Length", "6")
    headers.set("x", "2")
    headers.set("Y", ["€", "b"])
    headers.add("Expect", "100-continue")
    assert [headers.all(name) for name in ("X", "Expect", "Content-length")] == [["2"], ["100-continue"], ["6"]]
    assert sorted(headers.all("Y")) == ["b", "€"]
    every = dict.fromkeys(("content-length", "Y"), True) | {"Expect": False}
    assert headers.wire(every) == "\r\nX: 2\r\nY: b\r\ncontent-length: 6\r\nY: €".encode()
    for name in ("x", "y", "CONTENT-LENGTH", "expect"):
        headers.remove(name)
    assert not headers
    assert "X" not in headers


@given(st.lists(st.tuples(st.sampled_from(["add", "set", "remove"]), NAMES, VALUES)))
def test_headers_are_a_map_of_lists_that_ignores_case(steps):
    headers, expected = Headers(), {}
    for what, name, value in steps:
        if what == "remove":
            headers.remove(name)
            expected.pop(name.lower(), None)
        elif what == "set":
            headers.set(name, value)
            expected[name.lower()] = [value]
        else:
            headers.add(name, value)
            expected.setdefault(name.lower(), []).append(value)
        assert {known.lower(): sorted(headers.all(known)) for known in headers} == {
            known: sorted(values) for known, values in expected.items()
        }
        assert all((name in headers) is (name.lower() in expected) for name in SPELLINGS)
        assert headers.copy() == headers
        sent = headers.wire(dict.fromkeys(SPELLINGS, True))
        assert sorted(encode_wire(f"{known}: {text}") for known, text in headers.items()) == sorted(
            sent.split(b"\r\n")[1:]
        )


@pytest.mark.parametrize("nothing", [None, []])
def test_setting_nothing_removes_the_header(nothing):
    headers = Headers([("A", "1"), ("a", "2")])
    headers.set("A", nothing)
    assert not headers
    assert headers.wire({}) == b""


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\x7f"])
def test_a_value_that_would_start_a_line_of_its_own_is_refused(value):
    headers = Headers()
    for write in (headers.set, headers.add):
        with pytest.raises(ValueError, match="control character"):
            write("X", value)
    assert not headers


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "é"])
def test_a_name_that_is_no_token_is_refused(name):
    with pytest.raises(ValueError, match="name"):
        Headers().add(name, "v")


@pytest.mark.parametrize("value", [5, ["x", None], {"a": 1}, b"x", [1]])
def test_what_an_expression_assigns_is_text_or_a_list_of_texts(value):
    with pytest.raises(ValueError):
        Headers().put("X", value)


def test_connection_fields_include_what_connection_lists():
    headers = Headers([("Connection", "keep-alive, X-Secret"), ("connection", "x-other")])
    assert {"x-secret", "x-other", "transfer-encoding", "upgrade"} <= headers.connection_fields()


def test_list_tokens_are_compared_ignoring_case():
    headers = Headers([("Connection", "Keep-Alive, Upgrade")])
    assert headers.has_token("connection", "upgrade")
    assert not headers.has_token("connection", "up")


def test_the_wire_form_keeps_bytes_as_they_came_and_encodes_what_is_wider():
    assert encode_wire("A: \xe9\r\n") == b"A: \xe9\r\n"
    assert encode_wire("A: \xe9\r\nB: €\r\n") == b"A: \xe9\r\n" + "B: €\r\n".encode()


def test_a_representation_holds_no_values():
    assert "secret" not in repr(Headers([("Authorization", "secret")]))


def test_len_counts_names_and_iteration_gives_each_once():
    headers = Headers([("A", "1"), ("b", "2"), ("a", "3")])
    assert len(headers) == 2
    assert list(headers) == ["A", "b"]


def test_a_copy_is_independent():
    headers = Headers([("A", "1")])
    copy = headers.copy()
    copy.set("A", "2")
    assert headers.first("A") == "1"
    assert headers != copy
