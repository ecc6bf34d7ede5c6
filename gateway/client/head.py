"""Requests as they go on the wire: request line, Host, what must not be passed on, and how the body is framed.

The Host field is the request's own when it has one (a baseURI decoration does not change it), else the URI's.
Content-Length follows the entity and nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.client.errors import UnsendableRequest
from gateway.client.options import Origin
from gateway.http.headers import OWN, Headers
from gateway.http.memo import Memo
from gateway.http.message import Request

_USUAL: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OURS: Final = OWN | {"host"}
"""Fields that are never copied: hop-by-hop ones, and those that the client writes itself."""
_NAMES_NOTHING: Final = frozenset({"keep-alive", "close", "upgrade"})
"""What `Connection` says nearly always; it names no field that is not hop-by-hop anyway."""
_PASSED_ON: Final = Memo[str, bool](lambda name: name.lower() not in _OURS)
"""Whether a field may be copied, by the spelling of its name."""
ALWAYS_SIZED: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose empty body is announced."""

EXPECT: Final = b"\r\nExpect: 100-continue"
CHUNKED: Final = b"\r\nTransfer-Encoding: chunked"


def request_head(request: Request, origin: Origin, framing: bytes) -> bytes:
    """Request line and fields with the empty line; `framing` is the field lines that the client adds itself."""
    headers = request.headers
    if headers.own:
        headers = _without_named(headers)
    fields = headers.wire(_PASSED_ON)
    hosts = fields.count(b"\r\nHost: ")
    if hosts != 1:
        host = (headers.first("Host") if hosts or headers.own else None) or _host(origin)
        fields = b"\r\nHost: %b%b" % (host.encode("latin-1", "replace"), _without_host(headers) if hosts else fields)
    proxy = origin.proxy
    if proxy is not None and proxy.authorization and not origin.secure:
        framing += b"\r\nProxy-Authorization: " + proxy.authorization.encode("latin-1")
    return b"".join((_request_line(request, origin), fields, framing, b"\r\n\r\n"))


def _without_named(headers: Headers) -> Headers:
    """The fields without those that `Connection` names."""
    lines = headers.all("Connection")
    if not lines or (len(lines) == 1 and lines[0].lower() in _NAMES_NOTHING):
        return headers
    kept = headers.copy()
    for name in headers.connection_fields() - {"host"}:
        kept.remove(name)
    return kept


def _without_host(headers: Headers) -> bytes:
    others = headers.copy()
    others.remove("Host")
    return others.wire(_PASSED_ON)


def _request_line(request: Request, origin: Origin) -> bytes:
    method = request.method
    if method not in _USUAL and (method == "CONNECT" or _TOKEN.fullmatch(method) is None):
        raise UnsendableRequest("a request method that cannot be passed on")
    uri = request.uri
    target = uri.target()
    if not target.isprintable() or " " in target:
        raise UnsendableRequest("a request target that holds a blank or a control character")
    if method == "OPTIONS" and not uri.raw_path and uri.raw_query is None:
        target = "" if origin.absolute_form else "*"  # the server as a whole: RFC 9112 section 3.2.4
    elif target[0] != "/":
        target = "/" + target
    if origin.proxy is not None and origin.absolute_form:  # the first is an attribute, the second is worked out
        target = f"http://{_host(origin)}{target}"
    return f"{method} {target} HTTP/1.1".encode()


def _host(origin: Origin) -> str:
    """The Host field of a URI: the port only when it is not the scheme's own."""
    if origin.port == (443 if origin.secure else 80):
        return origin.authority.rpartition(":")[0]
    return origin.authority


def connect_head(origin: Origin) -> bytes:
    """The request that asks a forward proxy for a tunnel."""
    proxy = origin.proxy
    authorization = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy and proxy.authorization else ""
    return f"CONNECT {origin.authority} HTTP/1.1\r\nHost: {origin.authority}\r\n{authorization}\r\n".encode()
