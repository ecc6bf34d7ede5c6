"""Header fields of a message: ordered, compared ignoring case, each keeping the spelling of its first write.

Names and values are checked when they are written, so nothing that reaches the wire can start a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from multidict import CIMultiDict

from expr.host import HostType
from expr.types import BOOLEAN, STRING, STRINGS
from gateway.http.memo import Memo

_NOT_TOKEN: Final = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]").search
_NOT_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search

HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Fields that concern one connection and are never passed on (RFC 9110 section 7.6.1)."""


OWN: Final = HOP_BY_HOP | {"content-length", "expect", "trailers"}
"""Fields of which each side of the gateway writes its own, or none."""


class Headers:
    """Map of a header name to its values, one value a line.

    Most fields of most messages only pass through, so they are kept as the lines that go on the wire, each behind a
    line end, as a parser made them; what may not be passed on, and what Latin-1 cannot express, is kept as text. A map
    of all of them is made when somebody looks one up. The two lists are replaced and never changed.
    """

    __slots__ = ("_lines", "_map", "own")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._lines: list[bytes] = []
        self.own: list[tuple[str, str]] = []
        """The fields that are kept as text."""
        self._map: CIMultiDict[str] | None = None
        for name, value in items:
            self.add(name, value)

    @classmethod
    def parsed(cls, items: Iterable[tuple[str, str]]) -> Headers:
        """Headers of fields that need no check."""
        self = cls()
        for name, value in items:
            self._append(name, value)
        return self

    def copy(self) -> Headers:
        return headers_of(self._lines, self.own)

    def _make_map(self) -> CIMultiDict[str]:
        made = self._map = CIMultiDict(_pairs(self._lines))
        if self.own:
            made.extend(self.own)
        return made

    # -- reading

    def first(self, name: str) -> str | None:
        return (self._map or self._make_map()).get(name)

    def all(self, name: str) -> list[str]:
        return (self._map or self._make_map()).getall(name, [])

    # -- writing

    def set(self, name: str, value: str | Iterable[str] | None) -> None:
        """Replace a field by one value or several; None and an empty list remove it."""
        values = (value,) if isinstance(value, str) else tuple(value or ())
        for text in values or ("",):
            _check(name, text)
        if values:
            self.assign(name, *values)
        else:
            self.remove(name)

    def assign(self, name: str, value: str, *more: str) -> None:
        """Replace a field by values that need no check, such as a length that was counted."""
        if self._has_line(name):
            name = self._assign_line(name, value)
        else:
            folded = name.lower()
            name = next((known for known, _ in self.own if known.lower() == folded), name) if self.own else name
            self.remove(name)
            self._append(name, value)
        for text in more:
            self._append(name, text)

    def _has_line(self, name: str) -> bool:
        return not _IS_TEXT[name] and self._finds(name)

    def _finds(self, name: str) -> bool:
        """Whether there is a line of a field; `in` would try the bytes as a number first, with an exception."""
        return b"".join(self._lines).lower().find(_START[name]) >= 0

    def _assign_line(self, name: str, value: str) -> str:
        """Put a value in the place of the first line of a field, under the spelling there, which is returned."""
        start, size = _START[name], len(_START[name])
        place = next(place for place, line in enumerate(self._lines) if line[:size].lower() == start)
        spelling = self._lines[place][2 : size - 2].decode("latin-1")
        rest = headers_of(self._lines[place:], self.own)
        rest.remove(name)
        self._lines, self.own, self._map = self._lines[:place], rest.own, None
        self._append(spelling, value)
        self._lines = [*self._lines, *rest._lines]
        return spelling

    def add(self, name: str, value: str) -> None:
        _check(name, value)
        self._append(name, value)

    def _append(self, name: str, value: str) -> None:
        if not (_IS_TEXT[name] or _IS_ODD_HOST[name]):
            try:
                self._lines = [*self._lines, f"\r\n{name}: {value}".encode("latin-1")]
            except UnicodeEncodeError:
                self.own = [*self.own, (name, value)]
        else:
            self.own = [*self.own, (name, value)]
        if self._map is not None:
            self._map.add(name, value)

    def extend(self, items: Iterable[tuple[str, str]]) -> None:
        for name, value in items:
            self.add(name, value)

    def remove(self, name: str) -> None:
        """Remove every line of a field; nothing happens when it is absent."""
        if self.own:
            folded = name.lower()
            self.own = [field for field in self.own if field[0].lower() != folded]
        if self._has_line(name):
            start, size = _START[name], len(_START[name])
            self._lines = [line for line in self._lines if line[:size].lower() != start]
        if self._map is not None:
            self._map.popall(name, None)

    def values_or_none(self, name: Any) -> list[str] | None:
        """The values of a field as expressions see them: None, no empty list, when it is absent."""
        return (self._map or self._make_map()).getall(name, None) if isinstance(name, str) else None

    def put(self, name: Any, value: Any) -> None:
        """Write what an expression or a script assigns; ValueError for what is neither text nor a list of texts."""
        if not isinstance(name, str) or not (value is None or isinstance(value, str | list | tuple)):
            raise ValueError("a header takes a string or a list of strings")
        self.set(name, value)

    def items(self) -> Collection[tuple[str, str]]:
        """Each line as a name and a value, in order."""
        return (self._map or self._make_map()).items()

    def names(self) -> list[str]:
        """Distinct names in order, each in its first spelling."""
        seen: dict[str, str] = {}
        for name in self._map or self._make_map():
            seen.setdefault(name.lower(), name)
        return list(seen.values())

    def has_token(self, name: str, token: str) -> bool:
        """Whether a comma-separated list field holds a token, ignoring case (`Connection: close`)."""
        return any(token in [part.strip().lower() for part in line.split(",")] for line in self.all(name))

    def connection_fields(self) -> frozenset[str]:
        """Lower-case names that must not be passed on: hop-by-hop fields and what `Connection` lists."""
        lines = self.all("Connection")
        if not lines:
            return HOP_BY_HOP
        return HOP_BY_HOP.union(part.strip().lower() for line in lines for part in line.split(","))

    def wire(self, passed_on: Mapping[str, bool]) -> bytes:
        """The lines of the fields, each behind a line end; of those that are kept as text what may be passed on."""
        lines = b"".join(self._lines)
        for name, value in self.own:
            if passed_on[name]:
                lines += encode_wire(f"\r\n{name}: {value}")
        return lines

    def __contains__(self, name: object) -> bool:
        known = self._map
        if known is not None:
            return name in known
        if not isinstance(name, str):
            return False
        return self._finds(name) or any(one.lower() == name.lower() for one, _ in self.own)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        """Number of distinct names."""
        return len(self.names())

    def __bool__(self) -> bool:
        return bool(self._lines or self.own)

    def __eq__(self, other: object) -> bool:
        return self._make_map() == other._make_map() if isinstance(other, Headers) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{name}=[{', '.join(self.all(name))}]" for name in self.names()) + "}"

    def __repr__(self) -> str:
        """Names only: values may be secrets, and representations end up in logs."""
        return f"<Headers {', '.join(self.names())}>"

    published = HostType(
        "Headers",
        item=lambda headers, name: headers.values_or_none(name),
        item_type=STRINGS,
        set_item=lambda headers, name, value: headers.put(name, value),
        keys=lambda headers: headers.names(),
        methods={
            "getFirst": ((STRING,), STRING, lambda headers, name: headers.first(name or "")),
            "get": ((STRING,), STRINGS, lambda headers, name: headers.values_or_none(name)),
            "containsKey": ((STRING,), BOOLEAN, lambda headers, name: name in headers),
            "isEmpty": ((), BOOLEAN, lambda headers: not headers),
        },
    )


