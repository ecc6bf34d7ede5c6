import asyncio

from gateway.server.clock import Clock


class Watched:
    def __init__(self, deadline: float) -> None:
        self.deadline, self.expired = deadline, 0

    def expire(self) -> None:
        self.expired += 1
        self.deadline = float("inf")


async def test_what_is_over_its_deadline_expires_once():
    loop = asyncio.get_running_loop()
    over, under = Watched(loop.time() - 1), Watched(loop.time() + 1000)
    clock = Clock(loop, [over, under])
    clock.check()
    clock.check()
    assert (over.expired, under.expired) == (1, 0)


async def test_what_goes_away_while_others_expire_does_no_harm():
    watched: set[Watched] = set()

    class Leaving(Watched):
        def expire(self) -> None:
            super().expire()
            watched.discard(self)

    watched |= {Leaving(0.0) for _ in range(5)}
    leaving = list(watched)
    Clock(asyncio.get_running_loop(), watched).check()
    assert all(each.expired for each in leaving)
    assert not watched


async def test_the_date_is_an_http_date_and_stop_leaves_no_timer():
    clock = Clock(asyncio.get_running_loop(), [])
    clock.start()
    clock.start()
    clock.stop()
    clock.stop()
    assert clock.date.endswith(b" GMT")
    assert len(clock.date) == 29
