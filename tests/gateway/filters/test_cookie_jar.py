"""The cookie jar: the rules of browsers, with the time given."""

import pytest

from gateway.filters.cookie_jar import KEY, CookieJar
from gateway.filters.set_cookie import SetCookie
from gateway.http.uri import Uri

NOW = 1_700_000_000.0


def kept(line: str, set_by: str, asked: str, now: float = NOW) -> list[tuple[str, str]]:
    session: dict = {}
    jar = CookieJar(session)
    cookie = SetCookie.parse(line)
    assert cookie is not None
    jar.add(Uri(set_by), [cookie], NOW)
    jar.store(NOW)
    return CookieJar(session).matching(Uri(asked), now)


@pytest.mark.parametrize(
    ("line", "asked", "sent"),
    [
        ("a=1", "http://app.example.com/x/other", True),
        ("a=1", "http://app.example.com/", False),
        ("a=1; Path=/", "http://app.example.com/", True),
        ("a=1; Path=/x", "http://app.example.com/x", True),
        ("a=1; Path=/x", "http://app.example.com/xy", False),
        ("a=1; Path=/", "http://www.example.com/", False),
        ("a=1; Path=/; Domain=.Example.com", "http://www.example.com/", True),
        ("a=1; Path=/; Domain=example.org", "http://app.example.com/", False),
        ("a=1; Path=/; Domain=com", "http://app.example.com/", False),
        ("a=1; Path=/; Secure", "http://app.example.com/", False),
        ("a=1; Path=/; Secure", "https://app.example.com/", True),
        ("a=1; Path=/; Max-Age=0", "http://app.example.com/", False),
        ("a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:01 GMT", "http://app.example.com/", False),
        ("a=1; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "http://app.example.com/", True),
        ("a=1; Path=/; Max-Age=60; Expires=Thu, 01-Jan-1970 00:00:01 GMT", "http://app.example.com/", True),
    ],
)
def test_where_a_cookie_goes(line, asked, sent):
    assert bool(kept(line, "http://app.example.com/x/page", asked)) is sent


def test_a_cookie_ends_with_its_age():
    assert kept("a=1; Max-Age=60", "http://h/", "http://h/", NOW + 59) == [("a", "1")]
    assert kept("a=1; Max-Age=60", "http://h/", "http://h/", NOW + 60) == []


def test_no_domain_cookie_is_shared_between_addresses():
    assert kept("a=1; Domain=0.0.1", "http://10.0.0.1/", "http://10.0.0.1/") == []


def test_an_expired_cookie_removes_the_one_before():
    session: dict = {}
    for line in ("a=1", "b=2", "a=; Max-Age=0"):
        jar = CookieJar(session)
        jar.add(Uri("http://h/"), [SetCookie.parse(line)], NOW)
        jar.store(NOW)
    assert [cookie["name"] for cookie in session[KEY]] == ["b"]


def test_longer_paths_come_first():
    jar = CookieJar({})
    jar.add(Uri("http://h/a/b"), [SetCookie.parse("x=short; Path=/"), SetCookie.parse("x=long; Path=/a")], NOW)
    assert jar.matching(Uri("http://h/a/b"), NOW) == [("x", "long"), ("x", "short")]
