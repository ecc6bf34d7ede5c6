"""The sandbox's signing keys: made anew at each start, published at connect/jwk_uri."""

from __future__ import annotations

import secrets
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gateway.sandbox.settings import Algorithm


class SigningKeys:
    """One key for each algorithm; `hmac_secret` is the realm's key of HS256, which is never published."""

    def __init__(self, rsa: RSAKey, ec: ECKey, hmac_secret: str | None = None) -> None:
        self._rsa = rsa
        self._ec = ec
        shared = OctKey.import_key(hmac_secret or secrets.token_urlsafe(48))
        self._keys: dict[str, RSAKey | ECKey | OctKey] = {"RS256": rsa, "ES256": ec, "HS256": shared}

    @classmethod
    def generate(cls) -> SigningKeys:
        """Make new keys; takes a tenth of a second of processor time, so call it off the event loop."""
        rsa = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        return cls(rsa, ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True))

    def with_secret(self, hmac_secret: str | None) -> SigningKeys:
        """The same keys with a realm's own key of HS256."""
        return SigningKeys(self._rsa, self._ec, hmac_secret)

    def sign(self, claims: dict[str, Any], algorithm: Algorithm) -> str:
        """A signed JWT; its header names the key unless the key is secret."""
        key = self._keys[algorithm]
        header = {"typ": "JWT", "alg": algorithm}
        if not isinstance(key, OctKey):
            header["kid"] = str(key.kid)
        return jwt.encode(header, claims, key, algorithms=[algorithm])

    def verify(self, token: str, algorithm: Algorithm) -> dict[str, Any] | None:
        """Claims of a JWT that one of these keys signed; its times are not looked at."""
        try:
            return dict(jwt.decode(token, self._keys[algorithm], algorithms=[algorithm]).claims)
        except (JoseError, ValueError):
            return None

    def published(self) -> dict[str, Any]:
        """The JWK set of the public keys."""
        return dict(KeySet([self._rsa, self._ec]).as_dict(private=False))
