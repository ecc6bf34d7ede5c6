"""ChainOfFilters: filters in order, and back in reverse."""

from tests.gateway.scripted import run


async def test_filters_of_a_chain_run_in_order_and_come_back_in_reverse():
    def add(text: str, message: str) -> dict:
        return {"type": "HeaderFilter", "config": {"messageType": message, "add": {"X-Trace": [text]}}}

    filters = [add("1", "RESPONSE"), add("a", "REQUEST"), add("2", "RESPONSE"), add("b", "REQUEST")]
    outcome = await run({"type": "ChainOfFilters", "config": {"filters": filters}})
    assert outcome.forwarded.headers["X-Trace"] == ["a", "b"]
    assert outcome.headers["X-Trace"] == ["2", "1"]


async def test_a_chain_may_be_empty():
    assert (await run({"type": "ChainOfFilters", "config": {"filters": []}})).status == 200
