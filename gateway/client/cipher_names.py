"""Names of cipher suites: the configuration uses Java's (IANA's), the ssl module OpenSSL's."""

from __future__ import annotations

import re
from typing import Final

_SUITE: Final = re.compile(r"(?:TLS|SSL)_(?P<exchange>.+)_WITH_(?P<cipher>.+)_(?P<mac>SHA\d*|MD5|CCM|CCM_8)")
_CIPHERS: Final = {"3DES_EDE_CBC": "DES-CBC3", "CHACHA20_POLY1305": "CHACHA20-POLY1305", "RC4_128": "RC4"}
_TLS13: Final = re.compile(r"TLS_(?:AES|CHACHA20)_\w+")


def openssl_name(suite: str) -> str:
    """OpenSSL's name of a suite; a name that is OpenSSL's already stands for itself."""
    match = _SUITE.fullmatch(suite)
    if match is None:
        return suite
    exchange = match["exchange"].replace("_", "-")
    cipher, mac = match["cipher"], match["mac"]
    name = _CIPHERS.get(cipher)
    if name is None:
        name = re.sub(r"^(AES|CAMELLIA|ARIA)_(\d+)", r"\1\2", cipher).replace("_CBC", "").replace("_", "-")
    suffix = "" if name == "CHACHA20-POLY1305" else f"-{mac.replace('_', '')}" if mac != "CCM_8" else "-CCM8"
    prefix = "" if exchange == "RSA" else f"{exchange}-"
    return f"{prefix}{name}{suffix}"


def openssl_list(suites: list[str]) -> str:
    """A cipher string for `SSLContext.set_ciphers`; suites of TLS 1.3 are always on there and are left out."""
    return ":".join(openssl_name(suite) for suite in suites if not _TLS13.fullmatch(suite))
