"""Base64PropertyFormat: base64 text as a password. Every heap has one, called BASE64."""

from __future__ import annotations

from typing import ClassVar

from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import BytesFormat, decode_base64
from gateway.secrets.secret import GenericSecret, Secret


class Base64PropertyFormat(BytesFormat):
    """Reads a secret from base64 text."""

    example: ClassVar = {"type": "Base64PropertyFormat"}

    def decode_bytes(self, text: str) -> bytes:
        return decode_base64(text)

    async def decode(self, text: str, stable_id: str) -> Secret:
        content = decode_base64(text)
        if not content:
            raise Unreadable("it is empty")
        return GenericSecret(content, stable_id)
