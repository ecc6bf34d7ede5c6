"""PlainPropertyFormat: text as a password, nothing trimmed. Every heap has one, called PLAIN."""

from __future__ import annotations

from typing import ClassVar

from gateway.secrets.property_format import BytesFormat
from gateway.secrets.secret import GenericSecret, Secret


class PlainPropertyFormat(BytesFormat):
    """Reads a secret from text that is the secret itself, to the last byte."""

    example: ClassVar = {"type": "PlainPropertyFormat"}

    def decode_bytes(self, text: str) -> bytes:
        return text.encode()

    async def decode(self, text: str, stable_id: str) -> Secret:
        return GenericSecret(text.encode(), stable_id)
