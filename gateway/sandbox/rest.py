"""AM's REST endpoints below /json: server information, authentication and user profiles."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.sandbox.clients import same_secret
from gateway.sandbox.errors import Refusal, access_denied
from gateway.sandbox.server import REALM_PATTERN, AuthorizationServer, RealmState
from gateway.sandbox.sessions import Session, universal_id

AUTH_ID_LIFETIME = 300
VERSION = re.compile(r"\s*(protocol|resource)\s*=\s*(\d{1,4})(?:\.(\d{1,4}))?\s*")


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one."""
    body = await request.read()
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The request could not be processed because the provided content is not JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "The request could not be processed because the provided content is not a JSON object")
    return value


def answer(value: Any, version: str, status: int = 200) -> web.Response:
    """A JSON answer that names the version of the resource."""
    headers = {"Content-API-Version": f"protocol=1.0,resource={version}", "Cache-Control": "private"}
    return web.json_response(value, status=status, headers=headers)


def check_version(request: web.Request, newest: str) -> None:
    """Refuse a version of a resource that this server does not have."""
    asked = request.headers.get("Accept-API-Version", "")
    for part in filter(None, asked.split(",")):
        found = VERSION.fullmatch(part)
        if found is None:
            raise Refusal(400, f"Bad Accept-API-Version header: {asked}")
        version = (int(found[2]), int(found[3] or 0))
        major, minor = (int(number) for number in newest.split("."))
        if found[1] == "resource" and version > (major, minor):
            raise Refusal(404, "Resource '*' not found")


@dataclass(frozen=True)
class PendingLogin:
    """A login that waits for its callbacks."""

    realm: str
    is_agent: bool
    expires_at: float


class RestEndpoints:
    """serverinfo, authenticate and users of all realms."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server
        self._pending: dict[str, PendingLogin] = {}

    def routes(self, context: str) -> list[web.RouteDef]:
        base = f"{context}/json{REALM_PATTERN}"
        return [
            web.get(f"{base}/serverinfo/{{id}}", self.serverinfo),
            web.post(f"{base}/authenticate", self.authenticate),
            web.get(f"{base}/users/{{name}}", self.user),
        ]

    async def serverinfo(self, request: web.Request) -> web.Response:
        """Facts about the server; the version is told only to whom it knows."""
        check_version(request, "1.1")
        kind, realm, settings = request.match_info["id"], self._server.realm(request), self._server.settings
        if kind == "*":
            return answer(_serverinfo(settings.cookie_name, list(settings.cookie_domains), realm.name), "1.1")
        if kind == "cookieDomains":
            return answer({"_id": kind, "_rev": "1", "domains": list(settings.cookie_domains)}, "1.1")
        if kind != "version":
            raise Refusal(404, "Resource cannot be found.")
        if self._server.session(request) is None:
            raise access_denied()
        full = f"Gatewright sandbox, compatible with PingAM {settings.version}"
        fields = {
            "version": settings.version,
            "fullVersion": full,
            "revision": "sandbox",
            "date": "2026-January-01 10:00",
        }
        return answer({"_id": kind, "_rev": "1", **fields}, "1.0")

    async def authenticate(self, request: web.Request) -> web.Response:
        """Log in with headers, with callbacks in two steps, or with the session that is there already."""
        check_version(request, "2.1")
        realm = self._server.realm(request)
        is_agent = self._is_agent_journey(request, realm)
        body = await read_json(request)
        username = request.headers.get("X-OpenAM-Username")
        if "authId" in body:
            pending = self._pending.pop(str(body["authId"]), None)
            if pending is None or pending.realm != realm.name or pending.expires_at <= self._server.clock():
                raise Refusal(401, "Authentication Failed")
            given = _inputs(body)
            return self._log_in(request, realm, given.get("IDToken1", ""), given.get("IDToken2", ""), pending.is_agent)
        if username is not None:
            return self._log_in(request, realm, username, request.headers.get("X-OpenAM-Password", ""), is_agent)
        session = self._server.session(request)
        if session and session.realm == realm.name and session.is_agent == is_agent:
            return self._logged_in(request, session)
        return answer(self._callbacks(realm, is_agent), "2.1")

    async def user(self, request: web.Request) -> web.Response:
        """A user's profile, for agents and for the user."""
        check_version(request, "4.0")
        realm, name = self._server.realm(request), request.match_info["name"]
        session = self._server.session(request)
        if session is None:
            raise access_denied()
        if not session.is_agent and (session.username, session.realm) != (name, realm.name):
            raise Refusal(403, "User not permitted.")
        profile = _profile(realm, name)
        if fields := [field.strip() for field in request.query.get("_fields", "").split(",") if field.strip()]:
            wanted = {field.lower() for field in fields} | {"_id", "_rev"}
            profile = {key: value for key, value in profile.items() if key.lower() in wanted}
        return answer(profile, "4.0")

    def _is_agent_journey(self, request: web.Request, realm: RealmState) -> bool:
        kind, value = request.query.get("authIndexType"), request.query.get("authIndexValue", "")
        if (kind, value) in (("service", "Agent"), ("module", "Application")):
            return True
        if kind == "service" and value not in realm.settings.journeys:
            raise Refusal(400, "No Configuration found")
        if kind not in (None, "service"):
            raise Refusal(400, "Invalid authIndexType")
        return False

    def _log_in(
        self, request: web.Request, realm: RealmState, username: str, password: str, is_agent: bool
    ) -> web.Response:
        if is_agent:
            agent = realm.settings.agents.get(username)
            right = same_secret(password, agent.password if agent else "no such agent") and agent is not None
        else:
            right = realm.user(username, password) is not None
        if not right:
            raise Refusal(401, "Authentication Failed")
        if request.query.get("noSession") == "true":
            success = {"message": "Authentication Successful", "successUrl": self._success_url(), "realm": realm.name}
            return answer(success, "2.1")
        limits = realm.settings.session
        return self._logged_in(request, self._server.sessions.create(username, realm.name, limits, is_agent))

    def _logged_in(self, request: web.Request, session: Session) -> web.Response:
        fields = {"tokenId": session.token, "successUrl": self._success_url(), "realm": session.realm}
        response = answer(fields, "2.1")
        self._server.set_session_cookie(request, response, session)
        return response

    def _success_url(self) -> str:
        return f"{self._server.settings.context_path}/console"

    def _callbacks(self, realm: RealmState, is_agent: bool) -> dict[str, Any]:
        now = self._server.clock()
        self._pending = {key: login for key, login in self._pending.items() if login.expires_at > now}
        auth_id = secrets.token_urlsafe(48)
        self._pending[auth_id] = PendingLogin(realm.name, is_agent, now + AUTH_ID_LIFETIME)
        asked = (("NameCallback", "User Name:", "IDToken1"), ("PasswordCallback", "Password:", "IDToken2"))
        callbacks = [
            {
                "type": kind,
                "output": [{"name": "prompt", "value": prompt}],
                "input": [{"name": field, "value": ""}],
            }
            for kind, prompt, field in asked
        ]
        return {"authId": auth_id, "callbacks": callbacks}


