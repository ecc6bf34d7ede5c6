"""JwtSessionManager: what is in the cookies, when they are set, and what becomes of cookies that were touched."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gateway.errors import ExchangeError
from gateway.jose.encryption import decrypt, encrypt
from gateway.jose.token import parse
from gateway.secrets.secret import CryptoKey
from gateway.session.jwt_session_manager import JwtSessionManager
from tests.gateway.scripted import build, problems
from tests.gateway.session.support import Browser

NAME = "openig-jwt-session"
KEYS = {name: bytes([number]) * 32 for number, name in enumerate(("old", "new"), 1)}


def _manager(kind: str = "JwtSessionManager", **config: Any) -> JwtSessionManager:
    return build({"type": kind, "config": config})  # type: ignore[no-any-return]


def _store(directory: Any, *names: str) -> dict[str, Any]:
    """A store whose active key is the first name, the others being valid too."""
    for version, name in enumerate(reversed(names)):
        (directory / f"session.key.v{version}").write_text(base64.b64encode(KEYS[name]).decode())
    key_format = {"type": "SecretKeyPropertyFormat", "config": {"algorithm": "AES"}}
    config = {"directory": str(directory), "versionSuffix": ".v", "format": key_format}
    return {"type": "FileSystemSecretStore", "config": config}


def _keyed(directory: Any, *names: str, **config: Any) -> JwtSessionManager:
    directory.mkdir(exist_ok=True)
    store = _store(directory, *names)
    return _manager(authenticatedEncryptionSecretId="session.key", secretsProvider=store, **config)


@pytest.mark.parametrize("kind", ["JwtSessionManager", "JwtSession"])
async def test_content_comes_back_from_the_cookie(kind: str) -> None:
    browser = Browser(_manager(kind))
    await browser.put(user="bob", roles=["a", {"b": None}], n=1.5, yes=True)
    value = browser.cookies[NAME]
    assert browser.lines == [f"{NAME}={value}; Path=/; HttpOnly"] and value.count(".") == 4
    assert await browser.content() == {"user": "bob", "roles": ["a", {"b": None}], "n": 1.5, "yes": True}


async def test_cookie_is_set_when_content_changed_and_only_then() -> None:
    browser = Browser(_manager())
    await browser.content()
    assert browser.lines == []
    await browser.put(cart=[1])
    await browser.content()
    assert browser.lines == []
    await browser.visit(lambda session: session["cart"].append(2))
    assert len(browser.lines) == 1
    assert await browser.content() == {"cart": [1, 2]}


async def test_emptied_session_takes_the_cookie_away() -> None:
    browser = Browser(_manager())
    await browser.put(user="bob")
    await browser.visit(lambda session: session.clear())
    assert browser.lines == [f"{NAME}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly"]
    assert browser.cookies == {}
    await browser.visit(lambda session: session.clear())
    assert browser.lines == []


async def test_large_content_is_spread_over_cookies_that_browsers_take() -> None:
    browser = Browser(_manager())
    await browser.put(large="x" * 8000)
    assert set(browser.cookies) == {NAME, f"{NAME}_1", f"{NAME}_2"}
    assert all(len(line) <= 4096 for line in browser.lines)
    assert await browser.content() == {"large": "x" * 8000}
    await browser.put(large="small")
    assert set(browser.cookies) == {NAME}
    assert await browser.content() == {"large": "small"}


async def test_content_that_fits_no_cookies_is_an_error_that_tells_the_sizes() -> None:
    browser = Browser(_manager())
    with pytest.raises(ExchangeError, match=r"does not fit its cookies: \d+ bytes, at most \d+") as caught:
        await browser.put(large="canary" * 10_000)
    assert "canary" not in str(caught.value)


async def test_compression_makes_room() -> None:
    browser = Browser(_manager(useCompression=True))
    await browser.put(large="x" * 60_000)
    assert set(browser.cookies) == {NAME}
    assert await browser.content() == {"large": "x" * 60_000}


@pytest.mark.parametrize("value", [object(), {1: 2}, {"a": object()}, float("nan"), b"bytes", {1, 2}])
async def test_what_json_cannot_hold_is_refused_when_it_is_stored(value: Any) -> None:
    browser = Browser(_manager())
    with pytest.raises(ValueError, match="'entry' cannot be kept"):
        await browser.put(entry=value)


async def test_session_ends_at_its_timeout_however_often_it_is_written() -> None:
    manager = _manager(sessionTimeout="10 minutes")
    now = 1_700_000_000.0
    manager._clock = lambda: now
    browser = Browser(manager)
    await browser.put(a=1)
    now += 599.9
    await browser.put(b=2)
    assert await browser.content() == {"a": 1, "b": 2}
    now += 0.1
    assert await browser.content() == {}


async def test_skew_tolerates_clocks_on_both_sides() -> None:
    manager = _manager(sessionTimeout="10 minutes", skewAllowance="1 minute")
    start = now = 1_700_000_000.0
    manager._clock = lambda: now
    browser = Browser(manager)
    await browser.put(a=1)
    for now, alive in ((start + 659.9, 1), (start + 660, 0), (start - 60, 1), (start - 60.1, 0)):  # noqa: B007 - read by the clock
        assert len(await browser.content()) == alive


async def test_persistent_cookie_expires_with_the_session() -> None:
    manager = _manager(persistentCookie=True, sessionTimeout="1 hour")
    manager._clock = lambda: 0.0
    browser = Browser(manager)
    await browser.put(a=1)
    assert "Expires=Thu, 01 Jan 1970 01:00:00 GMT" in browser.lines[0] and "Max-Age" not in browser.lines[0]


@pytest.mark.parametrize("method", ["A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"])
async def test_every_documented_method_encrypts(method: str) -> None:
    browser = Browser(_manager(encryptionMethod=method))
    await browser.put(user="bob")
    assert parse(browser.cookies[NAME]).header["enc"] == method
    assert await browser.content() == {"user": "bob"}


async def test_content_is_not_readable_in_the_cookie() -> None:
    browser = Browser(_manager())
    await browser.put(user="canary")
    for segment in browser.cookies[NAME].split("."):
        assert b"canary" not in base64.urlsafe_b64decode(segment + "===")


# --- cookies that were touched


async def test_cookie_that_was_cut_or_changed_is_a_new_session_and_a_log_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    browser = Browser(_manager())
    await browser.put(user="canary")
    value = browser.cookies[NAME]
    changed = value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1]
    for touched in (value[:-1], value[: len(value) // 2], changed, value + "AAAA", "x", "a.b.c.d.e", "é"):
        caplog.clear()
        other = Browser(browser.manager, {NAME: touched})
        assert await other.content() == {}
        assert len(caplog.records) == 1
        assert "canary" not in caplog.text and value[:60] not in caplog.text


async def test_pieces_of_two_users_make_no_session() -> None:
    manager = _manager()
    one, two = Browser(manager), Browser(manager)
    await one.put(user="one", pad="x" * 5000)
    await two.put(user="two", pad="x" * 5000)
    mixed = Browser(manager, {NAME: one.cookies[NAME], f"{NAME}_1": two.cookies[f"{NAME}_1"]})
    assert await mixed.content() == {}
    missing = Browser(manager, {f"{NAME}_1": one.cookies[f"{NAME}_1"]})
    assert await missing.content() == {}


async def test_cookie_of_another_manager_with_the_same_key_is_not_taken(tmp_path: Any) -> None:
    one = Browser(_keyed(tmp_path / "k", "old", cookie={"name": "one"}))
    await one.put(admin=True)
    two = Browser(_keyed(tmp_path / "k", "old", cookie={"name": "two"}), {"two": one.cookies["one"]})
    assert await two.content() == {}


async def test_token_that_something_else_made_with_the_key_is_no_session(tmp_path: Any) -> None:
    manager = _keyed(tmp_path / "k", "old")
    payload = json.dumps({"aud": NAME, "iat": 0, "exp": 9e12, "data": {"admin": True}}).encode()
    token = encrypt(payload, CryptoKey(secret=KEYS["old"]), {"alg": "dir", "enc": "A256GCM"})
    assert await Browser(manager, {NAME: token}).content() == {}


async def test_replayed_cookie_is_good_until_the_session_ends_as_nothing_is_kept_here() -> None:
    manager = _manager(sessionTimeout="10 minutes")
    now = 1_700_000_000.0
    manager._clock = lambda: now
    browser = Browser(manager)
    await browser.put(user="bob")
    stolen = Browser(manager, browser.cookies)
    await browser.visit(lambda session: session.clear())
    assert await stolen.content() == {"user": "bob"}
    now += 600
    assert await stolen.content() == {}


# --- keys


async def test_rotation_keeps_every_session_readable(tmp_path: Any) -> None:
    steps = [("old",), ("old", "new"), ("new", "old"), ("new",)]
    browser = Browser(_keyed(tmp_path / "0", *steps[0]))
    for number, names in enumerate(steps):
        browser.manager = _keyed(tmp_path / str(number), *names)
        if number:
            assert (await browser.content())["step"] == number - 1
        await browser.put(step=number)
    assert decrypt(parse(browser.cookies[NAME]), CryptoKey(secret=KEYS["new"]))


async def test_key_that_is_missing_or_too_short_fails_the_request_that_writes(tmp_path: Any) -> None:
    for directory, method in ((tmp_path / "none", "A256GCM"), (tmp_path / "short", "A256CBC-HS512")):
        manager = _keyed(directory, *(["old"] if method != "A256GCM" else []), encryptionMethod=method)
        with pytest.raises(ExchangeError, match=r"session\.key"):
            await Browser(manager).put(a=1)


async def test_random_key_is_another_one_for_each_manager() -> None:
    browser = Browser(_manager())
    await browser.put(a=1)
    assert await Browser(_manager(), browser.cookies).content() == {}


@pytest.mark.parametrize(
    "config",
    [
        {"encryptionMethod": "A512GCM"},
        {"sessionTimeout": "zero"},
        {"authenticatedEncryptionSecretId": "a"},
        {"cookie": {"name": "a=b"}},
    ],
)
def test_what_cannot_work_stops_the_load(config: dict[str, Any]) -> None:
    assert problems({"type": "JwtSessionManager", "config": config})


async def test_timeout_is_cut_to_ten_years() -> None:
    manager = _manager(sessionTimeout="unlimited", persistentCookie=True)
    manager._clock = lambda: 0.0
    browser = Browser(manager)
    await browser.put(a=1)
    assert "Expires=Sun, 30 Dec 1979" in browser.lines[0]
