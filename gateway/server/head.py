"""From parsed pieces to a request: what the parser leaves open is decided here, and strictly.

A request that two implementations could read differently is refused: that is what request smuggling lives on. Knows no
socket. RFC 9112 sections 3, 6 and 11.2.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.http.headers import Headers
from gateway.http.message import Request
from gateway.http.uri import Uri, is_raw, repair

_AUTHORITY: Final = re.compile(
    r"(?:[0-9A-Za-z._~!$&'()*+,;=\-]|%[0-9A-Fa-f]{2})+(?::[0-9]{0,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{0,5})?"
)
_ABSOLUTE: Final = re.compile(r"(?i:https?)://([^/?]*)([^?]*)(?:\?(.*))?", re.DOTALL)
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_.~!$&'()*+,;=:@/\-]*")
_PLAIN_QUERY: Final = re.compile(r"[A-Za-z0-9_.~!$&'()*+,;=:@/\-?\[\]]*")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
# Decoded, these would change where a parameter begins or ends, or what a plus or percent sign means.
_KEPT_ESCAPES: Final = frozenset("&=+;#%")
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
    hosts = headers.all("Host")
    if version not in {"1.1", "1.0"}:
        raise Refused(505)
    if method == "CONNECT":
        raise Refused(405)
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise Refused(400)
    authority = hosts[0] if hosts else fallback
    if target[:1] == "/":
        path, mark, query = target.partition("?")
        raw_query = query if mark else None
    elif target == "*" and method == "OPTIONS":
        path, raw_query = "", None
    else:
        authority, path, raw_query = _absolute(target)
        headers.set("Host", authority)
    if not _AUTHORITY.fullmatch(authority) or _bad_port(authority):
        raise Refused(400)
    if not _PLAIN_PATH.fullmatch(path):
        path = _path(path)
    if raw_query is not None and not _PLAIN_QUERY.fullmatch(raw_query):
        raw_query = _query(raw_query, keep=keep_query)
    return Request(
        method,
        Uri.of_parts(scheme, authority, path, raw_query),
        headers,
        None,
        "HTTP/1.1" if version == "1.1" else "HTTP/1.0",
    )


def _absolute(target: str) -> tuple[str, str, str | None]:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise Refused(400)
    authority, path, query = match.groups()
    return authority, path or "/", query


def _bad_port(authority: str) -> bool:
    port = authority.rpartition(":")[2]
    return port.isdecimal() and int(port) > 65535


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
