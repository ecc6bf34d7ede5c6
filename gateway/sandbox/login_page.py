"""The login page that browsers are sent to: a form, a session cookie, and back to where the user came from."""

from __future__ import annotations

import re
from functools import lru_cache

from aiohttp import web

from gateway.sandbox.errors import Refusal
from gateway.sandbox.forms import read_form
from gateway.sandbox.pages import hidden, page
from gateway.sandbox.server import AuthorizationServer, RealmState

FORM = """<form method="post" action="?">
{hidden}
<p><label>User Name: <input name="IDToken1" autofocus></label></p>
<p><label>Password: <input name="IDToken2" type="password"></label></p>
<button>Log In</button></form>"""
KEPT = ("realm", "goto", "service", "authIndexType", "authIndexValue")


class LoginPage:
    """`{am}/` and `{am}/XUI/`."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self, context: str) -> list[web.RouteDef]:
        return [
            web.get(f"{context}", self.to_page),
            web.get(f"{context}/", self.to_page),
            web.get(f"{context}/XUI/", self.show),
            web.post(f"{context}/XUI/", self.submit),
            web.get(f"{context}/console", self.console),
        ]

    async def to_page(self, request: web.Request) -> web.Response:
        """Where gateways send browsers; AM itself sends them on."""
        query = request.rel_url.raw_query_string
        location = f"{self._server.base_url(request)}/XUI/{'?' + query if query else ''}"
        return web.Response(status=302, headers={"Location": location})

    async def show(self, request: web.Request) -> web.Response:
        """The form, or straight back for a user who is logged in."""
        realm = self._server.realm(request)
        session = self._server.session(request)
        if session and session.realm == realm.name and "authIndexValue" not in request.query:
            return self._back(request, realm, request.query.get("goto"))
        return self._form({name: request.query[name] for name in KEPT if name in request.query})

    async def submit(self, request: web.Request) -> web.Response:
        """Log in with the form."""
        fields = dict(await read_form(request))
        name = "/" + fields.get("realm", "/").strip("/")
        realm = self._server.realms.get(name)
        if realm is None:
            raise Refusal(400, f"Invalid realm: {name}")
        username = fields.pop("IDToken1", "")
        if realm.user(username, fields.pop("IDToken2", "")) is None:
            return self._form({name: value for name, value in fields.items() if name in KEPT}, failed=True)
        response = self._back(request, realm, fields.get("goto"))
        session = self._server.sessions.create(username, realm.name, realm.settings.session)
        self._server.set_session_cookie(request, response, session)
        return response

    async def console(self, request: web.Request) -> web.Response:
        """Where a login without a goto ends."""
        session = self._server.session(request)
        text = f"Signed in to realm {session.realm}." if session else "Nobody is signed in."
        return page("Gatewright sandbox", f"<p>{text}</p>")

    def _form(self, fields: dict[str, str], failed: bool = False) -> web.Response:
        note = "<p>Authentication failed.</p>\n" if failed else ""
        return page("Sign In", note + FORM.format(hidden=hidden(fields)), 401 if failed else 200)

    def _back(self, request: web.Request, realm: RealmState, goto: str | None) -> web.Response:
        base = self._server.base_url(request)
        allowed = goto is not None and self._may_go(realm, goto, base)
        return web.Response(status=302, headers={"Location": goto if goto and allowed else f"{base}/console"})

    def _may_go(self, realm: RealmState, goto: str, base: str) -> bool:
        """A goto leads to this server or to what the Validation Service lists."""
        if any(char in goto for char in "\r\n\\"):
            return False
        if goto.startswith(f"{base}/"):
            return True
        patterns = realm.settings.validation_service.valid_goto_url_resources
        return any(url_pattern(pattern).fullmatch(goto) for pattern in patterns)


@lru_cache(maxsize=256)
def url_pattern(text: str) -> re.Pattern[str]:
    """A resource pattern of AM: `-*-` is one path element, `*` any text up to the query, `?` begins the query."""
    parts = re.split(r"(-\*-|\*)", text)
    wild = {"-*-": "[^/?]*", "*": "[^?]*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))
