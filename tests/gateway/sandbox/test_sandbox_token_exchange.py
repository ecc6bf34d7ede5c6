"""The token exchange rules: who may exchange what for what."""

from __future__ import annotations

import pytest

APP = ("app", "pass%3Aw%25rd+%2B")
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
REFRESH_TOKEN = "urn:ietf:params:oauth:token-type:refresh_token"


async def test_scopes_are_the_exchanging_clients_and_may_grow(am):
    subject = await am.user_token(*APP)
    assert (await am.exchange(subject, scope="transfer mail")).json["scope"] == "mail transfer"
    assert (await am.exchange(subject)).json["scope"] == "transfer"
    answer = await am.exchange(subject, scope="employeenumber")
    assert (answer.status, answer.json["error"]) == (400, "invalid_scope")


async def test_the_exchanged_token_keeps_the_user_and_never_outlives_the_subject_token(am):
    subject = await am.user_token(*APP)
    am.clock.now += 3000
    answer = await am.exchange(subject)
    assert answer.json["expires_in"] == 600
    seen = await am.introspect(answer.json["access_token"])
    assert (seen["username"], seen["client_id"], seen["exp"]) == ("demo", "exchanger", am.clock.now + 600)
    am.clock.now += 600
    assert await am.introspect(answer.json["access_token"]) == {"active": False}


async def test_a_client_that_may_act_does_not_name_is_refused(am):
    answer = await am.exchange(await am.user_token("unrelated"))
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert "may_act" in answer.json["error_description"]


async def test_a_subject_token_without_may_act_is_refused(start, extended):
    am = await start(extended.replace("      access_token_may_act_script: May Act\n", ""))
    answer = await am.exchange(await am.user_token(*APP))
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


async def test_a_may_act_that_names_nobody_lets_nobody_act(start, extended):
    am = await start(extended.replace("{client_id: exchanger, sub: (age!exchanger)}", "{note: nobody}"))
    assert (await am.exchange(await am.user_token(*APP))).json["error"] == "invalid_grant"


async def test_unknown_expired_and_revoked_subject_tokens_are_refused_alike(am):
    unknown = await am.exchange("unknown")
    subject = await am.user_token(*APP)
    await am.form("/oauth2/token/revoke", {"token": subject}, APP)
    revoked = await am.exchange(subject)
    subject = await am.user_token(*APP)
    am.clock.now += 3600
    expired = await am.exchange(subject)
    assert unknown.status == 400
    assert unknown.json["error"] == "invalid_grant"
    assert unknown.json == revoked.json == expired.json


async def test_a_token_of_another_realm_is_no_subject_token(am):
    answer = await am.form(
        "/oauth2/realms/root/realms/alpha/access_token",
        {"grant_type": "client_credentials", "scope": "mail"},
        ("app", "other"),
    )
    assert (await am.exchange(answer.json["access_token"])).json["error"] == "invalid_grant"


async def test_a_refresh_token_is_no_subject_token(am):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t"}
    refresh = (await am.token(fields, APP)).json["refresh_token"]
    assert (await am.exchange(refresh)).json["error"] == "invalid_grant"
    assert (await am.exchange(refresh, subject_token_type=REFRESH_TOKEN)).json["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"subject_token": "-"}, "Missing parameters: subject_token"),
        ({"subject_token": ""}, "Missing parameters: subject_token"),
        ({"subject_token_type": "-"}, "Missing parameters: subject_token_type"),
        ({"subject_token_type": "jwt"}, "subject_token_type"),
        ({"requested_token_type": "urn:x"}, "requested_token_type"),
        ({"actor_token": "x"}, "Missing parameters: actor_token_type"),
    ],
)
async def test_faulty_exchanges_are_told_what_is_wrong(am, fields, text):
    subject = await am.user_token(*APP)
    answer = await am.exchange(subject, **fields)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert text in answer.json["error_description"]


async def test_resource_and_audience_may_be_repeated(am):
    subject = await am.user_token(*APP)
    fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", subject),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("resource", "https://a.example.com/"),
        ("resource", "https://b.example.com/"),
    ]
    assert (await am.token(fields, ("exchanger", "password"))).status == 200


async def test_delegation_names_the_actor(am):
    subject = await am.user_token("delegated")
    actor = await am.user_token(*APP, user="actor")
    actor_fields = {"actor_token": actor, "actor_token_type": "urn:ietf:params:oauth:token-type:access_token"}
    answer = await am.exchange(subject, **actor_fields)
    seen = await am.introspect(answer.json["access_token"])
    assert (seen["username"], seen["act"]) == ("demo", {"sub": "(usr!actor)"})
    other = {**actor_fields, "actor_token": await am.user_token(*APP)}
    assert (await am.exchange(subject, **other)).json["error"] == "invalid_grant"
    assert (await am.exchange(subject)).json["error"] == "invalid_grant"


async def test_an_id_token_can_be_exchanged_and_asked_for(am):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t", "scope": "openid"}
    id_token = (await am.token(fields, APP)).json["id_token"]
    answer = await am.exchange(id_token, subject_token_type=ID_TOKEN)
    assert (await am.introspect(answer.json["access_token"]))["username"] == "demo"
    back = await am.exchange(id_token, subject_token_type=ID_TOKEN, requested_token_type=ID_TOKEN)
    assert (back.json["issued_token_type"], back.json["token_type"]) == (ID_TOKEN, "N_A")
    assert (await am.exchange(id_token + "x", subject_token_type=ID_TOKEN)).json["error"] == "invalid_grant"
    am.clock.now += 3600
    assert (await am.exchange(id_token, subject_token_type=ID_TOKEN)).json["error"] == "invalid_grant"


async def test_a_client_without_the_grant_type_cannot_exchange(guide):
    subject = await guide.user_token("client-application")
    answer = await guide.exchange(subject, "client-application", scope="mail")
    assert (answer.status, answer.json["error"]) == (400, "unauthorized_client")
