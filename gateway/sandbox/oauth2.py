"""AM's OAuth 2.0 endpoints that answer JSON: tokens, introspection, revocation, user information, discovery."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from gateway.sandbox.clients import Caller, authenticate, authenticate_with_secret
from gateway.sandbox.errors import OAuthRefusal, invalid_token
from gateway.sandbox.forms import Form, read_form
from gateway.sandbox.grants import GRANTS, TokenRequest
from gateway.sandbox.server import REALM_PATTERN, AuthorizationServer, RealmState
from gateway.sandbox.settings import Agent, GrantType
from gateway.sandbox.tokens import Token

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
USERINFO_CLAIMS = {"cn": "name", "givenName": "given_name", "sn": "family_name", "mail": "email"}


class OAuth2Endpoints:
    """The endpoints of all realms."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self, context: str) -> list[web.RouteDef]:
        base = f"{context}/oauth2{REALM_PATTERN}"
        return [
            web.route("*", f"{base}/access_token", self.access_token),
            web.route("*", f"{base}/introspect", self.introspect),
            web.route("*", f"{base}/token/revoke", self.revoke),
            web.get(f"{base}/tokeninfo", self.tokeninfo),
            web.get(f"{base}/userinfo", self.userinfo),
            web.post(f"{base}/userinfo", self.userinfo),
            web.get(f"{base}/connect/jwk_uri", self.jwk_uri),
            web.get(f"{base}/.well-known/openid-configuration", self.discovery),
            web.get(f"{base}/.well-known/oauth-authorization-server", self.discovery),
        ]

    async def access_token(self, request: web.Request) -> web.Response:
        """The token endpoint."""
        realm, form, caller = await self._called(request)
        (name,) = form.require("grant_type")
        if name not in list(GrantType):
            raise OAuthRefusal("unsupported_grant_type", f"Grant type is not supported: {name}")
        grant_type = GrantType(name)
        client = caller.client_for(grant_type)
        ask = TokenRequest(realm, caller, client, form, self._server.issuer(request, realm))
        return web.json_response(GRANTS[grant_type](ask), headers=NO_STORE)

    async def introspect(self, request: web.Request) -> web.Response:
        """Introspection (RFC 7662), for whom AM shows the token to."""
        realm = self._server.oauth_realm(request)
        form = await read_form(request)
        caller = authenticate_with_secret(realm.settings, request.headers, form)
        value = form.get("token")
        if value is None:
            raise OAuthRefusal("invalid_request", "Missing parameter, 'token'")
        token, home = realm.tokens.find(value), realm
        if token is None and _sees_all_realms(caller):
            token, home = self._in_any_realm(value, realm)
        if token is None or not (home is not realm or caller.may_see_tokens_of(token.grant.client_id)):
            return web.json_response({"active": False}, headers=NO_STORE)
        return web.json_response(_introspection(home, token), headers=NO_STORE)

    async def revoke(self, request: web.Request) -> web.Response:
        """Revocation (RFC 7009): an unknown token is as good as revoked."""
        realm, form, caller = await self._called(request)
        value = form.get("token")
        if value is None:
            raise OAuthRefusal("invalid_request", "Missing parameter, 'token'")
        token = realm.tokens.find(value)
        if token and token.grant.client_id != caller.id:
            raise OAuthRefusal("unauthorized_client", "The token was issued to another client")
        if token:
            realm.tokens.revoke(token)
        return web.json_response({})

    async def tokeninfo(self, request: web.Request) -> web.Response:
        """AM's own way to look at an access token: its holder asks."""
        realm = self._server.oauth_realm(request)
        token = self._bearer(request, realm, request.query.get("access_token"))
        grant = token.grant
        answer: dict[str, Any] = {
            "access_token": token.value,
            "grant_type": grant.type,
            "auth_level": 0,
            "auditTrackingId": token.audit_id,
            "scope": sorted(token.scopes),
            "realm": realm.name,
            "token_type": "Bearer",
            "expires_in": int(token.expires_at - realm.clock()),
            "authGrantId": grant.id,
            "client_id": grant.client_id,
        }
        return web.json_response({**_attributes(realm, token), **answer}, headers=NO_STORE)

    async def userinfo(self, request: web.Request) -> web.Response:
        """OpenID Connect user information."""
        realm = self._server.oauth_realm(request)
        token = self._bearer(request, realm)
        if "openid" not in token.scopes:
            challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="openid"'}
            raise OAuthRefusal("insufficient_scope", "The access token has not the scope openid", 403, challenge)
        name = token.grant.subject.name
        answer = {"sub": token.grant.subject.claim, "subname": name}
        user = realm.settings.users.get(name)
        if user is None:
            raise invalid_token()
        found = {claim: user.attribute(attribute) for attribute, claim in USERINFO_CLAIMS.items()}
        return web.json_response(answer | {claim: values[0] for claim, values in found.items() if values})

    async def jwk_uri(self, request: web.Request) -> web.Response:
        """Public keys of the provider."""
        return web.json_response(self._server.oauth_realm(request).keys.published())

    async def discovery(self, request: web.Request) -> web.Response:
        """OpenID Connect discovery: announces what this server has, no more."""
        realm = self._server.oauth_realm(request)
        provider = f"{self._server.base_url(request)}/oauth2{realm.path}"
        settings = realm.settings
        return web.json_response(
            {
                "issuer": self._server.issuer(request, realm),
                "authorization_endpoint": f"{provider}/authorize",
                "token_endpoint": f"{provider}/access_token",
                "userinfo_endpoint": f"{provider}/userinfo",
                "introspection_endpoint": f"{provider}/introspect",
                "revocation_endpoint": f"{provider}/token/revoke",
                "jwks_uri": f"{provider}/connect/jwk_uri",
                "scopes_supported": sorted({scope for c in settings.clients.values() for scope in c.scopes}),
                "claims_supported": ["sub", "subname", *USERINFO_CLAIMS.values()],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "form_post"],
                "grant_types_supported": [grant.value for grant in GrantType],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
                "code_challenge_methods_supported": ["plain", "S256"],
                "authorization_response_iss_parameter_supported": True,
                "version": "3.0",
            }
        )

    async def _called(self, request: web.Request) -> tuple[RealmState, Form, Caller]:
        realm = self._server.oauth_realm(request)
        form = await read_form(request)
        return realm, form, authenticate(realm.settings, request.headers, form)

    def _bearer(self, request: web.Request, realm: RealmState, value: str | None = None) -> Token:
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if value is None and scheme.lower() == "bearer":
            value = credentials.strip()
        token = realm.tokens.find(value or "", "access_token")
        if token is None:
            raise invalid_token()
        return token

    def _in_any_realm(self, value: str, default: RealmState) -> tuple[Token | None, RealmState]:
        for realm in self._server.realms.values():
            if token := realm.tokens.find(value):
                return token, realm
        return None, default


