"""The client where traces are made: a span for each request to another server, which is told of the trace."""

from __future__ import annotations

from typing import Final

from gateway import tracing
from gateway.client.client import HttpClient
from gateway.http.message import Request, Response

_FAILED_FROM: Final = 400


class TracedClient(HttpClient):
    """Sends requests, each in a span that ends when the head of the response is there."""

    async def send(self, request: Request) -> Response:
        origin = self.origin(request.uri)
        attributes = {
            "http.request.method": request.method,
            "url.scheme": origin.scheme,
            "server.address": origin.host,
            "server.port": origin.port,
        }
        with tracing.span(request.method, attributes, kind="client") as span:
            tracing.pass_on(request.headers)
            response = await super().send(request)
            tracing.answered(span, response.status.code, _FAILED_FROM)
            return response
