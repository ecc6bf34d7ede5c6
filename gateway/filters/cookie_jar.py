"""A jar of cookies that follows the rules of browsers (RFC 6265, section 5), kept as plain JSON values in a session."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from ipaddress import ip_address
from typing import Any

from gateway.filters.set_cookie import SetCookie
from gateway.http.uri import Uri

Stored = dict[str, Any]
"""name, value, domain, hostOnly, path, secure, expires."""

KEY = "gatewright.cookies"
"""Name of the jar in the session."""
_MOST = 300
"""Cookies in one jar: a server that sets more loses the oldest ones."""


class CookieJar:
    """The cookies of a session; changes are written back by `store`."""

    __slots__ = ("_cookies", "_session")

    def __init__(self, session: MutableMapping[str, Any]) -> None:
        self._session = session
        self._cookies: list[Stored] = [dict(cookie) for cookie in session.get(KEY) or ()]

    def matching(self, uri: Uri, now: float) -> list[tuple[str, str]]:
        """Name and value of the cookies to send to a URI, those of longer paths first."""
        host, path, secure = _host(uri), uri.raw_path or "/", (uri.scheme or "").lower() == "https"
        found = [
            cookie
            for cookie in self._cookies
            if not _expired(cookie, now)
            and (secure or not cookie["secure"])
            and (host == cookie["domain"] or (not cookie["hostOnly"] and _domain_matches(host, cookie["domain"])))
            and _path_matches(path, cookie["path"])
        ]
        return [(cookie["name"], cookie["value"]) for cookie in sorted(found, key=lambda cookie: -len(cookie["path"]))]

    def add(self, uri: Uri, cookies: Iterable[SetCookie], now: float) -> None:
        """Take in what a response from a URI sets; an expired cookie removes the one that it replaces."""
        for cookie in cookies:
            stored = _stored(uri, cookie, now)
            if stored is None:
                continue
            self._cookies = [old for old in self._cookies if _identity(old) != _identity(stored)]
            if not _expired(stored, now):
                self._cookies.append(stored)

    def store(self, now: float) -> None:
        """Write the jar to the session."""
        self._session[KEY] = [cookie for cookie in self._cookies if not _expired(cookie, now)][-_MOST:]


def _stored(uri: Uri, cookie: SetCookie, now: float) -> Stored | None:
    """A cookie as the jar keeps it, None for one of another domain."""
    host = _host(uri)
    domain = (cookie.get("Domain") or "").lower().removeprefix(".")
    if domain and domain != host and (not _domain_matches(host, domain) or "." not in domain):
        return None
    path = cookie.get("Path") or ""
    return {
        "name": cookie.name,
        "value": cookie.value,
        "domain": domain or host,
        "hostOnly": not domain,
        "path": path if path.startswith("/") else _directory(uri.raw_path),
        "secure": cookie.get("Secure") is not None,
        "expires": cookie.expiry(now),
    }


def _identity(cookie: Stored) -> tuple[Any, ...]:
    return cookie["name"], cookie["domain"], cookie["path"]


def _expired(cookie: Stored, now: float) -> bool:
    return cookie["expires"] is not None and cookie["expires"] <= now


def _host(uri: Uri) -> str:
    return (uri.host or "").lower()


def _domain_matches(host: str, domain: str) -> bool:
    if not host.endswith(f".{domain}"):
        return False
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def _path_matches(path: str, prefix: str) -> bool:
    return path == prefix or (path.startswith(prefix) and (prefix.endswith("/") or path[len(prefix)] == "/"))


def _directory(path: str) -> str:
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"
