"""Claims of a JWT as expressions see them: a map with the methods of a claims set."""

from __future__ import annotations

from typing import Any

from expr.host import HostType
from expr.instants import Instant
from expr.types import ANY, BOOLEAN, INSTANT, STRING, STRINGS


class Claims(dict[str, Any]):
    """Map of claim names to values; the registered claims are also methods (`getSubject()`)."""

    __slots__ = ()

    def audience(self) -> list[str]:
        """The audience, one value as a list of one."""
        value = self.get("aud")
        return value if isinstance(value, list) else [] if value is None else [value]

    def instant(self, name: str) -> Any:
        """A time claim as an instant, None when it is absent or no number."""
        value = self.get(name)
        return Instant.of_millis(int(value * 1000)) if isinstance(value, int | float) else None

    published = HostType(
        "claims set",
        item=lambda claims, name: claims.get(name),
        keys=lambda claims: claims.keys(),
        methods={
            "getClaim": ((STRING,), ANY, lambda claims, name: claims.get(name)),
            "get": ((STRING,), ANY, lambda claims, name: claims.get(name)),
            "isDefined": ((STRING,), BOOLEAN, lambda claims, name: name in claims),
            "getIssuer": ((), STRING, lambda claims: claims.get("iss")),
            "getSubject": ((), STRING, lambda claims: claims.get("sub")),
            "getAudience": ((), STRINGS, lambda claims: claims.audience()),
            "getType": ((), STRING, lambda claims: claims.get("typ")),
            "getJwtId": ((), STRING, lambda claims: claims.get("jti")),
            "getExpirationTime": ((), INSTANT, lambda claims: claims.instant("exp")),
            "getNotBeforeTime": ((), INSTANT, lambda claims: claims.instant("nbf")),
            "getIssuedAtTime": ((), INSTANT, lambda claims: claims.instant("iat")),
        },
    )
