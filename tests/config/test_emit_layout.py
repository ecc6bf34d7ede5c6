"""JSON and pages laid out for people."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from config.emit import markdown, text
from config.emit.layout import WIDTH, dumps
from config.emit.page import Heading, Items, Page, Paragraph, Sample, Table

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=40,
)
PAGE = Page(
    "Thing",
    "filter",
    "Does it.",
    (
        Paragraph("Does it, with `code`."),
        Heading("Properties"),
        Table(("Name", "Type", "Description"), (("`a`", "`map<b>`", "One | two <x>."),)),
        Items(("one",)),
        Sample('{"type": "Thing"}'),
    ),
)


@given(JSON)
def test_layout_keeps_the_value(value: object) -> None:
    assert json.loads(dumps(value)) == value


def test_what_fits_stands_on_one_line() -> None:
    assert dumps({"a": [1, 2], "b": {"c": None}}) == '{"a": [1, 2], "b": {"c": null}}'
    long = dumps({"name": "x" * 60, "items": ["y" * 30] * 9})
    assert max(map(len, long.splitlines())) <= WIDTH
    assert long.splitlines()[1] == '  "name": "' + "x" * 60 + '",'


def test_a_page_is_markdown() -> None:
    assert markdown.render(PAGE) == (
        "# Thing\n\nDoes it, with `code`.\n\n## Properties\n\n"
        "| Name | Type | Description |\n| --- | --- | --- |\n| `a` | `map<b>` | One \\| two &lt;x&gt;. |\n\n"
        '- one\n\n```json\n{"type": "Thing"}\n```\n'
    )


def test_a_page_is_plain_text_unless_colour_is_wanted() -> None:
    assert text.render(PAGE, width=60) == (
        "Thing  filter\n\nDoes it, with code.\n\nProperties\n\n  a  map<b>\n     One | two <x>.\n\n- one\n\n"
        '    {"type": "Thing"}\n'
    )
    assert "\x1b[1mThing\x1b[0m" in text.render(PAGE, colour=True)
