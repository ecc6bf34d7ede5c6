"""What README.md tells people to type works: short commands run, the others are understood."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from gateway.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
QUICK = ("lint", "new", "explain", "eval", "schema")
"""Commands that end by themselves, at once and without a network."""
FINDINGS = 1


def lines() -> list[str]:
    """The commands in indented blocks, without their remarks."""
    shown = re.findall(r"^ {4}(\S.*)$", README, re.MULTILINE)
    return [re.sub(r"\s+# .*$", "", line) for line in shown]


def commands() -> list[str]:
    return [line for line in lines() if "gatewright " in line]


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def arguments(line: str) -> list[str]:
    return shlex.split(line.rpartition("| ")[2])[1:]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with what the commands name: routes, an instance directory, and `gatewright` on the path."""
    route = (ROOT / "routes" / "token-exchange.json").read_text("utf-8")
    (tmp_path / "route.json").write_text(route, "utf-8")
    (tmp_path / "other.json").write_text(route.replace('"name": "token-exchange"', '"name": "other"'), "utf-8")
    routes = tmp_path / "instance" / "config" / "routes"
    routes.mkdir(parents=True)
    (routes / "cors.json").write_text((ROOT / "routes" / "cors.json").read_text("utf-8"), "utf-8")
    program = tmp_path / "bin" / "gatewright"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gateway "$@"\n', "utf-8")
    program.chmod(0o755)
    return tmp_path


def run(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    line = line.replace("/path/to/instance", str(place / "instance"))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", line], cwd=place, env=environment, capture_output=True, text=True, check=False)


def test_readme_shows_every_command() -> None:
    shown = {arguments(line)[0] for line in commands()} | set(re.findall(r"`gatewright (\w+)", README))
    assert shown >= set(COMMANDS)


@pytest.mark.parametrize("line", [line for line in commands() if arguments(line)[0] in QUICK])
def test_a_quick_command_works(line: str, place: Path) -> None:
    done = run(line, place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("line", [line for line in commands() if arguments(line)[0] not in QUICK])
def test_another_command_is_understood(line: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    name, *rest = [argument.replace("/path/to/instance", "instance") for argument in arguments(line)]
    command = import_module(f"gateway.cli.{name}").command
    command.make_context(name, rest)


def test_options_in_the_text_exist() -> None:
    known = {
        option
        for name in COMMANDS
        for parameter in import_module(f"gateway.cli.{name}").command.params
        for option in parameter.opts
    }
    known |= {option for parameter in main.params for option in parameter.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", README)) <= known | {"--help"}


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    guide = (ROOT / "AGENTS.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {line.split()[1] for line in lines() if line.startswith("make ")} | set(
        re.findall(r"`make ([a-z]+)", guide)
    )
    assert named and named <= targets


def test_the_finding_that_is_shown_is_what_lint_says(place: Path) -> None:
    [shown] = [block for block in blocks("") if block.startswith("error:")]
    route = place / "route.json"
    misspelt = '"endpointHandler": "ExchangeHandlr"'
    route.write_text(route.read_text("utf-8").replace('"endpointHandler": "ExchangeHandler"', misspelt), "utf-8")
    done = run("gatewright lint route.json", place)
    assert done.returncode == FINDINGS
    assert done.stdout.startswith(shown)


def test_the_editor_settings_name_the_schemas_that_are_written(place: Path) -> None:
    [settings] = [json.loads(block) for block in blocks("json") if "json.schemas" in block]
    written = run("gatewright schema --out schemas", place).stdout.split()
    assert {f"./{name}" for name in written} == {entry["url"] for entry in settings["json.schemas"]}
    assert all((place / entry["url"]).is_file() for entry in settings["json.schemas"])
