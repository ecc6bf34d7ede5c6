"""Real servers that tests start for themselves on this machine: PostgreSQL, MariaDB and Redis."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO

import pytest

from tests.canaries import canary

PASSWORD = canary("database") + "& w\u00f6rd"
UNPRIVILEGED = "nobody"


def _postgresql_binaries() -> Path | None:
    """Where initdb and postgres are: beside each other, on the path or in a directory of their version."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((directory for directory in found if (directory / "postgres").exists()), None)


needs_postgresql = pytest.mark.skipif(_postgresql_binaries() is None, reason="PostgreSQL is not installed")
needs_mariadb = pytest.mark.skipif(
    None in (shutil.which("mariadbd"), shutil.which("mariadb-install-db"), shutil.which("mariadb")),
    reason="MariaDB is not installed",
)
needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="Redis is not installed")


_PORTS = count(10_000 + os.getpid() % 10_000)
"""Below the range that the system takes the ports of connections from: none may take one before its server does."""


def free_port() -> int:
    """A port that nobody listens on, and a different one each time."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


@contextmanager
def postgresql() -> Iterator[int]:
    """A PostgreSQL with the user gw, whose password is PASSWORD, and the database users; gives its port."""
    binaries = _postgresql_binaries()
    assert binaries is not None
    # PostgreSQL refuses to run as root, and another user cannot reach the temporary directory of the tests.
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="gatewright-pg-") as name:
        directory, port = Path(name), free_port()
        (directory / "password").write_text(PASSWORD)
        if user is not None:
            shutil.chown(directory, user)
        data = directory / "data"
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync", "-U", "gw"]
        initdb = [binaries / "initdb", "-D", data, f"--pwfile={directory / 'password'}", *options]
        subprocess.run(initdb, check=True, user=user, capture_output=True, cwd=directory)
        command = [binaries / "postgres", "-D", data, "-k", directory, "-h", "127.0.0.1", "-p", str(port), "-F"]
        with _running([str(part) for part in command], user, "ready to accept connections", directory):
            yield port


@contextmanager
def mariadb() -> Iterator[int]:
    """A MariaDB with the user gw, whose password is PASSWORD, and the database users; gives its port."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="gatewright-db-") as name:
        directory, port = Path(name), free_port()
        if root:
            shutil.chown(directory, UNPRIVILEGED)
        common = ["--no-defaults", f"--datadir={directory / 'data'}", *([f"--user={UNPRIVILEGED}"] if root else [])]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)
        socket_path = directory / "s"
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={socket_path}"]
        with _running(["mariadbd", *common, *options], None, "ready for connections", directory):
            client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-u", "root", "-S", socket_path]
            statements = (
                f"CREATE DATABASE users; CREATE USER gw@localhost IDENTIFIED BY '{PASSWORD}';"
                "GRANT ALL ON users.* TO gw@localhost;"
            )
            subprocess.run(client, input=statements.encode(), check=True, capture_output=True)
            yield port


@contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """A Redis that keeps nothing on disk; gives its URL."""
    path = Path(tempfile.mkdtemp(prefix="gatewright-redis-"))
    try:
        command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            str(path / "s"),
            "--save",
            "",
            "--dir",
            str(directory),
        ]
        with _running(command, None, "ready to accept connections", directory):
            yield f"unix://{path / 's'}"
    finally:
        shutil.rmtree(path)


@contextmanager
def _running(command: list[str], user: str | None, ready: str, directory: Path) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, user=user, cwd=directory
    )
    try:
        assert process.stdout is not None
        _wait_for(process.stdout, ready)
        yield
    finally:
        process.terminate()
        process.communicate()


def _wait_for(output: IO[str], ready: str) -> None:
    lines = []
    for line in output:
        lines.append(line)
        if ready.lower() in line.lower():
            return
    pytest.fail("a server did not start: " + "".join(lines[-5:]))
