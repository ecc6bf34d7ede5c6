"""SetCookieUpdateFilter: changes attributes of the cookies that a response sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

from config.types import Pattern, RuntimeOnResponse
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.filters.patterns import matches
from gateway.filters.set_cookie import SetCookie

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

_FLAGS = {"secure": "Secure", "http-only": "HttpOnly", "httponly": "HttpOnly"}
_TEXTS = ("value", "samesite", "expires", "max-age", "path", "domain")
_NAMES = "value, secure, http-only, SameSite, expires, Max-Age, path and domain"


class SetCookieUpdateFilter(Filter):
    """Sets attributes of the header Set-Cookie on responses; the other attributes stay.

    A later entry overrides an earlier one. A null value, and false for a flag, remove the attribute. A cookie with
    SameSite none has to be secure.
    """

    cookies: dict[Pattern, dict[str, RuntimeOnResponse[Any]]]
    """Cookies: a pattern for the whole name -> attributes: name -> value. The attributes are value, secure and
    http-only (booleans), SameSite, expires, Max-Age, path and domain."""

    example: ClassVar = {
        "type": "SetCookieUpdateFilter",
        "config": {
            "cookies": {
                "SESSION": {"secure": "${true}", "http-only": "${true}", "SameSite": "none"},
                ".*": {"path": "/app"},
            }
        },
    }

    _updates: list[tuple[Any, dict[str, Any]]] = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        for attributes in self.cookies.values():
            for name in attributes:
                if name.lower() not in _FLAGS and name.lower() not in _TEXTS:
                    yield "cookies", f'a cookie has no attribute "{name}"', f"the attributes are {_NAMES}"

    def prepare(self, heap: Heap) -> None:
        self._updates = [
            (pattern, {name.lower(): value for name, value in attributes.items()})
            for pattern, attributes in self.cookies.items()
        ]

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        response = await next(context, request)
        lines = response.headers.all("Set-Cookie")
        if lines:
            updated = [await self._updated(line, context, request, response) for line in lines]
            try:
                response.headers.set("Set-Cookie", updated)
            except ValueError as error:
                raise ExchangeError(str(error)) from None
        return response

    async def _updated(self, line: str, *exchange: Any) -> str:
        cookie = SetCookie.parse(line)
        if cookie is None:
            return line
        changed = False
        for pattern, attributes in self._updates:
            if matches(pattern, cookie.name):
                changed = True
                for name, expression in attributes.items():
                    _update(cookie, name, await expression(*exchange))
        if changed and (cookie.get("SameSite") or "").lower() == "none" and cookie.get("Secure") is None:
            self.log.warning("%s: a cookie with SameSite none is not secure; browsers refuse it", self.object_name)
        return str(cookie) if changed else line


def _update(cookie: SetCookie, name: str, value: Any) -> None:
    if name in _FLAGS:
        if value is True:
            cookie.set(_FLAGS[name], None)
        else:
            cookie.remove(_FLAGS[name])
    elif name == "value":
        cookie.value = _clean(value)
    elif isinstance(value, str):
        cookie.set(name, _clean(value))
    else:
        cookie.remove(name)


def _clean(value: Any) -> str:
    """Text without what would begin another attribute."""
    return value.replace(";", "") if isinstance(value, str) else ""
