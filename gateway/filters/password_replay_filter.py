"""PasswordReplayFilter: logs in at an application when it shows its login page. Follows the documented type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator

from config.codes import INVALID_VALUE
from config.declaration import Properties
from config.problem import problem
from config.types import Condition, Pattern, Ref, Static
from expr import EvaluationError
from gateway.errors import EntityConsumed
from gateway.filters.base import Filter, Next
from gateway.filters.request_template import RequestTemplate

if TYPE_CHECKING:
    from expr.java_regex import Matcher
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

EXTRACTED = "extracted"
"""The attribute that holds what was taken from the login page."""


def _with_group(pattern: Matcher) -> Matcher:
    if pattern.groups_count < 1:
        raise problem(INVALID_VALUE, f'"{pattern.pattern}" has no group', "put the value to take in parentheses")
    return pattern


class LoginPageExtraction(Properties):
    """A value to take from the login page."""

    name: Static[str]
    """Name of the value: it is `attributes.extracted.NAME`."""
    pattern: Annotated[Pattern, AfterValidator(_with_group)]
    """Searched in the page; its first group is the value, which is null when nothing is found."""


class PasswordReplayFilter(Filter):
    """Detects the login page of an application and answers it with a login request.

    A failed login is not tried again.
    """

    request: RequestTemplate
    """The login request, declared as that of a StaticRequestFilter."""
    loginPage: Condition | None = None
    """Is the request one for the login page? Either this or loginPageContentMarker is needed."""
    loginPageContentMarker: Pattern | None = None
    """A response in which this is found is the login page; looked for only without loginPage."""
    credentials: Ref[Filter] | None = None
    """Filter that makes the credentials available, called in front of the login request."""
    loginPageExtractions: list[LoginPageExtraction] = []
    """Values to take from the login page."""

    sequence: ClassVar = ("credentials",)
    removed: ClassVar = {"headerDecryption": "use CapturedUserPasswordFilter for credentials (removed in 2024.3)"}
    example: ClassVar = {
        "type": "PasswordReplayFilter",
        "config": {
            "loginPage": "${request.uri.path == '/login'}",
            "loginPageExtractions": [{"name": "token", "pattern": 'csrf\\s+value="(.*?)"'}],
            "request": {
                "method": "POST",
                "uri": "https://app.example.com/login",
                "form": {"username": ["demo"], "password": ["secret"], "csrf": ["${attributes.extracted.token}"]},
            },
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.loginPage is None and self.loginPageContentMarker is None:
            hint = 'add "loginPage" or "loginPageContentMarker"'
            yield "loginPage", "nothing tells what the login page is", hint
        yield from self.request.problems("request")

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        if self.loginPage is None:
            return await self._by_content(context, request, next)
        if not await self.loginPage(context, request):
            return await next(context, request)
        if self.loginPageExtractions:
            page = await next(context, await _repeatable(request))
            self._extract(await self._text(page), context)
            page.close()
        return await self._log_in(context, request, next)

    async def _by_content(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        """Look for the login page in each response; after the login the original request goes out again."""
        assert self.loginPageContentMarker is not None
        page = await next(context, await _repeatable(request))
        text = await self._text(page)
        if self._search(self.loginPageContentMarker, text) is None:
            return page
        self._extract(text, context)
        page.close()
        (await self._log_in(context, request, next)).close()
        return await next(context, request)

    async def _log_in(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        async def send(context: Context, request: Request) -> Response:
            return await next(context, await self.request.build(context, request))

        if self.credentials is None:
            return await send(context, request)
        return await self.credentials.filter(context, request, send)

    def _extract(self, page: str, context: Context) -> None:
        if not self.loginPageExtractions:
            return
        found = {entry.name: self._search(entry.pattern, page) for entry in self.loginPageExtractions}
        context.root.attributes[EXTRACTED] = {
            name: None if groups is None else groups[1] for name, groups in found.items()
        }

    def _search(self, pattern: Matcher, page: str) -> Sequence[str] | None:
        """The first match of a pattern and its groups; None without one, and when the search takes too long."""
        try:
            return pattern.groups(page)
        except EvaluationError as error:
            self.log.warning("%s: a response cannot be searched: %s", self.object_name, error)
            return None

    async def _text(self, response: Response) -> str:
        """The text of a response; empty when it is none."""
        try:
            await response.entity.buffer()
            return response.entity.string
        except (ValueError, EntityConsumed) as error:
            self.log.warning("%s: a response cannot be searched: %s", self.object_name, error)
            return ""


async def _repeatable(request: Request) -> Request:
    """A copy to send now, so that the original can be sent again."""
    if request.has_entity():
        await request.entity.buffer()
    return request.copy()
