"""The grant types of the token endpoint: each a function from a token request to the answer.

The rules of token exchange are in their own module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clients import Caller
from gateway.sandbox.errors import OAuthRefusal, invalid_grant
from gateway.sandbox.forms import Form
from gateway.sandbox.server import RealmState
from gateway.sandbox.settings import Client, GrantType
from gateway.sandbox.token_exchange import exchange
from gateway.sandbox.tokens import Grant, Subject, Token


@dataclass(frozen=True)
class TokenRequest:
    """A request to the token endpoint after client authentication."""

    realm: RealmState
    caller: Caller
    client: Client
    form: Form
    issuer: str


def token_answer(ask: TokenRequest, grant: Grant, token: Token, nonce: str | None = None) -> dict[str, Any]:
    """The answer for a new access token, with refresh and ID tokens where the client gets them."""
    answer: dict[str, Any] = {"access_token": token.value}
    can_refresh = GrantType.REFRESH_TOKEN in ask.client.grant_types and grant.type != GrantType.CLIENT_CREDENTIALS
    if can_refresh and ask.realm.settings.oauth2_provider.issue_refresh_tokens:
        answer["refresh_token"] = ask.realm.tokens.issue(grant, ask.issuer, "refresh_token").value
    answer["scope"] = token.scope
    if "openid" in token.scopes and grant.subject.kind == "usr":
        answer["id_token"] = ask.realm.tokens.id_token(grant, ask.issuer, nonce)
    return {**answer, "token_type": "Bearer", "expires_in": int(token.expires_at - ask.realm.clock())}


def password(ask: TokenRequest) -> dict[str, Any]:
    """Resource Owner Password Credentials."""
    name, secret = ask.form.require("username", "password")
    scopes = ask.caller.granted(ask.form.scopes())
    if ask.realm.user(name, secret) is None:
        raise invalid_grant()
    grant = ask.realm.new_grant(GrantType.PASSWORD, ask.caller.id, subject=Subject(name), scopes=scopes)
    return token_answer(ask, grant, ask.realm.tokens.issue(grant, ask.issuer))


def client_credentials(ask: TokenRequest) -> dict[str, Any]:
    """A token for the client itself."""
    if ask.client.client_type == "Public":
        raise OAuthRefusal("unauthorized_client", "A public client has no credentials")
    scopes = ask.caller.granted(ask.form.scopes())
    subject = Subject(ask.caller.id, "age")
    grant = ask.realm.new_grant(GrantType.CLIENT_CREDENTIALS, ask.caller.id, subject=subject, scopes=scopes)
    return token_answer(ask, grant, ask.realm.tokens.issue(grant, ask.issuer))


def refresh_token(ask: TokenRequest) -> dict[str, Any]:
    """New tokens for a refresh token, which is spent."""
    (value,) = ask.form.require("refresh_token")
    token = ask.realm.tokens.find(value, "refresh_token")
    if token is None or token.grant.client_id != ask.caller.id:
        raise invalid_grant()
    scopes = ask.form.scopes() or token.scopes
    if not scopes <= token.scopes:
        text = "The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner."
        raise OAuthRefusal("invalid_scope", text)
    access = ask.realm.tokens.issue(token.grant, ask.issuer, scopes=scopes)
    answer = token_answer(ask, token.grant, access)
    if "refresh_token" in answer:
        ask.realm.tokens.replace(token)
    return answer


def authorization_code(ask: TokenRequest) -> dict[str, Any]:
    """Tokens for a code of the authorization endpoint."""
    (text,) = ask.form.require("code")
    code = ask.realm.codes.find(text)
    if code is None or code.grant.client_id != ask.caller.id:
        raise invalid_grant()
    if code.used:
        # RFC 6749, 4.1.2: a code that is used twice may have been stolen; what it gave is taken back.
        ask.realm.tokens.revoke_grant(code.grant)
        raise invalid_grant()
    if code.redirect_uri != ask.form.get("redirect_uri") or not code.verified_by(ask.form.get("code_verifier")):
        raise invalid_grant()
    code.used = True
    access = ask.realm.tokens.issue(code.grant, ask.issuer)
    return token_answer(ask, code.grant, access, code.nonce)


def token_exchange(ask: TokenRequest) -> dict[str, Any]:
    """Another token for a subject token (RFC 8693)."""
    issued = exchange(ask.realm, ask.caller, ask.form, ask.issuer)
    if issued.token is None:
        return issued.answer
    answer = token_answer(ask, issued.token.grant, issued.token)
    return {**answer, **issued.answer}


GRANTS: dict[GrantType, Callable[[TokenRequest], dict[str, Any]]] = {
    GrantType.AUTHORIZATION_CODE: authorization_code,
    GrantType.CLIENT_CREDENTIALS: client_credentials,
    GrantType.PASSWORD: password,
    GrantType.REFRESH_TOKEN: refresh_token,
    GrantType.TOKEN_EXCHANGE: token_exchange,
}
