"""Decorations keep the kind of an object, share its state, and nest in documented order."""

from gateway.decorators.base import around
from gateway.filters.circuit_breaker_filter import CircuitBreakerFilter
from gateway.handlers.static_response_handler import StaticResponseHandler
from gateway.http.status import Status
from tests.gateway.scripted import build, exchange, load

HELLO = {"name": "hello", "type": "StaticResponseHandler", "config": {"status": 200, "entity": "${request.uri.host}"}}


async def test_a_decorated_object_is_of_the_same_class_and_the_target_stays_as_it_was():
    target = build(HELLO)

    async def handle(context, request):
        response = await target.handle(context, request)
        response.status = Status.of(418)
        return response

    made = around(target, handle=handle)
    assert isinstance(made, StaticResponseHandler)
    assert (made.status, made.object_name) == (200, target.object_name)
    assert (await exchange(made)).status == 418
    assert (await exchange(target)).status == 200


def test_state_is_shared():
    target = build({"type": "CircuitBreakerFilter", "config": {"maxFailures": 1, "openDuration": "1 s"}})
    made = around(target)
    assert isinstance(made, CircuitBreakerFilter)
    assert made._breaker is target._breaker


async def test_the_first_field_is_innermost(caplog):
    caplog.set_level("INFO", "gatewright.CaptureDecorator")
    seen = {}
    for order in (("capture", "baseURI"), ("baseURI", "capture")):
        caplog.clear()
        values = {"capture": "request", "baseURI": "http://inner"}
        await exchange(build({**HELLO, **{key: values[key] for key in order}}))
        seen[order] = caplog.text.count("http://inner")
    assert seen == {("capture", "baseURI"): 1, ("baseURI", "capture"): 0}


async def test_global_decorators_concern_every_object():
    chain = {"type": "Chain", "config": {"filters": [], "handler": "hello"}}
    _, tested = load(chain, heap=[HELLO], globalDecorators={"baseURI": "http://everywhere"})
    assert (await exchange(tested)).text == "everywhere"


async def test_a_field_that_names_no_decorator_does_nothing():
    heap, tested = load({**HELLO, "captrue": "all"})
    assert (await exchange(tested)).status == 200
    assert [finding.message for finding in heap.findings] == ['"captrue" names no decorator and is ignored']
