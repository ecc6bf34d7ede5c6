"""A request made of expressions: what StaticRequestFilter and PasswordReplayFilter declare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.declaration import Properties
from config.types import Runtime, Static
from gateway.errors import ExchangeError
from gateway.filters.fields import bad_names, headers_of, values_of
from gateway.http.form import Form
from gateway.http.message import Request
from gateway.http.uri import Uri

if TYPE_CHECKING:
    from gateway.http.context import Context


class RequestTemplate(Properties):
    """A request made of expressions; nothing of the original request is copied."""

    method: Static[str]
    """The method, such as GET."""
    uri: Runtime[str]
    """The URI, with scheme and host. Null or an invalid URI fails with 500."""
    version: Static[str] = "HTTP/1.1"
    """The version of HTTP."""
    headers: dict[Static[str], list[Runtime[str]]] = {}
    """Header fields: name -> values. A value that is null is left out."""
    form: dict[Static[str], list[Runtime[str]]] = {}
    """Form fields: name -> values. POST sends them as the body, other methods append them to the query."""
    entity: Runtime[str] | None = None
    """The body; not together with `form` when the method is POST."""

    def problems(self, property_name: str | None = None) -> Iterator[tuple[str, str, str]]:
        """What is wrong with the request as a whole; `property_name` is the one that holds it, if another does."""
        if self.method == "POST" and self.form and self.entity is not None:
            yield property_name or "entity", "the body is given by both entity and form", "remove one of them"
        if not self.method.isascii() or not self.method.replace("-", "A").isalnum():
            yield property_name or "method", f'"{self.method}" is no method', "use a word such as GET or POST"
        for _, message, hint in bad_names("headers", self.headers):
            yield property_name or "headers", message, hint

    async def build(self, context: Context, request: Request) -> Request:
        """The request; its expressions see the original one."""
        made = Request(self.method, await self._uri(context, request), version=self.version)
        made.headers = await headers_of(self.headers, context, request)
        form = await self._form(context, request)
        if self.method == "POST" and self.form:
            made.entity.form = form
        elif form and (query := form.to_query_string()):
            made.uri.raw_query = f"{made.uri.raw_query}&{query}" if made.uri.raw_query else query
        if self.entity is not None:
            made.entity.string = await self.entity(context, request)
        return made

    async def _uri(self, context: Context, request: Request) -> Uri:
        text = await self.uri(context, request)
        if text is None:
            raise ExchangeError("the URI of the new request is null")
        try:
            uri = Uri.parse(text)
        except ValueError as error:
            raise ExchangeError(f"the URI of the new request is not valid: {error}") from None
        if uri.scheme is None or not uri.raw_authority:
            raise ExchangeError("the URI of the new request has no scheme or no host")
        return uri

    async def _form(self, context: Context, request: Request) -> Form:
        form = Form()
        for name, expressions in self.form.items():
            for value in await values_of(expressions, context, request):
                form.add(name, value)
        return form
