"""FapiInteractionIdFilter: one id for request, context, audit and response."""

from uuid import UUID

from tests.gateway.scripted import run

HEADER = "x-fapi-interaction-id"


async def test_an_id_that_is_there_travels_through():
    outcome = await run({"type": "FapiInteractionIdFilter"}, {"headers": {"X-FAPI-Interaction-ID": "abc"}})
    assert outcome.headers[HEADER] == ["abc"]
    assert outcome.forwarded.headers == {"X-FAPI-Interaction-ID": ["abc"]}
    assert outcome.forwarded.context.find("interactionIdFapiContext").fapi_interaction_id == "abc"
    assert outcome.context.audit_extensions == {"fapi-interaction-id": "abc"}


async def test_a_request_without_one_gets_a_uuid():
    outcome = await run({"type": "FapiInteractionIdFilter"})
    (value,) = outcome.forwarded.headers[HEADER]
    assert str(UUID(value)) == value
    assert outcome.headers[HEADER] == [value]
