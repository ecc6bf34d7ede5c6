import pytest

from gateway.http.headers import Headers
from gateway.server.head import Refused, read_framing, read_request


def target(text: str, *, keep: bool = False, method: str = "GET") -> str:
    headers = Headers([("Host", "h")])
    return str(read_request(method, text, headers, "1.1", "https", fallback="f", keep_query=keep).uri)


def test_the_uri_is_absolute_with_the_scheme_of_the_connector_and_the_authority_of_host():
    assert target("/a?b=c") == "https://h/a?b=c"
    assert target("/") == "https://h/"
    assert target("/?") == "https://h/?"


@pytest.mark.parametrize(
    "path", ["/a/../b/./c", "//other.example.com/x", "/a%2Fb", "/%00", "/a;b=c", "/..%2f", "/%c3%a9"]
)
def test_a_path_goes_on_as_it_was_sent(path):
    assert target(path) == f"https://h{path}"


def test_characters_that_do_not_belong_in_a_path_are_encoded():
    assert target('/a"b{c}|d\\e^`<>') == "https://h/a%22b%7Bc%7D%7Cd%5Ce%5E%60%3C%3E"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a=%27x%27", "a='x'"),
        ('a="b"', "a=%22b%22"),
        ("a={b}|<c>", "a=%7Bb%7D%7C%3Cc%3E"),
        ("a=%7Bb%7D", "a=%7Bb%7D"),
        ("a=%41%2f%3F", "a=A/?"),
        ("a=%26b%3Dc%2Bd%23e%25f", "a=%26b%3Dc%2Bd%23e%25f"),
        ("a=%c3%a9%00%0d%0a", "a=%c3%a9%00%0d%0a"),
        ("a=100%", "a=100%25"),
        ("a=1+2", "a=1+2"),
    ],
)
def test_a_query_is_decoded_and_encoded_again(query, expected):
    assert target("/?" + query) == "https://h/?" + expected


def test_a_query_is_preserved_where_that_is_asked_for():
    assert target("/?a=%27%41", keep=True) == "https://h/?a=%27%41"
    for query in ('"', "{", "|", "<", "%zz"):
        with pytest.raises(Refused) as caught:
            target("/?" + query, keep=True)
        assert caught.value.status == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [("http://r", "https://r/"), ("http://r?q", "https://r/?q"), ("https://r:1/p?q", "https://r:1/p?q")],
)
def test_an_absolute_target_names_the_host_and_the_connector_the_scheme(text, expected):
    assert target(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("*", "https://h"), ("http://r", "https://r"), ("http://r/", "https://r/"), ("http://r?q", "https://r/?q")],
)
def test_options_may_ask_about_the_server_as_a_whole(text, expected):
    assert target(text, method="OPTIONS") == expected


@pytest.mark.parametrize("host", ["h", "h:80", "h:", "[::1]", "[::1]:8080", "192.0.2.1", "my_host", "a-b.c.", "h%41"])
def test_hosts_that_are_taken(host):
    request = read_request("GET", "/", Headers([("Host", host)]), "1.1", "http", fallback="f", keep_query=False)
    assert request.uri.raw_authority == host


def test_a_body_is_delimited_by_its_length_or_by_chunks():
    assert read_framing(Headers([("Content-Length", "12")]), "1.1").length == 12
    assert read_framing(Headers([("Transfer-Encoding", "Chunked")]), "1.1").chunked
    none = read_framing(Headers(), "1.1")
    assert (none.length, none.chunked, none.expects_continue) == (0, False, False)


@pytest.mark.parametrize(
    ("fields", "version", "expects"),
    [
        ([("Expect", "100-Continue"), ("Content-Length", "1")], "1.1", True),
        ([("Expect", "100-continue"), ("Transfer-Encoding", "chunked")], "1.1", True),
        ([("Expect", "100-continue"), ("Content-Length", "0")], "1.1", False),
        ([("Expect", "100-continue"), ("Content-Length", "1")], "1.0", False),
    ],
)
def test_only_a_body_of_a_new_client_can_be_waited_for(fields, version, expects):
    assert read_framing(Headers(fields), version).expects_continue is expects


@pytest.mark.parametrize("length", ["", " ", "1_000", "１", "1.0", "٣"])
def test_only_ascii_digits_are_a_length(length):
    with pytest.raises(Refused):
        read_framing(Headers.parsed([("Content-Length", length)]), "1.1")