def headers_of(lines: list[bytes], own: list[tuple[str, str]]) -> Headers:
    """Headers of lines that a strict parser made, and of what it found that is not passed on."""
    headers: Headers = Headers.__new__(Headers)
    headers._lines, headers.own, headers._map = lines, own, None
    return headers


_IS_TEXT: Final = Memo[str, bool](lambda name: name.lower() in OWN)
"""Is a field always kept as text?"""
_IS_ODD_HOST: Final = Memo[str, bool](lambda name: name != "Host" and name.lower() == "host")
"""Is it a Host of another spelling, which is kept as text too? The client writes Host where no line begins so."""
_IS_NAME: Final = Memo[str, bool](lambda name: name != "" and _NOT_TOKEN(name) is None)


def _check(name: str, value: str) -> None:
    """ValueError for a field that would break the message."""
    if not _IS_NAME[name]:
        raise ValueError("a header name holds a character that is not allowed")
    if not isinstance(value, str):
        raise ValueError(f"value of header {name} is not a string")
    # No control character is printable, and that a text is printable is found out faster.
    if not value.isprintable() and _NOT_VALUE(value):
        raise ValueError(f"value of header {name} holds a control character")


_START: Final = Memo[str, bytes](lambda name: b"\r\n%b: " % name.lower().encode("latin-1", "replace"))
"""How the line of a field begins, in lower case, by its name."""


def _pairs(lines: list[bytes]) -> list[Any]:
    """Names and values of field lines, each behind a line end."""
    text = b"".join(lines).decode("latin-1")
    return [line.split(": ", 1) for line in text.split("\r\n")[1:]]


def starts_and_roles(roles: Mapping[str, int]) -> Memo[bytes, tuple[bytes, int]]:
    """How the line of a field begins, and its role (0 where it has none), by the spelling of its name on the wire."""
    return Memo(lambda name: (b"\r\n%b: " % name, roles.get(name.decode("latin-1").lower(), 0)))


def encode_wire(text: str) -> bytes:
    """Bytes of a message head: one byte a character as it came in, UTF-8 when something else was written."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return b"".join(_encode_line(line) for line in text.splitlines(keepends=True))


def _encode_line(line: str) -> bytes:
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
