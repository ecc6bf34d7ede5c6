"""The authorization server as an aiohttp application: routes, error forms, CSRF rule, notifications."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.sandbox.authorize import AuthorizeEndpoint
from gateway.sandbox.errors import OAuthRefusal, Refusal, access_denied
from gateway.sandbox.login_page import LoginPage
from gateway.sandbox.oauth2 import OAuth2Endpoints
from gateway.sandbox.policies import PolicyEndpoint
from gateway.sandbox.rest import RestEndpoints
from gateway.sandbox.server import AuthorizationServer
from gateway.sandbox.session_api import SessionEndpoint

logger = logging.getLogger("gatewright.sandbox")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MAX_BODY = 256 * 1024


def build_application(server: AuthorizationServer) -> web.Application:
    """Make the application that serves a server's state."""
    context = server.settings.context_path
    endpoints = (
        OAuth2Endpoints(server),
        AuthorizeEndpoint(server),
        RestEndpoints(server),
        SessionEndpoint(server),
        PolicyEndpoint(server),
        LoginPage(server),
    )
    app = web.Application(middlewares=[_refusals(context), _csrf(server)], client_max_size=MAX_BODY)
    for endpoint in endpoints:
        app.add_routes(endpoint.routes(context))
    app.router.add_get(f"{context}/notifications", _notifications(server))
    return app


def _refusals(context: str) -> Middleware:
    @web.middleware
    async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)
        except web.HTTPError as error:
            response = _in_am_form(request, error, context)
        except Exception:
            logger.exception("the sandbox failed to answer %s %s", request.method, request.path)
            response = _in_am_form(request, web.HTTPInternalServerError(), context)
        logger.debug("%s %s %s", request.method, request.path, response.status)
        return response

    return refusals


def _in_am_form(request: web.Request, error: web.HTTPError, context: str) -> web.Response:
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    refusal = Refusal(error.status, error.reason)
    if request.path.startswith(f"{context}/oauth2/"):
        name = {404: "not_found", 405: "method_not_allowed", 500: "server_error"}.get(error.status, "invalid_request")
        refusal = OAuthRefusal(name, error.reason, error.status)
    return web.json_response(refusal.body, status=error.status, headers=headers)


def _csrf(server: AuthorizationServer) -> Middleware:
    prefix = f"{server.settings.context_path}/json"

    @web.middleware
    async def csrf(request: web.Request, handler: Handler) -> web.StreamResponse:
        changes = request.method not in ("GET", "HEAD", "OPTIONS") and request.path.startswith(prefix)
        marked = "Accept-API-Version" in request.headers or "X-Requested-With" in request.headers
        if server.settings.csrf_protection and changes and not marked:
            raise Refusal(403, "CSRF attempt detected")
        return await handler(request)

    return csrf


def _notifications(server: AuthorizationServer) -> Handler:
    async def notifications(request: web.Request) -> web.StreamResponse:
        session = server.session(request)
        if session is None:
            raise access_denied()
        if not session.is_agent:
            raise Refusal(403, "Only an agent may listen to notifications")
        return await server.notifications.serve(request)

    return notifications
