"""Entries of a keystore as secrets, whatever format the keystore has.

The KeyUsage extension of a leaf certificate restricts what its key serves, as documented for KeyStoreSecretStore; a
secret key entry is a symmetric key, and a password for those who ask for one.
"""

from __future__ import annotations

from typing import Any, Final

from cryptography import x509

from gateway.secrets.secret import CryptoKey, GenericSecret, Secret, Usage

Entries = dict[str, tuple[Secret, ...]]
"""Secrets by lower-case alias, in the order of the keystore."""

_ENCRYPTION: Final = frozenset({Usage.ENCRYPT, Usage.DECRYPT, Usage.WRAP_KEY, Usage.UNWRAP_KEY, Usage.AGREE_KEY})


class KeystoreError(Exception):
    """A keystore cannot be read; the message names neither password nor content."""


def private_entry(alias: str, private: Any, chain: tuple[x509.Certificate, ...]) -> tuple[Secret, ...]:
    """A private key with its chain: signs, decrypts, identifies, and verifies through its certificate."""
    usages = certificate_usages(chain[0]) if chain else None
    return (CryptoKey(private.public_key(), private, certificates=chain, stable_id=alias, usages=usages),)


def trusted_entry(alias: str, certificate: x509.Certificate) -> tuple[Secret, ...]:
    """A trusted certificate: verifies and encrypts."""
    public = certificate.public_key()
    usages = certificate_usages(certificate)
    return (CryptoKey(public, certificates=(certificate,), stable_id=alias, usages=usages),)


def secret_entry(alias: str, content: bytes, algorithm: str) -> tuple[Secret, ...]:
    """A secret key, which a password stored by keytool is too."""
    key = CryptoKey(secret=content, stable_id=alias, algorithm_name=algorithm)
    return (key, GenericSecret(content, alias))


def certificate_usages(certificate: x509.Certificate) -> frozenset[Usage] | None:
    """What KeyUsage allows; None when the certificate does not restrict it. Signing is never restricted by it."""
    try:
        bits = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    allowed = {Usage.SIGN}
    if bits.digital_signature:
        allowed.add(Usage.VERIFY)
    if bits.key_cert_sign:
        allowed.add(Usage.VERIFY_CERTIFICATE)
    if bits.key_encipherment or bits.data_encipherment or bits.key_agreement:
        allowed |= _ENCRYPTION
    return frozenset(allowed)
