"""The token endpoint: every grant type, and every way to be refused."""

from __future__ import annotations

import base64
import hashlib

import pytest

APP = ("app", "pass%3Aw%25rd+%2B")
"""Client id and secret, form-encoded as RFC 6749 wants them in the header."""
PASSWORD = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t"}
INVALID_GRANT = {
    "error": "invalid_grant",
    "error_description": "The provided access grant is invalid, expired, or revoked.",
}
INVALID_CLIENT = {"error": "invalid_client", "error_description": "Client authentication failed"}


async def test_password_grant_without_scope_gives_the_default_scopes(am):
    answer = await am.token(PASSWORD, APP)
    assert answer.json["scope"] == "mail"
    assert answer.json["refresh_token"]


@pytest.mark.parametrize(
    "change",
    [{"password": "wrong"}, {"username": "nobody"}, {"username": "gone"}],
)
async def test_wrong_user_credentials_are_an_invalid_grant(am, change):
    answer = await am.token({**PASSWORD, **change}, APP)
    assert (answer.status, answer.json) == (400, INVALID_GRANT)


async def test_the_secret_in_the_header_is_form_decoded(am):
    assert (await am.token(PASSWORD, APP)).status == 200
    assert (await am.token(PASSWORD, ("app", "pass:w%rd +"))).status == 401


@pytest.mark.parametrize(
    "credentials",
    [("app", "wrong"), ("nobody", "password"), ("app", ""), ("public-app", ""), ("ig_agent", "wrong")],
)
async def test_wrong_client_credentials_in_the_header_are_refused_alike(am, credentials):
    answer = await am.token(PASSWORD, credentials)
    assert (answer.status, answer.json) == (401, INVALID_CLIENT)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Basic //8=", "Bearer x"])
async def test_an_unusable_authorization_header_is_an_invalid_client(am, header):
    answer = await am.form("/oauth2/access_token", PASSWORD, Authorization=header)
    assert (answer.status, answer.json) == (401, INVALID_CLIENT)


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "app", "client_secret": "wrong"},
        {"client_id": "app"},
        {"client_id": "ig_agent"},
        {"client_id": "public-app", "client_secret": "x"},
        {},
    ],
)
async def test_wrong_client_credentials_in_the_form_are_refused_alike(am, fields):
    answer = await am.form("/oauth2/access_token", {**PASSWORD, **fields})
    assert (answer.status, answer.json) == (401, INVALID_CLIENT)


async def test_two_authentication_methods_at_once_are_refused(am):
    fields = {**PASSWORD, "client_id": "app", "client_secret": "pass:w%rd +"}
    answer = await am.token(fields, APP)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_a_client_id_in_the_form_has_to_be_that_of_the_header(am):
    assert (await am.token({**PASSWORD, "client_id": "app"}, APP)).status == 200
    assert (await am.token({**PASSWORD, "client_id": "exchanger"}, APP)).status == 401


async def test_a_strict_provider_takes_a_client_by_its_own_method_only(start, extended):
    strict = extended.replace(
        "    oauth2_provider:\n", "    oauth2_provider:\n      strict_client_authentication: true\n"
    )
    am = await start(strict)
    assert (await am.token(PASSWORD, APP)).status == 200
    by_form = {**PASSWORD, "client_id": "app", "client_secret": "pass:w%rd +"}
    assert (await am.form("/oauth2/access_token", by_form)).status == 401


@pytest.mark.parametrize(
    ("fields", "error", "text"),
    [
        ({"username": "demo"}, "invalid_request", "Missing parameters: grant_type"),
        ({"grant_type": ""}, "invalid_request", "Missing parameters: grant_type"),
        ({"grant_type": "magic"}, "unsupported_grant_type", "Grant type is not supported: magic"),
        ({"grant_type": "password", "username": "demo"}, "invalid_request", "Missing parameters: password"),
        ({**PASSWORD, "scope": "mail root"}, "invalid_scope", "Unknown/invalid scope(s): [root]"),
        ([*PASSWORD.items(), ("scope", "mail"), ("scope", "mail")], "invalid_request", "duplicate"),
    ],
)
async def test_faulty_requests_are_told_what_is_wrong(am, fields, error, text):
    answer = await am.token(fields, APP)
    assert (answer.status, answer.json["error"]) == (400, error)
    assert text in answer.json["error_description"]


