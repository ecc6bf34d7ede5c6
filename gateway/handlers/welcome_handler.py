"""WelcomeHandler: the page that a gateway without routes shows."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, ClassVar

from config.declaration import NoEffect
from config.types import Ref
from gateway.handlers.base import Handler
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.objects.temporary_storage import TemporaryStorage

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


class WelcomeHandler(Handler):
    """Answers with the welcome page."""

    temporaryStorage: Annotated[Ref[TemporaryStorage] | None, NoEffect("the page needs no storage")] = None
    """Holds the page, in PingGateway."""

    example: ClassVar = {"type": "WelcomeHandler"}

    async def handle(self, context: Context, request: Request) -> Response:
        response = Response(200, Headers([("Content-Type", "text/html; charset=UTF-8")]))
        response.entity.bytes = welcome_page()
        return response


@cache
def welcome_page() -> bytes:
    """The page, read once."""
    return (files("gateway.handlers") / "welcome.html").read_bytes()
