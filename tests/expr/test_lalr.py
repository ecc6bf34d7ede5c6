"""The parse table comes from a cache that any number of processes may share, and does without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from expr import lalr

GRAMMAR = 'start: NAME ("," NAME)*\nNAME: /[a-z]+/\n%ignore " "\n'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gatewright"


def names(table: lalr.Table, text: str) -> list[str]:
    parser = lalr.Parser(table, {"start": lambda parts, _start, _end: [part[1] for part in parts]}, "NAME")
    found: list[str] = parser.parse(text, 0, len(text))
    return found


def test_a_table_is_kept_and_found_again(cache: Path) -> None:
    table = lalr.load_table(GRAMMAR, "start", "NAME")
    (file,) = cache.iterdir()
    written = file.stat().st_mtime_ns
    assert lalr.load_table(GRAMMAR, "start", "NAME") == table
    assert file.stat().st_mtime_ns == written
    assert names(table, "a, b,c") == ["a", "b", "c"]


def test_another_grammar_has_another_table(cache: Path) -> None:
    lalr.load_table(GRAMMAR, "start", "NAME")
    lalr.load_table(GRAMMAR.replace(",", ";"), "start", "NAME")
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xe9\x01\x00\x00\x00", b"N"])
def test_a_broken_file_is_replaced(cache: Path, content: bytes) -> None:
    lalr.load_table(GRAMMAR, "start", "NAME")
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert names(lalr.load_table(GRAMMAR, "start", "NAME"), "a") == ["a"]
    assert len(file.read_bytes()) > 100


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert names(lalr.load_table(GRAMMAR, "start", "NAME"), "a,b") == ["a", "b"]


def test_processes_that_start_together_share_the_cache(cache: Path) -> None:
    code = "from expr import CONFIGURATION, compile_template as c; print(c('${1 + 2}', environment=CONFIGURATION)())"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    results = [process.communicate(timeout=60) for process in running]
    assert results == [(b"3\n", b"")] * 3
    assert [file.suffix for file in cache.iterdir()] == [".table"]


def test_a_process_that_finds_the_table_does_not_import_lark(cache: Path) -> None:
    code = (
        "import sys; from expr import CONFIGURATION, compile_template as c;"
        "c('${1 + 2}', environment=CONFIGURATION); print('lark' in sys.modules)"
    )
    outputs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert outputs == [b"True\n", b"False\n"]


def test_an_unexpected_token_tells_what_could_stand_there(cache: Path) -> None:
    table = lalr.load_table(GRAMMAR, "start", "NAME")
    with pytest.raises(lalr.Unexpected) as caught:
        names(table, "a b")
    assert caught.value.start == 2
    assert caught.value.expected == {"COMMA", lalr.END}
