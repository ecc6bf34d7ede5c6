"""Expressions over a scope: what they see of messages and contexts, and what they may write."""

from typing import Any

import pytest

from expr import compile_lvalue, compile_template, types
from gateway.http.bindings import EXCEPTION_SIDE, REQUEST_SIDE, RESPONSE_SIDE
from gateway.http.scope import Scope, scope_from_json

SCOPE: dict[str, Any] = {
    "request": {
        "method": "POST",
        "uri": "http://u@h.example.com:80/p/x%20y?q=1&q=2&n#f",
        "headers": {"H": ["one", "two"], "Cookie": "sid=abc; SID=def", "Content-Type": "text/plain; charset=UTF-8"},
        "entity": '{"user": {"mail": "m@é"}, "n": 2.0}',
    },
    "response": {"status": 404, "headers": {"Set-Cookie": ["a=1"]}, "entity": "a=1&b=x+y"},
    "attributes": {"x": {"y": [1, 2]}},
    "session": {"username": "u"},
    "contexts": {
        "ssoToken": {"value": "t", "info": {"uid": "bob"}},
        "router": {"originalUri": "https://app.example.com/a?b"},
        "oauth2": {"accessToken": {"token": "at", "scopes": ["s1"], "info": {"sub": "x"}}},
        "jwtValidation": {"claims": {"sub": "me", "aud": "you", "exp": 1}},
        "OAuth2Failure": {"error": "access_denied", "exception": {"message": "m", "class": {"name": "a.B"}}},
        "transactionId": {"transactionId": {"value": "tx"}},
        "client": {"remoteAddress": "192.0.2.7", "isSecure": True},
        "policyDecision": {"attributes": {"mail": ["a@b"]}, "jsonActions": {"GET": True}},
        "vendor": {"anything": 5},
    },
}


def evaluate(text: str, scope: Scope | None = None) -> Any:
    scope = scope or scope_from_json(SCOPE)
    template = compile_template(text, environment=RESPONSE_SIDE, expects=types.ANY)
    return template(*scope.arguments(RESPONSE_SIDE))


SEEN = {
    "${request.method}": "POST",
    "${request.uri.path}": "/p/x y",
    "${request.uri.rawPath}": "/p/x%20y",
    "${request.uri.port == 80}": True,
    "${request.uri.host}": "h.example.com",
    "${request.uri.pathElements[1]}": "x y",
    "${request.uri.getQuery()}": "q=1&q=2&n",
    "${request.uri.fragment}": "f",
    "${request.uri.toString()}": "http://u@h.example.com:80/p/x%20y?q=1&q=2&n#f",
    "to ${request.uri}": "to http://u@h.example.com:80/p/x%20y?q=1&q=2&n#f",
    "${request.queryParams['q'][1]}": "2",
    "${request.queryParams.q[0]}": "1",
    "${request.queryParams.none[0]}": None,
    "${request.headers['h'][1]}": "two",
    "${request.headers.H[0]}": "one",
    "${request.headers['none'][0]}": None,
    "${empty request.headers['none']}": True,
    "${request.headers.getFirst('H')}": "one",
    "v=${request.headers['H']}": "v=[one, two]",
    "${request.cookies['sid'][0].value}": "abc",
    "${request.cookies['sid'][1].value}": "def",
    "${request.cookies['none'][0].value}": None,
    "${request.entity.json.user.mail}": "m@é",
    "${request.entity.string.length()}": 35,
    "${request.entity.rawContentEmpty}": False,
    "${request.version}": "HTTP/1.1",
    "${response.status.code}": 404,
    "${response.status.family == 'CLIENT_ERROR'}": True,
    "${response.status.isClientError()}": True,
    "${response.status.isSuccessful}": False,
    "${response.status.reasonPhrase}": "Not Found",
    "${response.headers['Set-Cookie'][0]}": "a=1",
    "${response.entity.form['b'][0]}": "x y",
    "${attributes.x.y[1]}": 2,
    "${contexts.attributes.attributes.x.y[0]}": 1,
    "${session.username}": "u",
    "${contexts.session.session.username}": "u",
    "${contexts.ssoToken.info.uid}": "bob",
    "${contexts['ssoToken'].value}": "t",
    "${contexts.ssoToken.loginEndpoint}": None,
    "${contexts.ssoToken.contextName}": "ssoToken",
    "${contexts.router.originalUri.host == 'app.example.com'}": True,
    "${contexts.router.originalUri.query}": "b",
    "${contexts.oauth2.accessToken.token}": "at",
    "${contexts.oauth2.accessToken.info.sub}": "x",
    "${contexts.oauth2.accessToken.scopes[0]}": "s1",
    "${contexts.jwtValidation.claims.getSubject()}": "me",
    "${contexts.jwtValidation.claims.getClaim('aud')}": "you",
    "${contexts.jwtValidation.claims.getAudience()[0]}": "you",
    "${contexts.oauth2Failure.error}": "access_denied",
    "${contexts.oauth2failure.error}": "access_denied",
    "${contexts.oauth2Failure.exception.message}": "m",
    "${contexts.oauth2Failure.exception.getClass().getName()}": "a.B",
    "${contexts.transactionId.transactionId.value}": "tx",
    "${contexts.client.remoteAddress}": "192.0.2.7",
    "${contexts.client.isSecure()}": True,
    "${contexts.policyDecision.attributes.mail[0]}": "a@b",
    "${contexts.vendor.anything}": 5,
    "${contexts.none.value}": None,
    "${contexts.requestAudit.requestReceivedTime > 0}": True,
    "${context.root == null}": True,
    "${contexts.root.rootContext}": True,
}


