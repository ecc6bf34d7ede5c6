"""Backoff: how soon a worker that ended by itself is started again."""

from gateway.application.backoff import LONGEST, SETTLED, Backoff


def test_the_first_end_costs_no_time_and_further_ones_more_and_more():
    backoff = Backoff()
    assert [backoff.failed(1, now) for now in range(6)] == [0, 0.5, 1, 2, 4, 8]
    assert backoff.until == 5 + 8


def test_the_wait_has_a_limit():
    backoff = Backoff()
    assert max(backoff.failed(1, 0) for _ in range(5000)) == LONGEST


def test_a_worker_that_lived_a_while_begins_anew():
    backoff = Backoff()
    for _ in range(5):
        backoff.failed(1, 0)
    assert backoff.failed(SETTLED, 0) == 0
    assert backoff.failed(1, 0) > 0
