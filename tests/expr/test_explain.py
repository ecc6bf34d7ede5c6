"""Explaining a template shows each part with its type and value."""

from __future__ import annotations

from expr import Environment, Name, compile_template, types
from expr.explain import explain

SCOPE = Environment(("a", "m"), {"a": Name("a", types.INTEGER), "m": Name("m", types.MAP)})


def rows(text: str, expects: types.Type = types.ANY) -> list[tuple[int, str, str, object]]:
    tree = explain(compile_template(text, environment=SCOPE, expects=expects), 2, {"k": "v"})
    return [(level, part.text, part.type, part.value if part.evaluated else "-") for level, part in tree.walk()]


def test_each_part_has_its_type_and_value() -> None:
    assert rows("n: ${m.k.concat('!')} ${a > 1 ? a * 2 : m.none}") == [
        (0, "n: ${m.k.concat('!')} ${a > 1 ? a * 2 : m.none}", "string", "n: v! 4"),
        (1, "m.k.concat('!')", "any", "v!"),
        (2, "m", "map", {"k": "v"}),
        (2, ".k", "any", "v"),
        (2, ".concat('!')", "any", "v!"),
        (3, "'!'", "string", "!"),
        (1, "a > 1 ? a * 2 : m.none", "any", 4),
        (2, "a > 1", "boolean", True),
        (3, "a", "integer", 2),
        (3, "1", "integer", 1),
        (2, "a * 2", "integer", 4),
        (3, "a", "integer", 2),
        (3, "2", "integer", 2),
        (2, "m.none", "any", "-"),
        (3, "m", "map", "-"),
        (3, ".none", "any", "-"),
    ]


def test_an_error_is_told_and_what_follows_is_not_evaluated() -> None:
    tree = explain(compile_template("${m.k.nope() + a}", environment=SCOPE), 2, {"k": "v"})
    assert tree.value is None
    assert tree.problem == "a string has no method 'nope'"
    assert [part.text for _, part in tree.walk() if part.evaluated][1:] == ["m", ".k"]


def test_a_wrong_type_of_result_is_told() -> None:
    tree = explain(compile_template("${a}", environment=SCOPE, expects=types.STRING), 2, {})
    assert (tree.value, tree.problem) == (None, "the value is a number, not a string: it counts as null")


def test_text_and_constants_explain_themselves() -> None:
    assert rows("text") == [(0, "text", "string", "text")]
    assert rows("${1 + 2}")[:2] == [(0, "${1 + 2}", "integer", 3), (1, "1 + 2", "integer", 3)]
