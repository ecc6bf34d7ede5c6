"""DataPreservationFilter: keeps the body of a POST across a login. Follows the documented type of that name.

The preserved data is in the session, under an id that the URI to come back to carries in a query parameter.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from string import Template
from time import time
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from pydantic import Field

from config.types import Duration, Static
from gateway.errors import EntityConsumed
from gateway.filters.auth_redirect_context import auth_redirect, without_parameter
from gateway.filters.base import Filter, Next
from gateway.filters.session_access import loaded_session
from gateway.http.message import Response

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from gateway.http.context import Context
    from gateway.http.message import Request

MARKER = "_ig_preserved"
"""Query parameter with the id of the data; its name is not documented, nothing outside of this filter reads it."""
SESSION_KEY = "DataPreservationFilter"

PAGE = Template("""<!DOCTYPE html>
<html>
<head><meta charset="utf-8"><title></title></head>
<body onload="document.forms[0].submit()">
<form method="post" action="$action"><noscript><input type="submit" value="$message"></noscript></form>
</body>
</html>
""")


@dataclass(frozen=True)
class Preserved:
    """The body of a POST, as the session keeps it."""

    id: str
    content: bytes
    content_type: str | None
    expires: float | None

    def dump(self) -> dict[str, Any]:
        """In types that every session can keep, one in a cookie too."""
        content = base64.b64encode(self.content).decode()
        return {"id": self.id, "content": content, "contentType": self.content_type, "expires": self.expires}

    @classmethod
    def load(cls, value: Any) -> Preserved | None:
        """What the session keeps; None for nothing, what is out of date, and what is not ours."""
        try:
            expires = value["expires"]
            if expires is not None and time() >= expires:
                return None
            return cls(value["id"], base64.b64decode(value["content"]), value["contentType"], expires)
        except (TypeError, KeyError, binascii.Error):
            return None


class DataPreservationFilter(Filter):
    """Keeps the body of a POST while the user logs in, and sends it once the user is back.

    Place it in front of the filter that redirects to the login page. A body that is too long is not kept, and the
    redirect goes on.
    """

    noJavaScriptMessage: Static[str] = (
        "Javascript is disabled in your browser, click on this button to replay the preserved original request"
    )
    """Text of the button that a browser without JavaScript shows."""
    maxContentLength: Static[int] = 4096
    """Length of the longest body that is kept, in bytes; 4096 by default."""
    lifetime: Duration = Field(default="5 minutes")
    """How long a body is kept; 5 minutes by default."""

    provides: ClassVar = {"next": ("AuthRedirectAwareContext",)}
    example: ClassVar = {
        "type": "DataPreservationFilter",
        "config": {"maxContentLength": 20000, "lifetime": "10 minutes"},
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.maxContentLength < 1:
            yield "maxContentLength", "nothing would be preserved", "write a number of bytes greater than 0"

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        marker = request.query_params.first(MARKER)
        if marker is not None:
            found = await self._preserved(context, marker)
            if found is not None and request.method == "GET":
                return self._page(context)
            request.uri.raw_query = without_parameter(request.uri.raw_query, MARKER)
            if found is not None and request.method == "POST":
                await _restore(found, context, request)
        if request.method != "POST":
            return await next(context, request)
        return await self._watch(context, request, next)

    async def _watch(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        """Pass a POST on, and keep its body when the response leads to a login page."""
        redirect, inner = auth_redirect(context)
        id_ = uuid4().hex
        redirect.add_query_parameter(MARKER, id_)
        response = await next(inner, request)
        if redirect.announced:
            await self._preserve(id_, context, request)
        return response

    async def _preserve(self, id_: str, context: Context, request: Request) -> None:
        session = await loaded_session(context)
        session.pop(SESSION_KEY, None)
        length = request.headers.first("Content-Length") or ""
        if not length.isdecimal() or int(length) > self.maxContentLength or self.lifetime <= 0:
            self.log.info(
                "%s: the body of a request is not preserved: too long, or of unknown length", self.object_name
            )
            return
        try:
            content = await request.entity.read()
        except (EntityConsumed, ValueError) as error:
            self.log.warning("%s: the body of a request cannot be preserved: %s", self.object_name, error)
            return
        expires = None if math.isinf(self.lifetime) else time() + self.lifetime
        session[SESSION_KEY] = Preserved(id_, content, request.headers.first("Content-Type"), expires).dump()

    @staticmethod
    async def _preserved(context: Context, marker: str) -> Preserved | None:
        session: MutableMapping[str, Any] = await loaded_session(context)
        kept = session.get(SESSION_KEY)
        if kept is None:
            return None
        found = Preserved.load(kept)
        if found is None:
            session.pop(SESSION_KEY, None)
            return None
        return found if found.id == marker else None

    def _page(self, context: Context) -> Response:
        """An empty form that posts itself to the URL of the page: a reference that is only a query leads there."""
        action = escape(f"?{context.root.original_uri.raw_query}")
        response = Response(200)
        response.headers.set("Content-Type", "text/html; charset=UTF-8")
        response.headers.set("Cache-Control", "no-store")
        response.entity.string = PAGE.substitute(action=action, message=escape(self.noJavaScriptMessage))
        return response


async def _restore(preserved: Preserved, context: Context, request: Request) -> None:
    (await loaded_session(context)).pop(SESSION_KEY, None)
    request.headers.remove("Content-Encoding")
    request.headers.set("Content-Type", preserved.content_type)
    request.entity.bytes = preserved.content
