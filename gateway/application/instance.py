"""The instance directory: where the gateway finds its files.

Follows the documented entry InstanceDirectory (config-files.yaml).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.read import SUFFIXES


@dataclass(frozen=True)
class Instance:
    """An instance directory and the files below it; none of them has to exist."""

    directory: Path

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ, system: Mapping[str, str] | None = None) -> Instance:
        """The directory of IG_INSTANCE_DIR or ig.instance.dir, else .openig in the user's home."""
        named = environ.get("IG_INSTANCE_DIR") or (system or {}).get("ig.instance.dir")
        return cls(Path(named).expanduser() if named else Path.home() / ".openig")

    @property
    def config_directory(self) -> Path:
        return self.directory / "config"

    @property
    def routes_directory(self) -> Path:
        return self.config_directory / "routes"

    def document(self, name: str) -> Path:
        """The file of `admin` or `config`, which has not to be there: JSON as documented, or the same as YAML."""
        files = [self.config_directory / f"{name}{suffix}" for suffix in SUFFIXES]
        return next((file for file in files if file.is_file()), files[0])

    @property
    def temporary_directory(self) -> Path:
        return self.directory / "tmp"

    @property
    def scripts_directory(self) -> Path:
        return self.directory / "scripts" / "groovy"

    def published(self) -> dict[str, str]:
        """What expressions see as `openig`."""
        return {
            "instanceDirectory": str(self.directory),
            "baseDirectory": str(self.directory),
            "configDirectory": str(self.config_directory),
            "temporaryDirectory": str(self.temporary_directory),
        }
