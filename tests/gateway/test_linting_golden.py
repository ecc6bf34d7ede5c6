"""Files with mistakes and the whole of what lint says about them.

`GATEWRIGHT_UPDATE_GOLDEN=1 pytest tests/gateway/test_linting_golden.py` writes the expected files; read their diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.lint import INTERNAL
from config.render import full
from expr.source import Source
from gateway.linting import Gathering

DATA = Path(__file__).parents[1] / "data" / "lint"


def _lint(path: Path) -> list:  # type: ignore[type-arg]
    """Lint a file as if it stood in the current directory, so that its name is the same on every machine."""
    shown = Path(path.name)
    gathering = Gathering(overlay={path: Source(str(shown), path.read_text("utf-8"))})
    return gathering.lint([path])


def _files(kind: str) -> list[Path]:
    return sorted(path for path in (DATA / kind).iterdir() if path.suffix in (".json", ".yaml"))


@pytest.mark.parametrize("path", _files("err"), ids=lambda path: path.name)
def test_what_lint_says_of_a_file_with_mistakes(path: Path) -> None:
    findings = _lint(path)
    rendered = full.render(findings)
    expected = path.with_name(f"{path.name}.out")
    if os.environ.get("GATEWRIGHT_UPDATE_GOLDEN"):
        expected.write_text(rendered, "utf-8")

    assert INTERNAL not in {finding.code for finding in findings}
    assert rendered == expected.read_text("utf-8")


@pytest.mark.parametrize("path", _files("ok"), ids=lambda path: path.name)
def test_lint_is_silent_about_a_file_without_mistakes(path: Path) -> None:
    assert list(map(str, _lint(path))) == []
