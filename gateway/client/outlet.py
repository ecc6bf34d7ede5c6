"""The way from a handler to the client where a request is sent once, whatever happens.

It stands beside the handler, which is a heap object: reading an attribute there takes several times as long.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.client.client import HttpClient
from gateway.client.relief import relieve
from gateway.errors import UpstreamError
from gateway.http.context import Context
from gateway.http.entity import Entity
from gateway.http.message import Request, Response
from gateway.http.storage import Storage


class Outlet:
    """Sends requests with `client`, which is set at the start and may be exchanged for another.

    `storage` limits what is buffered of responses; when the client fails, `failed` gives the response, or raises.
    """

    __slots__ = ("_failed", "_storage", "client")

    def __init__(self, storage: Storage, failed: Callable[[UpstreamError], Response]) -> None:
        self.client: HttpClient
        self._storage = storage
        self._failed = failed

    async def handle(self, context: Context, request: Request) -> Response:
        try:
            response: Response = await self.client.send(request)
        except UpstreamError as error:
            return self._failed(error)
        limit(response, self._storage)
        return response


def limit(response: Response, storage: Storage) -> None:
    """Set the limits on what is buffered of a response."""
    if response.has_entity():
        entity: Entity = response.entity
        if entity.limit(storage):
            relieve(entity)
