"""What an issuer says of a certificate, and for how long that holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

SKEW: Final = timedelta(minutes=15)
"""Difference of clocks that is put up with; Java's is the same."""
SHORTEST: Final = 60.0
LONGEST: Final = 3600.0
"""Seconds for which an answer is kept, whatever it says itself."""


UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate or an answer raises that is not as it should be."""


class Undetermined(Exception):
    """Nobody could be asked, or the answer cannot be used; the message says why."""


@dataclass(frozen=True)
class Status:
    """An answer that can be relied on."""

    revoked: str = ""
    """When and why the certificate was revoked; empty for one that is good."""
    next_update: datetime | None = None
    """When the issuer will know more; None is at any time."""

    @property
    def keep(self) -> float:
        """Seconds for which the answer need not be asked for again."""
        return keep_until(self.next_update)


def keep_until(next_update: datetime | None) -> float:
    """Seconds from now to a moment, within bounds."""
    left = 0.0 if next_update is None else (next_update - datetime.now(UTC)).total_seconds()
    return min(max(left, SHORTEST), LONGEST)


def check_current(this_update: datetime, next_update: datetime | None) -> None:
    """Raise Undetermined unless an answer is in force now."""
    now = datetime.now(UTC)
    if this_update - SKEW > now:
        raise Undetermined("the answer is from the future")
    if next_update is not None and next_update + SKEW < now:
        raise Undetermined("the answer has expired")


def revocation(when: datetime, reason: str | None) -> str:
    """How a revocation is told."""
    return f"revoked on {when:%Y-%m-%d}" + (f" ({reason})" if reason else "")
