"""CookieFilter: keeps cookies of the application in the gateway session, drops them, or passes them on."""

from __future__ import annotations

from enum import StrEnum
from time import time
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from config.types import Static
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.filters.cookie_jar import CookieJar
from gateway.filters.session_access import loaded_session
from gateway.filters.set_cookie import SetCookie
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class Action(StrEnum):
    """What happens to a cookie."""

    MANAGE = "MANAGE"
    SUPPRESS = "SUPPRESS"
    RELAY = "RELAY"


class CookieFilter(Filter):
    """Manages, suppresses or relays the cookies of an application.

    Managed cookies stay in the gateway session and go to the application as a browser would send them. Suppressed
    cookies are removed in both directions, relayed ones pass. Names are compared ignoring case.
    """

    managed: list[Static[str]] = []
    """Names of cookies to manage; they win over the other lists."""
    suppressed: list[Static[str]] = []
    """Names of cookies to suppress; they win over `relayed`."""
    relayed: list[Static[str]] = []
    """Names of cookies to relay."""
    defaultAction: Static[Action] = Action.MANAGE
    """What happens to other cookies: MANAGE, SUPPRESS or RELAY."""

    example: ClassVar = {
        "type": "CookieFilter",
        "config": {"suppressed": ["iPlanetDirectoryPro"], "relayed": ["lang"], "defaultAction": "MANAGE"},
    }

    _actions: dict[str, Action] = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        lists = ((self.relayed, Action.RELAY), (self.suppressed, Action.SUPPRESS), (self.managed, Action.MANAGE))
        self._actions = {name.lower(): action for names, action in lists for name in names}

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        session = await loaded_session(context)
        uri = _asked_for(request)
        try:
            jar = CookieJar(session)
            pairs = self._relayed_pairs(request) + [f"{name}={value}" for name, value in jar.matching(uri, time())]
        except (TypeError, KeyError, ValueError) as error:
            raise ExchangeError(f"the cookies of the session cannot be read: {error!r}") from None
        request.headers.set("Cookie", "; ".join(pairs) if pairs else None)
        response = await next(context, request)
        self._take_in(response, CookieJar(session), uri)
        return response

    def _relayed_pairs(self, request: Request) -> list[str]:
        pairs = [pair.strip() for line in request.headers.all("Cookie") for pair in line.split(";")]
        return [pair for pair in pairs if pair and self._action(pair.partition("=")[0].strip()) is Action.RELAY]

    def _take_in(self, response: Response, jar: CookieJar, uri: Uri) -> None:
        lines = response.headers.all("Set-Cookie")
        if not lines:
            return
        kept, managed, now = [], [], time()
        for line in lines:
            cookie = SetCookie.parse(line)
            action = Action.RELAY if cookie is None else self._action(cookie.name)
            if action is Action.RELAY:
                kept.append(line)
            elif action is Action.MANAGE and cookie is not None:
                managed.append(cookie)
        response.headers.set("Set-Cookie", kept)
        if managed:
            jar.add(uri, managed, now)
            jar.store(now)

    def _action(self, name: str) -> Action:
        return self._actions.get(name.lower(), self.defaultAction)


def _asked_for(request: Request) -> Uri:
    """The request URI with the host and port of the header Host, which is what the application knows itself by."""
    uri = request.uri.copy()
    host = request.headers.first("Host")
    if host and uri.scheme is not None:
        uri.rebase(Uri(f"{uri.scheme}://{host}"))
    return uri
