"""A browser of the tests of sessions: keeps cookies, sends requests through a manager, and sees what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gateway.http.connection import INTERNAL
from gateway.http.context import Context, ExchangeContext
from gateway.http.message import Request, Response
from gateway.session.base import Session, SessionManager
from tests.canaries import learn_cookies

Use = Callable[[Session], Any]


class Browser:
    """Sends its cookies with each request and keeps what the response sets; `lines` are the last Set-Cookie lines."""

    def __init__(self, manager: SessionManager, cookies: dict[str, str] | None = None) -> None:
        self.manager = manager
        self.cookies = dict(cookies or {})
        self.lines: list[str] = []

    async def visit(self, use: Use | None = None, *, load: bool = True) -> Any:
        """One request; `use` gets the loaded session, and its result comes back."""
        request = Request("GET", "http://localhost/")
        if self.cookies:
            request.headers.set("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        result: Any = None

        async def answer(context: Context, _: Request) -> Response:
            nonlocal result
            session = context.session
            assert isinstance(session, Session)
            if load:
                await session.load()
            result = use(session) if use is not None else None
            if isinstance(result, Awaitable):
                result = await result
            return Response(200)

        context = ExchangeContext(INTERNAL, request)
        response = await self.manager.around(context, request, answer)
        if context.has_session():
            await context.keep_session(request, response)
        self.lines = response.headers.all("Set-Cookie")
        learn_cookies(self.lines)
        for line in self.lines:
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return result

    async def put(self, **values: Any) -> None:
        await self.visit(lambda session: session.update(values))

    async def content(self) -> dict[str, Any]:
        return await self.visit(dict)
