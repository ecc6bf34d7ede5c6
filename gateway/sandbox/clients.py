"""Who calls an OAuth 2.0 endpoint: client and agent authentication, and what a client may ask for."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from gateway.sandbox.errors import OAuthRefusal
from gateway.sandbox.forms import Form
from gateway.sandbox.settings import Agent, Client, GrantType, Realm

SCOPE_ALL_TOKENS = frozenset({"am-introspect-all-tokens", "am-introspect-all-tokens-any-realm"})


@dataclass(frozen=True)
class Caller:
    """An authenticated client or agent."""

    id: str
    profile: Client | Agent

    def may_see_tokens_of(self, client_id: str) -> bool:
        """Whether introspection shows this caller a token of a client of its realm."""
        if client_id == self.id:
            return True
        if isinstance(self.profile, Agent):
            return self.profile.token_introspection != "None"
        return not SCOPE_ALL_TOKENS.isdisjoint(self.profile.scopes)

    def client_for(self, grant_type: GrantType) -> Client:
        """The client profile, when it has the grant type."""
        if isinstance(self.profile, Agent) or grant_type not in self.profile.grant_types:
            text = f"The client is not authorized to use the grant type: {grant_type.value}"
            raise OAuthRefusal("unauthorized_client", text)
        return self.profile

    def granted(self, requested: frozenset[str]) -> frozenset[str]:
        """The scopes asked for, or the client's defaults; all of them have to be the client's."""
        if isinstance(self.profile, Agent):
            raise OAuthRefusal("invalid_scope", "An agent has no scopes")
        if unknown := requested - set(self.profile.scopes):
            text = f"Unknown/invalid scope(s): [{', '.join(sorted(unknown))}]"
            raise OAuthRefusal("invalid_scope", text)
        if scopes := requested or frozenset(self.profile.default_scopes):
            return scopes
        raise OAuthRefusal("invalid_scope", "No scope requested and no default scope configured")


def same_secret(given: str, expected: str) -> bool:
    """Compare in a time that does not depend on where the difference is."""
    # Header fields and JSON may hold what UTF-8 cannot say; it is only compared.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def authenticate_with_secret(realm: Realm, headers: Mapping[str, str], form: Form) -> Caller:
    """The same for endpoints that a public client, which proves nothing, may not use."""
    caller = authenticate(realm, headers, form)
    if isinstance(caller.profile, Client) and caller.profile.client_type == "Public":
        raise _failed()
    return caller


def authenticate(realm: Realm, headers: Mapping[str, str], form: Form) -> Caller:
    """Authenticate the caller by header or form; which part was wrong is never told."""
    basic = _basic(headers.get("Authorization", ""))
    form_id, form_secret = form.get("client_id"), form.get("client_secret")
    if basic and form_secret is not None:
        raise OAuthRefusal("invalid_request", "Only one client authentication method may be used")
    if basic:
        if form_id not in (None, basic[0]):
            raise _failed(by_header=True)
        return _check(realm, *basic, "client_secret_basic")
    if form_id is None:
        raise _failed()
    return _check(realm, form_id, form_secret, "client_secret_post" if form_secret is not None else "none")


def _check(realm: Realm, name: str, secret: str | None, method: str) -> Caller:
    by_header = method == "client_secret_basic"
    profile = realm.agents.get(name) or realm.clients.get(name)
    if isinstance(profile, Agent):
        expected, allowed = profile.password, method != "none"
    elif isinstance(profile, Client):
        expected, allowed = profile.secret, _method_allowed(realm, profile, method)
    else:
        expected, allowed = "", False
    # The comparison is made for unknown names too, so that the time to answer does not tell which names exist.
    right = same_secret(secret or "", expected or "no such client") or method == "none"
    if profile is None or not (allowed and right):
        raise _failed(by_header)
    return Caller(name, profile)


def _method_allowed(realm: Realm, client: Client, method: str) -> bool:
    if client.client_type == "Public":
        return method == "none"
    if method == "none":
        return False
    # The guide's serviceConfidentialClient is registered with client_secret_post and its route sends the secret in the
    # header: both ways of sending a secret count as one, unless the file asks for AM's stricter reading.
    strict = realm.oauth2_provider.strict_client_authentication
    return not strict or method == client.token_endpoint_authentication_method


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise _failed(by_header=True) from None
    if not colon:
        raise _failed(by_header=True)
    # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
    return unquote_plus(name), unquote_plus(secret)


def _failed(by_header: bool = False) -> OAuthRefusal:
    headers = {"WWW-Authenticate": 'Basic realm="/"'} if by_header else None
    return OAuthRefusal("invalid_client", "Client authentication failed", 401, headers)
