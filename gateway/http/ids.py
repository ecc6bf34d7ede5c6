"""Ids of exchanges: unique, cheap to make, and never the same in two worker processes."""

from __future__ import annotations

import os
from itertools import count
from typing import Final
from uuid import uuid4

from expr.scope import implicit
from gateway.http.headers import Headers

TRANSACTION_HEADER: Final = "X-ForgeRock-TransactionId"
TRUST_PROPERTY: Final = "org.forgerock.http.TrustTransactionHeader"
_LONGEST: Final = 256


class _Ids:
    """A random prefix for each process and a counter behind it."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.prefix = f"{uuid4()}-"
        self.count = count(1)


_IDS: Final = _Ids()
os.register_at_fork(after_in_child=_IDS.renew)


def new_id() -> str:
    return f"{_IDS.prefix}{next(_IDS.count)}"


def trusted_transaction_id(headers: Headers) -> str | None:
    """The id that a caller sent, where the system property says that callers are trusted."""
    value = headers.first(TRANSACTION_HEADER)
    if not value or len(value) > _LONGEST:
        return None
    return value if str(implicit.system.get(TRUST_PROPERTY, "")).lower() == "true" else None


class TransactionId:
    """The id of a transaction, and the counter of the requests that are made on its behalf."""

    __slots__ = ("_children", "local", "value")

    def __init__(self, local: str, trusted: str | None = None) -> None:
        self.local = local
        self.value = trusted or local
        self._children = 0

    def child(self) -> str:
        """Id for the next request to another product: this id and a number behind it."""
        number, self._children = self._children, self._children + 1
        return f"{self.value}/{number}"

    def __str__(self) -> str:
        return self.value
