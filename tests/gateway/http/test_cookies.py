from gateway.http.cookies import parse_cookies


def test_cookies_come_in_order_and_are_found_ignoring_case():
    cookies = parse_cookies(["a=1; b=2; A=3", "a=4"])
    assert [cookie.value for cookie in cookies["a"]] == ["1", "3", "4"]
    assert [cookie.value for cookie in cookies["B"]] == ["2"]
    assert cookies.get("none") is None
    assert "B" in cookies


def test_quotes_are_taken_off_and_may_hold_separators():
    cookies = parse_cookies(['a="x; y=\\"z\\""; b="q"'])
    assert cookies["a"][0].value == 'x; y="z"'
    assert cookies["b"][0].value == "q"


def test_old_style_attributes_belong_to_the_cookie_before_them():
    cookie = parse_cookies(["$Version=1; a=1; $Path=/p; $Domain=.d; $Port=80"])["a"][0]
    assert (cookie.version, cookie.path, cookie.domain, cookie.port) == (1, "/p", ".d", [80])
    assert (cookie.secure, cookie.max_age, cookie.same_site) == (None, None, None)


def test_what_is_no_cookie_is_passed_over():
    assert list(parse_cookies(["", "novalue; =x; ;; a=b=c"])) == ["a"]
    assert parse_cookies(["a=b=c"])["a"][0].value == "b=c"


def test_a_representation_does_not_show_the_value():
    cookie = parse_cookies(["sid=secret"])["sid"][0]
    assert "secret" not in repr(cookie)
    assert str(cookie) == "[name=sid, value=secret]"
