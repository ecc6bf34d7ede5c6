"""The route index proposes; whatever it proposes, the choice is the one that trying every condition in order gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expr import Template, compile_template, types
from gateway.http.bindings import REQUEST_SIDE
from gateway.http.scope import scope_from_json
from gateway.routing.guards import Guard, guard
from gateway.routing.index import SMALL, RouteIndex

PATHS = (
    "/",
    "/home",
    "/home/a",
    "/HOME",
    "/api/v1",
    "/api/v1/x",
    "/über",
    "/a\n",
    "/a b",
    "/api(v1)",
    "/home/../x",
    "//home",
)
PATTERNS = (
    "^/home", "^/home$", "/a", "^/api/v[0-9]+", "^/(home|api)/", "(?i)^/home", "^/api\\\\(v1\\\\)$", "^/h.*e$", "x$",
    "^/$",
    "^/[a-z]+$", "^/home(?!/a)", "^/a++", "\\\\p{Alpha}+", "^/h\\\\w+", "^/\\\\Qhome\\\\E", "[a-z&&[^h]]",
)  # fmt: skip
METHODS = ("GET", "POST")
HOSTS = ("a.example.com", "b.example.com")

atoms = st.one_of(
    st.sampled_from(PATTERNS).map(lambda p: f"find(request.uri.path, '{p}')"),
    st.sampled_from(PATTERNS).map(lambda p: f"matchesWithRegex(request.uri.path, '{p}')"),
    st.sampled_from(("/home", "/api/v1", "/a")).map(lambda p: f"request.uri.path == '{p}'"),
    st.sampled_from(("/home", "/api")).map(lambda p: f"request.uri.path.startsWith('{p}')"),
    st.sampled_from(METHODS).map(lambda m: f"request.method == '{m}'"),
    st.sampled_from(METHODS).map(lambda m: f"request.method != '{m}'"),
    st.sampled_from(HOSTS).map(lambda h: f"request.uri.host == '{h}'"),
    st.just("request.headers['X-A'][0] == 'b'"),
    st.sampled_from(("true", "false", "null", "1")),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} and {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} || {p[1]})"),
        inner.map(lambda e: f"not ({e})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    ),
    max_leaves=6,
)
requests = st.fixed_dictionaries(
    {"method": st.sampled_from(METHODS), "host": st.sampled_from(HOSTS), "path": st.sampled_from(PATHS)}
)


def template(condition: str) -> Template:
    return compile_template(f"${{{condition}}}", environment=REQUEST_SIDE, expects=types.BOOLEAN)


def satisfied(compiled: Template, scope) -> bool:
    from expr import EvaluationError

    try:
        return compiled(*scope.arguments(REQUEST_SIDE)) is True
    except EvaluationError:
        return False


@given(st.lists(conditions, min_size=SMALL + 1, max_size=SMALL + 8), requests)
def test_the_index_gives_what_the_linear_order_gives(texts: list[str], wanted: dict[str, str]) -> None:
    compiled = [template(text) for text in texts]
    scope = scope_from_json({"request": {"method": wanted["method"], "uri": f"http://{wanted['host']}/"}})
    scope.request.uri.path = wanted["path"]
    linear = [position for position, one in enumerate(compiled) if satisfied(one, scope)]
    index = RouteIndex([guard(one.expressions[0]) for one in compiled])
    indexed = [p for p in index.candidates(scope.request) if satisfied(compiled[p], scope)]
    assert indexed == linear


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("find(request.uri.path, '^/x')", Guard(paths=frozenset({"^/x"}))),
        ("matchesWithRegex(request.uri.path, '/x|/y')", Guard(paths=frozenset({"^(?:/x|/y)$"}))),
        ("request.method == 'GET' and find(request.uri.path, '^/x')", Guard(frozenset({"^/x"}), frozenset({"GET"}))),
        ("request.uri.path == '/a.b'", Guard(paths=frozenset({r"^/a\.b$"}))),
        ("'h' == request.uri.host", Guard(hosts=frozenset({"h"}))),
        ("find(request.uri.path, '^/x') or request.method == 'GET'", Guard()),
        ("find(request.uri.path, '^/x(?!y)')", Guard()),
        ("find(request.uri.path, '[a&&b]')", Guard()),
        ("find(request.uri.query, '^/x')", Guard()),
        ("not find(request.uri.path, '^/x')", Guard()),
    ],
)
def test_a_guard_says_what_a_condition_implies(condition: str, expected: Guard) -> None:
    assert guard(template(condition).expressions[0]) == expected


def test_many_routes_are_narrowed_to_the_few_that_fit() -> None:
    guards = [Guard(paths=frozenset({f"^/app{n}(/|$)"})) for n in range(2000)]
    scope = scope_from_json({"request": {"uri": "http://a/app1234/x"}})
    assert list(RouteIndex(guards).candidates(scope.request)) == [1234]
