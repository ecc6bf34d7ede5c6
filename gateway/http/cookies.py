"""Cookies of a request, read from its Cookie headers. Follows the documented objects Cookies and Cookie."""

from __future__ import annotations

from collections.abc import Iterable

from expr.host import HostType
from expr.types import ANY, BOOLEAN, INTEGER, STRING, list_of


class Cookie:
    """One cookie; in a request only the name, the value and the old-style `$` attributes have a value."""

    __slots__ = (
        "comment",
        "comment_url",
        "discard",
        "domain",
        "expires",
        "http_only",
        "max_age",
        "name",
        "path",
        "port",
        "same_site",
        "secure",
        "value",
        "version",
    )

    def __init__(self, name: str, value: str | None) -> None:
        self.name = name
        self.value = value
        self.path: str | None = None
        self.domain: str | None = None
        self.port: list[int] | None = None
        self.version: int | None = None
        self.comment: str | None = None
        self.comment_url: str | None = None
        self.discard: bool | None = None
        self.expires: object | None = None
        self.http_only: bool | None = None
        self.max_age: int | None = None
        self.secure: bool | None = None
        self.same_site: str | None = None

    def __str__(self) -> str:
        shown = [
            f"{name}={getattr(self, name)}"
            for name in ("name", "value", "path", "domain", "port", "version")
            if getattr(self, name) is not None
        ]
        return f"[{', '.join(shown)}]"

    def __repr__(self) -> str:
        """Without the value, which may be a session."""
        return f"<Cookie {self.name}>"

    published = HostType(
        "Cookie",
        properties={
            "name": (STRING, "name"),
            "value": (STRING, "value"),
            "path": (STRING, "path"),
            "domain": (STRING, "domain"),
            "port": (list_of(INTEGER), "port"),
            "version": (INTEGER, "version"),
            "comment": (STRING, "comment"),
            "commentURL": (STRING, "comment_url"),
            "discard": (BOOLEAN, "discard"),
            "expires": (ANY, "expires"),
            "httpOnly": (BOOLEAN, "http_only"),
            "maxAge": (INTEGER, "max_age"),
            "secure": (BOOLEAN, "secure"),
            "sameSite": (STRING, "same_site"),
        },
    )


class Cookies(dict[str, list[Cookie]]):
    """Map of a cookie name, compared ignoring case, to the cookies of that name in the order in which they came."""

    __slots__ = ()

    def __getitem__(self, name: str) -> list[Cookie]:
        return super().__getitem__(name if name in self.keys() else self._spelling(name))

    def get(self, name: object, default: object = None) -> object:  # type: ignore[override]
        found = dict.get(self, name) if isinstance(name, str) else None
        if found is None and isinstance(name, str):
            found = dict.get(self, self._spelling(name))
        return default if found is None else found

    def __contains__(self, name: object) -> bool:
        return self.get(name) is not None

    def first(self, name: str) -> Cookie | None:
        found = self.get(name)
        return found[0] if isinstance(found, list) else None

    def _spelling(self, name: str) -> str:
        folded = name.lower()
        return next((key for key in self.keys() if key.lower() == folded), name)

    published = HostType(
        "Cookies",
        item=lambda cookies, name: cookies.get(name),
        item_type=list_of(Cookie.published),
        keys=lambda cookies: cookies.keys(),
        methods={
            "get": ((STRING,), list_of(Cookie.published), lambda cookies, name: cookies.get(name)),
            "containsKey": ((STRING,), BOOLEAN, lambda cookies, name: name in cookies),
            "isEmpty": ((), BOOLEAN, lambda cookies: not cookies),
        },
    )


def parse_cookies(lines: Iterable[str]) -> Cookies:
    """Read Cookie header lines; what is no cookie in them is passed over."""
    cookies = Cookies()
    for line in lines:
        version: int | None = None
        last: Cookie | None = None
        for part in _split(line):
            name, equals, value = part.partition("=")
            name, value = name.strip(), _unquote(value.strip())
            if not name or not equals:
                continue
            if not name.startswith("$"):
                last = Cookie(name, value)
                last.version = version
                dict.setdefault(cookies, cookies._spelling(name), []).append(last)
            elif last is not None:
                _attribute(last, name.lower(), value)
            elif name.lower() == "$version" and value.isdecimal():
                version = int(value)
    return cookies


def _split(line: str) -> list[str]:
    """Parts between semicolons; quoted text kept whole."""
    if '"' not in line:
        return line.split(";")
    parts, start, quoted, escaped = [], 0, False, False
    for index, char in enumerate(line):
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == ";" and not quoted:
            parts.append(line[start:index])
            start = index + 1
    parts.append(line[start:])
    return parts


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value


def _attribute(cookie: Cookie, name: str, value: str) -> None:
    if name == "$path":
        cookie.path = value
    elif name == "$domain":
        cookie.domain = value
    elif name == "$port":
        cookie.port = [int(port) for port in value.split(",") if port.strip().isdecimal()]
    elif name == "$version" and value.isdecimal():
        cookie.version = int(value)
