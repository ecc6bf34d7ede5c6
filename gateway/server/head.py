"""From parsed pieces to a request: what the parser leaves open is decided here, and strictly.

A request that two implementations could read differently is refused: that is what request smuggling lives on. Knows no
socket. RFC 9112 sections 3, 6 and 11.2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gateway.http.headers import HOP_BY_HOP, Headers
from gateway.http.message import Request
from gateway.http.uri import is_raw, repair, uri_of

_AUTHORITY: Final = re.compile(
    r"(?:[0-9A-Za-z._~!$&'()*+,;=\-]|%[0-9A-Fa-f]{2})+(?::[0-9]{0,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{0,5})?"
)
_ABSOLUTE: Final = re.compile(r"(?i:https?)://([^/?]*)([^?]*)(?:\?(.*))?", re.DOTALL)
_PLAIN_TARGET: Final = re.compile(
    r"(/[A-Za-z0-9_.~!$&'()*+,;=:@/\-]*)(?:\?([A-Za-z0-9_.~!$&'()*+,;=:@/\-?\[\]]*))?"
).fullmatch
_VERSIONS: Final = {"1.1": "HTTP/1.1", "1.0": "HTTP/1.0"}
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
# Decoded, these would change where a parameter begins or ends, or what a plus or percent sign means.
_KEPT_ESCAPES: Final = frozenset("&=+;#%")
# What `Connection` nearly always says; it names no field.
_USUAL_OPTIONS: Final = frozenset({"close", "keep-alive", "upgrade"})
_NOT_NAMED_AWAY: Final = HOP_BY_HOP | {"close", "host", "content-length"}
_QUERY_ALLOWED: Final = re.compile(r"[A-Za-z0-9_.~!$'()*,:@/\-?\[\]]")


class Refused(Exception):
    """A request that is not passed on; its number is the status of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Framing:
    """How the body of a request is delimited, and what its head says about the connection."""

    __slots__ = ("chunked", "expects_continue", "length")

    def __init__(self, length: int, *, chunked: bool, expects_continue: bool) -> None:
        self.length = length
        self.chunked = chunked
        self.expects_continue = expects_continue


_NO_BODY: Final = Framing(0, chunked=False, expects_continue=False)


def read_request(
    method: str, target: str, headers: Headers, version: str, scheme: str, *, fallback: str, keep_query: bool
) -> Request:
    """Make a request of its start line and fields; `fallback` is the authority of a request without Host."""
    protocol = _VERSIONS.get(version)
    if protocol is None:
        raise Refused(505)
    hosts = headers.all("Host")
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise Refused(400)
    authority = hosts[0] if hosts else fallback
    plain = _PLAIN_TARGET(target)
    if plain is not None:
        path, raw_query = plain.groups()
    elif method == "CONNECT":
        raise Refused(405)
    else:
        absolute, path, raw_query = _read_target(method, target, keep_query=keep_query)
        if absolute is not None:
            authority = absolute
            headers.set("Host", authority)
    if not _is_authority(authority):
        raise Refused(400)
    if "Connection" in headers:
        _forget_named(headers)
    return Request(method, uri_of(scheme, authority, path, raw_query), headers, None, protocol)


def _forget_named(headers: Headers) -> None:
    """Drop what `Connection` names, here and once: later it would take fields away that a filter had added."""
    lines = headers.all("Connection")
    if len(lines) == 1 and lines[0].lower() in _USUAL_OPTIONS:
        return
    options = [option.strip() for line in lines for option in line.split(",")]
    kept = [option for option in options if option.lower() in _NOT_NAMED_AWAY]
    for option in options:
        if option.lower() not in _NOT_NAMED_AWAY:
            headers.remove(option)
    headers.set("Connection", ", ".join(kept) or None)


def plain_request(method: str, target: bytes, authority: str, headers: Headers, scheme: str) -> Request | None:
    """A request as nearly all are, with one Host and a target in origin form that needs no repair; else None."""
    plain = _PLAIN_TARGET(target.decode("latin-1"))
    if plain is None or not _is_authority(authority):
        return None
    path, query = plain.groups()
    return Request(method, uri_of(scheme, authority, path, query), headers)


def _read_target(method: str, target: str, *, keep_query: bool) -> tuple[str | None, str, str | None]:
    """Authority, path and query of a target that is not a plain one in origin form."""
    authority: str | None = None
    if target[:1] == "/":
        path, mark, query = target.partition("?")
        raw_query = query if mark else None
    elif target == "*" and method == "OPTIONS":
        return None, "", None
    else:
        authority, path, raw_query = _absolute(target)
        if not path and (method != "OPTIONS" or raw_query is not None):
            path = "/"  # OPTIONS without any path asks about the server as a whole
    return authority, _path(path), None if raw_query is None else _query(raw_query, keep=keep_query)


@lru_cache(1024)
def _is_authority(text: str) -> bool:
    """Whether text is a host and perhaps a port, and nothing else: no user, no blank."""
    if not _AUTHORITY.fullmatch(text):
        return False
    port = text.rpartition(":")[2]
    return not port.isdecimal() or ":" not in text or int(port) <= 65535


def _absolute(target: str) -> tuple[str, str, str | None]:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise Refused(400)
    authority, path, query = match.groups()
    return authority, path, query


def _path(path: str) -> str:
    if "#" in path or (re.search(r"%(?![0-9A-Fa-f]{2})", path)):
        raise Refused(400)
    return repair("path", path)


def _query(query: str, *, keep: bool) -> str:
    """The query as it goes on: as it came, or decoded and encoded again (preserveOriginalQueryString)."""
    if "#" in query:
        raise Refused(400)
    if keep:
        if not is_raw("query", query):
            raise Refused(400)
        return query
    return _ESCAPE.sub(_plain, repair("query", query))


def _plain(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char not in _KEPT_ESCAPES and _QUERY_ALLOWED.fullmatch(char) else match[0]


def read_framing(headers: Headers, version: str) -> Framing:
    """How the body is delimited. The parser has refused what it knows to be wrong; this refuses the rest."""
    coding = headers.all("Transfer-Encoding")
    lengths = headers.all("Content-Length")
    expects = headers.first("Expect")
    if not coding and not lengths and expects is None:
        return _NO_BODY
    if coding and (lengths or version != "1.1" or len(coding) > 1):
        raise Refused(400)
    if coding and coding[0].lower() != "chunked":
        raise Refused(501)
    if len(lengths) > 1 or (lengths and not (lengths[0].isascii() and lengths[0].isdecimal())):
        raise Refused(400)
    if lengths and len(lengths[0]) > 18:
        raise Refused(413)
    if expects is not None and expects.lower() != "100-continue":
        raise Refused(417)
    length = int(lengths[0]) if lengths else 0
    return Framing(
        length,
        chunked=bool(coding),
        expects_continue=expects is not None and version == "1.1" and (bool(coding) or length > 0),
    )
