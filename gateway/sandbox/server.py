"""What every endpoint of the sandbox's authorization server shares: settings, realms, sessions, clock and base URL."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from gateway.sandbox.authorization_codes import AuthorizationCodes
from gateway.sandbox.clients import same_secret
from gateway.sandbox.errors import OAuthRefusal, Refusal
from gateway.sandbox.keys import SigningKeys
from gateway.sandbox.notifications import Notifications
from gateway.sandbox.sessions import Session, SessionStore
from gateway.sandbox.settings import Realm, SandboxSettings, User
from gateway.sandbox.tokens import Clock, Grant, TokenService

HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
REALM_PATTERN = r"{realm:(?:/[^/]+)*}"
"""The realm in a route: `/realms/root/realms/a`, `/a` or nothing."""


class RealmState:
    """A realm: its settings and what lives in it."""

    def __init__(self, name: str, settings: Realm, keys: SigningKeys, clock: Clock) -> None:
        self.name = name
        self.settings = settings
        self.keys = keys.with_secret(settings.oauth2_provider.token_signing_secret)
        self.tokens = TokenService(name, settings, self.keys, clock)
        self.codes = AuthorizationCodes(clock, settings.oauth2_provider.authorization_code_lifetime)
        self.clock = clock

    @property
    def path(self) -> str:
        """The realm in a URL below /json or /oauth2."""
        return "".join(f"/realms/{part}" for part in ["root", *self.name.strip("/").split("/")] if part)

    def user(self, name: str, password: str) -> User | None:
        """The user whom name and password belong to."""
        user = self.settings.users.get(name)
        right = same_secret(password, user.password if user else "no such user")
        return user if user and right and user.active else None

    def new_grant(self, kind: str, client_id: str, **rest: Any) -> Grant:
        """A grant that starts now."""
        return Grant(kind, client_id, auth_time=int(self.clock()), **rest)


class AuthorizationServer:
    """The state of the authorization server; endpoints are plain functions of it and a request."""

    def __init__(self, settings: SandboxSettings, keys: SigningKeys, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.notifications = Notifications(clock)
        self.sessions = SessionStore(clock, self.notifications.session_changed)
        self.realms = {name: RealmState(name, realm, keys, clock) for name, realm in settings.realms.items()}

    def base_url(self, request: web.Request) -> str:
        """URL of the server as this client sees it, with the context path and without a slash at its end."""
        if self.settings.base_url:
            return self.settings.base_url
        host = request.headers.get("Host", "")
        if not HOST.fullmatch(host):
            raise Refusal(400, "Invalid Host header")
        return f"{request.scheme}://{host}{self.settings.context_path}"

    def issuer(self, request: web.Request, realm: RealmState) -> str:
        """Name of a realm's OAuth 2.0 provider."""
        return f"{self.base_url(request)}/oauth2{'' if realm.name == '/' else realm.path}"

    def realm(self, request: web.Request) -> RealmState:
        """The realm that path or query name; a Refusal when there is none."""
        name = _realm_name(request.match_info.get("realm", ""))
        if name == "/" and "realm" in request.query:
            name = "/" + request.query["realm"].strip("/")
        found = self.realms.get(name)
        if found is None:
            raise Refusal(400, f"Invalid realm: {name}")
        return found

    def oauth_realm(self, request: web.Request) -> RealmState:
        """The same for an endpoint whose errors have OAuth's form."""
        try:
            return self.realm(request)
        except Refusal as refusal:
            raise OAuthRefusal("invalid_request", refusal.message) from None

    def session(self, request: web.Request) -> Session | None:
        """The session that the header or cookie of the request carries."""
        name = self.settings.cookie_name
        return self.sessions.find(request.headers.get(name) or request.cookies.get(name))

    def cookie_domain(self, request: web.Request) -> str | None:
        """Domain for the session cookie, None for one of this host alone."""
        host = request.headers.get("Host", "").partition(":")[0].lower()
        for domain in self.settings.cookie_domains:
            if host == domain or host.endswith(f".{domain}"):
                return domain
        return None

    def set_session_cookie(self, request: web.Request, response: web.StreamResponse, session: Session) -> None:
        """Hand the session to a browser."""
        domain = self.cookie_domain(request)
        response.set_cookie(self.settings.cookie_name, session.token, domain=domain, path="/", httponly=True)


def _realm_name(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] == "realms":
        if len(parts) % 2 or parts[::2] != ["realms"] * (len(parts) // 2) or parts[1] != "root":
            raise Refusal(400, f"Invalid realm path: {path}")
        parts = parts[3::2]
    return "/" + "/".join(parts)