async def test_a_grant_type_that_the_client_has_not_is_unauthorized(am):
    answer = await am.token(PASSWORD, ("exchanger", "password"))
    assert (answer.status, answer.json["error"]) == (400, "unauthorized_client")
    assert (await am.token(PASSWORD, ("ig_agent", "password"))).json["error"] == "unauthorized_client"


async def test_no_scope_and_no_default_scope_is_an_invalid_scope(am):
    answer = await am.token(PASSWORD, ("delegated", "password"))
    assert answer.json["error_description"] == "No scope requested and no default scope configured"


async def test_a_body_that_is_not_a_form_is_refused(am):
    url = "/oauth2/access_token"
    as_json = await am.send("POST", url, json=PASSWORD)
    not_utf8 = await am.send(
        "POST", url, data=b"grant_type=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    too_many = await am.form(url, [(f"field{number}", "x") for number in range(300)])
    for answer in (as_json, not_utf8, too_many):
        assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_a_huge_body_is_refused(am):
    answer = await am.form("/oauth2/access_token", {"grant_type": "x" * 300_000})
    assert (answer.status, answer.json["error"]) == (413, "invalid_request")


async def test_only_post_reaches_the_token_endpoint(am):
    answer = await am.send("GET", "/oauth2/access_token")
    assert (answer.status, answer.headers["Allow"], answer.json["error"]) == (405, "POST", "method_not_allowed")


async def test_client_credentials_give_a_token_of_the_client_itself(am):
    answer = await am.token({"grant_type": "client_credentials", "scope": "mail"}, APP)
    assert "refresh_token" not in answer.json
    seen = await am.introspect(answer.json["access_token"])
    assert (seen["sub"], seen["username"]) == ("(age!app)", "app")


async def test_a_refresh_token_gives_new_tokens_once(am):
    first = (await am.token({**PASSWORD, "scope": "mail profile"}, APP)).json
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = await am.token({**refresh, "scope": "mail"}, APP)
    assert (second.status, second.json["scope"]) == (200, "mail")
    assert (await am.token(refresh, APP)).json == INVALID_GRANT
    again = await am.token({**refresh, "refresh_token": second.json["refresh_token"]}, APP)
    assert again.json["scope"] == "mail profile"
    assert (await am.introspect(first["access_token"]))["active"]


async def test_refreshing_cannot_widen_the_scope(am):
    first = (await am.token(PASSWORD, APP)).json
    answer = await am.token(
        {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "scope": "mail profile"}, APP
    )
    assert answer.json["error"] == "invalid_scope"


async def test_an_access_token_is_no_refresh_token(am):
    first = (await am.token(PASSWORD, APP)).json
    answer = await am.token({"grant_type": "refresh_token", "refresh_token": first["access_token"]}, APP)
    assert answer.json == INVALID_GRANT


async def test_a_refresh_token_expires(am):
    first = (await am.token(PASSWORD, APP)).json
    am.clock.now += 604_800
    answer = await am.token({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}, APP)
    assert answer.json == INVALID_GRANT


async def authorize(am, session, **fields):
    query = {"response_type": "code", "client_id": "public-app", "redirect_uri": "https://rp.example.com/cb?x=1"}
    query |= {"scope": "openid mail", "state": "s1", **fields}
    query = {name: value for name, value in query.items() if value}
    return await am.send("GET", "/oauth2/authorize", params=query, headers={"Cookie": f"iPlanetDirectoryPro={session}"})


def code_of(answer):
    location = answer.headers["Location"]
    return dict(pair.split("=") for pair in location.partition("?")[2].split("&"))["code"]


async def redeem(am, code, **fields):
    form = {"grant_type": "authorization_code", "code": code, "client_id": "public-app"}
    return await am.form("/oauth2/access_token", form | {"redirect_uri": "https://rp.example.com/cb?x=1"} | fields)


VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def test_the_code_grant_with_pkce_gives_tokens_once(am):
    session = await am.login("demo", "Ch4ng31t")
    answer = await authorize(am, session, code_challenge=CHALLENGE, code_challenge_method="S256", nonce="n1")
    assert answer.status == 302
    assert answer.headers["Location"].startswith("https://rp.example.com/cb?x=1&code=")
    assert "state=s1" in answer.headers["Location"]
    code = code_of(answer)
    assert (await redeem(am, code)).json == INVALID_GRANT
    assert (await redeem(am, code, code_verifier="w" * 43)).json == INVALID_GRANT
    tokens = await redeem(am, code, code_verifier=VERIFIER)
    assert tokens.json["id_token"]
    user = await am.send("GET", "/oauth2/userinfo", headers={"Authorization": f"Bearer {tokens.json['access_token']}"})
    assert user.json["sub"] == "(usr!demo)"
    assert (await redeem(am, code, code_verifier=VERIFIER)).json == INVALID_GRANT
    assert await am.introspect(tokens.json["access_token"]) == {"active": False}


async def test_a_code_is_bound_to_its_redirect_uri_and_expires(am):
    session = await am.login("demo", "Ch4ng31t")
    code = code_of(await authorize(am, session))
    assert (await redeem(am, code, redirect_uri="https://rp.example.com/other")).json == INVALID_GRANT
    am.clock.now += 121
    assert (await redeem(am, code)).json == INVALID_GRANT


async def test_a_code_belongs_to_its_client(am):
    session = await am.login("demo", "Ch4ng31t")
    code = code_of(await authorize(am, session))
    answer = await am.token({"grant_type": "authorization_code", "code": code}, APP)
    assert answer.json == INVALID_GRANT


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "root"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "MD5"}, "invalid_request"),
    ],
)
async def test_faulty_authorization_requests_go_back_to_the_client(am, fields, error):
    answer = await authorize(am, "none", **fields)
    assert answer.status == 302
    assert f"error={error}" in answer.headers["Location"]


