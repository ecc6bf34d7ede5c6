"""AM's REST endpoints: server information, authentication, sessions, users, policies."""

from __future__ import annotations

import pytest

UNAUTHORIZED = {"code": 401, "reason": "Unauthorized", "message": "Access Denied"}
FAILED = {"code": 401, "reason": "Unauthorized", "message": "Authentication Failed"}
ROOT = "/realms/root"


async def agent(am) -> str:
    return await am.login("ig_agent", "password", agent=True)


@pytest.mark.parametrize("path", ["/json/serverinfo/*", "/json/realms/root/serverinfo/*"])
async def test_serverinfo_tells_the_cookie_name_to_anybody(am, path):
    answer = await am.send("GET", path, headers={"Accept-API-Version": "protocol=1.0,resource=1.1"})
    assert (answer.json["cookieName"], answer.json["domains"]) == ("iPlanetDirectoryPro", ["example.com"])
    assert answer.headers["Content-API-Version"] == "protocol=1.0,resource=1.1"


async def test_the_version_is_told_to_agents(am):
    assert (await am.send("GET", "/json/serverinfo/version")).json == UNAUTHORIZED
    answer = await am.send("GET", "/json/serverinfo/version", headers={"iPlanetDirectoryPro": await agent(am)})
    assert answer.json["version"] == "8.1.0"


async def test_other_serverinfo(am):
    assert (await am.send("GET", "/json/serverinfo/cookieDomains")).json["domains"] == ["example.com"]
    assert (await am.send("GET", "/json/serverinfo/secrets")).status == 404


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("resource=9.0", 404),
        ("resource=x", 400),
        ("resource=" + "9" * 5000, 400),
        (" resource = 1.0 , protocol = 2.1", 200),
    ],
)
async def test_api_versions_are_checked(am, version, status):
    answer = await am.send("GET", "/json/serverinfo/*", headers={"Accept-API-Version": version})
    assert answer.status == status


@pytest.mark.parametrize(
    "journey", ["authIndexType=service&authIndexValue=Agent", "authIndexType=module&authIndexValue=Application"]
)
async def test_an_agent_logs_in_with_headers(am, journey):
    credentials = {"X-OpenAM-Username": "ig_agent", "X-OpenAM-Password": "password"}
    answer = await am.rest(f"{ROOT}/authenticate?{journey}", **credentials)
    assert answer.json.keys() == {"tokenId", "successUrl", "realm"}
    assert answer.json["tokenId"].startswith("AQIC5w")
    assert answer.headers["Set-Cookie"].startswith("iPlanetDirectoryPro=")


async def test_an_agent_logs_in_without_a_body(am):
    headers = {"X-OpenAM-Username": "ig_agent", "X-OpenAM-Password": "password", "Accept-API-Version": "resource=2.0"}
    url = "/json/authenticate?authIndexType=service&authIndexValue=Agent"
    assert (await am.send("POST", url, headers=headers)).status == 200


@pytest.mark.parametrize(
    ("name", "password", "realm", "journey"),
    [
        ("ig_agent", "wrong", ROOT, "Agent"),
        ("nobody", "password", ROOT, "Agent"),
        ("demo", "Ch4ng31t", ROOT, "Agent"),
        ("ig_agent", "password", ROOT, "Login"),
        ("ig_agent", "password", "/alpha", "Agent"),
        ("gone", "Ch4ng31t", ROOT, "Login"),
    ],
)
async def test_wrong_credentials_fail_alike(am, name, password, realm, journey):
    credentials = {"X-OpenAM-Username": name, "X-OpenAM-Password": password}
    answer = await am.rest(f"{realm}/authenticate?authIndexType=service&authIndexValue={journey}", **credentials)
    assert (answer.status, answer.json) == (401, FAILED)


async def test_unknown_journeys_and_realms_are_bad_requests(am):
    journey = await am.rest("/authenticate?authIndexType=service&authIndexValue=Nope")
    kind = await am.rest("/authenticate?authIndexType=nope&authIndexValue=Nope")
    realm = await am.rest("/realms/root/realms/nope/authenticate")
    assert [answer.status for answer in (journey, kind, realm)] == [400, 400, 400]
    assert journey.json == {"code": 400, "reason": "Bad Request", "message": "No Configuration found"}


