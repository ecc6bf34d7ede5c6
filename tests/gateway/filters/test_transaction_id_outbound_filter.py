"""TransactionIdOutboundFilter: the id and a count of calls."""

from gateway.http.connection import INTERNAL
from gateway.http.context import ExchangeContext
from tests.gateway.scripted import build, exchange, request_of

HEADER = "X-ForgeRock-TransactionId"


async def test_each_call_of_a_transaction_counts():
    tested = build({"type": "TransactionIdOutboundFilter"})
    request = request_of(headers={HEADER: "from outside"})
    root = ExchangeContext(INTERNAL, request)
    sent = []

    async def call(context, request):
        sent.append(request.headers.all(HEADER))

    for _ in range(2):
        await tested.filter(root, request, call)
    assert sent == [[f"{root.transaction_id}/0"], [f"{root.transaction_id}/1"]]


async def test_it_is_a_default_object():
    outcome = await exchange(build({"type": "ChainOfFilters", "config": {"filters": ["TransactionIdOutboundFilter"]}}))
    assert outcome.forwarded.headers == {HEADER: [f"{outcome.context.transaction_id}/0"]}
