"""TemporaryStorage: the limits of buffered bodies."""

from __future__ import annotations

from pathlib import Path

import pytest

from expr.scope import implicit
from gateway.http.storage import Storage
from gateway.objects.temporary_storage import TemporaryStorage
from tests.gateway.scripted import build, problems


def storage(**config) -> dict:
    return {"type": "TemporaryStorage", "config": config}


def test_the_example_builds():
    assert build(TemporaryStorage.example).storage.memory_limit == 1048576


def test_defaults_are_the_documented_ones(monkeypatch):
    monkeypatch.setattr(implicit, "openig", {})
    assert build(storage()).storage == Storage(65536, 1073741824, None)


def test_files_are_in_the_directory_or_the_instances_own(monkeypatch):
    monkeypatch.setattr(implicit, "openig", {"temporaryDirectory": "/instance/tmp"})
    assert build(storage()).storage.directory == Path("/instance/tmp")
    assert build(storage(directory="/elsewhere")).storage.directory == Path("/elsewhere")


@pytest.mark.parametrize(
    "config",
    [
        {"memoryLimit": 2147483648},
        {"fileLimit": -1},
        {"initialLength": 70000},
        {"memoryLimit": "many"},
    ],
)
def test_what_cannot_be_is_said_at_load(config):
    assert problems(storage(**config))
