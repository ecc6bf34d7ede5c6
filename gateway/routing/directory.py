"""The directory of a router: which route files there are, and which of them changed since the last look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Signature = tuple[int, int, int]
RESERVED = "default"
"""A route may not have this name or id, nor the file name default.json."""


@dataclass
class Changes:
    """What a look found."""

    present: list[Path]
    """New and changed files, sorted by name."""
    gone: list[str]
    """Ids of files that are no longer there."""


@dataclass
class RouteDirectory:
    """Remembers what it saw; a file counts as changed when its time, size or inode changed.

    With `only`, the routes are these files, wherever they are, and not those of the directory.
    """

    path: Path
    only: tuple[Path, ...] = ()
    _seen: dict[str, Signature] = field(default_factory=dict)

    def look(self) -> Changes:
        """Compare the directory with the last look."""
        found = {file.stem: (file, _signature(file)) for file in self.files()}
        changed = [file for stem, (file, signature) in found.items() if self._seen.get(stem) != signature]
        gone = [stem for stem in self._seen if stem not in found]
        self._seen = {stem: signature for stem, (_, signature) in found.items()}
        return Changes(changed, gone)

    def files(self) -> list[Path]:
        """Route files directly in the directory, sorted by name."""
        if self.only:
            return sorted((f for f in self.only if f.is_file()), key=lambda f: f.name)
        return sorted(f for f in self.path.glob("*.json") if f.is_file() and f.stem != RESERVED)

    def forget(self, stem: str) -> None:
        """Take a file as not seen."""
        self._seen.pop(stem, None)

    def seen(self, stem: str) -> None:
        """Take a file as it is now as seen."""
        self._seen[stem] = _signature(self.path / f"{stem}.json")


def _signature(file: Path) -> Signature:
    try:
        status = file.stat()
    except OSError:  # removed between the listing and now: the next look tells
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
