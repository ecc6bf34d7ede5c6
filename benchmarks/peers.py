"""The programs that Gatewright is compared with: found, or installed into benchmarks/.peers, or said to be missing.

Packages of the distribution are installed when this runs as root and apt-get is there; what comes from npm and PyPI
goes into directories of its own. All that is Python, Gatewright included, runs on the distribution's interpreter, as
the other programs are the distribution's builds too: one that was built by hand, without profile-guided optimisation,
says little about what users have.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar, Final

HOME: Final = Path(__file__).with_name(".peers")
ROOT: Final = HOME.parents[1]
PACKAGES: Final = ("nginx", "haproxy", "caddy", "wrk", "nodejs", "npm", "python3-dev")
_PROGRAMS: Final = {"nodejs": "node", "python3-dev": "/usr/bin/python3-config"}
_PLACES: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
NODE_PACKAGES: Final = ("undici@6",)
PYTHON_PACKAGES: Final = ("aiohttp", "uvloop")
ENGINES: Final = ("cel-python", "common-expression-language", "jinja2", "simpleeval")
"""Expression engines of row (i)."""


class Peers:
    """Where the programs are; `missing` names those that could not be had."""

    ours: ClassVar[Path] = Path(sys.executable)
    """The interpreter that Gatewright runs on: this one, until Gatewright is installed as users have it."""

    def __init__(self, *, install: bool = True) -> None:
        self.missing: dict[str, str] = {}
        if install:
            self._install_packages()
            self._install_node()
            self._install_python()
            self._install_engines()
        for package in PACKAGES:
            if self.program(_PROGRAMS.get(package, package)) is None:
                self.missing.setdefault(package, "not installed")

    @staticmethod
    def program(name: str) -> str | None:
        return shutil.which(name, path=_PLACES)

    def has(self, *names: str) -> bool:
        """Whether all these peers are there."""
        return not any(name in self.missing for name in names)

    @property
    def node_modules(self) -> Path:
        return HOME / "node" / "node_modules"

    @property
    def python(self) -> Path:
        """The interpreter of the Python peers."""
        return HOME / "python" / "bin" / "python"

    def _install_packages(self) -> None:
        wanted = [name for name in PACKAGES if self.program(_PROGRAMS.get(name, name)) is None]
        apt = shutil.which("apt-get")
        if not wanted or apt is None or os.geteuid() != 0:
            return
        variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = [apt, "install", "--yes", "--no-install-recommends"]
        for command in ([apt, "update"], *([*install, name] for name in wanted)):
            subprocess.run(command, check=False, capture_output=True, env=variables)

    def _install_node(self) -> None:
        npm, home = self.program("npm"), HOME / "node"
        if npm is None:
            self.missing["undici"] = "npm is not installed"
        elif not (self.node_modules / "undici").is_dir():
            home.mkdir(parents=True, exist_ok=True)
            command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(home), *NODE_PACKAGES]
            self._try("undici", command)

    def _install_python(self) -> None:
        self._environment("aiohttp", self.python, *PYTHON_PACKAGES)
        ours = HOME / "gatewright" / "bin" / "python"
        if self._environment("gatewright", ours, str(ROOT)):
            Peers.ours = ours

    def _environment(self, name: str, python: Path, *packages: str) -> bool:
        """Install packages for an interpreter of their own; false, and `name` is missing, when they cannot be had."""
        home = python.parents[1]
        made = python.exists() or self._try(name, [interpreter(), "-m", "venv", "--without-pip", str(home)])
        return made and self._try(
            name, [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *packages]
        )

    def _install_engines(self) -> None:
        marker = HOME / "engines" / ".installed"
        if not marker.is_file():
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(marker.parent), *ENGINES]
            if self._try("expression engines", command):
                marker.touch()

    def _try(self, name: str, command: list[str]) -> bool:
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.missing[name] = str(error)
            return False
        if done.returncode:
            self.missing[name] = (done.stderr.strip().splitlines() or ["failed"])[-1][:200]
        return done.returncode == 0


def interpreter() -> str:
    """The distribution's Python, or the one that runs this where there is none that Gatewright can use."""
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    own = shutil.which("python3", path="/usr/bin")
    if own is not None and subprocess.run([own, "-c", new_enough], check=False).returncode == 0:
        return own
    return sys.executable


def gatewright() -> list[str]:
    """The command of the Gatewright under test."""
    return [str(Peers.ours), "-P", "-m", "gateway"]
