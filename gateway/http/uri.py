"""URI of a message: mutable, parsed when a part is first read, strict about what a write may put in.

Follows the documented object URI (MutableUri): decoded and raw properties, port -1 when absent, `rebase`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote

from expr.host import HostType, Property
from expr.types import INTEGER, STRING, STRINGS

_SPLIT: Final = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_HOST: Final = re.compile(
    r"(?:[0-9A-Za-z](?:[0-9A-Za-z\-]*[0-9A-Za-z])?\.)*[0-9A-Za-z](?:[0-9A-Za-z\-]*[0-9A-Za-z])?\.?"
    r"|\[[0-9A-Fa-f:.]+(?:%25[0-9A-Za-z._~\-]+)?\]"
)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")

# What may stand unescaped in each part; Java's URI keeps other characters beyond ASCII as they are.
_PATH: Final = "A-Za-z0-9_.~!$&'()*+,;=:@/\\-"
_QUERY: Final = _PATH + "?\\[\\]"
_USER: Final = "A-Za-z0-9_.~!$&'()*+,;=:\\-"
_ILLEGAL: Final = {
    "path": re.compile(rf"[^{_PATH}\u00a1-\U0010ffff]"),
    "query": re.compile(rf"[^{_QUERY}\u00a1-\U0010ffff]"),
    "fragment": re.compile(rf"[^{_QUERY}\u00a1-\U0010ffff]"),
    "userInfo": re.compile(rf"[^{_USER}\u00a1-\U0010ffff]"),
}
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_PARTS: Final = (
    ("scheme", STRING, "scheme", True),
    ("authority", STRING, "authority", False),
    ("rawAuthority", STRING, "raw_authority", False),
    ("userInfo", STRING, "user_info", True),
    ("rawUserInfo", STRING, "raw_user_info", True),
    ("host", STRING, "host", True),
    ("port", INTEGER, "port", True),
    ("path", STRING, "path", True),
    ("rawPath", STRING, "raw_path", True),
    ("query", STRING, "query", True),
    ("rawQuery", STRING, "raw_query", True),
    ("fragment", STRING, "fragment", True),
    ("rawFragment", STRING, "raw_fragment", True),
)


def _writer(attribute: str) -> Callable[[Any, Any], None]:
    return lambda uri, value: setattr(uri, attribute, value)


def _publish(name: str, *, writable: bool) -> HostType:
    properties = {
        part: Property(kind, attribute, _writer(attribute) if writable and written else None)
        for part, kind, attribute, written in _PARTS
    }
    if writable:
        properties["pathElements"] = Property(STRINGS, "path_elements")
    return HostType(
        name,
        properties=properties,
        methods={
            "toString": ((), STRING, str),
            "toASCIIString": ((), STRING, lambda uri: uri.to_ascii()),
            "resolve": ((STRING,), lambda: FixedUri.published, lambda uri, other: uri.resolve(as_uri(other))),
            "relativize": ((STRING,), lambda: FixedUri.published, lambda uri, other: uri.relativize(as_uri(other))),
        },
    )


class Uri:
    """A URI whose parts can be read decoded or raw, and written; a write that is not valid raises ValueError."""

    __slots__ = ("_authority", "_fragment", "_path", "_query", "_scheme", "_text")

    def __init__(self, text: str = "") -> None:
        self._text: str | None = text
        self._split(text)

    @classmethod
    def parse(cls, text: str) -> Uri:
        """A URI of text from elsewhere, checked part by part; ValueError when it is none."""
        uri = cls(text)
        for part, value in (("path", uri._path), ("query", uri._query), ("fragment", uri._fragment)):
            if value is not None:
                _check_raw(part, value)
        if uri._scheme is None and text.startswith(":"):
            raise ValueError("a URI does not begin with a colon")
        if uri._authority is not None:
            _check_authority(uri._authority)
        return uri

    def copy(self) -> Uri:
        return _filled(Uri.__new__(Uri), self)

    def fixed(self) -> FixedUri:
        """A copy that expressions cannot write."""
        uri: FixedUri = FixedUri.__new__(FixedUri)
        _filled(uri, self)
        return uri

    def _split(self, text: str) -> None:
        match = _SPLIT.fullmatch(text)
        assert match is not None  # the pattern takes every text
        self._scheme, self._authority, self._path, self._query, self._fragment = match.groups()

    # -- scheme and authority

    @property
    def scheme(self) -> str | None:
        return self._scheme

    @scheme.setter
    def scheme(self, value: str | None) -> None:
        if value is not None and not _SCHEME.fullmatch(value):
            raise ValueError("not a URI scheme")
        self._scheme, self._text = value, None

    @property
    def raw_authority(self) -> str | None:
        return self._authority

    @property
    def authority(self) -> str | None:
        return decode(self._authority)

    @property
    def raw_user_info(self) -> str | None:
        user, at, _ = (self._authority or "").rpartition("@")
        return user if at else None

    @raw_user_info.setter
    def raw_user_info(self, value: str | None) -> None:
        if value is not None:
            _check_raw("userInfo", value)
        self._set_authority(value, self._host_text(), self.port)

    @property
    def user_info(self) -> str | None:
        return decode(self.raw_user_info)

    @user_info.setter
    def user_info(self, value: str | None) -> None:
        self.raw_user_info = encode("userInfo", value)

    @property
    def host(self) -> str | None:
        """The host, an IPv6 address with its brackets; None for what is no host name (an underscore in it)."""
        host = self._host_text()
        return host if host and _HOST.fullmatch(host) else None

    @host.setter
    def host(self, value: str | None) -> None:
        if value is not None and ":" in value and not value.startswith("["):
            value = f"[{value}]"
        if value is not None and not _HOST.fullmatch(value):
            raise ValueError("not a host name")
        self._set_authority(self.raw_user_info, value, self.port)

    @property
    def port(self) -> int:
        """The port, -1 when the URI has none; the default port of the scheme is not filled in."""
        port = _split_port(self._authority)[2]
        return int(port) if port.isdecimal() and port.isascii() else -1

    @port.setter
    def port(self, value: int) -> None:
        if not isinstance(value, int) or not -1 <= value <= 65535:
            raise ValueError("not a port")
        self._set_authority(self.raw_user_info, self._host_text(), value)

    def _host_text(self) -> str | None:
        return _split_port(self._authority)[0] if self._authority is not None else None

    def _set_authority(self, user: str | None, host: str | None, port: int) -> None:
        self._text = None
        if host is None:
            self._authority = None
            return
        self._authority = (f"{user}@" if user is not None else "") + host + (f":{port}" if port >= 0 else "")

    # -- path, query and fragment

    @property
    def effective_port(self) -> int:
        """The port, that of the scheme when the URI has none; -1 when the scheme has none either."""
        port = self.port
        return port if port >= 0 else DEFAULT_PORTS.get((self.scheme or "").lower(), -1)

    @property
    def raw_path(self) -> str:
        return self._path

    @raw_path.setter
    def raw_path(self, value: str | None) -> None:
        value = value or ""
        _check_raw("path", value)
        if self._authority is not None and value and value[0] != "/":
            raise ValueError("the path of a URI with a host begins with a slash")
        self._path, self._text = value, None

    @property
    def path(self) -> str:
        path = self._path
        return unquote(path) if "%" in path else path

    @path.setter
    def path(self, value: str | None) -> None:
        self.raw_path = encode("path", value)

    @property
    def path_elements(self) -> list[str]:
        """Decoded segments of the path without its leading slash; an empty path has none."""
        path = self._path.removeprefix("/")
        return [unquote(part) for part in path.split("/")] if path else []

    @property
    def raw_query(self) -> str | None:
        return self._query

    @raw_query.setter
    def raw_query(self, value: str | None) -> None:
        if value is not None:
            _check_raw("query", value)
        self._query, self._text = value, None

    @property
    def query(self) -> str | None:
        return decode(self._query)

    @query.setter
    def query(self, value: str | None) -> None:
        self.raw_query = encode("query", value)

    @property
    def raw_fragment(self) -> str | None:
        return self._fragment

    @raw_fragment.setter
    def raw_fragment(self, value: str | None) -> None:
        if value is not None:
            _check_raw("fragment", value)
        self._fragment, self._text = value, None

    @property
    def fragment(self) -> str | None:
        return decode(self._fragment)

    @fragment.setter
    def fragment(self, value: str | None) -> None:
        self.raw_fragment = encode("fragment", value)

    # -- as a whole

    def rebase(self, base: Uri) -> None:
        """Take scheme, host and port of another URI (`baseURI`); a base without scheme or host changes nothing."""
        if base._scheme is None or base._authority is None:
            return
        origin = base._authority
        if "@" in origin:
            origin = origin.rpartition("@")[2]
        user, at, _ = (self._authority or "").rpartition("@")
        self._scheme, self._authority = base._scheme, f"{user}@{origin}" if at else origin
        if self._path and self._path[0] != "/":
            self._path = "/" + self._path
        self._text = None

    def resolve(self, reference: Uri) -> Uri:
        """The URI that a reference means when it is read at this one (RFC 3986 section 5.2)."""
        from urllib.parse import urljoin

        return Uri(urljoin(str(self), str(reference)))

    def relativize(self, other: Uri) -> Uri:
        """What is left of another URI behind this one, or that URI itself when it does not begin with this one."""
        prefix = self._path if self._path.endswith("/") or not self._path else self._path + "/"
        same = (self._scheme, self._authority) == (other._scheme, other._authority)
        if not same or not other._path.startswith(prefix):
            return other.copy()
        rest = uri_of(None, None, other._path[len(prefix) :], other._query)
        rest._fragment = other._fragment
        return rest

    def origin(self) -> tuple[str | None, str | None]:
        """Scheme and authority as they were written."""
        return self._scheme, self._authority

    def target(self) -> str:
        """Path and query as they stand in a request line: ASCII, and never empty."""
        path = self._path or "/"
        text = path if self._query is None else f"{path}?{self._query}"
        return text if text.isascii() else ascii_text(text)

    def to_ascii(self) -> str:
        text = str(self)
        return text if text.isascii() else ascii_text(text)

    def __str__(self) -> str:
        text = self._text
        if text is None:
            text = self._text = "".join(
                (
                    f"{self._scheme}:" if self._scheme is not None else "",
                    f"//{self._authority}" if self._authority is not None else "",
                    self._path,
                    f"?{self._query}" if self._query is not None else "",
                    f"#{self._fragment}" if self._fragment is not None else "",
                )
            )
        return text

    def __repr__(self) -> str:
        """Without the query, which may carry tokens."""
        return f"<Uri {self._scheme}://{self._authority}{self._path}>"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Uri) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))

    published = _publish("URI", writable=True)


class FixedUri(Uri):
    """A URI that expressions read and cannot write: what is not the URI of a message."""

    __slots__ = ()

    published = _publish("read-only URI", writable=False)


def uri_of(scheme: str | None, authority: str | None, path: str, query: str | None) -> Uri:
    """A URI of parts that a strict parser has checked already."""
    uri: Uri = Uri.__new__(Uri)
    uri._text = uri._fragment = None
    uri._scheme, uri._authority, uri._path, uri._query = scheme, authority, path, query
    return uri


def _filled(uri: Uri, other: Uri) -> Uri:
    uri._text, uri._scheme, uri._authority = other._text, other._scheme, other._authority
    uri._path, uri._query, uri._fragment = other._path, other._query, other._fragment
    return uri


def as_uri(value: object) -> Uri:
    """A URI of what an expression gives for one; ValueError for text that is none and for other values."""
    if isinstance(value, Uri):
        return value
    if isinstance(value, str):
        return Uri.parse(value)
    raise ValueError("not a URI")


def decode(text: str | None) -> str | None:
    """Percent-decoded text as UTF-8; bytes that are none become U+FFFD."""
    return text if text is None or "%" not in text else unquote(text)


def encode(part: str, text: str | None) -> str | None:
    """Text with everything percent-encoded that may not stand in a part of a URI, a percent sign included."""
    return None if text is None else _ILLEGAL[part].sub(lambda match: quote(match[0], safe=""), text)


def repair(part: str, raw: str) -> str:
    """A raw part with stray characters percent-encoded and sound escapes left alone."""
    if _BROKEN_ESCAPE.search(raw):
        raw = _BROKEN_ESCAPE.sub("%25", raw)
    return "%".join(_ILLEGAL[part].sub(lambda match: quote(match[0], safe=""), piece) for piece in raw.split("%"))


def ascii_text(text: str) -> str:
    """A URI with its characters beyond ASCII percent-encoded as UTF-8."""
    return quote(text, safe="".join(map(chr, range(128))))


def is_raw(part: str, value: str) -> bool:
    """Whether text may stand in a part of a URI as it is."""
    return not _BROKEN_ESCAPE.search(value) and not _ILLEGAL[part].search(value.replace("%", ""))


def _check_raw(part: str, value: str) -> None:
    if not is_raw(part, value):
        raise ValueError(f"the {part} of a URI holds a character that is not allowed")


def _check_authority(text: str) -> None:
    host, colon, port = _split_port(text)
    user, at, _ = text.rpartition("@")
    if at:
        _check_raw("userInfo", user)
    if colon and port and (not port.isdecimal() or not port.isascii() or int(port) > 65535):
        raise ValueError("the port of a URI is not a number up to 65535")
    # An underscore makes a host unreadable, not the URI invalid: Java calls it a registry-based authority.
    if not _HOST.fullmatch(host) and not re.fullmatch(r"[0-9A-Za-z._~!$&'()*+,;=%\-]+", host):
        raise ValueError("the host of a URI holds a character that is not allowed")


def _split_port(authority: str | None) -> tuple[str, str, str]:
    if not authority:
        return "", "", ""
    hostport = authority.rpartition("@")[2]
    if hostport.endswith("]"):
        return hostport, "", ""
    host, colon, port = hostport.rpartition(":")
    return (host, colon, port) if colon else (port, "", "")
