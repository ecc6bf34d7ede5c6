"""CorsFilter: cross-origin resource sharing. Follows the documented type CorsFilter and the Fetch standard."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, PrivateAttr

from config.codes import INVALID_VALUE
from config.declaration import Properties
from config.problem import problem
from config.successor import Renamed
from config.types import Duration, OneOrMore, Ref, Static
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.headers import Headers
    from gateway.http.message import Request

ALL = "*"
LONGEST_AGE = 2**31 - 1
DEFAULT_PORTS = {"http": "80", "https": "443"}
_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(\[[0-9A-Fa-f:.]+\]|[^/?#:@\s\[\]]+)(?::([0-9]+))?")


def normal_origin(text: str) -> str | None:
    """Scheme, host and port in the one form in which they are compared; None for what is no origin."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    scheme, host = match[1].lower(), match[2].lower()
    return f"{scheme}://{host}:{match[3] or DEFAULT_PORTS.get(scheme, '')}"


def _accepted(text: str) -> str:
    """An accepted origin in its normal form, or the star for all."""
    origin = ALL if text == ALL else normal_origin(text.rstrip("/"))
    if origin is None:
        hint = 'write scheme, host and port, such as "https://app.example.com:8443", or "*"'
        raise problem(INVALID_VALUE, f'"{text}" is no origin', hint)
    return origin


Origin = Annotated[Static[str], AfterValidator(_accepted)]


class CorsPolicy(Properties):
    """What scripts of some origins may do."""

    acceptedOrigins: OneOrMore[Origin]
    """Origins that the policy is for (scheme, host and port, compared ignoring case), or "*" for all."""
    acceptedMethods: OneOrMore[Static[str]] = []
    """Methods that requests may have (compared with case), or "*" for all; none by default."""
    acceptedHeaders: OneOrMore[Static[str]] = []
    """Header fields that requests may have, ignoring case, or "*" for all; none by default."""
    exposedHeaders: list[Static[str]] = []
    """Header fields of the response that scripts may read."""
    maxAge: Duration | None = None
    """How long a browser may keep the answer to a preflight request; without it browsers take 5 seconds."""
    allowCredentials: Static[bool] = False
    """May requests carry cookies and other credentials? False by default."""

    removed: ClassVar = {"origins": Renamed("acceptedOrigins", "2025.3")}

    _origins: frozenset[str] | None = PrivateAttr()
    _headers: frozenset[str] | None = PrivateAttr()

    def model_post_init(self, _: Any) -> None:
        self._origins = _set(self.acceptedOrigins)
        self._headers = _set(name.lower() for name in self.acceptedHeaders)

    def accepts_origin(self, origin: str) -> bool:
        return self._origins is None or normal_origin(origin) in self._origins

    def accepts_method(self, method: str) -> bool:
        return ALL in self.acceptedMethods or method in self.acceptedMethods

    def accepts_headers(self, names: Iterable[str]) -> bool:
        return self._headers is None or all(name.lower() in self._headers for name in names)


def _set(values: Iterable[str]) -> frozenset[str] | None:
    """The values, or None for all there are."""
    found = frozenset(values)
    return None if ALL in found else found


class CorsFilter(Filter):
    """Allows scripts of other origins to use a service, by policies, and answers preflight requests itself."""

    policies: list[CorsPolicy]
    """Policies, in order: the first that accepts the origin of a request is the one used."""
    failureHandler: Ref[Handler] | None = None
    """Answers requests of an origin that no policy accepts; status 403 by default."""

    example: ClassVar = {
        "type": "CorsFilter",
        "config": {
            "policies": [
                {
                    "acceptedOrigins": ["https://app.example.com"],
                    "acceptedMethods": ["GET", "PUT"],
                    "acceptedHeaders": ["Authorization"],
                    "exposedHeaders": ["X-Total"],
                    "maxAge": "10 minutes",
                    "allowCredentials": True,
                }
            ]
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        origin = request.headers.first("Origin")
        if origin is None:
            return await next(context, request)
        policy = _first_accepting(self.policies, origin)
        if policy is None:
            return Response(403) if self.failureHandler is None else await self.failureHandler.handle(context, request)
        method = request.headers.first("Access-Control-Request-Method")
        if request.method == "OPTIONS" and method is not None:
            return _preflight(policy, origin, method, request.headers)
        response = await next(context, request)
        _allow_origin(policy, origin, response.headers)
        if policy.exposedHeaders:
            response.headers.set("Access-Control-Expose-Headers", ", ".join(policy.exposedHeaders))
        return response


def _first_accepting(policies: Iterable[CorsPolicy], origin: str) -> CorsPolicy | None:
    return next((policy for policy in policies if policy.accepts_origin(origin)), None)


def _preflight(policy: CorsPolicy, origin: str, method: str, asked: Headers) -> Response:
    """Answer in the service's place; what is not accepted is left out, and the browser draws its conclusion."""
    response = Response(200)
    headers = response.headers
    _allow_origin(policy, origin, headers)
    if policy.maxAge is not None:
        age = LONGEST_AGE if math.isinf(policy.maxAge) else int(policy.maxAge)
        headers.set("Access-Control-Max-Age", str(age))
    if policy.accepts_method(method):
        headers.set("Access-Control-Allow-Methods", method)
    lines = asked.all("Access-Control-Request-Headers")
    names = [name for line in lines for part in line.split(",") if (name := part.strip())]
    if names and policy.accepts_headers(names):
        headers.set("Access-Control-Allow-Headers", ", ".join(names))
    return response


def _allow_origin(policy: CorsPolicy, origin: str, headers: Headers) -> None:
    headers.set("Access-Control-Allow-Origin", origin)
    if policy.allowCredentials:
        headers.set("Access-Control-Allow-Credentials", "true")
    if not headers.has_token("Vary", "origin") and not headers.has_token("Vary", ALL):
        headers.add("Vary", "Origin")
