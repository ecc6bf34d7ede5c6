"""AM's /json/sessions: what a session is, ending it, and finding the sessions of a user."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gateway.sandbox.errors import Refusal, access_denied
from gateway.sandbox.rest import answer, check_version, read_json
from gateway.sandbox.server import REALM_PATTERN, AuthorizationServer
from gateway.sandbox.sessions import Session

VERSION = "5.1"
QUERY = re.compile(r'\s*username eq "([^"]*)" and realm eq "([^"]*)"\s*')


class SessionEndpoint:
    """The endpoint of all realms; a session may be asked about at any realm's path, as in AM."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server
        self._about_a_session: dict[str, Callable[[Session, dict[str, Any]], dict[str, Any]]] = {
            "getSessionInfo": self._info,
            "getSessionInfoAndResetIdleTime": self._info_and_touch,
            "refresh": self._refresh,
            "logout": self._logout,
            "getSessionProperties": self._properties,
            "updateSessionProperties": self._update_properties,
        }

    def routes(self, context: str) -> list[web.RouteDef]:
        path = f"{context}/json{REALM_PATTERN}/sessions"
        return [web.post(path, self.act), web.get(path, self.query)]

    async def act(self, request: web.Request) -> web.Response:
        """Carry out `_action`."""
        check_version(request, VERSION)
        self._server.realm(request)
        action, body = request.query.get("_action", ""), await read_json(request)
        if action in ("validate", "isActive"):
            return answer(self._state(request, action, body), VERSION)
        if action in ("logoutByHandle", "logoutByUser"):
            return answer({"result": self._end_many(request, action, body)}, VERSION)
        act = self._about_a_session.get(action)
        if act is None:
            raise Refusal(400, f"Action {action or 'null'} is not supported")
        return answer(act(self._meant(request, body), body), VERSION)

    async def query(self, request: web.Request) -> web.Response:
        """List the sessions of a user, for agents."""
        check_version(request, VERSION)
        self._server.realm(request)
        self._agent(request)
        found = QUERY.fullmatch(request.query.get("_queryFilter", ""))
        if found is None:
            raise Refusal(400, 'The _queryFilter should be: username eq "NAME" and realm eq "/REALM"')
        sessions = [{**s.info(), "sessionHandle": s.handle} for s in self._server.sessions.of_user(found[1], found[2])]
        page = {"pagedResultsCookie": None, "totalPagedResultsPolicy": "NONE", "totalPagedResults": -1}
        return answer({"result": sessions, "resultCount": len(sessions), **page}, VERSION)

    def _meant(self, request: web.Request, body: dict[str, Any]) -> Session:
        """The session that the body names, else the caller's own; the caller has to have one itself."""
        caller = self._server.session(request)
        if caller is None:
            raise access_denied()
        token = body.get("tokenId") or request.query.get("tokenId")
        session = self._server.sessions.find(str(token)) if token else caller
        if session is None:
            raise access_denied()
        return session

    def _agent(self, request: web.Request) -> Session:
        caller = self._server.session(request)
        if caller is None:
            raise access_denied()
        if not caller.is_agent:
            raise Refusal(403, "The caller is not allowed to manage sessions")
        return caller

    def _state(self, request: web.Request, action: str, body: dict[str, Any]) -> dict[str, Any]:
        token = body.get("tokenId") or request.query.get("tokenId")
        session = self._server.sessions.find(str(token)) if token else self._server.session(request)
        if session and request.query.get("refresh") == "true":
            self._server.sessions.touch(session)
        if action == "isActive":
            return {"active": session is not None}
        if session is None:
            return {"valid": False}
        return {"valid": True, "sessionUid": session.uid, "uid": session.username, "realm": session.realm}

    def _end_many(self, request: web.Request, action: str, body: dict[str, Any]) -> Any:
        self._agent(request)
        realm = self._server.realm(request).name
        if action == "logoutByUser":
            for session in self._server.sessions.of_user(str(body.get("username", "")), realm):
                self._server.sessions.end(session, "DESTROY")
            return True
        handles = body.get("sessionHandles")
        if not isinstance(handles, list):
            raise Refusal(400, "sessionHandles should be a list")
        return {str(handle): self._server.sessions.end_by_handle(str(handle)) for handle in handles}

    def _info(self, session: Session, _body: dict[str, Any]) -> dict[str, Any]:
        return session.info()

    def _info_and_touch(self, session: Session, _body: dict[str, Any]) -> dict[str, Any]:
        self._server.sessions.touch(session)
        return session.info()

    def _refresh(self, session: Session, _body: dict[str, Any]) -> dict[str, Any]:
        times = self._server.sessions.times(session)
        self._server.sessions.touch(session)
        return times

    def _logout(self, session: Session, _body: dict[str, Any]) -> dict[str, Any]:
        self._server.sessions.end(session)
        return {"result": "Successfully logged out"}

    def _properties(self, session: Session, body: dict[str, Any]) -> dict[str, Any]:
        named = body.get("properties")
        everything = {"AMCtxId": session.uid, **session.properties}
        if not isinstance(named, list):
            return everything
        return {str(name): everything.get(str(name), "") for name in named}

    def _update_properties(self, session: Session, body: dict[str, Any]) -> dict[str, Any]:
        changes = {name: value for name, value in body.items() if name != "tokenId"}
        if not all(isinstance(value, str) for value in changes.values()) or "AMCtxId" in changes:
            raise Refusal(400, "Properties are texts, and AMCtxId cannot be changed")
        self._server.sessions.update(session, changes)
        return dict(session.properties)
