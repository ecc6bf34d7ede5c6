"""The arithmetic and the tables of the benchmark program; no server runs and nothing is timed."""

import pytest

from benchmarks.load import read
from benchmarks.result import Result
from benchmarks.rounds import Rounds
from benchmarks.rows import ROWS
from benchmarks.table import shown, summary

REPORT = """
Running 3s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.51ms    1.03ms  21.92ms   86.99%
    Req/Sec    25.40k     2.10k   28.63k    70.00%
  Latency Distribution
     50%    2.40ms
     75%    2.87ms
     90%    3.41ms
     99%  905.00us
  75800 requests in 3.00s, 95.20MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 4
Requests/sec:  25266.67
Transfer/sec:     31.73MB
"""


def rounds_of(**measured):
    rounds = Rounds()
    for values in zip(*measured.values(), strict=True):
        for name, value in zip(measured, values, strict=True):
            rounds.add(name, value)
    return rounds


def test_contenders_take_turns():
    order = []
    Rounds.run({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b", "a", "b"]


def test_ratios_are_taken_within_a_round():
    rounds = rounds_of(a=[10.0, 100.0, 30.0], b=[5.0, 50.0, 10.0])
    assert rounds.median("a", float) == 30
    assert rounds.ratio("a", "b", float) == 2
    assert rounds.difference("a", "b", float) == 20


def test_the_report_of_wrk_is_read():
    load = read(REPORT, 7.58)
    assert (load.rate, load.failures) == (25266.67, 7)
    assert load.p50 == pytest.approx(0.0024)
    assert load.p99 == pytest.approx(0.000905)
    assert load.cpu == pytest.approx(0.0001)


def test_a_report_that_says_nothing_is_an_error():
    with pytest.raises(ValueError, match="did not say"):
        read("unable to connect", 0)


def test_a_result_shows_its_lines_and_what_it_missed():
    result = Result("x", "a row", ("contender", "rate"), [("one", "1"), ("another", "22")])
    result.at_least("rate", 1.4, 1.5)
    result.below("memory", 3.0, 4.0, " MiB")
    assert shown(result).splitlines() == [
        "### (x) a row",
        "",
        "| contender | rate |",
        "| --------- | ---: |",
        "| one       |    1 |",
        "| another   |   22 |",
        "",
        "- rate >= 1.5: 1.40 MISSED",
        "- memory < 4 MiB: 3.00 MiB",
    ]
    assert "| (x) rate >= 1.5    |     1.40 |      no |" in summary([result])


def test_every_row_of_the_issue_is_there():
    assert "".join(ROWS) == "abcdefghijk"
