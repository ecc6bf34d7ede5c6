"""Values and their places: paths, parts of a text, trees that were built anew."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.read import read_document
from config.values import List, Map, Text, Unknown, placed, plain, rebuilt
from expr.source import Source, Span

DOCUMENT = '{"a": {"b": [10, "x", {"c": true}]},\n "d": null}'


def shown(document, place):
    source, span = place
    assert source is document.source
    return source.text[slice(*span)]


@pytest.fixture
def document():
    return read_document(Source("route.json", DOCUMENT))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), DOCUMENT),
        (("d",), "null"),
        (("a", "b", 0), "10"),
        (("a", "b", 1), '"x"'),
        (("a", "b", 2, "c"), "true"),
        (("a", "b", 2, "missing"), '{"c": true}'),
        (("a", "list[any]", "b", 1), '"x"'),
        (("a", "b", 9), '[10, "x", {"c": true}]'),
        (("d", "deeper", 1), "null"),
        (("a", "[key]"), '"a"'),
    ],
)
def test_a_path_leads_to_the_place_of_its_value(document, path, text):
    assert shown(document, document.at(path)) == text


def test_a_path_leads_to_the_place_of_its_last_key(document):
    assert shown(document, document.key_at(("a", "b"))) == '"b"'
    assert shown(document, document["a"].key_at(("b", 2, "c"))) == '"c"'


def test_a_list_is_a_start_of_paths_too(document):
    assert shown(document, document["a"]["b"].at((2, "c"))) == "true"
    assert shown(document, document["a"]["b"].key_at((2, "c"))) == '"c"'


def test_a_rebuilt_tree_keeps_its_places(document):
    changed = rebuilt(document, ((key, "new") for key in document))
    assert changed == {"a": "new", "d": "new"}
    assert shown(document, changed.at(("d",))) == "null"
    items = rebuilt(document["a"]["b"], [1, 2, 3])
    assert items == [1, 2, 3]
    assert items.item_span(1) == document["a"]["b"].item_span(1)


def test_of_a_key_given_twice_the_last_counts_and_the_first_is_remembered():
    text = '{"a": 1, "b": 2, "a": 3}'
    document = read_document(Source("route.json", text))
    assert document == {"a": 3, "b": 2}
    ((key, span),) = document.duplicates
    assert (key, span.start) == ("a", 1)
    assert document.key_span("a").start == text.rindex('"a"')


@pytest.mark.parametrize(
    ("literal", "part", "place"),
    [
        ('"plain ${x} text"', "${x}", "${x}"),
        (r'"say \"${x}\" twice"', "${x}", "${x}"),
        (r'"\u0061b${x}"', "b$", "b$"),
        (r'"\ud83d\ude00${x}"', "\U0001f600", r"\ud83d\ude00"),
        (r'"\ud83d\ude00${x}"', "${x}", "${x}"),
        (r'"a\\b"', "\\", r"\\"),
        (r'"a\nb"', "\n", r"\n"),
        ('"\U0001f600 é${x}"', "${x}", "${x}"),
    ],
)
def test_a_part_of_a_json_text_has_its_place_behind_escapes(literal, part, place):
    document = read_document(Source("route.json", f'{{"key": {literal}}}'))
    text = document["key"]
    start = text.index(part)
    assert document.source.text[slice(*text.locate(Span(start, start + len(part))))] == place


@pytest.mark.parametrize(
    ("yaml", "part", "place"),
    [
        ("key: plain ${x} text", "${x}", "${x}"),
        ("key: plain\n  folded ${x}\n  text", "${x}", "${x}"),
        ("key: 'it''s ${x}'", "${x}", "${x}"),
        ("key: 'it''s ${x}'", "'s", "''s"),
        ('key: "\\x41\\u00e9 \\\n    ${x}"', "${x}", "${x}"),
        ('key: "a\n\n   ${x}"', "${x}", "${x}"),
        ("key: |\n  first\n  second ${x}\n", "${x}", "${x}"),
        ("key: |-\n  first\n    ${x}", "${x}", "${x}"),
        ("key: >\n  first\n  second ${x}\n\n  third\n", "third", "third"),
        ("key: &anchor !!str 'quoted ${x}'", "${x}", "${x}"),
        ("key: !!str plain ${x}", "${x}", "${x}"),
    ],
)
def test_a_part_of_a_yaml_text_has_its_place(yaml, part, place):
    document = read_document(Source("route.yaml", yaml))
    text = document["key"]
    start = text.index(part)
    assert document.source.text[slice(*text.locate(Span(start, start + len(part))))] == place


def test_a_text_that_a_substitution_changed_has_one_place():
    source = Source("route.json", '"&{host}/x"')
    text = read_document(source)
    changed = text.replaced("example.com/x")
    assert changed == "example.com/x"
    assert changed.locate(Span(3, 4)) == Span(0, len(source.text))
    assert text.replaced("&{host}/x") is text


def test_an_empty_text_points_between_its_quotes():
    text = read_document(Source("route.json", '{"a": ""}'))["a"]
    assert text.locate(Span(0, 0)) == Span(7, 7)


def test_copies_keep_their_places(document):
    for other in (copy.deepcopy(document), pickle.loads(pickle.dumps(document))):
        assert other == document
        assert isinstance(other, Map)
        assert other.at(("a", "b", 2, "c"))[1] == document.at(("a", "b", 2, "c"))[1]
        assert other["a"]["b"][1].span == document["a"]["b"][1].span
    unknown = Unknown("&{x}", document.source, (0, 1), transformation="$int")
    assert pickle.loads(pickle.dumps(unknown)).transformation == "$int"


def test_a_plain_value_can_be_placed_and_a_placed_one_made_plain(document):
    made = placed({"a": [1, "b"]}, document.source, (3, 5))
    assert isinstance(made["a"], List)
    assert isinstance(made["a"][1], Text)
    assert made.at(("a", 1)) == (document.source, Span(3, 5))
    assert type(plain(made)) is dict
    assert type(plain(made)["a"][1]) is str


@given(st.text(), st.data())
def test_every_part_of_every_json_text_lies_inside_its_literal(value, data):
    import json

    literal = json.dumps(value, ensure_ascii=data.draw(st.booleans()))
    text = read_document(Source("x.json", f"[{literal}]"))[0]
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    place = text.locate(Span(start, end))
    assert 2 <= place.start <= place.end <= len(literal)
    assert json.loads(f'"{text.source.text[slice(*place)]}"') == value[start:end]
