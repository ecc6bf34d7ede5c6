import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.uri import FixedUri, Uri


def test_every_part_is_readable_decoded_and_raw():
    uri = Uri("https://us%20er@[::1]:8443/a%20b/c?x=1&y=a%20b#fr%20ag")
    assert uri.scheme == "https"
    assert uri.user_info == "us er"
    assert uri.raw_user_info == "us%20er"
    assert uri.host == "[::1]"
    assert uri.port == 8443
    assert uri.raw_authority == "us%20er@[::1]:8443"
    assert (uri.path, uri.raw_path) == ("/a b/c", "/a%20b/c")
    assert uri.path_elements == ["a b", "c"]
    assert (uri.query, uri.raw_query) == ("x=1&y=a b", "x=1&y=a%20b")
    assert uri.fragment == "fr ag"


def test_absent_parts_are_none_and_the_port_is_minus_one():
    uri = Uri("/a")
    assert (uri.scheme, uri.authority, uri.host, uri.query, uri.fragment, uri.port) == (
        None,
        None,
        None,
        None,
        None,
        -1,
    )
    assert Uri("http://h").path == ""
    assert Uri("http://h").path_elements == []
    assert Uri("http://h/").query is None
    assert Uri("http://h/?").query == ""


def test_a_host_with_an_underscore_is_no_host():
    assert Uri("http://my_host:80/").host is None
    assert Uri("http://my_host:80/").port == 80


def test_a_decoded_write_encodes_what_is_not_allowed():
    uri = Uri("http://ig.example.com:8080/a/b?x=1")
    uri.query = "a=b c&d=é"
    assert str(uri) == "http://ig.example.com:8080/a/b?a=b%20c&d=é"
    assert uri.target() == "/a/b?a=b%20c&d=%C3%A9"
    uri.path = "/x y/100%"
    assert uri.raw_path == "/x%20y/100%25"


def test_a_raw_write_takes_the_text_as_it_is():
    uri = Uri("http://h/")
    uri.raw_query = "a=%20b"
    assert uri.query == "a= b"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("raw_path", "/a b"),
        ("raw_path", "/a\r\nX: y"),
        ("raw_path", "no-slash"),
        ("path", "no-slash"),
        ("raw_path", "/%zz"),
        ("raw_query", "a b"),
        ("raw_query", "a\nb"),
        ("raw_query", "a#b"),
        ("raw_fragment", "a b"),
        ("host", "a b"),
        ("host", "a/b"),
        ("host", "a@b"),
        ("port", 70000),
        ("port", -2),
        ("scheme", "1http"),
        ("scheme", "ht tp"),
        ("raw_user_info", "a@b"),
    ],
)
def test_a_write_that_gives_an_invalid_uri_is_refused_and_changes_nothing(part, value):
    uri = Uri("http://h:1/p?q#f")
    with pytest.raises(ValueError):
        setattr(uri, part, value)
    assert str(uri) == "http://h:1/p?q#f"


def test_scheme_host_and_port_are_written_in_place():
    uri = Uri("http://u@h:1/p")
    uri.scheme, uri.host, uri.port = "https", "other", 2
    assert str(uri) == "https://u@other:2/p"
    uri.port = -1
    assert str(uri) == "https://u@other/p"
    uri.host = "::1"
    assert str(uri) == "https://u@[::1]/p"


def test_rebase_takes_scheme_host_and_port_and_keeps_the_rest():
    uri = Uri("http://u@h:1/p%20x?q=1#f")
    uri.rebase(Uri("https://base.example.com/ignored?ignored"))
    assert str(uri) == "https://u@base.example.com/p%20x?q=1#f"


@pytest.mark.parametrize("base", ["/no-host", "//no-scheme", "mailto:x"])
def test_rebase_to_a_base_without_scheme_or_host_changes_nothing(base):
    uri = Uri("http://h/p")
    uri.rebase(Uri(base))
    assert str(uri) == "http://h/p"


@pytest.mark.parametrize(
    "text", ["http://h/a|b", "http://h/a b", "http://h/?a=<", "http://h:x/", "::", "http://h/%g1", "http://a b/"]
)
def test_parse_refuses_text_that_is_no_uri(text):
    with pytest.raises(ValueError):
        Uri.parse(text)


@pytest.mark.parametrize("text", ["http://h/é", "http://my_host/", "/relative?x", "", "http://[::1]:80/", "mailto:a@b"])
def test_parse_takes_what_java_takes(text):
    assert str(Uri.parse(text)) == text


def test_references_resolve_and_relativize():
    base = Uri("http://h/a/b")
    assert str(base.resolve(Uri("/q"))) == "http://h/q"
    assert str(base.resolve(Uri("c?x"))) == "http://h/a/c?x"
    assert str(Uri("http://h/a").relativize(Uri("http://h/a/b?c"))) == "b?c"
    assert str(Uri("http://h/a").relativize(Uri("http://other/a"))) == "http://other/a"


def test_a_fixed_uri_publishes_no_setter_and_no_path_elements():
    assert FixedUri.published.properties["path"].set is None
    assert "pathElements" not in FixedUri.published.properties
    assert Uri.published.properties["path"].set is not None


@given(st.text())
def test_any_text_splits_and_prints_as_it_was(text):
    uri = Uri(text)
    uri._text = None
    assert str(uri) == text


@given(st.text(st.characters(codec="utf-8")))
def test_a_written_path_reads_back(path):
    uri = Uri("http://h/")
    uri.path = "/" + path
    assert uri.path == "/" + path
    assert uri.target().isascii()
    assert not any(char in uri.target() for char in "\r\n \0")


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("http://a", 80),
        ("HTTPS://a/b", 443),
        ("wss://a", 443),
        ("http://a:8080", 8080),
        ("ftp://a", -1),
        ("/a", -1),
    ],
)
def test_the_effective_port_is_that_of_the_scheme_when_there_is_none(text: str, port: int):
    assert Uri(text).effective_port == port
