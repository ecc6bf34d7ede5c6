from typing import Any

import pytest

from tests.gateway.scripted import Outcome, answer, problems, run

ORIGIN = "https://app.example.com"
POLICY = {
    "acceptedOrigins": [ORIGIN],
    "acceptedMethods": ["GET", "PUT"],
    "acceptedHeaders": ["Authorization", "X-Trace"],
    "exposedHeaders": ["X-Total", "X-Page"],
    "maxAge": "10 minutes",
    "allowCredentials": True,
}
TEAPOT = {"type": "StaticResponseHandler", "config": {"status": 418}}


def cors(*policies: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {"type": "CorsFilter", "config": {"policies": list(policies or (POLICY,)), **config}}


async def preflight(declaration: dict[str, Any], method: str = "PUT", headers: str | None = None) -> Outcome:
    sent = {"Origin": ORIGIN, "Access-Control-Request-Method": method}
    if headers is not None:
        sent["Access-Control-Request-Headers"] = headers
    return await run(declaration, {"method": "OPTIONS", "headers": sent})


async def test_a_request_without_origin_passes_and_its_response_is_not_changed() -> None:
    outcome = await run(cors(), next=answer(200, {"X-Total": "5"}))
    assert outcome.forwarded.method == "GET"
    assert outcome.headers == {"X-Total": ["5"]}


async def test_an_accepted_origin_is_allowed_on_the_response() -> None:
    outcome = await run(cors(), {"headers": {"Origin": ORIGIN}})
    assert len(outcome.seen) == 1
    assert outcome.headers == {
        "Access-Control-Allow-Origin": [ORIGIN],
        "Access-Control-Allow-Credentials": ["true"],
        "Access-Control-Expose-Headers": ["X-Total, X-Page"],
        "Vary": ["Origin"],
    }


async def test_an_actual_request_is_not_refused_because_of_its_method() -> None:
    outcome = await run(cors(), {"method": "DELETE", "headers": {"Origin": ORIGIN}})
    assert outcome.status == 200
    assert outcome.forwarded.method == "DELETE"


async def test_an_origin_of_no_policy_is_refused() -> None:
    outcome = await run(cors(), {"headers": {"Origin": "https://evil.example.com"}})
    assert (outcome.status, outcome.seen, outcome.text) == (403, [], "")


async def test_the_failure_handler_answers_an_origin_of_no_policy() -> None:
    outcome = await run(cors(failureHandler=TEAPOT), {"headers": {"Origin": "https://evil.example.com"}})
    assert (outcome.status, outcome.seen) == (418, [])


@pytest.mark.parametrize(
    ("accepted", "origin", "passes"),
    [
        ("https://app.example.com", "HTTPS://APP.example.com", True),
        ("https://app.example.com", "https://app.example.com:443", True),
        ("https://app.example.com:443", "https://app.example.com", True),
        ("http://app.example.com", "http://app.example.com:80", True),
        ("https://app.example.com", "http://app.example.com", False),
        ("https://app.example.com", "https://app.example.com:8443", False),
        ("https://app.example.com", "https://app.example.com.evil.org", False),
        ("https://app.example.com/", "https://app.example.com", True),
        ("http://[2001:db8::1]:8080", "http://[2001:DB8::1]:8080", True),
        ("https://app.example.com", "null", False),
        ("*", "null", True),
        ("*", "https://anything.example.org", True),
    ],
)
async def test_origins_are_compared_by_scheme_host_and_port(accepted: str, origin: str, passes: bool) -> None:
    outcome = await run(cors({"acceptedOrigins": [accepted]}), {"headers": {"Origin": origin}})
    assert outcome.status == (200 if passes else 403)
    assert outcome.headers.get("Access-Control-Allow-Origin") == ([origin] if passes else None)


async def test_all_origins_are_accepted_by_a_star_alone_and_the_origin_is_echoed() -> None:
    outcome = await run(cors({"acceptedOrigins": "*", "allowCredentials": True}), {"headers": {"Origin": ORIGIN}})
    assert outcome.headers["Access-Control-Allow-Origin"] == [ORIGIN]
    assert outcome.headers["Access-Control-Allow-Credentials"] == ["true"]


async def test_the_first_policy_that_accepts_the_origin_counts() -> None:
    other = {"acceptedOrigins": ["https://other.example.com"], "exposedHeaders": ["X-Other"]}
    every = {"acceptedOrigins": "*", "exposedHeaders": ["X-Every"]}
    outcome = await run(cors(other, POLICY, every), {"headers": {"Origin": ORIGIN}})
    assert outcome.headers["Access-Control-Expose-Headers"] == ["X-Total, X-Page"]


async def test_what_the_service_said_about_origins_is_replaced_and_its_vary_kept() -> None:
    service = answer(200, {"Access-Control-Allow-Origin": "*", "Vary": "Accept"})
    outcome = await run(cors({"acceptedOrigins": [ORIGIN]}), {"headers": {"Origin": ORIGIN}}, service)
    assert outcome.headers == {"Access-Control-Allow-Origin": [ORIGIN], "Vary": ["Accept", "Origin"]}


async def test_vary_names_the_origin_only_once() -> None:
    outcome = await run(
        cors({"acceptedOrigins": "*"}), {"headers": {"Origin": ORIGIN}}, answer(200, {"Vary": "accept, origin"})
    )
    assert outcome.headers["Vary"] == ["accept, origin"]


async def test_a_preflight_request_is_answered_by_the_filter() -> None:
    outcome = await preflight(cors(), headers="authorization, x-trace")
    assert (outcome.status, outcome.seen) == (200, [])
    assert outcome.headers == {
        "Access-Control-Allow-Origin": [ORIGIN],
        "Access-Control-Allow-Credentials": ["true"],
        "Vary": ["Origin"],
        "Access-Control-Max-Age": ["600"],
        "Access-Control-Allow-Methods": ["PUT"],
        "Access-Control-Allow-Headers": ["authorization, x-trace"],
    }


async def test_a_method_that_is_not_accepted_is_left_out_of_the_preflight_response() -> None:
    for method in ("DELETE", "put"):
        outcome = await preflight(cors(failureHandler=TEAPOT), method)
        assert outcome.status == 200
        assert "Access-Control-Allow-Methods" not in outcome.headers


async def test_headers_are_allowed_only_if_all_are_accepted() -> None:
    outcome = await preflight(cors(failureHandler=TEAPOT), headers="Authorization, X-Other")
    assert outcome.status == 200
    assert "Access-Control-Allow-Headers" not in outcome.headers


async def test_stars_accept_all_methods_and_headers() -> None:
    policy = {"acceptedOrigins": "*", "acceptedMethods": "*", "acceptedHeaders": "*"}
    outcome = await preflight(cors(policy), "PATCH", "X-Anything")
    assert outcome.headers == {
        "Access-Control-Allow-Origin": [ORIGIN],
        "Vary": ["Origin"],
        "Access-Control-Allow-Methods": ["PATCH"],
        "Access-Control-Allow-Headers": ["X-Anything"],
    }


async def test_nothing_is_accepted_by_default() -> None:
    outcome = await preflight(cors({"acceptedOrigins": [ORIGIN]}), "GET", "X-Trace")
    assert outcome.headers == {"Access-Control-Allow-Origin": [ORIGIN], "Vary": ["Origin"]}


async def test_an_unlimited_age_is_the_largest_that_a_browser_reads() -> None:
    outcome = await preflight(cors({"acceptedOrigins": [ORIGIN], "maxAge": "unlimited"}))
    assert outcome.headers["Access-Control-Max-Age"] == [str(2**31 - 1)]


async def test_options_without_a_requested_method_is_no_preflight() -> None:
    outcome = await run(cors(), {"method": "OPTIONS", "headers": {"Origin": ORIGIN}})
    assert outcome.forwarded.method == "OPTIONS"


def test_a_policy_needs_origins_and_they_are_origins() -> None:
    assert 'needs the property "acceptedOrigins"' in problems(cors({"acceptedMethods": "*"}))[0]
    assert problems(cors({"acceptedOrigins": ["app.example.com"]})) == ['"app.example.com" is no origin']
    assert problems({"type": "CorsFilter", "config": {}}) == ['CorsFilter needs the property "policies"']
