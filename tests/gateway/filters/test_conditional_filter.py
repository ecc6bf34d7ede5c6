"""ConditionalFilter: a filter that some requests pass by."""

from tests.gateway.scripted import run

ADD = {"type": "HeaderFilter", "config": {"messageType": "RESPONSE", "add": {"X-Ran": ["yes"]}}}


async def test_the_delegate_runs_only_when_the_condition_holds():
    for method, expected in (("GET", {"X-Ran": ["yes"]}), ("PUT", {})):
        config = {"condition": "${request.method == 'GET'}", "delegate": ADD}
        outcome = await run({"type": "ConditionalFilter", "config": config}, {"method": method})
        assert outcome.headers == expected
