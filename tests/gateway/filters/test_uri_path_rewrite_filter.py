"""UriPathRewriteFilter: paths there, and locations back."""

import pytest

from tests.gateway.scripted import answer, problems, run


def rewrite(mappings: dict, **config) -> dict:
    return {"type": "UriPathRewriteFilter", "config": {"mappings": mappings, **config}}


MAPPINGS = {"/mcp": "/", "/shop": "/old/shop/", "/shop/v1": "/backend/shop", "/": "/root"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/mcp", "/"),
        ("/mcp/x%2Fy?q=1", "/x%2Fy?q=1"),
        ("/shop", "/old/shop"),
        ("/shop/v1/cart", "/backend/shop/cart"),
        ("/shop/v10", "/old/shop/v10"),
        ("/shopping", "/root/shopping"),
        ("/", "/root/"),
    ],
)
async def test_the_longest_path_by_whole_segments_is_replaced(path, expected):
    outcome = await run(rewrite(MAPPINGS), {"uri": f"http://h{path}"})
    assert outcome.forwarded.uri == f"http://h{expected}"


@pytest.mark.parametrize("key", ["^/a(.*)", "/a/.*", "a"])
async def test_a_key_is_no_pattern_and_one_that_fits_nothing_does_nothing(key):
    outcome = await run(rewrite({key: "/$1"}), {"uri": "http://h/a/b"})
    assert outcome.forwarded.uri == "http://h/a/b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/backend/x?q=1#f", "/app/x?q=1#f"),
        ("http://h:80/backend", "http://h:80/app"),
        ("HTTP://H/backend/x", "HTTP://H/app/x"),
        ("http://other/backend/x", "http://other/backend/x"),
        ("https://h/backend/x", "https://h/backend/x"),
        ("/backendx", "/backendx"),
        ("backend/x", "backend/x"),
    ],
)
@pytest.mark.parametrize("name", ["Location", "Content-Location"])
async def test_locations_of_the_application_are_put_back(name, value, expected):
    config = rewrite({"/app": "/backend", "/other": "/x"})
    outcome = await run(config, {"uri": "http://h/app/a"}, answer(302, {name: value}))
    assert outcome.headers[name] == [expected]


async def test_a_response_to_a_path_that_was_not_mapped_is_left_alone():
    outcome = await run(rewrite({"/app": "/b"}), {"uri": "http://h/x"}, answer(302, {"Location": "/b/c"}))
    assert outcome.headers["Location"] == ["/b/c"]


async def test_a_header_that_is_no_uri_gets_the_failure_handler():
    handler = {"type": "StaticResponseHandler", "config": {"status": 418}}
    config = rewrite({"/app": "/b"}, failureHandler=handler)
    outcome = await run(config, {"uri": "http://h/app"}, answer(302, {"Location": "http://a b/<"}))
    assert outcome.status == 418


def test_mappings_may_not_be_empty():
    assert problems(rewrite({})) == ["no path is mapped"]
