"""JwkPropertyFormat: one JSON Web Key, whose use, key_ops and alg restrict it."""

from __future__ import annotations

import json
from typing import ClassVar

from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import SecretPropertyFormat
from gateway.secrets.secret import Secret


class JwkPropertyFormat(SecretPropertyFormat):
    """Reads a key from a JSON Web Key."""

    example: ClassVar = {"type": "JwkPropertyFormat"}

    async def decode(self, text: str, stable_id: str) -> Secret:
        from gateway.jose.keys import key_from_jwk

        try:
            jwk = json.loads(text)
        except (ValueError, RecursionError):
            raise Unreadable("it is not JSON") from None
        if not isinstance(jwk, dict):
            raise Unreadable("it is not a JWK")
        try:
            key = key_from_jwk(jwk)
        except ValueError as error:
            raise Unreadable(str(error)) from None
        return key if key.stable_id else key.named(stable_id)
