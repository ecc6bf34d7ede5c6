"""SecretKeyPropertyFormat: decoded bytes as a symmetric key of a Java algorithm name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from config.types import Ref, Static
from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import BytesFormat, SecretPropertyFormat
from gateway.secrets.secret import CryptoKey, Secret


class SecretKeyPropertyFormat(SecretPropertyFormat):
    """Reads a symmetric key, without restriction of its use."""

    format: Ref[BytesFormat] = Field(default="BASE64")
    """How the bytes are written: BASE64 or PLAIN."""
    algorithm: Static[str]
    """Java name of the key's algorithm, such as AES or HmacSHA256."""

    example: ClassVar = {"type": "SecretKeyPropertyFormat", "config": {"format": "BASE64", "algorithm": "AES"}}

    async def decode(self, text: str, stable_id: str) -> Secret:
        content = self.format.decode_bytes(text)
        if not content:
            raise Unreadable("it is empty")
        return CryptoKey(secret=content, stable_id=stable_id, algorithm_name=self.algorithm)
