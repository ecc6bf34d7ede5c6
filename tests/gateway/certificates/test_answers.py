"""Answers are asked for once, and kept for as long as they hold."""

from __future__ import annotations

import asyncio

import pytest

from gateway.certificates.answers import FAILED, Answers
from gateway.certificates.status import Undetermined


class Source:
    """Answers with the number of the question; holds for ten seconds."""

    def __init__(self, *failing: int) -> None:
        self.asked = 0
        self.failing = failing
        self.now = 0.0
        self.answers: Answers[int] = Answers(2, lambda: self.now)
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self) -> tuple[int, float]:
        self.asked += 1
        await self.gate.wait()
        if self.asked in self.failing:
            raise Undetermined("nobody is there")
        return self.asked, 10.0

    async def get(self, key: str = "a") -> int:
        return await self.answers.get(key, self.ask)


async def test_an_answer_is_kept_while_it_holds() -> None:
    source = Source()
    assert [await source.get(), await source.get()] == [1, 1]
    source.now = 9.9
    assert await source.get() == 1
    source.now = 10.0
    assert await source.get() == 2


async def test_that_there_is_no_answer_is_known_for_a_moment() -> None:
    source = Source(1)
    for _ in range(3):
        with pytest.raises(Undetermined, match="nobody is there"):
            await source.get()
    assert source.asked == 1
    source.now = FAILED
    assert await source.get() == 2


async def test_those_not_asked_for_lately_are_forgotten() -> None:
    source = Source()
    assert [await source.get(key) for key in "abacabc"] == [1, 2, 1, 3, 1, 4, 5]


async def test_who_asks_at_the_same_time_shares_a_question() -> None:
    source = Source()
    source.gate.clear()
    waiting = [asyncio.ensure_future(source.get()) for _ in range(5)]
    other = asyncio.ensure_future(source.get("b"))
    await asyncio.sleep(0)
    assert source.asked == 2
    source.gate.set()
    assert len({*await asyncio.gather(*waiting)}) == 1
    await other
    assert source.asked == 2


async def test_who_shares_a_question_goes_on_with_it_when_the_first_one_leaves() -> None:
    source = Source()
    source.gate.clear()
    first, second = asyncio.ensure_future(source.get()), asyncio.ensure_future(source.get())
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == 2
    assert first.cancelled()
