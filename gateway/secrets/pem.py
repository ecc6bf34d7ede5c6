"""Secrets in PEM: all blocks of a text together are one key with its certificate chain.

Follows secrets-howto.md, section 5: the labels of X.509, PKCS#1, PKCS#8 and SEC1, the old OpenSSL encryption with
DEK-Info, and the product's own labels for symmetric material.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import decode_base64
from gateway.secrets.secret import CryptoKey, GenericSecret, Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n(.*?)-----END \1-----", re.DOTALL)
_SYMMETRIC: Final = {"HMAC SECRET KEY": "Hmac", "AES SECRET KEY": "AES"}
_GENERIC: Final = "GENERIC SECRET"
_PRIVATE: Final = frozenset(
    {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"}
)
_PUBLIC: Final = frozenset({"PUBLIC KEY", "RSA PUBLIC KEY"})
_IGNORED: Final = frozenset({"EC PARAMETERS", "DH PARAMETERS"})


@dataclass
class _Parts:
    private: PrivateKeyTypes | None = None
    public: PublicKeyTypes | None = None
    certificates: list[x509.Certificate] = field(default_factory=list)


def encrypted(text: str) -> bool:
    """Does a block need a password?"""
    return "-----BEGIN ENCRYPTED PRIVATE KEY-----" in text or "Proc-Type: 4,ENCRYPTED" in text


def read_pem(text: str, stable_id: str, password: bytes | None = None) -> Secret:
    """Read the one secret that a text holds; raise Unreadable, without content."""
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        raise Unreadable("it holds no PEM block")
    parts = _Parts()
    for block in blocks:
        label = block[1]
        if label in _SYMMETRIC or label == _GENERIC:
            return _symmetric(label, block[2], stable_id)
        if label not in _IGNORED:
            _add(parts, label, block[0].encode(), password)
    return _combined(parts, stable_id)


def _symmetric(label: str, body: str, stable_id: str) -> Secret:
    content = decode_base64("".join(body.split()))
    if label == _GENERIC:
        return GenericSecret(content, stable_id)
    return CryptoKey(secret=content, stable_id=stable_id, algorithm_name=_SYMMETRIC[label])


def _add(parts: _Parts, label: str, pem: bytes, password: bytes | None) -> None:
    if label == "CERTIFICATE":
        parts.certificates.append(_loaded(label, lambda: x509.load_pem_x509_certificate(pem)))
    elif label in _PUBLIC:
        parts.public = _loaded(label, lambda: serialization.load_pem_public_key(pem))
    elif label in _PRIVATE:
        secured = encrypted(pem.decode())
        if secured and password is None:
            raise Unreadable(f"its {label} is encrypted, and no decryptionSecretId is configured")
        parts.private = _loaded(label, lambda: serialization.load_pem_private_key(pem, password if secured else None))
    else:
        raise Unreadable(f"its block {label[:40]} is not of a known kind")


def _loaded(label: str, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception as error:  # the libraries' many errors may quote what they read
        raise Unreadable(f"its {label} cannot be read ({type(error).__name__})") from None


def _combined(parts: _Parts, stable_id: str) -> CryptoKey:
    chain = tuple(parts.certificates)
    if parts.private is not None:
        public = parts.private.public_key()
        if chain and not _same(public, chain[0].public_key()):
            chain = _leaf_first(public, chain)
        return CryptoKey(public, parts.private, certificates=chain, stable_id=stable_id)
    if parts.public is None and not chain:
        raise Unreadable("it holds neither a key nor a certificate")
    public = parts.public if parts.public is not None else chain[0].public_key()
    return CryptoKey(public, certificates=chain, stable_id=stable_id)


def _leaf_first(public: PublicKeyTypes, chain: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    """The chain with the key's own certificate in front, wherever the file has it."""
    own = [certificate for certificate in chain if _same(public, certificate.public_key())]
    if not own:
        raise Unreadable("none of its certificates belongs to its private key")
    return (own[0], *(certificate for certificate in chain if certificate is not own[0]))


def _same(one: Any, other: Any) -> bool:
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return bool(one.public_bytes(*form) == other.public_bytes(*form))