def _sees_all_realms(caller: Caller) -> bool:
    if isinstance(caller.profile, Agent):
        return caller.profile.token_introspection == "All Realms"
    return "am-introspect-all-tokens-any-realm" in caller.profile.scopes


def _introspection(realm: RealmState, token: Token) -> dict[str, Any]:
    """The answer for a token that holds, with the members and in the order that the guides show."""
    grant, name = token.grant, token.grant.subject.name
    return {
        "active": True,
        "scope": token.scope,
        "realm": realm.name,
        "client_id": grant.client_id,
        "user_id": name,
        "username": name,
        "token_type": "Bearer",
        "exp": token.expires_at,
        "sub": grant.subject.claim,
        "subname": name,
        "iss": token.issuer,
        "auth_level": 0,
        "authGrantId": grant.id,
        **token.extra,
        "auditTrackingId": token.audit_id,
    }


def _attributes(realm: RealmState, token: Token) -> dict[str, str]:
    """AM answers a user's attribute for each scope that has the attribute's name."""
    user = realm.settings.users.get(token.grant.subject.name) if token.grant.subject.kind == "usr" else None
    values = {scope: user.attribute(scope) for scope in sorted(token.scopes)} if user else {}
    return {scope: ",".join(value) for scope, value in values.items() if value}
