"""Key usages as configurations write them."""

from __future__ import annotations

from enum import StrEnum


class KeyUsage(StrEnum):
    """What a published key is for."""

    AGREE_KEY = "AGREE_KEY"
    ENCRYPT = "ENCRYPT"
    DECRYPT = "DECRYPT"
    SIGN = "SIGN"
    VERIFY = "VERIFY"
    WRAP_KEY = "WRAP_KEY"
    UNWRAP_KEY = "UNWRAP_KEY"
