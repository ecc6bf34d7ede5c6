"""JSON Schema of the property types: what a value may be besides a literal (an expression, a token, a transformation).

Each fragment has a `title` in the words of the documentation, which explanations show as the type of the property, and
is flat (`pattern` concerns strings, `propertyNames` objects), so that a validator can say exactly what is wrong. The
key `x-kind` names the kind of object that is referred to, `x-config-of` the type whose properties stand there;
`config.emit.schema` puts definitions in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Schema = dict[str, Any]

EXPRESSION: Final = r"[$#&]\{"
"""A string with an expression or a token in it."""
TRANSFORMATION: Final[Schema] = {"propertyNames": {"pattern": r"^\$"}, "minProperties": 1}
"""An object that can be a transformation alone, such as {"$int": "&{port}"}."""
KIND: Final = "x-kind"
CONFIG_OF: Final = "x-config-of"
NO_EFFECT: Final = "x-no-effect"
"""Why a property is accepted and does nothing."""

_AS_TEXT: Final = {"integer": r"^\s*[+-]?[0-9]+\s*$", "number": r"^[+-]?[0-9.]", "boolean": "^(true|false)$"}
_LAPSE: Final = "[0-9]+\\s*[A-Za-zµμ]+"
_FORMS: Final = {
    "duration": rf"^\s*{_LAPSE}(\s*(,|\s[aA][nN][dD]\s)\s*{_LAPSE})*\s*$|^\s*[A-Za-z]+\s*$",
    "secret-id": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$",
    "url": r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]+\S*$",
}
"""Forms of texts, roughly: a unit of a duration may be any word."""
_WORDS: Final = {"integer": "number", "array": "array", "object": "map"}
_JSON_TYPES: Final = {"string": "string", "boolean": "boolean", "number": "number", "list": "array", "map": "object"}


def static(inner: Schema) -> Schema:
    """A configuration expression for a value of a type."""
    if "enum" in inner:
        return _enumeration(inner)
    kind = inner.get("type")
    if not isinstance(kind, str):
        return {"title": "configuration expression<any>"}
    made: Schema = {
        "title": f"configuration expression<{_WORDS.get(kind, kind)}>",
        "type": list(dict.fromkeys((kind, "string", "object"))),
    }
    if kind != "string":
        made["pattern"] = "|".join(filter(None, (EXPRESSION, _AS_TEXT.get(kind, ""))))
    return {**made, **TRANSFORMATION} if kind != "object" else made


def _enumeration(inner: Schema) -> Schema:
    other_spellings = "|".join([EXPRESSION, *(f"^{_any_case(name)}$" for name in inner["enum"])])
    return {
        "title": "configuration expression<enumeration>",
        "anyOf": [
            {"enum": inner["enum"]},
            {"type": ["string", "object"], "pattern": other_spellings, **TRANSFORMATION},
        ],
    }


def _any_case(name: str) -> str:
    """A pattern for a name of an enumeration, whose case is ignored."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else f"[{c}]" for c in name)


def parsed(word: str) -> Schema:
    """A configuration expression for a text with a form of its own."""
    made: Schema = {"title": f"configuration expression<{word}>", "type": ["string", "object"], **TRANSFORMATION}
    return {**made, "pattern": f"{EXPRESSION}|{_FORMS[word]}"} if word in _FORMS else made


def runtime(expects: str) -> Schema:
    """A runtime expression for a type of result."""
    title = f"runtime expression<{expects}>"
    kind = _JSON_TYPES.get(expects)
    if kind is None:
        return {"title": title}
    if kind == "string":
        return {"title": title, "type": ["string", "object"], **TRANSFORMATION}
    made: Schema = {"title": title, "type": list(dict.fromkeys((kind, "string", "object"))), "pattern": EXPRESSION}
    return made if kind == "object" else {**made, **TRANSFORMATION}


def condition() -> Schema:
    """A runtime condition in its three forms."""
    expression = {"type": ["boolean", "string"], "pattern": EXPRESSION}
    return {
        "title": "runtime condition<boolean>",
        "type": ["boolean", "string", "object"],
        "pattern": EXPRESSION,
        "properties": {"expression": expression, "label": {"type": "string"}},
        "propertyNames": {"pattern": r"^(expression|label|comments?|_.*|\$.*)$"},
        "minProperties": 1,
    }


def target() -> Schema:
    """The place that an expression names, to write to."""
    return {"title": "l-value expression", "type": "string", "pattern": EXPRESSION}


def reference(kind: str, word: str = "") -> Schema:
    """The name of a heap object of a kind, or an inline declaration of one."""
    return {"title": f"{word or kind} reference", "type": ["string", "object"], KIND: kind}


def one_or_more(item: Schema) -> Schema:
    """A value, or an array of such."""
    return {
        "title": f"{item.get('title', 'object')}, or an array of these",
        "if": {"type": "array"},
        "then": {"items": item, "minItems": 1},
        "else": item,
    }


def declaration(title: str, key: str, types: Mapping[str, str], others: Iterable[str] = ()) -> Schema:
    """An object whose `key` has the name of a type, and whose `config` the properties of that type.

    Of `others` nothing more is known.
    """
    cases = [
        {
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"properties": {"config": {CONFIG_OF: type_name}}},
        }
        for name, type_name in types.items()
    ]
    properties = {key: {"enum": [*types, *others]}, "config": {"type": "object"}}
    return {"title": title, "type": "object", "properties": properties, "required": [key, "config"], "allOf": cases}
