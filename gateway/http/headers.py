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


Read = tuple[list[bytes], list[tuple[str, str]]]
"""Fields as a parser read them: the lines that are passed on, each behind a line end, and what is not passed on."""
Snapshot = Read | CIMultiDict[str]


class Headers:
    """Map of a header name to its values, one value a line.

    Fields that a parser read stay bytes until somebody looks one up, and are sent from them until somebody changes one:
    most fields of most messages only pass through.
    """

    __slots__ = ("_fields", "_read")

    _fields: CIMultiDict[str]
    _read: Read | None
    """The fields as they were read, while they are unchanged; nobody changes the lists in it."""

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._read = None
        self._fields = CIMultiDict()
        for name, value in items:
            self.add(name, value)

    @classmethod
    def parsed(cls, items: list[tuple[str, str]]) -> Headers:
        """Headers of fields that need no check."""
        self = cls.__new__(cls)
        self._read = None
        self._fields = CIMultiDict(items)
        return self

    @classmethod
    def read(cls, lines: list[bytes], own: list[tuple[str, str]]) -> Headers:
        """Headers of what a strict parser found; `own` are the fields that are about the connection it came from."""
        self = cls.__new__(cls)
        self._read = lines, own
        return self

    def __getattr__(self, name: str) -> Any:
        """Make the map at the first look into it: only then is its slot found empty."""
        if name != "_fields":
            raise AttributeError(name)
        lines, own = self._read or ((), ())
        fields = self._fields = CIMultiDict([_pair(line) for line in lines])
        fields.extend(own)
        return fields

    def copy(self) -> Headers:
        return Headers.of(self.snapshot())

    def snapshot(self) -> Snapshot:
        """What `of` makes these fields of again, whatever is changed here meanwhile."""
        read = self._read
        return self._fields.copy() if read is None else read

    @classmethod
    def of(cls, snapshot: Snapshot) -> Headers:
        self = cls.__new__(cls)
        if isinstance(snapshot, tuple):
            self._read = snapshot
        else:
            self._read = None
            self._fields = snapshot
        return self

    def first(self, name: str) -> str | None:
        return self._fields.get(name)

    def all(self, name: str) -> list[str]:
        return self._fields.getall(name, [])

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
        fields = self._fields
        self._read = None
        if name in fields:
            folded = name.lower()
            name = next(key for key in fields if key.lower() == folded)
        fields[name] = value
        for text in more:
            fields.add(name, text)

    def add(self, name: str, value: str) -> None:
        _check(name, value)
        self._fields.add(name, value)
        self._read = None

    def extend(self, items: Iterable[tuple[str, str]]) -> None:
        for name, value in items:
            self.add(name, value)

    def remove(self, name: str) -> None:
        """Remove every line of a field; nothing happens when it is absent."""
        if name in self._fields:
            self._fields.popall(name)
            self._read = None

    def values_or_none(self, name: Any) -> list[str] | None:
        """The values of a field as expressions see them: None, no empty list, when it is absent."""
        return self._fields.getall(name, None) if isinstance(name, str) else None

    def put(self, name: Any, value: Any) -> None:
        """Write what an expression or a script assigns; ValueError for what is neither text nor a list of texts."""
        if not isinstance(name, str) or not (value is None or isinstance(value, str | list | tuple)):
            raise ValueError("a header takes a string or a list of strings")
        self.set(name, value)

    def items(self) -> Collection[tuple[str, str]]:
        """Each line as a name and a value, in order."""
        return self._fields.items()

    def names(self) -> list[str]:
        """Distinct names in order, each in its first spelling."""
        seen: dict[str, str] = {}
        for name in self._fields:
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
        """The lines of the fields that are passed on, each behind a line end."""
        read = self._read
        if read is not None:
            return b"".join(read[0])
        return encode_wire("".join([f"\r\n{name}: {value}" for name, value in self.items() if passed_on[name]]))

    @property
    def unchanged(self) -> bool:
        """Whether the fields are as they were read."""
        return self._read is not None

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        """Number of distinct names."""
        return len(self.names())

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __eq__(self, other: object) -> bool:
        return self._fields == other._fields if isinstance(other, Headers) else NotImplemented

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


_IS_NAME: Final = Memo(lambda name: name != "" and _NOT_TOKEN(name) is None)


def _check(name: str, value: str) -> None:
    """ValueError for a field that would break the message."""
    if not _IS_NAME[name]:
        raise ValueError("a header name holds a character that is not allowed")
    if not isinstance(value, str):
        raise ValueError(f"value of header {name} is not a string")
    # No control character is printable, and that a text is printable is found out faster.
    if not value.isprintable() and _NOT_VALUE(value):
        raise ValueError(f"value of header {name} holds a control character")


def _pair(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(": ")
    return name[2:], value.strip(" \t")


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
