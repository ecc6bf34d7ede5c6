"""EntityExtractFilter: first matches of patterns, templates, and bodies that cannot be read."""

from tests.gateway.scripted import answer, problems, run

PAGE = "<input name='nonce' value='abc'>\n<input name='other' value='def'>"


def extract(*bindings: dict, message: str = "RESPONSE", **config) -> dict:
    values = {"messageType": message, "target": "${attributes.found}", "bindings": list(bindings), **config}
    return {"type": "EntityExtractFilter", "config": values}


NONCE = {"key": "nonce", "pattern": "name='(\\w+)' value='([^']*)'"}


async def test_the_first_match_counts():
    outcome = await run(extract(NONCE), next=answer(entity=PAGE))
    assert outcome.context.attributes["found"] == {"nonce": "name='nonce' value='abc'"}
    assert outcome.text == PAGE


async def test_a_template_is_filled_from_the_groups():
    outcome = await run(extract({**NONCE, "template": "$2\\$1-$1$9\\\\"}), next=answer(entity=PAGE))
    assert outcome.context.attributes["found"] == {"nonce": "abc$1-nonce\\"}


async def test_a_pattern_without_a_match_gives_null():
    outcome = await run(extract({"key": "none", "pattern": "xyz"}), next=answer(entity=PAGE))
    assert outcome.context.attributes["found"] == {"none": None}


async def test_a_request_is_searched_before_it_goes_on():
    config = extract({"key": "user", "pattern": "user=(\\w+)", "template": "$1"}, message="REQUEST")
    outcome = await run(config, {"method": "POST", "entity": "user=demo&x=y"})
    assert outcome.context.attributes["found"] == {"user": "demo"}
    assert outcome.forwarded.entity == b"user=demo&x=y"


async def test_the_charset_is_that_of_the_message_or_the_one_given():
    entity = "größe=1".encode()
    binding = {"key": "size", "pattern": "gr(.*)="}
    headers = {"Content-Type": "text/plain; charset=UTF-8"}
    outcome = await run(extract(binding), next=answer(200, headers, entity))
    assert outcome.context.attributes["found"] == {"size": "größe="}
    outcome = await run(extract(binding, charset="UTF-8"), next=answer(entity=entity))
    assert outcome.context.attributes["found"] == {"size": "größe="}


async def test_a_body_that_cannot_be_read_gives_an_empty_map():
    outcome = await run(extract(NONCE), next=answer(200, {"Content-Encoding": "gzip"}, b"not gzip"))
    assert outcome.context.attributes["found"] == {}
    assert outcome.status == 200


def test_mistakes_are_found_when_the_filter_is_loaded():
    assert problems(extract(NONCE, NONCE)) == ['two bindings have the key "nonce"']
    assert problems(extract(NONCE, charset="nonsense")) == ['there is no charset "nonsense"']
    assert problems(extract({"key": "a", "pattern": "("}))
