import pytest

from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from gateway.server.framing import Delimiter, frame, refusal, upgrade_head

DATE = "Tue, 24 Nov 2026 13:57:16 GMT"
NOW = DATE.encode()


def head(response: Response, length: int | None, *, head_only=False, old_client=False, keep_alive=True):
    version = "HTTP/1.0" if old_client else "HTTP/1.1"
    request = Request("HEAD" if head_only else "GET", "/", version=version)
    data, delimiter = frame(request, response, length, keep_alive, NOW)
    lines = data.decode("latin-1").split("\r\n")
    assert lines[-2:] == ["", ""]
    return lines[0], lines[1:-2], delimiter


def test_a_body_of_known_length_is_announced():
    assert head(Response(200, Headers([("A", "1")])), 5) == (
        "HTTP/1.1 200 OK",
        ["A: 1", f"Date: {DATE}", "Content-Length: 5"],
        Delimiter.LENGTH,
    )


def test_a_body_of_unknown_length_is_chunked_or_ends_with_the_connection():
    assert head(Response(200), None)[1:] == ([f"Date: {DATE}", "Transfer-Encoding: chunked"], Delimiter.CHUNKED)
    assert head(Response(200), None, old_client=True)[1:] == ([f"Date: {DATE}", "Connection: close"], Delimiter.CLOSE)


@pytest.mark.parametrize(
    ("old_client", "keep_alive", "line"),
    [
        (False, True, None),
        (False, False, "Connection: close"),
        (True, True, "Connection: keep-alive"),
        (True, False, "Connection: close"),
    ],
)
def test_the_connection_field_says_what_the_client_would_not_assume(old_client, keep_alive, line):
    lines = head(Response(200), 0, old_client=old_client, keep_alive=keep_alive)[1]
    assert [text for text in lines if text.startswith("Connection")] == ([line] if line else [])


def test_what_belongs_to_the_connection_is_never_taken_from_a_handler():
    fields = Headers(
        [
            ("Connection", "X"),
            ("Keep-Alive", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "99"),
            ("Upgrade", "h2c"),
            ("Proxy-Connection", "x"),
            ("Trailer", "T"),
            ("Content-Length", "98"),
        ]
    )
    assert head(Response(200, fields), 3)[1] == [f"Date: {DATE}", "Content-Length: 3"]


def test_a_date_of_the_handler_stays():
    assert head(Response(200, Headers([("date", "then")])), 0)[1] == ["date: then", "Content-Length: 0"]


@pytest.mark.parametrize("code", [204, 304])
@pytest.mark.parametrize("length", [0, 5, None])
def test_answers_without_content_have_no_body(code, length):
    _, lines, delimiter = head(Response(code), length)
    assert delimiter is Delimiter.NOTHING
    assert not any(line.startswith("Transfer-Encoding") for line in lines)
    if code == 204:
        assert not any(line.startswith("Content-Length") for line in lines)


def test_the_answer_to_head_announces_the_length_that_get_would_have():
    assert head(Response(200), 7, head_only=True)[1:] == ([f"Date: {DATE}", "Content-Length: 7"], Delimiter.NOTHING)
    given = Response(200, Headers([("Content-Length", "1234")]))
    assert head(given, 0, head_only=True)[1] == [f"Date: {DATE}", "Content-Length: 1234"]
    assert head(given, None, head_only=True)[1] == [f"Date: {DATE}", "Content-Length: 1234"]
    assert head(Response(200), None, head_only=True)[1] == [f"Date: {DATE}"]
    # Nobody knows how long the body would have been that an upstream would have sent in chunks.
    assert head(Response(200), 0, head_only=True)[1] == [f"Date: {DATE}"]


def test_a_head_ends_once_whatever_a_handler_says():
    with pytest.raises(ValueError):
        Response(200).headers.add("X", "a\r\n\r\n<html>")


def test_a_refusal_is_empty_and_says_nothing_of_the_input():
    assert (
        refusal(431, NOW)
        == (
            "HTTP/1.1 431 Request Header Fields Too Large\r\n"
            f"Date: {DATE}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ).encode()
    )


def test_an_upgrade_keeps_its_own_connection_fields():
    fields = Headers([("Upgrade", "websocket"), ("Connection", "upgrade"), ("Sec-WebSocket-Accept", "x")])
    assert upgrade_head(Response(101, fields), NOW).decode().split("\r\n") == [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: x",
        f"Date: {DATE}",
        "",
        "",
    ]
