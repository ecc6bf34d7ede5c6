"""One certificate for all contenders with TLS: ECDSA P-256, self-signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.server.self_signed import self_signed


@dataclass(frozen=True)
class Certificate:
    """PEM files."""

    chain: Path
    key: Path

    @classmethod
    def make(cls, directory: Path) -> Certificate:
        made = self_signed(directory)
        return cls(made.certificate, made.key)