async def test_without_a_session_the_browser_goes_to_the_login_page_unless_it_may_not(am):
    answer = await authorize(am, "none")
    assert answer.headers["Location"].startswith(f"{am.sandbox.am_url}/XUI/?realm=%2F&goto=http%3A%2F%2F")
    assert "error=login_required" in (await authorize(am, "none", prompt="none")).headers["Location"]


@pytest.mark.parametrize(
    "fields", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example.com/"}, {"redirect_uri": ""}]
)
async def test_an_unknown_client_or_redirect_uri_is_not_redirected_to(am, fields):
    answer = await authorize(am, "none", **fields)
    assert (answer.status, "Location" in answer.headers) == (400, False)


async def test_consent_is_asked_for_and_checked(am):
    session = await am.login("demo", "Ch4ng31t")
    fields = {"client_id": "app", "redirect_uri": "https://rp.example.com/cb"}
    asked = await authorize(am, session, **fields)
    assert (asked.status, "<li>mail</li>" in asked.text) == (200, True)
    posted = {**fields, "response_type": "code", "scope": "mail", "state": "s1"}
    cookie = {"Cookie": f"iPlanetDirectoryPro={session}"}
    denied = await am.form("/oauth2/authorize", {**posted, "decision": "deny", "csrf": session}, **cookie)
    forged = await am.form("/oauth2/authorize", {**posted, "decision": "allow", "csrf": "x"}, **cookie)
    allowed = await am.form("/oauth2/authorize", {**posted, "decision": "allow", "csrf": session}, **cookie)
    assert "error=access_denied" in denied.headers["Location"]
    assert "error=bad_request" in forged.headers["Location"]
    tokens = await am.token(
        {"grant_type": "authorization_code", "code": code_of(allowed), "redirect_uri": "https://rp.example.com/cb"}, APP
    )
    assert tokens.status == 200


async def test_form_post_sends_the_code_with_a_page(am):
    session = await am.login("demo", "Ch4ng31t")
    answer = await authorize(am, session, response_mode="form_post", state='"><script>')
    assert answer.status == 200
    assert 'name="code"' in answer.text
    assert '"><script>' not in answer.text
