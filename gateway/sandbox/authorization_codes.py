"""Authorization codes: short-lived, bound to client, redirect URI and PKCE challenge, good for one use."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from gateway.sandbox.tokens import Clock, Grant


@dataclass(eq=False)
class Code:
    """What a code stands for."""

    grant: Grant
    redirect_uri: str | None
    """As the authorization request had it: the token request has to repeat it."""
    challenge: str | None
    challenge_method: str
    nonce: str | None
    expires_at: float
    used: bool = False

    def verified_by(self, verifier: str | None) -> bool:
        """Whether a PKCE verifier fits the challenge (RFC 7636); without a challenge there must be none."""
        if self.challenge is None or verifier is None:
            return self.challenge is None and verifier is None
        given = verifier.encode()
        if self.challenge_method == "S256":
            given = base64.urlsafe_b64encode(hashlib.sha256(given).digest()).rstrip(b"=")
        return hmac.compare_digest(given, self.challenge.encode())


class AuthorizationCodes:
    """The codes of a realm."""

    def __init__(self, clock: Clock, lifetime: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._codes: dict[str, Code] = {}

    def issue(
        self,
        grant: Grant,
        redirect_uri: str | None,
        challenge: str | None = None,
        challenge_method: str = "plain",
        nonce: str | None = None,
    ) -> str:
        """Make a code."""
        now = self._clock()
        self._codes = {text: code for text, code in self._codes.items() if code.expires_at > now}
        text = secrets.token_urlsafe(20)
        self._codes[text] = Code(grant, redirect_uri, challenge, challenge_method, nonce, now + self._lifetime)
        return text

    def find(self, text: str) -> Code | None:
        """A code that is not expired; it may have been used."""
        code = self._codes.get(text)
        return code if code and code.expires_at > self._clock() else None