@pytest.mark.parametrize(("text", "expected"), SEEN.items(), ids=SEEN.keys())
def test_an_expression_sees_messages_and_contexts(text, expected):
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "${request._entity}",
        "${request.uri._text}",
        "${request.has_entity}",
        "${context.root_}",
        "${contexts.ssoToken.fields}",
        "${request.__class__}",
    ],
)
def test_python_attributes_are_never_reachable(text):
    assert evaluate(text) is None


def test_without_a_response_everything_of_it_is_null():
    scope = scope_from_json({"request": {}})
    assert evaluate("${response.status.code}", scope) is None
    assert evaluate("${request.uri.path}", scope) == "/"
    template = compile_template("${response.status.code}", environment=REQUEST_SIDE, expects=types.ANY)
    assert template(*scope.arguments(REQUEST_SIDE)) is None


def test_the_exception_of_a_failed_call_is_seen_where_it_is_bound():
    from gateway.errors import UpstreamTimeout

    template = compile_template(
        "${exception.message.contains('GOAWAY')}", environment=EXCEPTION_SIDE, expects=types.BOOLEAN
    )
    scope = scope_from_json({"request": {}})
    assert template(scope.context, scope.request, UpstreamTimeout("got GOAWAY")) is True


WRITES = [
    ("${request.headers['X']}", "v", lambda s: s.request.headers.all("X") == ["v"]),
    ("${request.headers['h']}", ["a", "b"], lambda s: next(iter(s.request.headers.items())) == ("H", "a")),
    ("${request.headers['H']}", None, lambda s: "H" not in s.request.headers),
    ("${request.headers.X}", "a\r\nY: b", lambda s: "X" not in s.request.headers),
    ("${request.headers.X}", 5, lambda s: "X" not in s.request.headers),
    ("${request.method}", "PUT", lambda s: s.request.method == "PUT"),
    ("${request.method}", "PUT /x", lambda s: s.request.method == "POST"),
    ("${request.uri}", "https://other/", lambda s: str(s.request.uri) == "https://other/"),
    ("${request.uri}", "not a uri", lambda s: s.request.uri.host == "h.example.com"),
    ("${request.uri.path}", "/new path", lambda s: s.request.uri.raw_path == "/new%20path"),
    ("${request.uri.rawPath}", "/a b", lambda s: s.request.uri.path == "/p/x y"),
    ("${request.uri.port}", 81, lambda s: s.request.uri.port == 81),
    ("${request.uri.authority}", "x", lambda s: s.request.uri.host == "h.example.com"),
    (
        "${request.entity.string}",
        "é",
        lambda s: (s.request.entity.raw, s.request.headers.first("Content-Length")) == ("é".encode(), "2"),
    ),
    (
        "${request.entity.json}",
        {"a": 1},
        lambda s: s.request.headers.first("Content-Type") == "application/json; charset=UTF-8",
    ),
    ("${request.entity}", "text", lambda s: s.request.entity.string == "text"),
    ("${response.entity}", {"a": [1]}, lambda s: s.response.entity.raw == b'{"a":[1]}'),
    ("${attributes.new}", {"k": 1}, lambda s: s.context.root.attributes["new"] == {"k": 1}),
    ("${session['cart']}", 1, lambda s: s.context.session["cart"] == 1),
    (
        "${contexts.router.originalUri.path}",
        "/x",
        lambda s: str(s.context.find("router").original_uri) == "https://app.example.com/a?b",
    ),
    ("${contexts.ssoToken.value}", "x", lambda s: s.context.find("ssoToken").value == "t"),
]


@pytest.mark.parametrize(("text", "value", "holds"), WRITES, ids=[f"{text}={value!r}" for text, value, _ in WRITES])
def test_an_expression_writes_what_is_writable_and_nothing_else(text, value, holds):
    scope = scope_from_json(SCOPE)
    compile_lvalue(text, environment=RESPONSE_SIDE).set(value, *scope.arguments(RESPONSE_SIDE))
    assert holds(scope)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("${request.entity.json.a}", {"request_entity": True}),
        ("${response.entity.string}", {"response_entity": True}),
        ("${request.uri.path}", {"request_entity": False, "response_entity": False, "session": False}),
        ("${session.a}", {"session": True}),
        ("${contexts.session.session.a}", {"session": True}),
        ("${contexts.ssoToken.value}", {"contexts": frozenset({"ssoToken"})}),
    ],
)
def test_a_compiled_expression_knows_what_it_touches(text, reads):
    template = compile_template(text, environment=RESPONSE_SIDE, expects=types.ANY)
    assert {name: getattr(template.reads, name) for name in reads} == reads


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"nonsense": 1},
        {"request": "x"},
        {"request": {"headers": []}},
        {"response": {"status": "x"}},
        {"contexts": {"a": 1}},
        {"request": {"uri": "a b"}},
        {"request": {"headers": {"A": [1]}}},
    ],
)
def test_a_scope_of_another_shape_is_refused(wrong):
    with pytest.raises(ValueError):
        scope_from_json(wrong)
