"""HttpBasicAuthFilter: logs a user in to an application with HTTP Basic. Follows the documented type of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Ref, Runtime, Static
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.filters.session_access import loaded_session
from gateway.handlers.base import Handler
from gateway.http.authorization import basic_credentials

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response
    from gateway.http.uri import Uri

UNAUTHORIZED = 401


class HttpBasicAuthFilter(Filter):
    """Logs users in to an application that wants HTTP Basic authentication, with credentials that the gateway knows.

    Credentials that worked are kept in the session, and taken from it until the application refuses them. A
    WWW-Authenticate header never reaches the client.
    """

    username: Runtime[str]
    """Name of the user at the application; a colon in it is an error (status 500)."""
    password: Runtime[str]
    """Password of the user at the application."""
    failureHandler: Ref[Handler]
    """Answers when user name or password is null, and when the application refuses them."""
    cacheHeader: Static[bool] = True
    """Keep the credentials in the session after use? True by default; if not, they are evaluated for each request."""

    example: ClassVar = {
        "type": "HttpBasicAuthFilter",
        "config": {
            "username": "${contexts.fileAttributes.record.user}",
            "password": "${contexts.fileAttributes.record.pass}",
            "failureHandler": {"type": "StaticResponseHandler", "config": {"status": 403}},
            "cacheHeader": False,
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        request.headers.remove("Authorization")
        response = None
        if self.cacheHeader:
            response = await self._with_cached(context, request, next)
        if response is None:
            response = await self._with_evaluated(context, request, next)
        response.headers.remove("WWW-Authenticate")
        return response

    async def _with_cached(self, context: Context, request: Request, next: Next) -> Response | None:  # noqa: A002
        """The response to the credentials in the session; None if there are none, or they are refused."""
        cached = (await loaded_session(context)).get(_key(request.uri))
        if not isinstance(cached, str):
            return None
        await request.entity.buffer()  # it may have to be sent again
        attempt = request.copy()
        attempt.headers.set("Authorization", cached)
        return _unless_refused(await next(context, attempt))

    async def _with_evaluated(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        username = await self.username(context, request)
        password = await self.password(context, request)
        if username is None or password is None:
            return await self.failureHandler.handle(context, request)
        if ":" in username:
            raise ExchangeError("a user name for HTTP Basic authentication holds a colon")
        credentials = basic_credentials(username, password)
        if self.cacheHeader:
            (await loaded_session(context))[_key(request.uri)] = credentials
        request.headers.set("Authorization", credentials)
        response = _unless_refused(await next(context, request))
        return await self.failureHandler.handle(context, request) if response is None else response


def _unless_refused(response: Response) -> Response | None:
    if response.status.code != UNAUTHORIZED:
        return response
    response.close()
    return None


def _key(uri: Uri) -> str:
    """Where the session keeps the credentials for an application."""
    scheme = (uri.scheme or "").lower()
    return f"HttpBasicAuthFilter:{scheme}:{(uri.host or '').lower()}:{uri.effective_port}"
