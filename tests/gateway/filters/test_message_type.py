"""Field values of a message: the side that they see, and what lint says of values that are no text."""

from tests.gateway.scripted import load, problems


def findings(message: str, value: object) -> list[str]:
    declaration = {"type": "HeaderFilter", "config": {"messageType": message, "add": {"X": [value]}}}
    heap, _ = load(declaration)
    return [diagnostic.message for diagnostic in heap.findings]


def test_a_value_that_can_be_no_text_is_worth_saying():
    (message,) = findings("REQUEST", "${length('abc')}")
    assert "counts as null" in message
    assert len(findings("REQUEST", 5)) == 1


def test_text_and_lists_are_fine():
    for value in ("x", "${request.method}", "${request.headers['A']}", "${attributes.a}", None):
        assert findings("REQUEST", value) == []


def test_only_the_response_side_sees_a_response():
    value = "${response.headers['A'][0]}"
    assert findings("RESPONSE", value) == []
    declaration = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X": [value]}}}
    assert findings("REQUEST", value) or problems(declaration)
