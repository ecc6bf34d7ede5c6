"""FragmentFilter: keeps the fragment of a browser's URL across a redirect to a login page.

A browser sends no fragment, so a page with a script posts it to the gateway before the browser goes to log in.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from functools import cache
from hmac import compare_digest
from html import escape
from importlib.resources import files
from secrets import token_urlsafe
from string import Template
from typing import TYPE_CHECKING, Any, ClassVar

from config.types import Duration, Static
from gateway.base64url import unpadded
from gateway.filters.auth_redirect_context import auth_redirect
from gateway.filters.base import Filter, Next
from gateway.filters.session_access import loaded_session
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.http.uri import repair
from gateway.session.cookie import SameSite, SessionCookie

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

SESSION_KEY = "gatewright.fragment"
"""Where the session keeps the capture that is under way."""
LONGEST_FRAGMENT = 2048

# Defaults as a configuration would write them; they are read as its values are.
ONE_HOUR: Any = "1 hour"
DEFAULTS: Any = {}


class FragmentCookie(SessionCookie):
    """The cookie that holds the URL with its fragment during the login."""

    name: Static[str] = "ig-fragment-cookie"
    """Name of the cookie."""
    sameSite: Static[SameSite] = SameSite.LAX
    """When the cookie is sent with requests of other sites; LAX by default."""
    maxAge: Duration = ONE_HOUR
    """How long it lives; 1 hour by default."""

    def lasting(self, value: str, age: float) -> str:
        """The Set-Cookie line for a value that is kept for some seconds; an age of zero removes the cookie."""
        line = self.line(value)
        return line if math.isinf(age) else f"{line}; Max-Age={int(age)}"


class FragmentFilter(Filter):
    """Keeps the fragment of the URL that a user asked for across the redirect to a login page.

    Place it in front of the filter that logs in. One fragment is kept at a time, the first one.
    """

    fragmentCaptureEndpoint: Static[str]
    """The path on the gateway that takes the fragment; the condition of the route has to let it in."""
    noJavaScriptMessage: Static[str] = ""
    """What a browser without JavaScript shows beside a button; nothing by default."""
    cookie: FragmentCookie = DEFAULTS
    """The cookie that holds the URL with its fragment during the login."""

    provides: ClassVar = {"next": ("AuthRedirectAwareContext",)}
    example: ClassVar = {
        "type": "FragmentFilter",
        "config": {
            "fragmentCaptureEndpoint": "/home/app/ig/fragment",
            "noJavaScriptMessage": "Enable JavaScript or press the button",
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.fragmentCaptureEndpoint.startswith("/"):
            yield "fragmentCaptureEndpoint", "the endpoint is no path", "begin it with a slash"
        yield from self.cookie.problems()

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        if request.method == "POST" and request.uri.path == self.fragmentCaptureEndpoint:
            return await self._captured(context, request)
        redirect, inner = auth_redirect(context)
        response = await next(inner, request)
        kept = self._kept(request)
        if redirect.announced:
            if kept is None and (location := response.headers.first("Location")) is not None:
                return await self._page(context, response, location)
        elif kept is not None and kept.partition("#")[0] == str(context.root.original_uri):
            response.close()
            return self._redirect(kept, self.cookie.lasting("", 0))
        return response

    async def _page(self, context: Context, response: Response, location: str) -> Response:
        """The page that posts the fragment, in the place of the redirect to the login page."""
        original, nonce = str(context.root.original_uri), token_urlsafe(16)
        session = await loaded_session(context)
        session[SESSION_KEY] = {"nonce": nonce, "loginUri": location, "originalUri": original}
        values = {
            "action": self.fragmentCaptureEndpoint,
            "login_uri": location,
            "original_uri": original,
            "nonce": nonce,
            "message": self.noJavaScriptMessage,
        }
        page = Response(200, Headers([("Content-Type", "text/html; charset=UTF-8"), ("Cache-Control", "no-store")]))
        for line in response.headers.all("Set-Cookie"):
            page.headers.add("Set-Cookie", line)
        response.close()
        page.entity.string = _template().substitute({name: escape(value) for name, value in values.items()})
        return page

    async def _captured(self, context: Context, request: Request) -> Response:
        """Take the fragment, and go on to the login page that was asked for first, whatever the form says."""
        session = await loaded_session(context)
        pending = session.get(SESSION_KEY)
        await request.entity.read()
        form = request.entity.form
        if not isinstance(pending, dict) or not compare_digest(
            (form.first("nonce") or "").encode(), str(pending.get("nonce")).encode()
        ):
            self.log.warning("%s: a fragment was posted without the nonce of a page", self.object_name)
            return Response(400)
        session.pop(SESSION_KEY, None)
        fragment = (form.first("fragment") or "").removeprefix("#")[:LONGEST_FRAGMENT]
        url = f"{pending['originalUri']}#{repair('fragment', fragment)}" if fragment else ""
        cookie = self.cookie.lasting(_encoded(url), self.cookie.maxAge) if url else None
        return self._redirect(pending["loginUri"], cookie)

    def _kept(self, request: Request) -> str | None:
        """The URL with a fragment that the browser's cookie holds."""
        cookie = request.cookies.first(self.cookie.name)
        return None if cookie is None or not cookie.value else _decoded(cookie.value)

    @staticmethod
    def _redirect(location: str, cookie: str | None) -> Response:
        headers = Headers([("Location", location)])
        if cookie is not None:
            headers.add("Set-Cookie", cookie)
        return Response(302, headers)


@cache
def _template() -> Template:
    return Template((files("gateway.filters") / "fragment.html").read_text("utf-8"))


def _encoded(text: str) -> str:
    return unpadded(text.encode()).decode()


def _decoded(text: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
