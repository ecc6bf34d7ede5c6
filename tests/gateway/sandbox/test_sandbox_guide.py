"""The guide's four test steps and its set-up, as plain HTTP calls."""

from __future__ import annotations

from gateway.sandbox import Sandbox, read_settings

EXPECTED_MEMBERS = [
    *("active", "scope", "realm", "client_id", "user_id", "username", "token_type", "exp", "sub", "subname", "iss"),
    *("auth_level", "authGrantId", "may_act", "auditTrackingId"),
]
INTROSPECT = "/oauth2/realms/root/introspect"


async def test_the_four_steps_of_the_guide_give_what_the_guide_shows(guide):
    names = {"Host": "am.example.com:8088"}
    first = await guide.form(
        "/oauth2/access_token",
        {"grant_type": "password", "username": "demo", "password": "Ch4ng31t", "scope": "mail employeenumber"},
        ("client-application", "password"),
        **names,
    )
    subject = first.json["access_token"]
    by_form = {"client_id": "client-application", "client_secret": "password"}
    second = await guide.form(INTROSPECT, {"token": subject, **by_form}, **names)
    third = await guide.exchange(subject, "serviceConfidentialClient", scope="mail")
    issued = third.json["access_token"]
    by_form = {"client_id": "serviceConfidentialClient", "client_secret": "password"}
    fourth = await guide.form(INTROSPECT, {"token": issued, **by_form}, **names)

    shared = {
        "active": True,
        "realm": "/",
        "user_id": "demo",
        "username": "demo",
        "token_type": "Bearer",
        "sub": "(usr!demo)",
        "subname": "demo",
        "auth_level": 0,
        "may_act": {"client_id": "serviceConfidentialClient"},
    }
    subject_is = {**shared, "scope": "employeenumber mail", "client_id": "client-application"}
    assert list(second.json) == EXPECTED_MEMBERS
    assert subject_is.items() <= second.json.items()
    assert second.json["iss"] == "http://am.example.com:8088/openam/oauth2"
    assert second.json["exp"] == guide.clock.now + 3600
    assert list(fourth.json) == EXPECTED_MEMBERS
    assert {**shared, "scope": "mail", "client_id": "serviceConfidentialClient"}.items() <= fourth.json.items()
    assert fourth.json["authGrantId"] != second.json["authGrantId"]
    assert third.json["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert third.headers["Cache-Control"] == "no-store"


async def test_the_guides_exchanging_client_may_use_the_header_or_the_form(guide):
    subject = await guide.user_token("client-application")
    by_header = await guide.exchange(subject, "serviceConfidentialClient", scope="mail")
    fields = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": subject,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "mail",
        "client_id": "serviceConfidentialClient",
        "client_secret": "password",
    }
    by_form = await guide.form("/oauth2/realms/root/access_token", fields)
    assert (by_header.status, by_form.status) == (200, 200)


async def test_the_guides_clients_get_no_refresh_token_because_they_may_not_refresh(guide):
    fields = {"grant_type": "password", "username": "demo", "password": "Ch4ng31t", "scope": "mail"}
    answer = await guide.token(fields, ("client-application", "password"))
    assert answer.json.keys() == {"access_token", "scope", "token_type", "expires_in"}
    assert answer.json["expires_in"] == 3600


async def test_the_guides_file_holds_the_guides_content_and_no_more():
    (realm,) = read_settings().realms.values()
    assert list(realm.agents) == ["ig_agent"]
    assert list(realm.clients) == ["client-application", "serviceConfidentialClient"]
    assert list(realm.users) == ["demo"]


async def test_the_default_ports_are_the_documented_ones():
    sandbox = Sandbox.from_yaml()
    assert sandbox.am_url == "http://127.0.0.1:8088/openam"
    assert sandbox.sample_app_url == "http://127.0.0.1:8081"


async def test_it_says_that_it_is_a_development_tool(caplog):
    sandbox = Sandbox.from_yaml(am_port=0, app_port=0)
    async with sandbox:
        assert sandbox.am_port != 0
    assert "development tool" in caplog.text


async def test_a_taken_port_is_an_error_and_leaves_nothing_listening(guide):
    second = Sandbox(read_settings(), am_port=0, app_port=guide.sandbox.am_port)
    try:
        await second.start()
    except OSError:
        pass
    else:
        raise AssertionError("the port is taken")
    third = Sandbox(read_settings(), am_port=second.am_port, app_port=0)
    async with third:
        assert third.am_port == second.am_port