def _inputs(body: dict[str, Any]) -> dict[str, str]:
    """Values that the callbacks of a body carry; what has another form carries none."""
    found: dict[str, str] = {}
    callbacks = body.get("callbacks")
    for callback in callbacks if isinstance(callbacks, list) else ():
        inputs = callback.get("input") if isinstance(callback, dict) else None
        for field in inputs if isinstance(inputs, list) else ():
            if isinstance(field, dict) and isinstance(field.get("value"), str):
                found[str(field.get("name"))] = field["value"]
    return found


def _profile(realm: RealmState, name: str) -> dict[str, Any]:
    user = realm.settings.users.get(name)
    if user is None:
        raise Refusal(404, "Resource cannot be found.")
    attributes = {key: list(user.attribute(key)) for key in user.attributes}
    return {
        "_id": name,
        "_rev": "-1",
        "username": name,
        "realm": realm.name,
        "uid": [name],
        "universalid": [universal_id(name, realm.name)],
        **attributes,
        "dn": [f"uid={name},ou=people,dc=openam,dc=forgerock,dc=org"],
        "inetUserStatus": ["Active" if user.active else "Inactive"],
        "objectClass": ["top", "person", "organizationalPerson", "inetorgperson", "inetuser"],
        "roles": [],
    }


def _serverinfo(cookie_name: str, domains: list[str], realm: str) -> dict[str, Any]:
    return {
        "_id": "*",
        "_rev": "1",
        "domains": domains,
        "protectedUserAttributes": [],
        "cookieName": cookie_name,
        "secureCookie": False,
        "forgotPassword": "false",
        "forgotUsername": "false",
        "kbaEnabled": "false",
        "selfRegistration": "false",
        "lang": "en-US",
        "successfulUserRegistrationDestination": "default",
        "socialImplementations": [],
        "referralsEnabled": "false",
        "zeroPageLogin": {"enabled": False, "refererWhitelist": [], "allowedWithoutReferer": True},
        "realm": realm,
        "xuiUserSessionValidationEnabled": True,
        "FQDN": None,
    }
