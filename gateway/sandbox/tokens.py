"""Tokens of one realm: what a token stands for, issuing, finding, expiry and revocation, all in memory.

A JWT is kept like an opaque token, so that revocation works for both; only its text differs.
"""

from __future__ import annotations

import math
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway.sandbox.keys import SigningKeys
from gateway.sandbox.settings import Realm

Clock = Callable[[], float]
TokenKind = Literal["access_token", "refresh_token"]


@dataclass(frozen=True)
class Subject:
    """Whom a token is about: a user, or a client or agent for itself."""

    name: str
    kind: Literal["usr", "age"] = "usr"

    @property
    def claim(self) -> str:
        return f"({self.kind}!{self.name})"

    @classmethod
    def from_claim(cls, claim: str) -> Subject | None:
        """The subject that a `sub` claim names, None when it is not of the sandbox's form."""
        kind, _, name = claim.removeprefix("(").removesuffix(")").partition("!")
        if claim != f"({kind}!{name})" or not name:
            return None
        return cls(name, "usr") if kind == "usr" else cls(name, "age") if kind == "age" else None


@dataclass(eq=False)
class Grant:
    """One authorization: all its tokens end with it."""

    type: str
    client_id: str
    subject: Subject
    scopes: frozenset[str]
    auth_time: int
    not_after: float = math.inf
    """No token of the grant lives longer: an exchanged token ends with its subject token."""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(20))
    revoked: bool = False


@dataclass(frozen=True, eq=False)
class Token:
    """An issued access or refresh token."""

    value: str
    kind: TokenKind
    grant: Grant
    scopes: frozenset[str]
    expires_at: int
    issuer: str
    audit_id: str
    extra: Mapping[str, Any]
    """may_act and act."""

    @property
    def scope(self) -> str:
        return " ".join(sorted(self.scopes))


class TokenService:
    """Issues and keeps the tokens of a realm."""

    def __init__(self, name: str, realm: Realm, keys: SigningKeys, clock: Clock) -> None:
        self.clock = clock
        self._name = name
        self._realm = realm
        self._keys = keys
        self._tokens: dict[str, Token] = {}
        self._sweep_at = 1024

    def find(self, value: str, kind: TokenKind | None = None) -> Token | None:
        """A token that holds now; None when it is unknown, expired, revoked or of another kind."""
        token = self._tokens.get(value)
        if token is None or not self._holds(token) or kind not in (None, token.kind):
            return None
        return token

    def revoke(self, token: Token) -> None:
        """End a token; a refresh token takes all tokens of its grant with it."""
        self._tokens.pop(token.value, None)
        if token.kind == "refresh_token":
            self.revoke_grant(token.grant)

    def replace(self, token: Token) -> None:
        """End one refresh token and let the other tokens of its grant live."""
        self._tokens.pop(token.value, None)

    def revoke_grant(self, grant: Grant) -> None:
        """End every token of a grant."""
        grant.revoked = True
        self._sweep()

    def issue(
        self,
        grant: Grant,
        issuer: str,
        kind: TokenKind = "access_token",
        scopes: Iterable[str] | None = None,
        act: Mapping[str, Any] | None = None,
    ) -> Token:
        """Issue a token of a grant, for all its scopes unless fewer are given."""
        provider = self._realm.oauth2_provider
        is_access = kind == "access_token"
        lifetime = provider.access_token_lifetime if is_access else provider.refresh_token_lifetime
        extra = {**({"act": dict(act)} if act else {}), **self._may_act(grant.client_id)} if is_access else {}
        token = Token(
            value=secrets.token_urlsafe(20),
            kind=kind,
            grant=grant,
            scopes=grant.scopes if scopes is None else frozenset(scopes),
            expires_at=int(min(self.clock() + lifetime, grant.not_after)),
            issuer=issuer,
            audit_id=f"{uuid.uuid4()}-{secrets.randbelow(100000)}",
            extra=extra,
        )
        if is_access and provider.token_format == "jwt":
            token = self._signed(token)
        self._keep(token)
        return token

    def id_token(self, grant: Grant, issuer: str, nonce: str | None = None) -> str:
        """Issue an OpenID Connect ID token for the grant's client."""
        now = int(self.clock())
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": grant.subject.claim,
            "subname": grant.subject.name,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "iat": now,
            "exp": int(min(now + self._realm.oauth2_provider.id_token_lifetime, grant.not_after)),
            "auth_time": grant.auth_time,
            "realm": self._name,
            "tokenName": "id_token",
            "tokenType": "JWTToken",
            "auditTrackingId": f"{uuid.uuid4()}-{secrets.randbelow(100000)}",
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if script := self._realm.oauth2_provider.id_token_may_act_script:
            claims["may_act"] = self._realm.scripts[script].may_act
        return self._keys.sign(claims, "RS256")

    def read_id_token(self, text: str) -> dict[str, Any] | None:
        """Claims of an ID token of this realm that holds now."""
        claims = self._keys.verify(text, "RS256")
        if claims is None or claims.get("realm") != self._name or claims.get("tokenName") != "id_token":
            return None
        return claims if claims["exp"] > self.clock() else None

    def _may_act(self, client_id: str) -> dict[str, Any]:
        client = self._realm.clients.get(client_id)
        script = client.access_token_may_act_script if client else None
        script = script or self._realm.oauth2_provider.access_token_may_act_script
        return {"may_act": self._realm.scripts[script].may_act} if script else {}

    def _signed(self, token: Token) -> Token:
        """The token with a JWT, which holds the claims of an AM client-side token, as its text."""
        now, grant = int(self.clock()), token.grant
        claims: dict[str, Any] = {
            "sub": grant.subject.claim,
            "cts": "OAUTH2_STATELESS_GRANT",
            "auth_level": 0,
            "auditTrackingId": token.audit_id,
            "subname": grant.subject.name,
            "iss": token.issuer,
            "tokenName": token.kind,
            "token_type": "Bearer",
            "authGrantId": grant.id,
            "client_id": grant.client_id,
            "aud": grant.client_id,
            "nbf": now,
            "grant_type": grant.type,
            "scope": sorted(token.scopes),
            "auth_time": grant.auth_time,
            "realm": self._name,
            "exp": token.expires_at,
            "iat": now,
            "expires_in": token.expires_at - now,
            "jti": token.value,
            **token.extra,
        }
        text = self._keys.sign(claims, self._realm.oauth2_provider.token_signing_algorithm)
        return replace(token, value=text)

    def _holds(self, token: Token) -> bool:
        return not token.grant.revoked and token.expires_at > self.clock()

    def _keep(self, token: Token) -> None:
        self._tokens[token.value] = token
        if len(self._tokens) > self._sweep_at:
            self._sweep()
            self._sweep_at = max(1024, 2 * len(self._tokens))

    def _sweep(self) -> None:
        self._tokens = {value: token for value, token in self._tokens.items() if self._holds(token)}
