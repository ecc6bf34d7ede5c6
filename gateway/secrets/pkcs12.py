"""Every entry of a PKCS#12 file: keys with their chains, trusted certificates and secret keys, by alias.

The libraries read one key of a file; a Java keystore holds many, so this walks all safe bags. Encrypted parts are
opened by cryptography where it can, and by the algorithms of RFC 8018 (PBES2) and RFC 7292 (the old PBE) elsewhere.
Nothing is taken from a file whose MAC does not hold.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_private_key
from pyasn1.codec.ber.decoder import decode as ber_decode  # type: ignore[import-untyped]
from pyasn1.type.univ import OctetString  # type: ignore[import-untyped]
from pyasn1_modules import rfc2315, rfc7292  # type: ignore[import-untyped]

from gateway.secrets.keystore_entry import Entries, KeystoreError, private_entry, secret_entry, trusted_entry
from gateway.secrets.pkcs12_encryption import MAXIMUM_ITERATIONS, decrypt, derive, hash_of_mac

_DATA: Final = "1.2.840.113549.1.7.1"
_ENCRYPTED: Final = "1.2.840.113549.1.7.6"
_BAG: Final = "1.2.840.113549.1.12.10.1."
_FRIENDLY_NAME: Final = "1.2.840.113549.1.9.20"
_LOCAL_KEY_ID: Final = "1.2.840.113549.1.9.21"
_X509: Final = "1.2.840.113549.1.9.22.1"


@dataclass
class _Bag:
    kind: str
    value: bytes
    alias: str
    key_id: bytes


@dataclass
class _Found:
    keys: list[tuple[_Bag, Any]] = field(default_factory=list)
    certificates: list[tuple[_Bag, x509.Certificate]] = field(default_factory=list)
    secrets: list[tuple[_Bag, bytes]] = field(default_factory=list)


def read_pkcs12(content: bytes, password: str | None, entry_password: str | None) -> Entries:
    """Read all entries by lower-case alias, in the order of the file; raise KeystoreError."""
    try:
        return _read(content, password, password if entry_password is None else entry_password)
    except KeystoreError:
        raise
    except Exception as error:  # malformed ASN.1 makes the decoders raise many things, some quoting their input
        raise KeystoreError(f"it is not a PKCS#12 file that can be read ({type(error).__name__})") from None


def _read(content: bytes, password: str | None, entry_password: str | None) -> Entries:
    pfx, _ = ber_decode(content, asn1Spec=rfc7292.PFX())
    if str(pfx["authSafe"]["contentType"]) != _DATA:
        raise KeystoreError("it is signed with a public key, which is not supported")
    safe = bytes(ber_decode(bytes(pfx["authSafe"]["content"]), asn1Spec=OctetString())[0])
    _check_mac(pfx, safe, password)
    found = _Found()
    for info in ber_decode(safe, asn1Spec=rfc7292.AuthenticatedSafe())[0]:
        for bag in _bags(_contents(info, password)):
            _sort(bag, found, password, entry_password)
    return _entries(found)


def _check_mac(pfx: Any, safe: bytes, password: str | None) -> None:
    mac = pfx["macData"]
    if not mac.isValue:
        if password:
            raise KeystoreError("it has no MAC, so its password cannot be checked")
        return
    name, length = hash_of_mac(str(mac["mac"]["digestAlgorithm"]["algorithm"]))
    rounds = int(mac["iterations"])
    if not 0 < rounds <= MAXIMUM_ITERATIONS:
        raise KeystoreError("its iteration count is out of bounds")
    for candidate in (password,) if password else ("", None):
        key = derive(name, candidate, bytes(mac["macSalt"]), rounds, purpose=3, length=length)
        if hmac.compare_digest(hmac.new(key, safe, getattr(hashlib, name)).digest(), bytes(mac["mac"]["digest"])):
            return
    raise KeystoreError("its password is wrong")


def _contents(info: Any, password: str | None) -> bytes:
    kind = str(info["contentType"])
    if kind == _DATA:
        return bytes(ber_decode(bytes(info["content"]), asn1Spec=OctetString())[0])
    if kind != _ENCRYPTED:
        raise KeystoreError("a part of it is encrypted with a public key, which is not supported")
    data, _ = ber_decode(bytes(info["content"]), asn1Spec=rfc2315.EncryptedData())
    inner = data["encryptedContentInfo"]
    return decrypt(inner["contentEncryptionAlgorithm"], bytes(inner["encryptedContent"]), password)


def _bags(content: bytes) -> Iterator[_Bag]:
    for bag in ber_decode(content, asn1Spec=rfc7292.SafeContents())[0]:
        kind = str(bag["bagId"]).removeprefix(_BAG)
        if kind == "6":
            yield from _bags(bytes(bag["bagValue"]))
        else:
            alias, key_id = _attributes(bag)
            yield _Bag(kind, bytes(bag["bagValue"]), alias, key_id)


def _attributes(bag: Any) -> tuple[str, bytes]:
    alias, key_id = "", b""
    if bag["bagAttributes"].isValue:
        for attribute in bag["bagAttributes"]:
            name = str(attribute["attrType"])
            if name not in (_FRIENDLY_NAME, _LOCAL_KEY_ID) or not len(attribute["attrValues"]):
                continue
            value, _ = ber_decode(bytes(attribute["attrValues"][0]))
            if name == _FRIENDLY_NAME:
                alias = str(value)
            else:
                key_id = bytes(value)
    return alias, key_id


def _sort(bag: _Bag, found: _Found, password: str | None, entry_password: str | None) -> None:
    if bag.kind == "1":
        found.keys.append((bag, load_der_private_key(bag.value, None)))
    elif bag.kind == "2":
        found.keys.append((bag, load_der_private_key(_opened(bag.value, entry_password, password), None)))
    elif bag.kind == "3":
        certificate, _ = ber_decode(bag.value, asn1Spec=rfc7292.CertBag())
        if str(certificate["certId"]) == _X509:
            der = bytes(ber_decode(bytes(certificate["certValue"]), asn1Spec=OctetString())[0])
            found.certificates.append((bag, x509.load_der_x509_certificate(der)))
    elif bag.kind == "5":
        found.secrets.append((bag, _secret_key(bag.value, entry_password, password)))


def _opened(value: bytes, *passwords: str | None) -> bytes:
    """The content of an EncryptedPrivateKeyInfo: a wrong password leaves no sequence behind."""
    info, _ = ber_decode(value)
    for candidate in dict.fromkeys(passwords):
        try:
            content = decrypt(info[0], bytes(info[1]), candidate)
            ber_decode(content)
        except KeystoreError:
            raise
        except Exception:  # noqa: S112 - a wrong password shows as any kind of nonsense
            continue
        return content
    raise KeystoreError("the password of its entries is wrong")


def _secret_key(value: bytes, *passwords: str | None) -> bytes:
    """A secret key, which keytool wraps as it wraps private keys; other products store it as it is."""
    bag, _ = ber_decode(value, asn1Spec=rfc7292.SecretBag())
    content = bytes(ber_decode(bytes(bag["secretValue"]), asn1Spec=OctetString())[0])
    if str(bag["secretTypeId"]) != f"{_BAG}2":
        return content
    info, _ = ber_decode(_opened(content, *passwords))
    return bytes(info[2])


def _entries(found: _Found) -> Entries:
    by_key_id = {bag.key_id: certificate for bag, certificate in found.certificates if bag.key_id}
    pool = [certificate for _, certificate in found.certificates]
    entries: Entries = {}
    unnamed = 0
    for bag, key in found.keys:
        if not bag.alias:
            unnamed += 1
        alias = (bag.alias or str(unnamed)).lower()
        entries[alias] = private_entry(alias, key, _chain(by_key_id.get(bag.key_id), pool))
    for bag, certificate in found.certificates:
        if bag.alias and not bag.key_id:
            entries.setdefault(bag.alias.lower(), trusted_entry(bag.alias.lower(), certificate))
    for bag, content in found.secrets:
        entries[bag.alias.lower()] = secret_entry(bag.alias.lower(), content, "")
    return entries


def _chain(leaf: x509.Certificate | None, pool: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The leaf and its issuers, as far as the file has them."""
    chain: list[x509.Certificate] = []
    while leaf is not None and leaf not in chain:
        chain.append(leaf)
        issuer = leaf.issuer
        leaf = next((candidate for candidate in pool if candidate.subject == issuer), None)
    return tuple(chain)
