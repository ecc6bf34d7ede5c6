"""Introspection and the other endpoints about tokens; JWTs are verified with the published keys."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

APP = ("app", "pass%3Aw%25rd+%2B")
ALPHA = "/realms/root/realms/alpha"
INACTIVE = {"active": False}


def with_provider(text: str, **settings: str) -> str:
    lines = "".join(f"      {name}: {value}\n" for name, value in settings.items())
    return text.replace("    oauth2_provider:\n", f"    oauth2_provider:\n{lines}", 1)


async def test_who_sees_a_token_by_introspection(am):
    token = await am.user_token(*APP)
    assert (await am.introspect(token, *APP))["active"]
    assert (await am.introspect(token, "ig_agent"))["active"]
    assert (await am.introspect(token, "seer"))["active"]
    assert await am.introspect(token, "blind_agent") == INACTIVE
    assert await am.introspect(token, "exchanger") == INACTIVE
    assert await am.introspect("unknown") == INACTIVE


async def test_a_token_is_seen_in_its_own_realm_alone_unless_the_agent_sees_all(am):
    fields = {"grant_type": "client_credentials", "scope": "mail"}
    token = (await am.form(f"/oauth2{ALPHA}/access_token", fields, ("app", "other"))).json["access_token"]
    own = await am.introspect(token, "app", "other", realm=ALPHA)
    assert (own["realm"], own["iss"]) == ("/alpha", f"{am.sandbox.am_url}/oauth2{ALPHA}")
    assert (await am.introspect(token, "app", "other", realm="/alpha"))["active"]
    assert await am.introspect(token) == INACTIVE
    assert (await am.introspect(token, "far_agent"))["realm"] == "/alpha"


@pytest.mark.parametrize(
    "path", ["/oauth2/realms/alpha", "/oauth2/realms/root/realms", "/oauth2/realms/root/realms/nope", "/oauth2/nope"]
)
async def test_a_realm_that_is_not_there_is_an_invalid_request(am, path):
    answer = await am.form(f"{path}/introspect", {"token": "x"}, APP)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_the_realm_may_be_a_query_parameter(am):
    fields = {"grant_type": "client_credentials", "scope": "mail"}
    assert (await am.form("/oauth2/access_token?realm=/alpha", fields, ("app", "other"))).status == 200


async def test_introspection_needs_authentication_and_a_token(am):
    unauthenticated = await am.form("/oauth2/introspect", {"token": "x"})
    without = await am.form("/oauth2/introspect", {"tokn": "x"}, APP)
    by_get = await am.send("GET", "/oauth2/introspect", params={"token": "x"})
    assert (unauthenticated.status, unauthenticated.json["error"]) == (401, "invalid_client")
    assert without.json == {"error": "invalid_request", "error_description": "Missing parameter, 'token'"}
    assert by_get.status == 405


async def test_a_token_expires(am):
    token = await am.user_token(*APP)
    am.clock.now += 3599
    assert (await am.introspect(token))["active"]
    am.clock.now += 1
    assert await am.introspect(token) == INACTIVE


async def test_expired_tokens_are_forgotten(am):
    for _ in range(3):
        await am.user_token(*APP)
        am.clock.now += 700_000
    kept = await am.user_token(*APP)
    assert (await am.introspect(kept))["active"]


async def test_revoking_an_access_token_ends_it_alone(am):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t"}
    tokens = (await am.token(fields, APP)).json
    answer = await am.form("/oauth2/token/revoke", {"token": tokens["access_token"]}, APP)
    assert (answer.status, answer.json) == (200, {})
    assert await am.introspect(tokens["access_token"]) == INACTIVE
    assert (await am.introspect(tokens["refresh_token"]))["active"]


async def test_revoking_a_refresh_token_ends_its_grant(am):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t"}
    tokens = (await am.token(fields, APP)).json
    await am.form("/oauth2/realms/root/token/revoke", {"token": tokens["refresh_token"]}, APP)
    assert await am.introspect(tokens["access_token"]) == INACTIVE


async def test_revoking_is_for_the_tokens_own_client(am):
    token = await am.user_token(*APP)
    other = await am.form("/oauth2/token/revoke", {"token": token}, ("exchanger", "password"))
    unknown = await am.form("/oauth2/token/revoke", {"token": "unknown"}, APP)
    missing = await am.form("/oauth2/token/revoke", {}, APP, **{"Content-Type": "application/x-www-form-urlencoded"})
    wrong = await am.form("/oauth2/token/revoke", {"token": token}, ("app", "wrong"))
    assert other.status == 400
    assert unknown.status == 200
    assert missing.json["error"] == "invalid_request"
    assert wrong.status == 401
    assert (await am.introspect(token))["active"]


async def test_tokeninfo_shows_the_holder_the_token_and_the_attributes_of_its_scopes(am):
    token = await am.user_token(*APP, scope="mail employeenumber")
    by_query = await am.send("GET", "/oauth2/tokeninfo", params={"access_token": token})
    by_header = await am.send("GET", "/oauth2/tokeninfo", headers={"Authorization": f"Bearer {token}"})
    shown = {"mail": "demo@example.com", "employeenumber": "123", "scope": ["employeenumber", "mail"], "realm": "/"}
    assert shown.items() <= by_query.json.items()
    assert by_header.json == by_query.json
    unknown = await am.send("GET", "/oauth2/tokeninfo", params={"access_token": "x"})
    assert (unknown.status, unknown.json["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in unknown.headers["WWW-Authenticate"]


async def test_userinfo_needs_the_scope_openid(am):
    url = "/oauth2/userinfo"
    token = await am.user_token(*APP, scope="openid")
    answer = await am.send("GET", url, headers={"Authorization": f"Bearer {token}"})
    expected = {
        "sub": "(usr!demo)",
        "subname": "demo",
        "name": "demo",
        "family_name": "user",
        "email": "demo@example.com",
    }
    assert answer.json == expected
    token = await am.user_token(*APP)
    answer = await am.send("POST", url, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.json["error"]) == (403, "insufficient_scope")
    assert (await am.send("GET", url)).status == 401


async def published_keys(am) -> KeySet:
    found = await am.send("GET", "/oauth2/.well-known/openid-configuration")
    return KeySet.import_key_set((await am.send("GET", found.json["jwks_uri"])).json)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_jwt_access_tokens_verify_with_the_published_keys(start, extended, algorithm):
    am = await start(with_provider(extended, token_format="jwt", token_signing_algorithm=algorithm))
    text = await am.user_token(*APP, scope="mail employeenumber")
    token = jwt.decode(text, await published_keys(am), algorithms=[algorithm])
    now = int(am.clock.now)
    expected = {
        "sub": "(usr!demo)",
        "cts": "OAUTH2_STATELESS_GRANT",
        "iss": f"{am.sandbox.am_url}/oauth2",
        "tokenName": "access_token",
        "token_type": "Bearer",
        "aud": "app",
        "client_id": "app",
        "scope": ["employeenumber", "mail"],
        "realm": "/",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "may_act": {"client_id": "exchanger", "sub": "(age!exchanger)"},
    }
    assert expected.items() <= token.claims.items()
    assert token.header["kid"]
    assert (await am.introspect(text))["scope"] == "employeenumber mail"
    issued = (await am.exchange(text)).json["access_token"]
    assert jwt.decode(issued, await published_keys(am), algorithms=[algorithm]).claims["client_id"] == "exchanger"
    head, body, signature = text.split(".")
    assert await am.introspect(f"{head}.{body}.{signature[::-1]}") == INACTIVE
    am.clock.now += 3600
    assert await am.introspect(text) == INACTIVE


async def test_hs256_tokens_verify_with_the_configured_secret_which_is_not_published(start, extended):
    secret = "0123456789abcdef0123456789abcdef"
    settings = {"token_format": "jwt", "token_signing_algorithm": "HS256", "token_signing_secret": secret}
    am = await start(with_provider(extended, **settings))
    token = jwt.decode(await am.user_token(*APP), OctKey.import_key(secret), algorithms=["HS256"])
    assert token.claims["subname"] == "demo"
    published = (await am.send("GET", "/oauth2/connect/jwk_uri")).json["keys"]
    assert {key["kty"] for key in published} == {"RSA", "EC"}
    assert not any("d" in key for key in published)


async def test_id_tokens_verify_with_the_published_keys(am):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t", "scope": "openid"}
    text = (await am.token(fields, APP)).json["id_token"]
    claims = jwt.decode(text, await published_keys(am), algorithms=["RS256"]).claims
    assert (claims["aud"], claims["sub"], claims["may_act"]["client_id"]) == ("app", "(usr!demo)", "exchanger")


async def test_discovery_names_the_realms_endpoints(am):
    root = await am.send("GET", "/oauth2/.well-known/openid-configuration")
    alpha = await am.send("GET", f"/oauth2{ALPHA}/.well-known/openid-configuration")
    assert root.json["issuer"] == f"{am.sandbox.am_url}/oauth2"
    assert root.json["token_endpoint"] == f"{am.sandbox.am_url}/oauth2/realms/root/access_token"
    assert alpha.json["issuer"] == f"{am.sandbox.am_url}/oauth2{ALPHA}"
    assert alpha.json["introspection_endpoint"] == f"{am.sandbox.am_url}/oauth2{ALPHA}/introspect"


async def test_a_configured_base_url_outweighs_the_host_header(start, extended):
    am = await start("base_url: https://am.example.com/am\n" + extended)
    seen = await am.introspect(await am.user_token(*APP))
    assert seen["iss"] == "https://am.example.com/am/oauth2"


async def test_a_strange_host_header_is_refused(am):
    answer = await am.send("GET", "/oauth2/.well-known/openid-configuration", headers={"Host": 'a"b'})
    assert answer.status == 400


async def test_unknown_endpoints_answer_in_the_form_of_their_family(am):
    oauth = await am.send("GET", "/oauth2/nothing")
    rest = await am.send("GET", "/json/nothing")
    assert (oauth.status, oauth.json["error"]) == (404, "not_found")
    assert (rest.status, rest.json["code"], rest.json["reason"]) == (404, 404, "Not Found")