async def test_a_user_logs_in_with_callbacks(am):
    asked = (await am.rest("/authenticate")).json
    assert [callback["type"] for callback in asked["callbacks"]] == ["NameCallback", "PasswordCallback"]
    asked["callbacks"][0]["input"][0]["value"] = "demo"
    asked["callbacks"][1]["input"][0]["value"] = "Ch4ng31t"
    done = await am.rest("/authenticate", asked)
    assert done.json["successUrl"] == "/openam/console"
    assert (await am.rest("/authenticate", asked)).json == FAILED


async def test_callbacks_expire_and_wrong_ones_fail(am):
    asked = (await am.rest("/authenticate")).json
    assert (await am.rest("/authenticate", {**asked, "callbacks": "none"})).json == FAILED
    asked = (await am.rest("/authenticate")).json
    am.clock.now += 301
    assert (await am.rest("/authenticate", asked)).json == FAILED


async def test_a_session_that_is_there_is_used_and_no_session_makes_none(am):
    token = await am.login("demo", "Ch4ng31t")
    assert (await am.rest("/authenticate", token=token)).json["tokenId"] == token
    credentials = {"X-OpenAM-Username": "demo", "X-OpenAM-Password": "Ch4ng31t"}
    answer = await am.rest("/authenticate?noSession=true", **credentials)
    assert "tokenId" not in answer.json


