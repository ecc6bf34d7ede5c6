"""The authorization endpoint: the code grant with PKCE, consent, and errors where RFC 6749 wants them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from gateway.sandbox.clients import Caller, same_secret
from gateway.sandbox.errors import OAuthRefusal
from gateway.sandbox.forms import Form, query_form, read_form
from gateway.sandbox.pages import auto_submit, hidden, page
from gateway.sandbox.server import REALM_PATTERN, AuthorizationServer, RealmState
from gateway.sandbox.sessions import Session
from gateway.sandbox.settings import Client, GrantType
from gateway.sandbox.tokens import Subject


@dataclass(frozen=True)
class Ask:
    """An authorization request whose client and redirect URI hold, so that errors may be sent there."""

    realm: RealmState
    caller: Caller
    client: Client
    redirect_uri: str
    form: Form
    issuer: str

    def answer(self, **fields: str) -> web.Response:
        """Send the browser back to the client."""
        if state := self.form.get("state"):
            fields["state"] = state
        fields = {**fields, "iss": self.issuer, "client_id": self.caller.id}
        if self.form.get("response_mode") == "form_post":
            return auto_submit(self.redirect_uri, fields)
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return web.Response(status=302, headers={"Location": f"{self.redirect_uri}{joint}{urlencode(fields)}"})


class AuthorizeEndpoint:
    """The authorization endpoint of all realms."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self, context: str) -> list[web.RouteDef]:
        path = f"{context}/oauth2{REALM_PATTERN}/authorize"
        return [web.get(path, self.authorize), web.post(path, self.authorize)]

    async def authorize(self, request: web.Request) -> web.Response:
        """Ask for a code, or decide about consent."""
        form = query_form(request)
        if request.method == "POST":
            form = Form([*form, *(await read_form(request))])
        ask = self._ask(request, form)
        try:
            return self._decide(request, ask)
        except OAuthRefusal as refusal:
            return ask.answer(error=refusal.error, error_description=refusal.message)

    def _ask(self, request: web.Request, form: Form) -> Ask:
        """Check what must hold before anything may be sent to a redirect URI."""
        realm = self._server.oauth_realm(request)
        (name,) = form.require("client_id")
        client = realm.settings.clients.get(name)
        if client is None:
            raise OAuthRefusal("invalid_client", "Client authentication failed", 400)
        uris, given = client.redirect_uris, form.get("redirect_uri")
        uri = given if given is not None else uris[0] if len(uris) == 1 else ""
        if uri not in uris:
            text = "The redirection URI provided does not match a pre-registered value."
            raise OAuthRefusal("redirect_uri_mismatch", text)
        return Ask(realm, Caller(name, client), client, uri, form, self._server.issuer(request, realm))

    def _decide(self, request: web.Request, ask: Ask) -> web.Response:
        (response_type,) = ask.form.require("response_type")
        if response_type != "code":
            raise OAuthRefusal("unsupported_response_type", f"Response type is not supported: {response_type}")
        ask.caller.client_for(GrantType.AUTHORIZATION_CODE)
        scopes = ask.caller.granted(ask.form.scopes())
        self._check_challenge(ask)
        session = self._server.session(request)
        if session is None or session.is_agent or session.realm != ask.realm.name:
            return self._login(request, ask)
        decision = ask.form.get("decision") if request.method == "POST" else None
        if decision is None and not ask.client.implied_consent:
            return _consent_page(ask, session, sorted(scopes))
        if decision is not None and not same_secret(ask.form.get("csrf") or "", session.token):
            raise OAuthRefusal("bad_request", "Request has an invalid csrf value")
        if decision not in (None, "allow"):
            raise OAuthRefusal("access_denied", "Resource Owner did not authorize the request")
        return self._code(ask, session, scopes)

    def _check_challenge(self, ask: Ask) -> None:
        challenge, method = ask.form.get("code_challenge"), ask.form.get("code_challenge_method") or "plain"
        if challenge is None and ask.realm.settings.oauth2_provider.code_verifier_required:
            raise OAuthRefusal("invalid_request", "Missing parameters: code_challenge")
        if challenge is not None and method not in ("plain", "S256"):
            raise OAuthRefusal("invalid_request", f"Unsupported code_challenge_method: {method}")

    def _login(self, request: web.Request, ask: Ask) -> web.Response:
        if ask.form.get("prompt") == "none":
            raise OAuthRefusal("login_required", "The request requires login.")
        query = {"realm": ask.realm.name, "goto": f"{self._url(request)}?{urlencode(list(ask.form))}"}
        if service := ask.form.get("service"):
            query["service"] = service
        location = f"{self._server.base_url(request)}/XUI/?{urlencode(query, quote_via=quote)}"
        return web.Response(status=302, headers={"Location": location})

    def _url(self, request: web.Request) -> str:
        tail = request.path.removeprefix(self._server.settings.context_path)
        return self._server.base_url(request) + tail

    def _code(self, ask: Ask, session: Session, scopes: frozenset[str]) -> web.Response:
        grant = ask.realm.new_grant(
            GrantType.AUTHORIZATION_CODE, ask.caller.id, subject=Subject(session.username), scopes=scopes
        )
        code = ask.realm.codes.issue(
            grant,
            ask.form.get("redirect_uri"),
            challenge=ask.form.get("code_challenge"),
            challenge_method=ask.form.get("code_challenge_method") or "plain",
            nonce=ask.form.get("nonce"),
        )
        return ask.answer(code=code)


def _consent_page(ask: Ask, session: Session, scopes: list[str]) -> web.Response:
    fields = {name: value for name, value in ask.form if name not in ("decision", "csrf", "realm")}
    # The realm of a short path is told by the query, which has to stay one.
    query = urlencode({"realm": ask.form.get("realm")}) if ask.form.get("realm") else ""
    listed = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    return page(
        f"{ask.caller.id} asks for access",
        f"<p>Signed in as {escape(session.username)}.</p><ul>{listed}</ul>\n"
        f'<form method="post" action="?{query}">\n{hidden({**fields, "csrf": session.token})}\n'
        '<button name="decision" value="allow">Allow</button>\n'
        '<button name="decision" value="deny">Deny</button></form>',
    )
