"""Reading files: the values, their places, and what is said about texts that cannot be read."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.read import decoded, load_source, read_document
from config.read_codes import DEEPEST
from config.values import Map
from expr.diagnostic import DiagnosticError
from expr.source import Source, Span

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
BRACKETS = ["{", "}", "[", "]", ",", ":", "// ", "/*", "*/", "\n", " ", "\t", "\x00", "\ufeff", "# x"]
WORDS = ['"', '"a"', "'b'", "1", "-", "01", "1e999", "true", "nul", "\\", "\\u", "\\ud800", "é"]
YAML_SIGNS = ["&a", "*a", "!t", "? ", "- ", "|", ">", "<<", "---"]
SCRAPS = st.lists(st.sampled_from([*BRACKETS, *WORDS, *YAML_SIGNS]), max_size=14).map("".join)


def read(text, name="route.json"):
    return read_document(Source(name, text))


def finding(text, name="route.json"):
    with pytest.raises(DiagnosticError) as caught:
        read(text, name)
    (found,) = caught.value.diagnostics
    return found


def check_places(value):
    """Every container knows the place of every member, and containers nest."""
    if isinstance(value, Map):
        for key, member in value.items():
            assert json.loads(value.source.text[slice(*value.key_span(key))]) == key
            check_place(value, member, value.value_span(key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            check_place(value, member, value.item_span(index))


def check_place(outer, member, span):
    assert outer.span.start < span.start < span.end < outer.span.end
    assert json.loads(outer.source.text[slice(*span)]) == member
    check_places(member)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_json_reads_as_the_standard_reader_reads_it(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    found = read(text)
    assert found == json.loads(text)
    assert json.dumps(found) == json.dumps(json.loads(text))
    check_places(found)


@given(VALUES)
def test_a_json_text_means_the_same_as_yaml(value):
    text = json.dumps(value, ensure_ascii=True)
    if r"\ud" in text or "\\u007f" in text:
        return
    assert json.dumps(read(text, "route.yaml")) == json.dumps(read(text))


@given(SCRAPS | st.text(max_size=30), st.sampled_from(["route.json", "route.yaml"]))
@example("[" * 100_000, "route.json")
@example("[" * 100_000, "route.yaml")
@example('{"a":' * 100_000, "route.json")
@example("- " * 3_000, "route.yaml")
@example("9" * 5_000, "route.json")
@example("9" * 5_000, "route.yaml")
@example("\ud800", "route.yaml")
def test_any_text_gives_a_value_or_a_finding_inside_it(text, name):
    source = Source(name, text)
    try:
        read_document(source)
    except DiagnosticError as error:
        for found in error.diagnostics:
            assert found.code.id.startswith("GW1")
            assert found.source is source
            assert 0 <= found.span.start <= found.span.end <= len(text)
            for label in found.labels:
                assert 0 <= label.span.start <= label.span.end <= len(text)


@given(SCRAPS)
def test_a_text_is_json_for_us_when_it_is_for_the_standard_reader(text):
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, UnicodeEncodeError):
        return
    if "1e999" not in text:
        assert read(text) == value


@pytest.mark.parametrize("comment", ["// a // b\n", "/* a\n * b */", "/**/", "//\n//\n", "/***/"])
def test_comments_are_passed_over(comment):
    assert read(f'{comment}{{{comment}"a"{comment}:{comment}[{comment}1{comment},2{comment}]{comment}}}{comment}') == {
        "a": [1, 2]
    }


def test_a_comment_may_end_the_file_without_a_line_break():
    assert read("[1] // one") == [1]


def test_comment_signs_in_a_text_are_text():
    assert read('["http://x", "/* y */"]') == ["http://x", "/* y */"]


def test_a_byte_order_mark_is_passed_over():
    assert read("\ufeff[1]") == [1]
    assert read("\ufeffa: 1\nb: 2", "route.yaml") == {"a": 1, "b": 2}
    assert decoded(b"\xef\xbb\xbf{}", "x").text == "{}"


MISTAKES = [
    ('{"a": 1,}', ",", 'a comma before "}"'),
    ("[1, ]", ",", 'a comma before "]"'),
    ("[1,, 2]", ",", "a comma with no value before it"),
    ('{"a": 1 "b": 2}', "", "a comma is missing before the next member"),
    ("[1 2]", "", "a comma is missing before the next value"),
    ('["a"b"]', "b", "a text ends here and goes on"),
    ('["say "x""]', "x", "a text ends here and goes on"),
    ('{"a" 1}', "", '":" is missing after the key "a"'),
    ('{"a" = 1}', "=", 'expected ":", found "="'),
    ('{"a"}', "", '"a" has no value'),
    ('{"a": , "b": 1}', "", '"a" has no value'),
    ("{a: 1}", "a", 'the key "a" has no quotes'),
    ("{1: 2}", "1", 'expected a key in double quotes, found "1"'),
    ("{'a': 1}", "'a'", "a text in single quotes"),
    ("['it\"s', 1]", "'it\"s'", "a text in single quotes"),
    ("[True]", "True", '"True" is not a value of JSON'),
    ("[yes]", "yes", '"yes" is not a value of JSON'),
    ("[NaN]", "NaN", "NaN is not a number of JSON"),
    ("[-Infinity]", "-Infinity", "-Infinity is not a number of JSON"),
    ("[1e999]", "1e999", "the number 1e999 is too large"),
    ("[01]", "01", '"01" is not a number of JSON'),
    ("[+1]", "+1", '"+1" is not a number of JSON'),
    ("[.5]", ".5", '".5" is not a number of JSON'),
    ('["a\tb"]', "\t", "control character U+0009 in a text"),
    ('["a\n"]', '"a', "the text is not closed"),
    ('["a', '"a', "the text is not closed"),
    (r'["\d"]', r"\d", r'"\d" is no escape of JSON'),
    (r'["\u12"]', r"\u12", r"\u needs four hexadecimal digits"),
    (r'["\ud83d\ude00\ud800"]', r"\ud800", r"\ud800 is half of a surrogate pair"),
    ("/* x", "/*", "the comment is not closed"),
    ("# x\n{}", "#", 'a comment does not begin with "#"'),
    ("{} {}", "{", "the document has ended before this"),
    ("{}}", "}", "the document has ended before this"),
    ("[“a”]", "“", "the character U+201C (LEFT DOUBLE QUOTATION MARK) is no quote of JSON"),
    ("[\u00a01]", "\u00a0", "the character U+00A0 (NO-BREAK SPACE) is not expected here"),
    ('["a": 1]', ":", "a colon in an array"),
    ("{:1}", ":", "a colon without a key"),
    ("", "", "the file is empty"),
    ("// nothing\n", "", "the file is empty"),
]


@pytest.mark.parametrize(("text", "place", "message"), MISTAKES)
def test_a_mistake_in_json_is_named_at_its_place(text, place, message):
    found = finding(text)
    assert found.message == message
    assert text[slice(*found.span)] == place


def test_an_object_that_is_not_closed_is_shown_where_it_opens():
    text = '{"heap": [\n  {"name": "a",\n   "type": "b"\n'
    found = finding(text)
    assert found.message == 'the text ends where "}" is missing'
    assert found.span.start == text.index('"b"') + 3
    (label,) = found.labels
    assert (label.span.start, label.text) == (text.index('{"name"'), "this object is not closed")


def test_a_wrong_bracket_is_shown_with_the_one_it_does_not_close():
    found = finding('{"a": [1, 2}')
    assert (found.message, found.span.start) == ('"}" does not close "["', 11)
    assert found.labels[0].span == Span(6, 7)


@pytest.mark.parametrize("text", [text for text, _, _ in MISTAKES] + ['["a"; 1]', '[None, "b"]'])
def test_a_fix_removes_its_mistake(text):
    first = finding(text)
    if first.fix:
        (edit,) = first.fix.edits
        fixed = text[: edit.span.start] + edit.text + text[edit.span.end :]
        try:
            read(fixed)
        except DiagnosticError as error:
            assert error.diagnostics[0].span.start > first.span.start


def test_nesting_has_a_limit():
    assert read("[" * DEEPEST + "]" * DEEPEST) == read("[" * DEEPEST + "]" * DEEPEST, "x.yaml")
    for name in ("x.json", "x.yaml"):
        assert finding("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), name).code.id == "GW105"


def test_plain_yaml_scalars_are_what_json_has_and_else_text():
    text = "[on, yes, 010, 0x1F, 1:30, 2020-01-01, 1_000, 1.5, -3, 1e3, true, False, ~, null, '1', !!str 2, 3x]"
    values = [
        "on",
        "yes",
        "010",
        "0x1F",
        "1:30",
        "2020-01-01",
        "1_000",
        1.5,
        -3,
        1e3,
        True,
        False,
        None,
        None,
        "1",
        "2",
        "3x",
    ]
    assert read(text, "x.yaml") == values


def test_yaml_keys_are_texts():
    assert read("on: 1\n200: 2\ntrue: 3\n", "x.yml") == {"on": 1, "200": 2, "true": 3}


def test_anchors_aliases_and_merge_keys_of_yaml_work():
    text = "base: &base {a: 1, b: 2}\nmade:\n  <<: *base\n  b: 3\nlist: [*base, {<<: [*base, {c: 4}]}]\n"
    found = read(text, "x.yaml")
    assert found["made"] == {"a": 1, "b": 3}
    assert found["list"] == [{"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 4}]
    assert found["made"].key_span("a").start == text.index("a: 1")


def test_an_earlier_object_wins_when_a_merge_key_names_several():
    found = read("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\nd: {<<: [*b, *a]}", "x.yaml")
    assert found["c"] == {"x": 1, "y": 2}
    assert found["d"] == {"x": 2, "y": 2}


@pytest.mark.parametrize(
    ("text", "code", "place", "message"),
    [
        ("a: !Foo x", "GW107", "!Foo x", 'the tag "!Foo" has no meaning here'),
        ("a: !!int x", "GW107", "!!int x", '"x" is not what its tag says'),
        ("a: 1\n---\nb: 2", "GW107", "---", "a second document begins here"),
        ("? [a]\n: b", "GW107", "[", "a key that is not a text"),
        ("a: &x [*x]", "GW107", "*x", '"x" is used inside itself'),
        ("a: *x", "GW107", "*x", 'no anchor "x" before this'),
        ("<<: 3", "GW107", "3", 'only objects can be merged by "<<"'),
        ("[.nan]", "GW106", ".nan", ".nan is not a number of JSON"),
        ("a:\n\t- b", "GW102", "\t", "found character that cannot start any token"),
        ("a: \x00", "GW102", "\x00", "the character U+0000 is not allowed in YAML"),
        ("", "GW102", "", "the file is empty"),
    ],
)
def test_a_mistake_in_yaml_is_named_at_its_place(text, code, place, message):
    found = finding(text, "x.yaml")
    assert (found.code.id, found.message) == (code, message)
    assert text[slice(*found.span)] == place


def test_aliases_cannot_stand_for_more_values_than_a_document_may_hold():
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases make more than" in finding("\n".join(lines), "x.yaml").message


def test_bytes_that_are_not_utf8_are_a_finding_at_the_byte():
    with pytest.raises(DiagnosticError) as caught:
        decoded('{"é": "'.encode() + b'\xff"}', "route.json")
    (found,) = caught.value.diagnostics
    assert (found.code.id, found.span) == ("GW103", Span(7, 8))
    assert found.message == "byte 0xFF is not UTF-8"


def test_a_file_is_read_under_its_path_or_the_name_given(tmp_path):
    file = tmp_path / "route.json"
    file.write_bytes(b"{}\r\n")
    assert load_source(file).name == str(file)
    assert load_source(file, "shown.json").name == "shown.json"
    assert load_source(file).text == "{}\r\n"


def test_a_file_that_is_missing_or_a_folder_is_a_finding(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path, tmp_path / "nul\0.json"):
        with pytest.raises(DiagnosticError) as caught:
            load_source(path)
        assert caught.value.diagnostics[0].code.id == "GW104"