async def test_changing_calls_need_a_header_that_no_page_can_forge(am):
    plain = await am.send("POST", "/json/authenticate", json={})
    marked = await am.send("POST", "/json/authenticate", json={}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert plain.json == {"code": 403, "reason": "Forbidden", "message": "CSRF attempt detected"}
    assert marked.status == 200


@pytest.mark.parametrize("body", ["{", "[]"])
async def test_a_body_that_is_no_json_object_is_a_bad_request(am, body):
    headers = {"Accept-API-Version": "resource=2.0", "Content-Type": "application/json"}
    answer = await am.send("POST", "/json/authenticate", data=body, headers=headers)
    assert (answer.status, answer.json["code"]) == (400, 400)


async def test_session_info_is_told_to_an_agent(am):
    user = await am.login("demo", "Ch4ng31t")
    answer = await am.rest(f"{ROOT}/sessions?_action=getSessionInfo", {"tokenId": user}, await agent(am))
    assert answer.json["username"] == "demo"
    assert answer.json["universalId"] == "id=demo,ou=user,dc=openam,dc=forgerock,dc=org"
    assert answer.json["latestAccessTime"] == "2027-01-15T08:00:00Z"
    assert answer.json["maxIdleExpirationTime"] == "2027-01-15T08:30:00Z"
    assert answer.json["maxSessionExpirationTime"] == "2027-01-15T10:00:00Z"
    assert answer.json["properties"]["AMCtxId"]


async def test_without_a_body_the_callers_own_session_is_meant(am):
    user = await am.login("demo", "other", realm="/alpha")
    answer = await am.rest("/sessions?_action=getSessionInfo", None, user)
    assert (answer.json["realm"], answer.json["username"]) == ("/alpha", "demo")
    assert answer.json["universalId"] == "id=demo,ou=user,o=alpha,ou=services,dc=openam,dc=forgerock,dc=org"


async def test_the_session_may_come_as_a_cookie(am):
    user = await am.login("demo", "Ch4ng31t")
    answer = await am.rest("/sessions?_action=getSessionInfo", Cookie=f"iPlanetDirectoryPro={user}")
    assert answer.json["username"] == "demo"


async def test_unknown_callers_and_sessions_are_denied(am):
    url = "/sessions?_action=getSessionInfo"
    user = await am.login("demo", "Ch4ng31t")
    assert (await am.rest(url, {"tokenId": user})).json == UNAUTHORIZED
    assert (await am.rest(url, {"tokenId": user}, "unknown")).json == UNAUTHORIZED
    assert (await am.rest(url, {"tokenId": "unknown"}, await agent(am))).json == UNAUTHORIZED


async def test_a_session_ends_when_idle_and_looking_does_not_keep_it(am):
    user, looker = await am.login("demo", "Ch4ng31t"), await am.login("actor", "Ch4ng31t")
    am.clock.now += 29 * 60
    assert (await am.rest("/sessions?_action=getSessionInfoAndResetIdleTime", None, looker)).status == 200
    assert (await am.rest("/sessions?_action=getSessionInfo", {"tokenId": user}, looker)).status == 200
    am.clock.now += 2 * 60
    assert (await am.rest("/sessions?_action=getSessionInfo", {"tokenId": user}, looker)).json == UNAUTHORIZED


async def test_a_session_ends_at_its_maximum_time(am):
    user = await am.login("demo", "Ch4ng31t")
    for _ in range(6):
        am.clock.now += 20 * 60 - 1
        assert (await am.rest("/sessions?_action=refresh", None, user)).json["idletime"] == 20 * 60 - 1
    am.clock.now += 6
    assert (await am.rest("/sessions?_action=validate", {"tokenId": user})).json == {"valid": False}


async def test_validate_and_is_active_need_no_caller(am):
    user = await am.login("demo", "Ch4ng31t")
    valid = await am.rest("/sessions?_action=validate", {"tokenId": user})
    assert {"valid": True, "uid": "demo", "realm": "/"}.items() <= valid.json.items()
    assert (await am.rest("/sessions?_action=isActive&refresh=true", {"tokenId": user})).json == {"active": True}
    assert (await am.rest("/sessions?_action=isActive", {"tokenId": "x"})).json == {"active": False}


async def test_refresh_tells_the_times(am):
    user = await am.login("demo", "Ch4ng31t")
    am.clock.now += 17
    answer = await am.rest("/sessions?_action=refresh", {"tokenId": user}, await agent(am))
    expected = {"uid": "demo", "realm": "/", "idletime": 17, "maxidletime": 30, "maxsessiontime": 120, "maxtime": 7183}
    assert answer.json == expected


async def test_logout_ends_the_named_or_the_own_session(am):
    user, caller = await am.login("demo", "Ch4ng31t"), await agent(am)
    answer = await am.rest("/sessions?_action=logout", {"tokenId": user}, caller)
    assert answer.json == {"result": "Successfully logged out"}
    assert (await am.rest("/sessions?_action=validate", {"tokenId": user})).json == {"valid": False}
    assert (await am.rest("/sessions?_action=logout", None, caller)).status == 200
    assert (await am.rest("/sessions?_action=logout", None, caller)).json == UNAUTHORIZED


async def test_session_properties_are_kept(am):
    user = await am.login("demo", "Ch4ng31t")
    changed = await am.rest("/sessions?_action=updateSessionProperties", {"color": "blue"}, user)
    assert changed.json == {"color": "blue"}
    url = "/sessions?_action=getSessionProperties"
    assert (await am.rest(url, {"properties": ["color", "size"]}, user)).json == {"color": "blue", "size": ""}
    assert (await am.rest(url, None, user)).json["color"] == "blue"
    info = await am.rest("/sessions?_action=getSessionInfo", None, user)
    assert info.json["properties"]["color"] == "blue"
    assert (await am.rest("/sessions?_action=updateSessionProperties", {"AMCtxId": "x"}, user)).status == 400


async def test_an_agent_finds_and_ends_the_sessions_of_a_user(am):
    users = [await am.login("demo", "Ch4ng31t") for _ in range(3)]
    caller = await agent(am)
    headers = {"iPlanetDirectoryPro": caller}
    query = {"_queryFilter": 'username eq "demo" and realm eq "/"'}
    found = await am.send("GET", "/json/sessions", params=query, headers=headers)
    assert found.json["resultCount"] == 3
    handle = found.json["result"][0]["sessionHandle"]
    ended = await am.rest("/sessions?_action=logoutByHandle", {"sessionHandles": [handle, "unknown"]}, caller)
    assert ended.json == {"result": {handle: True, "unknown": False}}
    assert (await am.rest("/sessions?_action=logoutByUser", {"username": "demo"}, caller)).json == {"result": True}
    for user in users:
        assert (await am.rest("/sessions?_action=isActive", {"tokenId": user})).json == {"active": False}


async def test_managing_sessions_is_for_agents(am):
    user = await am.login("demo", "Ch4ng31t")
    for action, body in (("logoutByUser", {"username": "demo"}), ("logoutByHandle", {"sessionHandles": []})):
        assert (await am.rest(f"/sessions?_action={action}", body, user)).status == 403
        assert (await am.rest(f"/sessions?_action={action}", body)).status == 401
    bad = await am.send("GET", "/json/sessions?_queryFilter=true", headers={"iPlanetDirectoryPro": await agent(am)})
    assert bad.status == 400
    assert (await am.rest("/sessions?_action=logoutByHandle", {}, await agent(am))).status == 400


async def test_unknown_actions_are_bad_requests(am):
    assert (await am.rest("/sessions?_action=nope", None, await agent(am))).status == 400
    assert (await am.rest("/sessions", None, await agent(am))).status == 400


async def test_a_profile_is_told_to_agents_and_its_user(am):
    user, caller = await am.login("demo", "Ch4ng31t"), await agent(am)
    url = "/json/realms/root/users/demo"
    for token in (user, caller):
        answer = await am.send("GET", url, headers={"iPlanetDirectoryPro": token})
        assert answer.json["mail"] == ["demo@example.com"]
        assert answer.json["universalid"] == ["id=demo,ou=user,dc=openam,dc=forgerock,dc=org"]
    some = await am.send("GET", f"{url}?_fields=username,EmployeeNumber", headers={"iPlanetDirectoryPro": caller})
    assert some.json == {"_id": "demo", "_rev": "-1", "username": "demo", "employeeNumber": ["123"]}
    other = await am.login("actor", "Ch4ng31t")
    assert (await am.send("GET", url, headers={"iPlanetDirectoryPro": other})).status == 403
    assert (await am.send("GET", url)).status == 401
    missing = await am.send("GET", "/json/users/nobody", headers={"iPlanetDirectoryPro": caller})
    assert missing.json == {"code": 404, "reason": "Not Found", "message": "Resource cannot be found."}


async def decide(am, resource, subject, caller=None, **rest):
    body = {"resources": [resource], "application": "PEP-SSO", **({"subject": subject} if subject else {}), **rest}
    return await am.rest("/policies?_action=evaluate", body, caller or await agent(am))


async def test_policies_are_decided_for_each_kind_of_subject(am):
    resource = "http://app.example.com:8081/home/pep-sso?x=1"
    session = await am.login("actor", "Ch4ng31t")
    fields = {"grant_type": "password", "username": "actor", "password": "Ch4ng31t", "scope": "openid"}
    id_token = (await am.token(fields, ("app", "pass%3Aw%25rd+%2B"))).json["id_token"]
    for subject in ({"ssoToken": session}, {"jwt": id_token}, {"claims": {"sub": "actor", "iss": "x"}}):
        (decision,) = (await decide(am, resource, subject)).json
        assert decision["resource"] == resource
        assert decision["actions"] == {"GET": True, "POST": True}
        assert decision["ttl"] == 9223372036854775807


async def test_a_denial_outweighs_and_attributes_come_along(am):
    (decision,) = (await decide(am, "http://a:1/home/pep-sso", {"claims": {"sub": "demo"}})).json
    assert decision["actions"] == {"GET": True, "POST": False}
    assert decision["attributes"] == {"mail": ["demo@example.com"]}


async def test_an_advice_comes_instead_of_actions(am):
    (decision,) = (await decide(am, "http://a:1/step-up/x", {"claims": {"sub": "demo"}})).json
    assert (decision["actions"], decision["advices"]) == ({}, {"AuthLevelConditionAdvice": ["1"]})


@pytest.mark.parametrize("subject", [{"ssoToken": "unknown"}, {"jwt": "x.y.z"}, {"claims": {}}, {"other": 1}, None])
async def test_unknown_subjects_and_resources_may_nothing(am, subject):
    (decision,) = (await decide(am, "http://a:1/home/pep-sso", subject)).json
    assert (decision["actions"], decision["advices"]) == ({}, {})
    (decision,) = (await decide(am, "http://a:1/step-up/x/y", {"claims": {"sub": "demo"}})).json
    assert (decision["actions"], decision["advices"]) == ({}, {})


async def test_faulty_policy_requests_are_refused(am):
    caller, user = await agent(am), await am.login("demo", "Ch4ng31t")
    unknown = await decide(am, "http://a:1/", None, caller, application="x")
    assert unknown.json == {"code": 400, "reason": "Bad Request", "message": "Invalid value 'x' for application"}
    assert (await decide(am, "http://a:1/", None, caller, resources=[])).status == 400
    assert (await decide(am, "http://a:1/", {"ssoToken": user}, user)).status == 403
    assert (await decide(am, "http://a:1/home/pep-sso", None, user)).json[0]["actions"]["GET"]
    assert (await am.rest("/policies?_action=evaluate", {})).status == 401
    assert (await am.rest("/policies?_action=nope", {}, caller)).status == 400
    default = await am.rest("/policies?_action=evaluate", {"resources": ["http://a:1/"]}, caller)
    assert default.json[0]["actions"] == {}
