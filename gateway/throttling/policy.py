"""What a throttling policy is: it chooses the rate for a request. Follows the documented kind ThrottlingPolicy."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from config.declaration import HeapObject
from gateway.throttling.rate import ThrottlingRate

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

__all__ = ["ThrottlingPolicy", "ThrottlingRate"]


class ThrottlingPolicy(HeapObject):
    """Chooses the rate at which requests like this one may pass."""

    @abstractmethod
    async def rate(self, context: Context, request: Request) -> ThrottlingRate | None:
        """The rate for a request, or None for no limit; what it raises becomes the documented 500."""
