"""Set-Cookie lines: read, changed and written."""

import pytest

from gateway.filters.set_cookie import SetCookie

LINE = 'sid="a=b"; path=/; HttpOnly; Max-Age=10; PATH=/x'


def test_a_line_comes_out_as_it_went_in():
    assert str(SetCookie.parse(LINE)) == LINE


@pytest.mark.parametrize("line", ["", "no-equals", "=value", "  =value; Path=/"])
def test_what_is_no_cookie(line):
    assert SetCookie.parse(line) is None


def test_attributes_are_found_ignoring_case_and_the_last_counts():
    cookie = SetCookie.parse(LINE)
    assert (cookie.value, cookie.get("Path"), cookie.get("httponly"), cookie.get("domain")) == ('"a=b"', "/x", "", None)


def test_an_attribute_is_replaced_in_its_place():
    cookie = SetCookie.parse(LINE)
    cookie.set("path", "/new")
    cookie.set("samesite", "Lax")
    cookie.remove("max-age")
    assert str(cookie) == 'sid="a=b"; Path=/new; HttpOnly; SameSite=Lax'


@pytest.mark.parametrize(
    ("attributes", "expiry"),
    [("", None), ("; Max-Age=60", 160.0), ("; Max-Age=-1", 99.0), ("; Max-Age=x", None),
     ("; Expires=Thu, 01-Jan-1970 00:01:00 GMT", 60.0), ("; Expires=never", None)],
)  # fmt: skip
def test_when_a_cookie_ends(attributes, expiry):
    assert SetCookie.parse(f"a=b{attributes}").expiry(100.0) == expiry


def test_a_representation_has_no_value():
    assert "secret" not in repr(SetCookie("sid", "secret"))
