"""Every entry of a JKS or JCEKS keystore, through pyjks."""

from __future__ import annotations

from typing import Any

import jks  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key

from gateway.secrets.keystore_entry import Entries, KeystoreError, private_entry, secret_entry, trusted_entry


def read_java_keystore(content: bytes, store_type: str, password: str | None, entry_password: str | None) -> Entries:
    """Read all entries by lower-case alias; raise KeystoreError."""
    try:
        store = jks.KeyStore.loads(content, password or "", try_decrypt_keys=False)
    except jks.KeystoreSignatureException:
        raise KeystoreError("its password is wrong, or it was changed") from None
    except Exception as error:  # malformed content makes pyjks raise many things, some quoting their input
        raise KeystoreError(f"it is not a {store_type} file that can be read ({type(error).__name__})") from None
    if store.store_type.upper() != store_type:
        raise KeystoreError(f"it is of type {store.store_type.upper()}, not {store_type}")
    secret = entry_password if entry_password is not None else password or ""
    return {alias.lower(): _entry(alias.lower(), entry, secret) for alias, entry in store.entries.items()}


def _entry(alias: str, entry: Any, password: str) -> Any:
    try:
        if isinstance(entry, jks.TrustedCertEntry):
            return trusted_entry(alias, x509.load_der_x509_certificate(entry.cert))
        entry.decrypt(password)
        if isinstance(entry, jks.SecretKeyEntry):
            return secret_entry(alias, bytes(entry.key), str(entry.algorithm))
        chain = tuple(x509.load_der_x509_certificate(der) for _, der in entry.cert_chain)
        return private_entry(alias, load_der_private_key(bytes(entry.pkey_pkcs8), None), chain)
    except jks.DecryptionFailureException:
        raise KeystoreError("the password of its entries is wrong") from None
    except Exception as error:
        raise KeystoreError(f"its entry '{alias}' cannot be read ({type(error).__name__})") from None
