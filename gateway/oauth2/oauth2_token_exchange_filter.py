"""OAuth2TokenExchangeFilter: swaps a subject token for an issued token (RFC 8693, impersonation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, PrivateAttr

from config.types import Ref, Runtime, Static, Url
from expr.functions.urls import form_encoded
from gateway.am.am_service import AmService
from gateway.filters.base import Filter, Next
from gateway.filters.fields import fixed_values, values_of
from gateway.handlers.base import Handler
from gateway.http.context import Context, InnerContext
from gateway.http.form import Form
from gateway.http.message import Response
from gateway.http.uri import Uri
from gateway.oauth2 import token_endpoint
from gateway.oauth2.failure import OAuth2Error, OAuth2FailureContext

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.message import Request

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class OAuth2TokenExchangeContext(InnerContext, name="oauth2TokenExchange"):
    """`contexts.oauth2TokenExchange`: the issued token and all that came with it."""

    __slots__ = ("issued_token", "issued_token_type", "raw_info", "scopes")

    def __init__(self, parent: Context, answer: dict[str, Any]) -> None:
        self.parent, self.root = parent, parent.root
        scope = answer.get("scope")
        self.issued_token = answer["access_token"]
        self.issued_token_type = answer.get("issued_token_type")
        self.scopes = scope.split() if isinstance(scope, str) else []
        self.raw_info = answer


class OAuth2TokenExchangeFilter(Filter):
    """Exchanges a token of the request for another one, which the filters and handlers behind find in a context."""

    subjectToken: Runtime[str]
    """Where the token to exchange is, such as `#{request.entity.form['subject_token'][0]}`."""
    amService: Ref[AmService] | None = None
    """The AM whose token endpoint is called; it wins over `endpoint`."""
    endpoint: Url | None = None
    """URL of the token endpoint of another authorization server."""
    subjectTokenType: Static[str] = ACCESS_TOKEN_TYPE
    """Type of the subject token, a URI."""
    requestedTokenType: Static[str] = ACCESS_TOKEN_TYPE
    """Type of the token to ask for, a URI."""
    scopes: list[Runtime[str]] = []
    """Scopes to ask for; no scope is sent when there is none."""
    resource: Url | None = None
    """URI of the service where the issued token will be used."""
    audience: Static[str] | None = None
    """Logical name of the service where the issued token will be used."""
    endpointHandler: Ref[Handler] = Field(default="ForgeRockClientHandler")
    """Sends the call to the token endpoint; a chain with a client authentication filter, as a rule."""
    failureHandler: Ref[Handler] | None = None
    """Answers when there is no issued token, with `contexts.oauth2Failure`. Without it the answer is an empty 500."""

    provides: ClassVar = {
        "next": ("oauth2TokenExchange",),
        "failureHandler": ("oauth2Failure", "oauth2failure", "OAuth2Failure"),
    }
    example: ClassVar = {
        "type": "OAuth2TokenExchangeFilter",
        "config": {
            "endpoint": "https://as.example.com/oauth2/access_token",
            "subjectToken": "${request.headers['Authorization'][0].substring(7)}",
            "scopes": ["mail"],
        },
    }

    _endpoint: Uri = PrivateAttr()
    _form: str = PrivateAttr()
    """The part of the form that is the same for each exchange."""
    _scopes: list[Runtime[str]] | None = PrivateAttr(default=None)
    """The scopes, where they are not."""

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.amService is None and self.endpoint is None:
            message = "the filter does not know which token endpoint to call"
            yield "endpoint", message, 'set "amService", or "endpoint" for another authorization server'

    def prepare(self, heap: Heap) -> None:
        self._endpoint = Uri(self.amService.token_endpoint if self.amService is not None else self.endpoint or "")
        scopes = fixed_values(self.scopes)
        if scopes is None:
            self._scopes = self.scopes
        fields = {
            "grant_type": GRANT_TYPE,
            "subject_token_type": self.subjectTokenType,
            "requested_token_type": self.requestedTokenType,
            "scope": " ".join(filter(None, scopes or ())) or None,
            "resource": self.resource,
            "audience": self.audience,
        }
        self._form = Form.of(fields.items()).to_form_string()

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        try:
            answer = await self._exchange(context, request)
        except OAuth2Error as failure:
            # What the server says stays out of the log: it may quote the token. What went wrong here does not.
            self.log.warning("the token exchange failed: %s", failure.reason)
            if self.failureHandler is None:
                return Response(500)
            return await self.failureHandler.handle(OAuth2FailureContext.of(context, failure), request)
        return await next(OAuth2TokenExchangeContext(context, answer), request)

    async def _exchange(self, context: Context, request: Request) -> dict[str, Any]:
        token = await self.subjectToken(context, request)
        if not token:
            raise OAuth2Error("invalid_request", "subject token missing")
        form = f"{self._form}&subject_token={form_encoded(token)}"
        if self._scopes is not None:
            scopes = await values_of(self._scopes, context, request)
            if scope := " ".join(filter(None, scopes)):
                form += f"&scope={form_encoded(scope)}"
        return await token_endpoint.call(self.endpointHandler, context, self._endpoint, form, "the token exchange")
