"""JwtValidatorCustomizer: what `customizer` of JwtValidationFilter and IdTokenValidationFilter refers to."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from config.declaration import HeapObject
from gateway.jose.constraints import JwtValidatorBuilder

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


class JwtValidatorCustomizer(HeapObject):
    """Adds constraints on claims to the validation of a JWT."""

    @abstractmethod
    async def customize(self, builder: JwtValidatorBuilder, context: Context, request: Request) -> None:
        """Add constraints to the builder."""
