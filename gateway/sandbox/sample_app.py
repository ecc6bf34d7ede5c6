"""The sample application of the PingGateway guides: a login form, a profile page, and an echo of what reached it.

Every path that is not a page of its own shows the request it got, as the guides' protected application does; below
`/echo` the same is JSON, so that a test can see what a gateway sent upstream. Values are shown as they came: this is a
development tool.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from html import escape
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping

from gateway.sandbox.clients import same_secret
from gateway.sandbox.pages import STYLE, page, table

SESSION_COOKIE = "SampleAppSession"
LOGIN_FORM = """<p>Please log in.</p>
<form method="post" action="/login">
<p><label>Username: <input id="username" name="username" autofocus></label></p>
<p><label>Password: <input id="password" name="password" type="password"></label></p>
{hidden}<button>Log In</button></form>"""
# The guides extract the token with the pattern  loginToken\\s+value="(.*)"  so the two words stand side by side, and
# the value ends its line.
HIDDEN = '<input type="hidden" name="hiddenValue" id=loginToken value="{token}"\n>\n'


class SampleApp:
    """The pages of the application and the sessions of those who logged in."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users
        self._sessions: dict[str, str] = {}
        self._login_tokens: set[str] = set()

    def application(self) -> web.Application:
        """Make the aiohttp application."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.add_routes(
            [
                web.get("/", self.home),
                web.route("*", "/home{tail:(?:/.*)?}", self.home),
                web.get("/login", self.login_form),
                web.post("/login", self.login),
                web.get("/logout", self.logout),
                web.get("/css/{name}", self.css),
                web.get("/favicon.ico", self.icon),
                web.route("*", "/echo{tail:(?:/.*)?}", self.echo),
                web.route("*", "/{tail:.*}", self.show_request),
            ]
        )
        return app

    async def home(self, request: web.Request) -> web.Response:
        """The home page, which greets who is logged in; all that the guides protect is below it."""
        await request.read()
        name = self._sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        if name is None:
            return page("Howdy, Anonymous User", f'<p><a href="/login">Log in</a></p>\n{_details(request)}')
        return page(f"Howdy, {name}", f'<p><a href="/logout">Log out</a></p>\n{_details(request)}')

    async def login_form(self, request: web.Request) -> web.Response:
        """The form; `?demo=hidden` gives it a hidden login token that has to come back."""
        extra = ""
        if request.query.get("demo") == "hidden":
            token = secrets.token_urlsafe(16)
            self._login_tokens.add(token)
            extra = HIDDEN.format(token=token)
        return page("Sample application", LOGIN_FORM.format(hidden=extra))

    async def login(self, request: web.Request) -> web.Response:
        """Check the form and show the user's page with what the request looked like."""
        form = await _form(request)
        username, password, token = (str(form.get(name, "")) for name in ("username", "password", "hiddenValue"))
        right = same_secret(password, self._users.get(username, "no such user")) and username in self._users
        if token:
            right = right and token in self._login_tokens
            self._login_tokens.discard(token)
        if not right:
            text = "<p>The username or password is not right.</p>\n"
            return page("Login failed", text + LOGIN_FORM.format(hidden=""), 401)
        session = secrets.token_urlsafe(20)
        self._sessions[session] = username
        response = page(f"Howdy, {username}", f"<p>User: {escape(username)}</p>\n{_details(request)}")
        response.set_cookie(SESSION_COOKIE, session, path="/", httponly=True)
        return response

    async def logout(self, request: web.Request) -> web.Response:
        """Forget the session."""
        self._sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
        response = page("Logged out", '<p><a href="/">Home</a></p>')
        response.del_cookie(SESSION_COOKIE, path="/")
        return response

    async def show_request(self, request: web.Request) -> web.Response:
        """A page about the request, whatever its path and method."""
        await request.read()
        return page("Sample application", _details(request))

    async def echo(self, request: web.Request) -> web.Response:
        """The request as JSON: header fields in their order, the body as text and, when it is one, as a form."""
        body = await request.read()
        # Starlike targets (`*`, absolute form) have no path of their own, so the raw one is kept apart.
        answer = {
            "method": request.method,
            "target": request.raw_path,
            "path": request.path,
            "query": {name: request.query.getall(name) for name in request.query},
            "version": f"HTTP/{request.version.major}.{request.version.minor}",
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.raw_headers],
            "body": body.decode("utf-8", "replace"),
        }
        if request.content_type == "application/x-www-form-urlencoded":
            form = await _form(request)
            answer["form"] = {name: [str(value) for value in form.getall(name)] for name in form}
        return web.json_response(answer)

    async def css(self, request: web.Request) -> web.Response:
        """The style sheet, by any name."""
        return web.Response(text=STYLE, content_type="text/css")

    async def icon(self, request: web.Request) -> web.Response:
        """No icon, but no error either."""
        return web.Response(status=204)


async def _form(request: web.Request) -> MultiMapping[Any]:
    """The form of a request; one that cannot be read has no fields."""
    try:
        return await request.post()
    except (ValueError, LookupError):
        return MultiDict()


def _details(request: web.Request) -> str:
    rows = [("Method", request.method), ("URI", request.path_qs), ("Remote address", request.remote or "")]
    headers = [(name, value) for name, value in request.headers.items()]
    cookies = list(request.cookies.items())
    parts = [table(rows), "<h2>Headers</h2>", table(headers)]
    if cookies:
        parts += ["<h2>Cookies</h2>", table(cookies)]
    return "\n".join(parts)
