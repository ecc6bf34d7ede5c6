"""The server side of traces: a span for each request of a client, which continues the trace that the client is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway import tracing

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response
    from gateway.server.service import Application

_FAILED_FROM: Final = 500


def traced(application: Application) -> Application:
    """The application with a span around each exchange; it is named after the route, so that names stay few."""

    async def enter(context: Context, request: Request) -> Response:
        method, uri = request.method, request.uri
        attributes = {"http.request.method": method, "url.scheme": uri.scheme or "", "url.path": uri.raw_path}
        with tracing.span(method, attributes, request.headers, kind="server") as span:
            try:
                response = await application(context, request)
                tracing.answered(span, response.status.code, _FAILED_FROM)
                return response
            finally:
                if (route := context.root.route_name) is not None:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("gatewright.route", route)

    return enter
