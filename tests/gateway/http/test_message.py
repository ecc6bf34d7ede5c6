import pytest

from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from gateway.http.status import Family, Status
from gateway.http.uri import Uri


def test_query_parameters_are_read_anew_from_the_uri():
    request = Request("GET", "http://h/?a=1")
    request.query_params["a"] = ["changed"]
    assert request.query_params == {"a": ["1"]}
    request.uri.query = "b=2"
    assert request.query_params == {"b": ["2"]}


def test_form_is_the_query_followed_by_the_fields_of_the_entity():
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded")])
    assert Request("POST", "http://h/?a=1", headers, b"a=2&b=3").form == {"a": ["1", "2"], "b": ["3"]}


def test_cookies_come_from_the_headers():
    request = Request("GET", "http://h/", Headers([("Cookie", "a=1")]))
    assert request.cookies["a"][0].value == "1"


def test_a_copy_shares_nothing_that_changes():
    request = Request("PUT", "http://h/p", Headers([("A", "1")]), b"body")
    copy = request.copy()
    copy.headers.set("A", "2")
    copy.uri.path = "/other"
    copy.entity.string = "new"
    assert (request.headers.first("A"), request.uri.path, request.entity.raw) == ("1", "/p", b"body")


def test_replacing_the_headers_takes_the_entity_along():
    response = Response(200, None, b"\xc3\xa9")
    response.replace_headers(Headers([("Content-Type", "text/plain; charset=UTF-8")]))
    assert response.entity.string == "é"


def test_text_given_to_a_response_is_encoded_by_its_charset():
    response = Response(200, Headers([("Content-Type", "text/plain; charset=UTF-8")]), "é")
    assert response.entity.raw == "é".encode()


@pytest.mark.parametrize("method", ["GET /x", "GET\r\nX: y", "", 5, "gét"])
def test_an_expression_cannot_write_a_method_that_breaks_the_request_line(method):
    request = Request("GET", "http://h/")
    with pytest.raises(ValueError):
        Request.published.properties["method"].set(request, method)
    assert request.method == "GET"


def test_an_expression_writes_the_uri_as_text_or_as_a_uri():
    write = Request.published.properties["uri"].set
    request, other = Request("GET", "http://h/"), Uri("http://z/")
    write(request, "http://foo/bar")
    assert str(request.uri) == "http://foo/bar"
    write(request, other)
    request.uri.path = "/changed"
    assert str(other) == "http://z/"
    with pytest.raises(ValueError):
        write(request, "http://h/a b")


def test_known_codes_keep_their_own_reason_and_unknown_ones_take_the_given():
    assert Status.of(404, "Nope").reason == "Not Found"
    assert Status.of(299, "Fine").reason == "Fine"
    assert Status.of(299).reason == "Unknown"
    assert Status.of(299, "a\r\nb").reason == "Unknown"
    assert str(Status.of(200)) == "[Status: 200 OK]"


@pytest.mark.parametrize(
    ("code", "family"),
    [
        (100, "INFORMATIONAL"),
        (204, "SUCCESSFUL"),
        (302, "REDIRECTION"),
        (418, "CLIENT_ERROR"),
        (599, "SERVER_ERROR"),
        (600, "UNKNOWN"),
        (999, "UNKNOWN"),
    ],
)
def test_the_first_digit_is_the_family(code, family):
    assert Status.of(code).family is Family[family]


@pytest.mark.parametrize("code", [99, 1000, -1])
def test_other_codes_are_refused(code):
    with pytest.raises(ValueError):
        Status.of(code)


def test_a_status_publishes_names_with_and_without_is():
    names = Status.published.properties
    for name in (
        "successful",
        "isSuccessful",
        "clientError",
        "isClientError",
        "serverError",
        "redirection",
        "informational",
    ):
        assert name in names
