from __future__ import annotations

import json

import pytest

from config.codes import UNKNOWN_PROPERTY
from config.read import read_document
from config.selection import Settings
from config.suppressions import suppressions
from expr.diagnostic import Diagnostic
from expr.source import Source, Span


def hidden(text: str, word: str, name: str = "route.json") -> bool:
    """Is a finding (an unknown property) that begins at a word switched off?"""
    source = Source(name, text)
    found = suppressions(source, read_document(source))
    start = text.index(word)
    finding = Diagnostic(UNKNOWN_PROPERTY, "message", source, Span(start, start + len(word)))
    return any(one.hides(finding) for one in found)


@pytest.mark.parametrize(
    "comment",
    [
        "// gatewright: ignore[GW201]",
        "// gatewright: ignore[unknown-property]",
        "// gatewright: ignore[GW2]",
        "// gatewright: ignore[GW301, GW201]",
        "// gatewright: ignore",
        "/* gatewright: ignore[GW201] */",
        "// remark. gatewright:ignore[GW201] another",
    ],
)
def test_a_comment_concerns_its_line(comment: str) -> None:
    assert hidden(f'{{\n"here": 1, {comment}\n"there": 2}}', '"here"')
    assert not hidden(f'{{\n"here": 1, {comment}\n"there": 2}}', '"there"')


def test_a_comment_alone_in_its_line_concerns_the_next() -> None:
    text = '{\n  // gatewright: ignore[GW201]\n\n  // a remark\n  "here": 1,\n  "there": 2\n}'

    assert hidden(text, '"here"')
    assert not hidden(text, '"there"')


def test_a_comment_names_what_it_switches_off() -> None:
    assert not hidden('{"here": 1 // gatewright: ignore[GW301]\n}', '"here"')


def test_a_text_is_no_comment() -> None:
    assert not hidden('{"here": "// gatewright: ignore[GW201]"}', '"here"')
    assert not hidden('{"here": "a", "b": "http://x // gatewright: ignore"}', '"here"')


def test_a_comment_can_concern_the_whole_file() -> None:
    assert hidden('// gatewright: ignore-file[GW201]\n{"a": {"b": {"here": 1}}}', '"here"')


def test_a_key_concerns_its_object() -> None:
    text = '{"a": {"_gatewright": "ignore[GW201]", "here": 1, "in": {"deep": 1}}, "there": 2}'

    assert hidden(text, '"here"')
    assert hidden(text, '"deep"')
    assert not hidden(text, '"there"')


@pytest.mark.parametrize(
    "value", ["GW201", "ignore[GW201]", "gatewright: ignore[GW201]", ["GW301", "GW201"], "GW301,GW201"]
)
def test_a_key_can_be_written_in_several_ways(value: object) -> None:
    assert hidden(json.dumps({"_gatewright": value, "here": 1}), '"here"')


def test_comments_of_yaml() -> None:
    assert hidden("here: 1  # gatewright: ignore[GW201]\nthere: 2\n", "here", "route.yaml")
    assert hidden("# gatewright: ignore[GW201]\nhere: 1\n", "here", "route.yaml")
    assert not hidden("here: 1\nthere: 2  # gatewright: ignore[GW201]\n", "here", "route.yaml")


def unused(text: str, settings: Settings | None = None) -> list[str]:
    source = Source("route.json", text)
    found = suppressions(source, read_document(source))
    return [finding.message for one in found for finding in one.unused(settings or Settings())]


def test_what_hides_nothing_is_told() -> None:
    assert unused("{} // gatewright: ignore[GW201, GW999]") == [
        "GW201 is not found here",
        '"GW999" is no code and no rule',
    ]
    assert unused("{} // gatewright: ignore") == ["nothing is found here"]


def test_a_code_that_is_not_looked_for_may_be_switched_off() -> None:
    assert unused("{} // gatewright: ignore[GW201]", Settings(select=("GW3",))) == []
