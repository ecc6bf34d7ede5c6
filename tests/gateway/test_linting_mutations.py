"""However wrong a configuration is, lint answers with findings: ten thousand faulty files, the same in each run."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.lint import INTERNAL
from config.lint_files import File, Project
from expr.source import Source
from gateway.linting import linter

ROOT = Path(__file__).parents[2]
MUTATIONS = 10_000
PARTS = 10
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**400, "", "text", "${", "${x", "#{request.x}", "${request.method == 1}",
    "&{", "&{x}", "&{a|&{b}}",
    [], [None], {}, {"type": "Chain"}, {"type": 1}, {"type": "Router"}, {"type": "AmService", "config": []},
    {"$int": "x"}, {"$int": {"$int": []}}, {"type": "Delegate", "config": {"delegate": "ReverseProxyHandler"}},
    {"name": "A", "type": "KeyStore"}, "ReverseProxyHandler", "capture", "${matches(exchange.a, '(')}", "*", "1 second",
    "10s and", "http://", "\ud83d\ude00", "${find(request.uri.path, '(a+)+$')}", [[[[{}]]]], "&{x}${y}",
)  # fmt: skip


def _documents() -> list[Any]:
    paths = [*(ROOT / "routes").glob("*.json"), *(ROOT / "tests/data/lint").rglob("*.json")]
    found = []
    for path in sorted(paths):
        try:
            found.append(json.loads(path.read_text("utf-8")))
        except ValueError:  # an example of a file that is no JSON, or has comments
            continue
    return found


DOCUMENTS = _documents()


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def _deleted(chance: random.Random, document: Any) -> str:
    container = chance.choice(list(_containers(document)))
    del container[chance.choice(_keys(container))]
    return json.dumps(document)


def _keys(container: Any) -> list[Any]:
    return list(container) if isinstance(container, dict) else list(range(len(container)))


def _retyped(chance: random.Random, document: Any) -> str:
    container = chance.choice(list(_containers(document)))
    container[chance.choice(_keys(container))] = copy.deepcopy(chance.choice(VALUES))
    return json.dumps(document)


def _renamed(chance: random.Random, document: Any) -> str:
    container = chance.choice([c for c in _containers(document) if isinstance(c, dict)] or [{"a": 1}])
    key = chance.choice(list(container))
    names = (
        "type",
        "config",
        "heap",
        "handler",
        "name",
        "properties",
        "condition",
        "directory",
        "globalDecorators",
        key[:-1],
    )
    container[chance.choice(names)] = container.pop(key)
    return json.dumps(document)


def _duplicated(chance: random.Random, document: Any) -> str:
    container = chance.choice(list(_containers(document)))
    key = chance.choice(_keys(container))
    if isinstance(container, list):
        container.insert(key, copy.deepcopy(container[key]))
        return json.dumps(document)
    container["\x00"] = chance.choice(VALUES)
    return json.dumps(document).replace('"\\u0000"', json.dumps(key), 1)


def _truncated(chance: random.Random, document: Any) -> str:
    text = json.dumps(document, indent=chance.choice((None, 1)))
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return chance.choice((text[:end], text[start:], text[:start] + text[end:], text[:end] + text[start:]))


def _swapped(chance: random.Random, document: Any) -> str:
    """One part in the place of another, wherever it came from."""
    container = chance.choice(list(_containers(document)))
    other = chance.choice(list(_containers(chance.choice(DOCUMENTS))))
    container[chance.choice(_keys(container))] = copy.deepcopy(other)
    return json.dumps(document)


def _replaced(chance: random.Random, document: Any) -> str:
    """Another value in the place of the whole file."""
    del document
    return json.dumps(chance.choice(VALUES))


KINDS: tuple[Callable[[random.Random, Any], str], ...] = (
    _deleted, _retyped, _renamed, _duplicated, _truncated, _swapped, _replaced
)  # fmt: skip


@pytest.mark.parametrize("part", range(PARTS))
def test_a_faulty_file_gives_findings_and_nothing_else(part: int) -> None:
    chance = random.Random(part)
    lint = linter()
    for _ in range(MUTATIONS // PARTS):
        document = copy.deepcopy(chance.choice(DOCUMENTS))
        text = chance.choice(KINDS)(chance, document)
        name = chance.choice(("route.json", "config.json", "admin.json", "route.yaml"))
        source = Source(name, text)
        for finding in lint.project(Project([File(source, path=Path(name))])):
            assert finding.code is not INTERNAL, f"{finding.message}: {text}"
            assert 0 <= finding.span.start <= finding.span.end <= len(finding.source.text), f"{finding}: {text}"
            assert finding.message
            assert str(finding)
