"""How the text of a variable or file becomes a secret: the base of the formats, and mappings of secret IDs to them."""

from __future__ import annotations

import base64
import binascii
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from config.declaration import HeapObject, Properties
from config.types import Ref, SecretId
from gateway.secrets.leases import Unreadable
from gateway.secrets.secret import Secret


class SecretPropertyFormat(HeapObject):
    """A format of secrets in variables and files."""

    @abstractmethod
    async def decode(self, text: str, stable_id: str) -> Secret:
        """Read a secret; raise Unreadable, without content, when the text is not in the format."""


class BytesFormat(SecretPropertyFormat):
    """A format that gives bytes: what SecretKeyPropertyFormat builds keys from."""

    @abstractmethod
    def decode_bytes(self, text: str) -> bytes:
        """Read the bytes; raise Unreadable."""


class FormatMapping(Properties):
    """The format of one secret."""

    secretId: SecretId
    """ID of the secret."""
    format: Ref[SecretPropertyFormat]
    """Format of the secret: BASE64, PLAIN, or a format object."""


def formats_by_id(mappings: Sequence[FormatMapping]) -> dict[str, SecretPropertyFormat]:
    """The formats that differ from a store's own; a later mapping of an ID replaces an earlier."""
    return {mapping.secretId: mapping.format for mapping in mappings}


_WHITE_SPACE: Final = " \t\r\n"


def decode_base64(text: str) -> bytes:
    """Decode standard base64 with padding; white space around it is tolerated, inside it is not."""
    try:
        return base64.b64decode(text.strip(_WHITE_SPACE).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Unreadable("it is not base64") from None
