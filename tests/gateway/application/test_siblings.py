"""What worker processes tell each other, and the metrics of those that hang or have ended."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.application.siblings import Siblings, socket_file
from gateway.application.worker_metrics import METRICS_QUESTION, bury, leave_counts, of_other_workers
from gateway.metrics.registry import METRICS
from gateway.metrics.snapshot import Kind, Snapshot, merged
from gateway.metrics.transfer import to_plain
from tests.canaries import canary

NAME = "ig_test_things_total"


@asynccontextmanager
async def worker(directory: Path, number: int, **answers: Any):
    siblings = Siblings(directory, number, answers)
    await siblings.start()
    try:
        yield siblings
    finally:
        await siblings.stop()


async def test_all_others_are_asked(tmp_path: Path) -> None:
    async def hello() -> str:
        return "hello"

    async with worker(tmp_path, 1) as asking, worker(tmp_path, 2, hello=hello), worker(tmp_path, 3, hello=hello):
        assert await asking.ask("hello") == {2: "hello", 3: "hello"}
    assert list(tmp_path.iterdir()) == []


async def test_those_that_hang_fail_or_are_gone_are_left_out(tmp_path: Path, caplog) -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise RuntimeError(canary("failure"))

    async def hello() -> str:
        return "hello"

    async with (
        worker(tmp_path, 1) as asking,
        worker(tmp_path, 2, hello=hello),
        worker(tmp_path, 3, hello=hang),
        worker(tmp_path, 4, hello=fail),
    ):
        socket_file(tmp_path, 5).touch()
        assert await asking.ask("hello", patience=0.1) == {2: "hello"}
    socket_file(tmp_path, 5).unlink()
    assert canary("failure") not in caplog.text
    assert "worker 5 did not answer" in caplog.text


def _snapshot(value: float, route: str = "") -> Snapshot:
    made = Snapshot()
    made.add(NAME, Kind.COUNTER, "Things", {"route": route}, value)
    made.add("ig_test_now", Kind.GAUGE, "Things of the moment", {"route": route}, value)
    return made


async def _shown(siblings: Siblings, name: str = NAME) -> dict[str, float]:
    total = merged([METRICS.snapshot(), *await of_other_workers(siblings)])
    family = total.families.get(name)
    return {dict(labels)["route"]: value for labels, value in family.samples.items()} if family else {}  # type: ignore[misc]


async def test_counters_never_fall_when_a_worker_hangs_or_ends(tmp_path: Path) -> None:
    async def of_other() -> Any:
        return to_plain(_snapshot(5))

    own = METRICS.counter(NAME, "Things", route="")
    own.add(1)
    async with worker(tmp_path, 1) as asking:
        async with worker(tmp_path, 2, **{METRICS_QUESTION: of_other}):
            assert await _shown(asking) == {"": 6}
            assert await _shown(asking, "ig_test_now") == {"": 5}
        assert await _shown(asking) == {"": 6}
        assert await _shown(asking, "ig_test_now") == {}
        bury(tmp_path, 2)
        assert await _shown(asking) == {"": 6}
        async with worker(tmp_path, 3, **{METRICS_QUESTION: of_other}):
            assert await _shown(asking) == {"": 11}
        bury(tmp_path, 3)
        bury(tmp_path, 4)  # which never counted
        assert await _shown(asking) == {"": 11}
    del own
    gc.collect()


async def test_a_worker_that_is_buried_already_is_not_counted_twice(tmp_path: Path) -> None:
    async def of_other() -> Any:
        return to_plain(_snapshot(5))

    async with worker(tmp_path, 1) as asking, worker(tmp_path, 2, **{METRICS_QUESTION: of_other}):
        assert await _shown(asking) == {"": 5}
        bury(tmp_path, 2)
        assert await _shown(asking) == {"": 5}


async def test_a_worker_leaves_its_last_counts(tmp_path: Path) -> None:
    own = METRICS.counter(NAME, "Things", route="")
    own.add(3)
    leave_counts(Siblings(tmp_path, 1, {}))
    del own
    gc.collect()
    async with worker(tmp_path, 2) as asking:
        assert await _shown(asking) == {"": 3}


async def test_counts_of_routes_that_are_gone_go_with_the_workers_that_had_them(tmp_path: Path) -> None:
    async def here() -> Any:
        return to_plain(_snapshot(1, "here"))

    async def gone() -> Any:
        return to_plain(merged([_snapshot(7, "gone"), _snapshot(7, "here")]))

    async with worker(tmp_path, 1) as asking, worker(tmp_path, 3, **{METRICS_QUESTION: here}):
        async with worker(tmp_path, 2, **{METRICS_QUESTION: gone}):
            assert await _shown(asking) == {"here": 8, "gone": 7}
        bury(tmp_path, 2)
        assert await _shown(asking) == {"here": 8}
