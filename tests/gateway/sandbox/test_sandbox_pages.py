"""The login page, the notification WebSocket and the sample application."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

PROTOCOL = "v1.notifications.forgerock.org"


async def submit(am, **fields):
    form = {"IDToken1": "demo", "IDToken2": "Ch4ng31t", "realm": "/", **fields}
    return await am.form("/XUI/", form, Host="am.example.com")


async def test_a_gateways_redirect_leads_to_the_form_and_back(am):
    first = await am.send("GET", "/?goto=https%3A%2F%2Fig.example.com%3A8443%2Fhome%3F_ig%3Dtrue&realm=%2F")
    assert first.headers["Location"].startswith(f"{am.sandbox.am_url}/XUI/?goto=https")
    form = await am.send("GET", first.headers["Location"])
    assert 'value="https://ig.example.com:8443/home?_ig=true"' in form.text
    done = await submit(am, goto="https://ig.example.com:8443/home?_ig=true")
    assert (done.status, done.headers["Location"]) == (302, "https://ig.example.com:8443/home?_ig=true")
    assert "Domain=example.com" in done.headers["Set-Cookie"]
    cookie = done.headers["Set-Cookie"].partition(";")[0]
    again = await am.send("GET", first.headers["Location"], headers={"Cookie": cookie})
    assert again.headers["Location"] == "https://ig.example.com:8443/home?_ig=true"
    console = await am.send("GET", "/console", headers={"Cookie": cookie})
    assert "Signed in" in console.text


@pytest.mark.parametrize(
    "goto", ["https://evil.example.org/", "https://ig.example.com:8443.evil.org/", "javascript:alert(1)", ""]
)
async def test_a_goto_that_the_validation_service_does_not_list_is_not_followed(am, goto):
    answer = await submit(am, goto=goto)
    assert answer.headers["Location"] == "http://am.example.com/openam/console"


async def test_a_failed_login_shows_the_form_again_and_escapes_what_it_keeps(am):
    answer = await submit(am, IDToken2="wrong", goto='"><script>')
    assert (answer.status, "Authentication failed" in answer.text) == (401, True)
    assert '"><script>' not in answer.text
    assert "wrong" not in answer.text
    assert (await submit(am, realm="/nope")).status == 400


async def connect(am, token):
    headers = {"iPlanetDirectoryPro": token}
    return await am.http.ws_connect(f"{am.sandbox.am_url}/notifications", headers=headers, protocols=(PROTOCOL,))


async def test_an_agent_hears_of_a_logout(am):
    agent, user = await am.login("ig_agent", "password", agent=True), await am.login("demo", "Ch4ng31t")
    uid = (await am.rest("/sessions?_action=validate", {"tokenId": user})).json["sessionUid"]
    async with await connect(am, agent) as socket:
        assert socket.protocol == PROTOCOL
        await socket.send_json({"action": "subscribe", "topic": "/agent/session.v2", "id": "1"})
        subscribed = {"topic": "/agent/session.v2", "message": "subscription registered", "id": "1"}
        assert await socket.receive_json() == subscribed
        await am.rest("/sessions?_action=logout", {"tokenId": user}, agent)
        heard = await socket.receive_json()
        assert heard["topic"] == "/agent/session.v2"
        assert heard["timestamp"] == "2027-01-15T08:00:00.000Z"
        assert (heard["body"]["sessionuid"], heard["body"]["eventType"]) == (uid, "LOGOUT")


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ("{", "message is not valid JSON"),
        ("[]", "message must be a JSON object"),
        ('{"topic": "x"}', 'missing required field "action"'),
        ('{"action": 1}', '"action" must be a string'),
        ('{"action": "x"}', 'unknown action "x"'),
        ('{"action": "subscribe"}', 'missing required field "topic"'),
        ('{"action": "subscribe", "topic": 1}', '"topic" must be a string'),
        ('{"action": "subscribe", "topic": "x", "id": 1}', '"id" must be a string'),
    ],
)
async def test_faulty_frames_are_answered_with_an_error(am, frame, error):
    async with await connect(am, await am.login("ig_agent", "password", agent=True)) as socket:
        await socket.send_str(frame)
        assert (await socket.receive_json())["error"] == error


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("demo", 403)])
async def test_only_agents_may_listen(am, user, status):
    token = await am.login(user, "Ch4ng31t") if user else "unknown"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await connect(am, token)
    assert refused.value.status == status


async def test_stopping_closes_the_sockets(start):
    am = await start()
    async with await connect(am, await am.login("ig_agent", "password", agent=True)) as socket:
        await socket.send_json({"action": "subscribe", "topic": "/agent/policy"})
        await socket.receive_json()
        # The server waits for the client's half of the closing handshake, so both run at once.
        message, _ = await asyncio.gather(socket.receive(), am.sandbox.stop())
        assert message.type is aiohttp.WSMsgType.CLOSE


def app(am, path):
    return am.sandbox.sample_app_url + path


@pytest.mark.parametrize("path", ["/", "/home", "/home/cdsso?x=1"])
async def test_the_home_page_greets_a_stranger_and_shows_headers(am, path):
    answer = await am.send("GET", app(am, path), headers={"X-Custom": "<b>"})
    assert "Howdy, Anonymous User" in answer.text
    assert "<th>X-Custom</th><td>&lt;b&gt;</td>" in answer.text


async def test_login_shows_the_user_and_the_request(am):
    form = await am.send("GET", app(am, "/login"))
    assert 'name="username"' in form.text
    done = await am.form(app(am, "/login"), {"username": "demo", "password": "Ch4ng31t"}, **{"X-From": "gateway"})
    assert (done.status, "Howdy, demo" in done.text, "X-From" in done.text) == (200, True, True)
    assert "Ch4ng31t" not in done.text
    cookie = {"Cookie": done.headers["Set-Cookie"].partition(";")[0]}
    assert "Howdy, demo" in (await am.send("GET", app(am, "/home"), headers=cookie)).text
    await am.send("GET", app(am, "/logout"), headers=cookie)
    assert "Anonymous" in (await am.send("GET", app(am, "/home"), headers=cookie)).text


@pytest.mark.parametrize("fields", [{"username": "demo", "password": "wrong"}, {"username": "nobody"}, {}])
async def test_a_wrong_login_is_refused(am, fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await am.form(app(am, "/login"), fields, **headers)).status == 401


async def test_the_hidden_login_token_can_be_extracted_as_the_guide_does_and_counts_once(am):
    page = await am.send("GET", app(am, "/login?demo=hidden"))
    token = re.search(r'loginToken\s+value="(.*)"', page.text)[1]
    fields = {"username": "demo", "password": "Ch4ng31t", "hiddenValue": token}
    assert (await am.form(app(am, "/login"), fields)).status == 200
    assert (await am.form(app(am, "/login"), fields)).status == 401


async def test_the_echo_tells_what_arrived(am):
    headers = {"X-Twice": "1", "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = await am.send("PUT", app(am, "/echo/a%20b?x=1&x=2"), data="a=%C3%A4&a=2", headers=headers)
    got = answer.json
    assert (got["method"], got["target"], got["path"]) == ("PUT", "/echo/a%20b?x=1&x=2", "/echo/a b")
    assert got["query"] == {"x": ["1", "2"]}
    assert (got["body"], got["form"]) == ("a=%C3%A4&a=2", {"a": ["ä", "2"]})
    assert ["X-Twice", "1"] in got["headers"]


async def test_any_other_path_shows_the_request(am):
    answer = await am.send("DELETE", app(am, "/any/thing"), headers={"Cookie": "a=b"})
    assert answer.status == 200
    assert "<td>DELETE</td>" in answer.text
    assert "<h2>Cookies</h2>" in answer.text


async def test_static_resources_are_there(am):
    assert (await am.send("GET", app(am, "/css/style.css"))).headers["Content-Type"].startswith("text/css")
    assert (await am.send("GET", app(am, "/favicon.ico"))).status == 204
