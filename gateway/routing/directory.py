"""The directory of a router: which route files there are, and which of them changed since the last look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from config.read import SUFFIXES

Signature = tuple[int, int, int]
NEVER: Signature = (-1, -1, -1)
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
        """Compare the directory with the last look; while it is missing altogether, nothing has changed."""
        if not self.only and not self.path.is_dir():
            return Changes([], [])
        found: dict[str, tuple[Path, Signature]] = {}
        for file in self.files():
            found.setdefault(file.stem, (file, _signature(file)))
        changed = [file for stem, (file, signature) in found.items() if self._seen.get(stem) != signature]
        gone = [stem for stem in self._seen if stem not in found]
        self._seen = {stem: signature for stem, (_, signature) in found.items()}
        return Changes(changed, gone)

    def files(self) -> list[Path]:
        """Route files directly in the directory, sorted by name."""
        if self.only:
            return sorted((f for f in self.only if f.is_file()), key=lambda f: f.name)
        if not self.path.is_dir():
            return []
        return sorted(f for f in self.path.iterdir() if f.suffix in SUFFIXES and f.stem != RESERVED and f.is_file())

    def forget(self, stem: str) -> None:
        """Have the next look take a file for changed, and still miss it when it is gone."""
        self._seen[stem] = NEVER

    def write(self, stem: str, text: str) -> None:
        """Write a file in one step, and take it as seen; raises OSError."""
        file = self._file(stem)
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_name(f".{file.name}.new")
        try:
            made.write_text(text, "utf-8")
            made.replace(file)
        finally:
            made.unlink(missing_ok=True)
        if self.only and file not in self.only:
            self.only += (file,)
        self._seen[stem] = _signature(file)

    def remove(self, stem: str) -> None:
        """Remove a file; raises OSError."""
        file = self._file(stem)
        file.unlink(missing_ok=True)
        self.only = tuple(other for other in self.only if other != file)
        self._seen.pop(stem, None)

    def _file(self, stem: str) -> Path:
        there = (file for file in self.files() if file.stem == stem)
        return next(there, self.path / f"{stem}.json")


def _signature(file: Path) -> Signature:
    try:
        status = file.stat()
    except OSError:  # removed between the listing and now: the next look tells
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
