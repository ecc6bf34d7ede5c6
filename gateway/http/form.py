"""Form fields and query parameters: a map from a name to its values, in order. Follows the documented object Form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from expr.functions.urls import form_encoded
from expr.host import HostType
from expr.types import BOOLEAN, STRING, STRINGS

_QUERY_SAFE: Final = "!$'()*,;:@/?"


class Form(dict[str, list[str | None]]):
    """Names, compared with case, each with the list of its values; None is the value of a parameter without `=`."""

    __slots__ = ()

    @classmethod
    def from_query(cls, raw_query: str | None) -> Form:
        """Parameters of a query: `a` has the value None, a parameter without a name is left out."""
        form = cls()
        for part in (raw_query or "").split("&"):
            name, equals, value = part.partition("=")
            if name:
                form.add(_decode_query(name), _decode_query(value) if equals else None)
        return form

    @classmethod
    def from_body(cls, text: str, *, ignore_errors: bool = False) -> Form:
        """Fields of an application/x-www-form-urlencoded body.

        A parameter without `=` is dropped. One that cannot be decoded raises ValueError, or is dropped with
        `ignore_errors`.
        """
        form = cls()
        for part in text.split("&"):
            name, equals, value = part.partition("=")
            if not equals:
                continue
            try:
                form.add(_decode_strict(name), _decode_strict(value))
            except ValueError:
                if not ignore_errors:
                    raise
        return form

    @classmethod
    def of(cls, items: Iterable[tuple[str, str | None]]) -> Form:
        form = cls()
        for name, value in items:
            form.add(name, value)
        return form

    def add(self, name: str, value: str | None) -> None:
        values = self.get(name)
        if values is None:
            self[name] = [value]
        else:
            values.append(value)

    def first(self, name: str) -> str | None:
        values = self.get(name)
        return values[0] if values else None

    def put(self, name: object, value: object) -> None:
        """Write what an expression assigns: a list of values, None to remove the name."""
        if not isinstance(name, str) or not (value is None or isinstance(value, list)):
            raise ValueError("a form field takes a list of strings")
        if value is None:
            self.pop(name, None)
        else:
            self[name] = value

    def pairs(self) -> list[tuple[str, str | None]]:
        return [(name, value) for name, values in self.items() for value in values]

    def to_query_string(self) -> str:
        """The parameters in RFC 3986 encoding: a blank is %20."""
        return "&".join(
            quote(name, safe=_QUERY_SAFE) + ("" if value is None else "=" + quote(value, safe=_QUERY_SAFE))
            for name, value in self.pairs()
        )

    def to_form_string(self) -> str:
        """The parameters in form encoding: a blank is a plus sign; those without a value are left out."""
        return "&".join(
            [f"{form_encoded(name)}={form_encoded(value)}" for name, value in self.pairs() if value is not None]
        )

    def __str__(self) -> str:
        return self.to_form_string()

    def __repr__(self) -> str:
        """Names only: values may be credentials."""
        return f"<Form {', '.join(self)}>"

    published = HostType(
        "Form",
        item=lambda form, name: form.get(name),
        item_type=STRINGS,
        set_item=lambda form, name, value: form.put(name, value),
        keys=lambda form: form.keys(),
        methods={
            "getFirst": ((STRING,), STRING, lambda form, name: form.first(name)),
            "get": ((STRING,), STRINGS, lambda form, name: form.get(name)),
            "containsKey": ((STRING,), BOOLEAN, lambda form, name: name in form),
            "isEmpty": ((), BOOLEAN, lambda form: not form),
            "toQueryString": ((), STRING, lambda form: form.to_query_string()),
            "toFormString": ((), STRING, lambda form: form.to_form_string()),
        },
    )


def _decode_query(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode(errors="replace") if "%" in text else text


def _decode_strict(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    pieces = text.split("%")
    for piece in pieces[1:]:
        if len(piece) < 2 or any(char not in "0123456789abcdefABCDEF" for char in piece[:2]):
            raise ValueError("a form field holds a percent sign that begins no escape")
    return unquote_to_bytes(text).decode(errors="replace")
