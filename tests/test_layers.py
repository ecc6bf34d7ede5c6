"""Imports run one way: gateway -> config -> expr, and nothing needs the command line or the sandbox."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {"expr": {"expr"}, "config": {"config", "expr"}, "gateway": {"gateway", "config", "expr"}}
PARSERS = {"expr": {"expr/parse.py", "expr/lalr.py"}, "config": {"config/grammars.py"}}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_folder_imports_upward(package: str) -> None:
    ours = {"expr", "config", "gateway"}
    for path in modules(package):
        upward = {name for name in imported(path) if name.split(".")[0] in ours - MAY_IMPORT[package]}
        assert not upward, f"{path.relative_to(ROOT)} imports {upward}"


def test_nothing_but_the_command_line_imports_the_command_line_or_the_sandbox() -> None:
    for path in modules("gateway"):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(("gateway/cli/", "gateway/sandbox/")) or place == "gateway/__main__.py":
            continue
        wrong = {n for n in imported(path) if f"{n}.".startswith(("gateway.cli.", "gateway.sandbox."))}
        assert not wrong, f"{place} imports {wrong}"


def test_only_the_grammar_loaders_import_lark() -> None:
    for package, allowed in PARSERS.items():
        for path in modules(package):
            if "lark" in {name.split(".")[0] for name in imported(path)}:
                assert path.relative_to(ROOT).as_posix() in allowed


def test_code_is_made_from_text_only_by_the_compiler_of_expressions() -> None:
    for package in MAY_IMPORT:
        for path in modules(package):
            calls = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            if calls & {"exec", "eval"}:
                assert path.relative_to(ROOT).as_posix() == "expr/compile.py"


def test_the_documented_route_is_shipped_as_it_is() -> None:
    """Its digest, because the project has no second copy to compare with."""
    import hashlib

    content = (ROOT / "routes" / "token-exchange.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == DOCUMENTED_ROUTE


DOCUMENTED_ROUTE = "370f84b70def6b4803f23ccf9d8bcdfcbfe6b6acbea1526180371db27fcdac23"
