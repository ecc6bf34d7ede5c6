"""The PID file: its modes, and what is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.application.admin_http_application import PidFileMode
from gateway.application.gateway import Gateway
from gateway.application.instance import Instance
from gateway.application.pid_file import PidFileExistsError, pid_file
from tests.gateway.instances import write


def _file(directory: Path, content: str) -> Path:
    file = directory / "ig.pid"
    file.write_text(content)
    return file


def test_it_holds_the_process_while_the_gateway_runs(tmp_path: Path) -> None:
    with pid_file(tmp_path / "tmp", PidFileMode.FAIL):
        assert (tmp_path / "tmp/ig.pid").read_text() == f"{os.getpid()}\n"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_one_of_a_living_process_stops_the_start(tmp_path: Path) -> None:
    file = _file(tmp_path, str(os.getppid()))
    with (
        pytest.raises(PidFileExistsError, match=r"PID file already exists\. Cannot start"),
        pid_file(tmp_path, PidFileMode.FAIL),
    ):
        pass
    assert file.read_text() == str(os.getppid())


def _gone() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("content", [str(_gone()), str(os.getpid()), "", "not a number", "0", "9" * 30, "\xff"])
def test_one_that_names_no_other_process_is_replaced(tmp_path: Path, content: str, caplog) -> None:
    _file(tmp_path, content)
    with pid_file(tmp_path, PidFileMode.FAIL):
        assert (tmp_path / "ig.pid").read_text() == f"{os.getpid()}\n"
    assert "left behind" in caplog.text


def test_override_replaces_that_of_a_living_process(tmp_path: Path) -> None:
    file = _file(tmp_path, str(os.getppid()))
    with pid_file(tmp_path, PidFileMode.OVERRIDE):
        assert file.read_text() == f"{os.getpid()}\n"
    assert not file.exists()


def test_one_that_another_gateway_has_replaced_stays(tmp_path: Path) -> None:
    with pid_file(tmp_path, PidFileMode.FAIL):
        file = _file(tmp_path, str(os.getppid()))
    assert file.exists()


def test_a_directory_that_cannot_be_made_is_no_obstacle(tmp_path: Path, caplog) -> None:
    (tmp_path / "tmp").write_text("a file")
    with pid_file(tmp_path / "tmp", PidFileMode.FAIL):
        assert "there is no PID file" in caplog.text


@pytest.mark.parametrize(
    ("admin", "system", "mode"),
    [
        ({}, {}, PidFileMode.FAIL),
        ({}, {"ig.pid.file.mode": "override"}, PidFileMode.OVERRIDE),
        ({"pidFileMode": "override"}, {}, PidFileMode.OVERRIDE),
        ({"pidFileMode": "fail"}, {"ig.pid.file.mode": "override"}, PidFileMode.FAIL),
        ({"pidFileMode": "&{ig.pid.file.mode}"}, {"ig.pid.file.mode": "override"}, PidFileMode.OVERRIDE),
    ],
)
async def test_its_mode_is_that_of_admin_json_else_of_the_system(tmp_path, monkeypatch, admin, system, mode) -> None:
    monkeypatch.setattr("expr.scope.implicit.system", system)
    write(tmp_path / "config/admin.json", admin)
    gateway = Gateway(Instance(tmp_path))
    gateway.load()
    assert gateway.pid_file_mode is mode
