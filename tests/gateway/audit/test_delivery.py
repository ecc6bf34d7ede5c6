"""The queue between requests and a target: what happens when the target is slow, fails, hangs or comes back."""

import threading

import pytest

from gateway.audit import delivery as module
from gateway.audit.delivery import Delivery, Target
from gateway.metrics.registry import METRICS
from tests.gateway.instances import until


class Scripted(Target):
    """A target that takes events when it may, and fails when it should."""

    def __init__(self, *, gate_open=True):
        self.taken, self.batches = [], []
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.failure = None
        self.closed = False
        if gate_open:
            self.gate.set()

    def write(self, items):
        self.entered.set()
        self.gate.wait(30)
        self.batches.append(len(items))
        while items:
            if self.failure is not None:
                raise self.failure
            self.taken.append(items.popleft()[1])

    def close(self):
        self.closed = True


def lost(name):
    family = METRICS.snapshot().families["ig_audit_events_lost_total"]
    return family.samples[("handler", name),]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "RETRY", 0.001)


def errors(caplog):
    return [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]


async def test_events_arrive_in_order_and_all_of_them_before_the_end():
    target = Scripted()
    delivery = Delivery("ordered", target, 1000)
    delivery.start()
    for number in range(1000):
        delivery.put("access", {"n": number})
    await delivery.stop()
    assert [event["n"] for event in target.taken] == list(range(1000))
    assert target.closed


async def test_events_are_gathered_for_the_interval():
    target = Scripted()
    delivery = Delivery("gathering", target, 1000, interval=30)
    delivery.start()
    for number in range(10):
        delivery.put("access", {"n": number})
    await delivery.stop()
    assert target.batches == [10]


async def test_a_full_queue_loses_events_which_is_logged_once_and_counted(caplog):
    target = Scripted(gate_open=False)
    delivery = Delivery("full", target, 10)
    delivery.start()
    delivery.put("access", {"n": 0})
    assert target.entered.wait(10)
    for number in range(1, 25):
        delivery.put("access", {"n": number})
    assert errors(caplog) == ["audit event handler 'full' loses events: its queue of 10 events is full"]
    assert lost("full") == 15
    target.gate.set()
    await until(lambda: len(target.taken) == 10)
    await delivery.stop()
    assert [event["n"] for event in target.taken] == list(range(10))


async def test_it_is_said_when_events_are_taken_again(caplog):
    caplog.set_level("INFO", "gatewright.audit")
    target = Scripted(gate_open=False)
    delivery = Delivery("again", target, 2)
    delivery.start()
    delivery.put("access", {})
    assert target.entered.wait(10)
    for _ in range(3):
        delivery.put("access", {})
    target.gate.set()
    await until(lambda: any("takes events again; it lost 2" in r.getMessage() for r in caplog.records))
    await delivery.stop()


async def test_a_target_that_fails_gets_its_events_later(caplog):
    caplog.set_level("INFO", "gatewright.audit")
    target = Scripted()
    target.failure = OSError(28, "No space left on device")
    delivery = Delivery("failing", target, 100)
    delivery.start()
    for number in range(5):
        delivery.put("access", {"n": number})
    await until(lambda: len(target.batches) > 3)
    target.failure = None
    await until(lambda: len(target.taken) == 5)
    await until(lambda: any("writes again" in r.getMessage() for r in caplog.records))
    await delivery.stop()
    assert [event["n"] for event in target.taken] == list(range(5))
    assert len(errors(caplog)) == 1
    assert "No space left on device" in errors(caplog)[0]
    assert lost("failing") == 0


async def test_what_a_failing_target_has_not_taken_at_the_end_is_lost(caplog):
    target = Scripted()
    target.failure = ConnectionRefusedError()
    delivery = Delivery("down", target, 100)
    delivery.start()
    delivery.put("access", {})
    delivery.put("access", {})
    await delivery.stop()
    assert lost("down") == 2
    assert target.closed


async def test_a_target_that_hangs_does_not_hold_the_stop(caplog):
    target = Scripted(gate_open=False)
    delivery = Delivery("hanging", target, 100)
    delivery.start()
    delivery.put("access", {})
    assert target.entered.wait(10)
    await delivery.stop(grace=0.01)
    assert errors(caplog) == ["audit event handler 'hanging' hangs: 1 events are lost"]
    assert lost("hanging") == 1
    target.gate.set()


async def test_a_target_is_tended_although_nothing_comes():
    class Tended(Scripted):
        watch = 0.001
        count = 0

        def tend(self):
            self.count += 1

    target = Tended()
    delivery = Delivery("tended", target, 10)
    delivery.start()
    await until(lambda: target.count > 3)
    await delivery.stop()


async def test_a_target_that_cannot_close_is_no_failure_of_the_stop(caplog):
    class Stuck(Scripted):
        def close(self):
            raise OSError("not now")

    delivery = Delivery("stuck", Stuck(), 10)
    delivery.start()
    await delivery.stop()
    assert "could not close" in caplog.text


async def test_stopping_what_never_started_is_fine():
    await Delivery("idle", Scripted(), 10).stop()
