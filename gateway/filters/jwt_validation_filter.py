"""JwtValidationFilter: lets a request pass whose JWT holds, and hands others to a failure handler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, PrivateAttr

from config.types import Duration, Ref, Runtime, SecretId
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.claims import Claims
from gateway.http.context import Context, InnerContext
from gateway.http.message import Response
from gateway.jose.constraints import JwtValidatorBuilder
from gateway.jose.customizer import JwtValidatorCustomizer
from gateway.jose.errors import InvalidToken
from gateway.jose.validation import ClaimsValidator, Violation
from gateway.secrets.base import Secrets

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.message import Request
    from gateway.jose.jwt import Jwt, JwtReader


class JwtValidationContext(InnerContext, name="jwtValidation"):
    """A JWT that holds."""


class JwtValidationErrorContext(InnerContext, name="jwtValidationError"):
    """A JWT that does not hold, and why."""


class JwtValidationFilter(Filter):
    """Validates a JWT: its signature, its encryption, its times, and what a customizer demands."""

    jwt: Runtime[str]
    """The JWT."""
    verificationSecretId: SecretId | None = None
    """ID of the keys that verify the signature; without it the signature is not looked at."""
    decryptionSecretId: SecretId | None = None
    """ID of the keys that decrypt; with it the JWT must be encrypted."""
    secretsProvider: Secrets
    """Where the keys are."""
    skewAllowance: Duration = Field(default="zero")
    """Tolerated difference of clocks."""
    customizer: Ref[JwtValidatorCustomizer] | None = None
    """What else the claims must hold."""
    failureHandler: Ref[Handler] | None = None
    """What answers a request whose JWT does not hold; without it the answer is 403."""

    provides: ClassVar = {"next": ("jwtValidation",), "failureHandler": ("jwtValidationError",)}
    example: ClassVar = {
        "type": "JwtValidationFilter",
        "config": {
            "jwt": "${request.cookies['my-jwt'][0].value}",
            "verificationSecretId": "verify",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            "skewAllowance": "30 seconds",
        },
    }

    _reader: JwtReader = PrivateAttr()
    _clock: Callable[[], float] = PrivateAttr(default=time.time)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.skewAllowance == float("inf"):
            yield "skewAllowance", "an unlimited skew would accept every expired token", 'write "30 seconds"'

    def prepare(self, heap: Heap) -> None:
        from gateway.jose.jwt import JwtReader

        self._reader = JwtReader(self.secretsProvider, self.verificationSecretId, self.decryptionSecretId)

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        text = await self.jwt(context, request)
        if text is None:
            return await self._failed(context, request, "", [Violation("there is no JWT")])
        try:
            jwt = await self._reader.read(text)
        except InvalidToken as error:
            return await self._failed(context, request, text, [Violation(str(error))])
        violations = await self._violations(jwt, context, request)
        if violations:
            return await self._failed(context, request, text, violations)
        claims = Claims(jwt.claims)
        valid = JwtValidationContext(context, value=text, claims=claims, info=jwt.claims, jwt=jwt)
        return await next(valid, request)

    async def _violations(self, jwt: Jwt, context: Context, request: Request) -> list[Violation]:
        found = ClaimsValidator(self.skewAllowance, self._clock).times(jwt.claims)
        if self.customizer is not None:
            builder = JwtValidatorBuilder()
            await self.customizer.customize(builder, context, request)
            found += builder.violations(jwt.claims)
        return found

    async def _failed(self, context: Context, request: Request, text: str, violations: list[Violation]) -> Response:
        self.log.info("%s: the JWT does not hold: %s", self.object_name, "; ".join(map(str, violations)))
        if self.failureHandler is None:
            return Response(403)
        failure = JwtValidationErrorContext(context, jwt=text, violations=violations)
        return await self.failureHandler.handle(failure, request)
