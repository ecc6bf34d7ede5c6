"""HeaderFilter: remove, then replace, then add, on the one message or the other."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import answer, problems, run


def header_filter(message: str = "REQUEST", **config) -> dict:
    return {"type": "HeaderFilter", "config": {"messageType": message, **config}}


async def test_request_headers_are_removed_ignoring_case():
    outcome = await run(
        header_filter(remove=["x-debug", "X-None"]), {"headers": {"X-DEBUG": ["a", "b"], "X-Kept": "c"}}
    )
    assert outcome.forwarded.headers == {"X-Kept": ["c"]}


async def test_values_are_appended():
    outcome = await run(header_filter(add={"x-a": ["${request.method}", "two"]}), {"headers": {"X-A": "one"}})
    assert outcome.forwarded.headers == {"X-A": ["one", "GET", "two"]}


async def test_removal_comes_before_addition():
    outcome = await run(header_filter(remove=["X-A"], add={"X-A": ["new"]}), {"headers": {"X-A": "old"}})
    assert outcome.forwarded.headers == {"X-A": ["new"]}


async def test_a_replacement_may_read_what_it_replaces():
    config = header_filter(replace={"Host": ["inner.${request.headers['Host'][0]}"]}, add={"Host": ["second"]})
    outcome = await run(config, {"headers": {"host": "example.com"}})
    assert outcome.forwarded.headers == {"Host": ["inner.example.com", "second"]}


async def test_null_adds_nothing_and_a_list_adds_each_element():
    outcome = await run(
        header_filter(add={"X-Null": ["${request.headers['None'][0]}"], "X-List": ["${request.headers['A']}"]}),
        {"headers": {"A": ["1", "2"]}},
    )
    assert outcome.forwarded.headers == {"A": ["1", "2"], "X-List": ["1", "2"]}


async def test_a_number_is_no_header_value():
    outcome = await run(header_filter(add={"X-Count": ["${length('abc')}"], "X-Text": ["n=${length('abc')}"]}))
    assert outcome.forwarded.headers == {"X-Text": ["n=3"]}


async def test_response_headers_are_changed_after_the_answer():
    config = header_filter("response", remove=["Server"], add={"X-Status": ["${response.status.code}!"]})
    outcome = await run(config, next=answer(404, {"Server": "x"}))
    assert outcome.headers == {"X-Status": ["404!"]}
    assert outcome.forwarded.headers == {}


async def test_a_line_break_in_a_value_fails_instead_of_making_a_header():
    config = header_filter(add={"X-A": ["${urlDecode(request.headers['A'][0])}"]})
    with pytest.raises(ExchangeError) as caught:
        await run(config, {"headers": {"A": "a%0D%0AX-Evil: 1"}})
    assert caught.value.code == 500
    assert "Evil" not in str(caught.value)


def test_names_and_message_types_are_checked():
    assert problems(header_filter(add={"a b": ["x"]})) == ['"a b" is no name of a header field']
    assert problems({"type": "HeaderFilter", "config": {"messageType": "BOTH"}})
    assert problems({"type": "HeaderFilter"}) == ['HeaderFilter needs the property "messageType"']
