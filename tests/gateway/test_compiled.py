"""What runs compiled, and whether it is what the source says."""

from __future__ import annotations

import os
import sys
import tomllib
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

import pytest

from gateway.compiled import is_compiled
from tests.compiled import outdated

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
COMPILED = PROJECT["tool"]["gatewright"]["compiled"]


@pytest.mark.parametrize("name", COMPILED)
def test_all_modules_that_are_to_be_compiled_are_or_none_is(name: str) -> None:
    file = str(import_module(name).__file__)
    assert file.endswith(tuple(EXTENSION_SUFFIXES)) is is_compiled()


@pytest.mark.parametrize(("changed", "expected"), [(2000, ["gateway.shaped"]), (500, [])])
def test_a_module_whose_source_was_changed_since_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: int, expected: list[str]
) -> None:
    compiled = tmp_path / f"shaped{EXTENSION_SUFFIXES[0]}"
    for file, time in ((compiled, 1000), (tmp_path / "shaped.py", changed)):
        file.touch()
        os.utime(file, (time, time))
    module = ModuleType("gateway.shaped")
    module.__file__ = str(compiled)
    monkeypatch.setitem(sys.modules, "gateway.shaped", module)
    assert outdated() == expected
