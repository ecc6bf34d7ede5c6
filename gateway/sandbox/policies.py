"""AM's policy evaluation, for the policy sets that the YAML file lists."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from gateway.sandbox.errors import Refusal, access_denied
from gateway.sandbox.login_page import url_pattern
from gateway.sandbox.rest import answer, check_version, read_json
from gateway.sandbox.server import REALM_PATTERN, AuthorizationServer, RealmState
from gateway.sandbox.settings import Policy, User

VERSION = "2.1"
DEFAULT_APPLICATION = "iPlanetAMWebAgentService"
FOR_EVER = 9223372036854775807


class PolicyEndpoint:
    """`/json/policies?_action=evaluate` of all realms."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self, context: str) -> list[web.RouteDef]:
        return [web.post(f"{context}/json{REALM_PATTERN}/policies", self.evaluate)]

    async def evaluate(self, request: web.Request) -> web.Response:
        """Decide about resources for a subject; agents ask, or users about themselves."""
        check_version(request, VERSION)
        realm = self._server.realm(request)
        caller = self._server.session(request)
        if caller is None:
            raise access_denied()
        if request.query.get("_action") != "evaluate":
            raise Refusal(400, f"Action {request.query.get('_action', 'null')} is not supported")
        body = await read_json(request)
        named = body.get("subject")
        if not caller.is_agent and named is not None:
            raise Refusal(403, "The user has insufficient privileges")
        policies, resources = _asked(realm, body)
        name = self._subject(realm, named) if caller.is_agent else caller.username
        return answer([_decision(realm, policies, resource, name) for resource in resources], VERSION)

    def _subject(self, realm: RealmState, subject: Any) -> str | None:
        """Name of the subject, None when it is unknown or its session is over; a JWT is not verified, as in AM."""
        if not isinstance(subject, dict):
            return None
        if isinstance(subject.get("ssoToken"), str):
            session = self._server.sessions.find(subject["ssoToken"])
            return session.username if session and session.realm == realm.name else None
        if isinstance(subject.get("jwt"), str):
            claims = realm.tokens.read_id_token(subject["jwt"])
            return str(claims["subname"]) if claims else None
        claims = subject.get("claims")
        return str(claims["sub"]) if isinstance(claims, dict) and "sub" in claims else None


def _asked(realm: RealmState, body: dict[str, Any]) -> tuple[tuple[Policy, ...], list[str]]:
    application = str(body.get("application", DEFAULT_APPLICATION))
    policies = realm.settings.policy_sets.get(application)
    if policies is None and application == DEFAULT_APPLICATION:
        policies = ()
    if policies is None:
        raise Refusal(400, f"Invalid value '{application}' for application")
    resources = body.get("resources")
    if not isinstance(resources, list) or not resources or not all(isinstance(item, str) for item in resources):
        raise Refusal(400, "Invalid value 'resources'")
    return policies, resources


def _decision(realm: RealmState, policies: tuple[Policy, ...], resource: str, name: str | None) -> dict[str, Any]:
    """What the policies that fit say together: one that denies an action outweighs those that allow it."""
    actions: dict[str, bool] = {}
    attributes: dict[str, list[str]] = {}
    advices: dict[str, list[str]] = {}
    fitting = [policy for policy in policies if name is not None and _fits(policy, resource, name)]
    for policy in fitting:
        if policy.advices:
            advices.update({kind: list(values) for kind, values in policy.advices.items()})
            continue
        for method, allowed in policy.actions.items():
            actions[method] = actions.get(method, True) and allowed
        user = realm.settings.users.get(name or "") or User(password="-")
        attributes.update({key: list(user.attribute(key)) for key in policy.response_attributes if user.attribute(key)})
    return {
        "resource": resource,
        "actions": actions,
        "attributes": attributes,
        "advices": advices,
        "ttl": 0 if advices else FOR_EVER,
    }


def _fits(policy: Policy, resource: str, name: str) -> bool:
    if policy.subjects and name not in policy.subjects:
        return False
    return any(url_pattern(pattern).fullmatch(resource) for pattern in policy.resources)
