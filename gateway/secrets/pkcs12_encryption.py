"""Password-based encryption of PKCS#12: PBES2 (RFC 8018), the old algorithms and the key derivation of RFC 7292."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from pyasn1.codec.ber.decoder import decode as ber_decode  # type: ignore[import-untyped]
from pyasn1.type.univ import Any as AnyType  # type: ignore[import-untyped]
from pyasn1.type.univ import Integer

from gateway.secrets.keystore_entry import KeystoreError

MAXIMUM_ITERATIONS: Final = 10_000_000

_PBES2: Final = "1.2.840.113549.1.5.13"
_PBKDF2: Final = "1.2.840.113549.1.5.12"
_AES_CBC: Final = {"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32}
_TRIPLE_DES: Final = "1.2.840.113549.3.7"
_PRF: Final = {
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
}
_HASHES: Final = {
    "1.3.14.3.2.26": ("sha1", 20),
    "2.16.840.1.101.3.4.2.1": ("sha256", 32),
    "2.16.840.1.101.3.4.2.2": ("sha384", 48),
    "2.16.840.1.101.3.4.2.3": ("sha512", 64),
}
_OLD: Final = "1.2.840.113549.1.12.1."
_OLD_KEY_LENGTHS: Final = {"3": 24, "4": 16, "5": 16, "6": 5}


def hash_of_mac(oid: str) -> tuple[str, int]:
    """Name and length of the hash of a MAC."""
    if oid not in _HASHES:
        raise KeystoreError("its MAC algorithm is not supported")
    return _HASHES[oid]


def decrypt(algorithm: Any, content: bytes, password: str | None) -> bytes:
    """Open what an AlgorithmIdentifier says how to open; raise for a wrong password, or return nonsense."""
    oid = str(algorithm[0])
    parameters = algorithm[1]
    if isinstance(parameters, AnyType):
        parameters, _ = ber_decode(bytes(parameters))
    if oid == _PBES2:
        return _pbes2(parameters, content, password)
    kind = oid.removeprefix(_OLD)
    if oid.startswith(_OLD) and kind in _OLD_KEY_LENGTHS:
        return _old(kind, parameters, content, password)
    raise KeystoreError(f"its encryption algorithm {oid} is not supported")


def _pbes2(parameters: Any, content: bytes, password: str | None) -> bytes:
    derivation, cipher = parameters[0], parameters[1]
    if str(derivation[0]) != _PBKDF2:
        raise KeystoreError("its key derivation is not supported")
    salt, rounds = bytes(derivation[1][0]), _checked(derivation[1][1])
    prf = "sha1"
    for extra in list(derivation[1].values())[2:]:
        if not isinstance(extra, Integer):
            prf = _PRF.get(str(extra[0]), "")
    if not prf:
        raise KeystoreError("its key derivation is not supported")
    oid, iv = str(cipher[0]), bytes(cipher[1])
    length = 24 if oid == _TRIPLE_DES else _AES_CBC.get(oid)
    if length is None:
        raise KeystoreError("its cipher is not supported")
    key = hashlib.pbkdf2_hmac(prf, (password or "").encode(), salt, rounds, length)
    return _open(TripleDES(key) if oid == _TRIPLE_DES else AES(key), iv, content)


def _old(kind: str, parameters: Any, content: bytes, password: str | None) -> bytes:
    salt, rounds, length = bytes(parameters[0]), _checked(parameters[1]), _OLD_KEY_LENGTHS[kind]
    key = derive("sha1", password, salt, rounds, purpose=1, length=length)
    iv = derive("sha1", password, salt, rounds, purpose=2, length=8)
    if kind in ("3", "4"):
        return _open(TripleDES(key if kind == "3" else key + key[:8]), iv, content)
    # RC2 with a short key, which old openssl and keytool used for certificates, is in no library but this one.
    from Cryptodome.Cipher import ARC2

    cipher = ARC2.new(key, ARC2.MODE_CBC, iv=iv, effective_keylen=8 * length)  # type: ignore[call-arg]  # noqa: S304
    plain = cipher.decrypt(content)
    return _unpadded(plain, 64)


def _checked(rounds: Any) -> int:
    if not 0 < int(rounds) <= MAXIMUM_ITERATIONS:
        raise KeystoreError("its iteration count is out of bounds")
    return int(rounds)


def _open(algorithm: Any, iv: bytes, content: bytes) -> bytes:
    decryptor = Cipher(algorithm, CBC(iv)).decryptor()
    return _unpadded(decryptor.update(content) + decryptor.finalize(), algorithm.block_size)


def _unpadded(content: bytes, block_size: int) -> bytes:
    unpadder = PKCS7(block_size).unpadder()
    return unpadder.update(content) + unpadder.finalize()


def derive(hash_name: str, password: str | None, salt: bytes, rounds: int, *, purpose: int, length: int) -> bytes:
    """Derive bytes from a password, RFC 7292 appendix B.2; purpose 1 is a key, 2 an IV, 3 a MAC key."""
    new: Callable[[bytes], Any] = getattr(hashlib, hash_name)
    block = new(b"").block_size
    secret = b"" if password is None else password.encode("utf-16-be") + b"\0\0"
    diversifier = bytes([purpose]) * block
    mixed = bytearray(_filled(salt, block) + _filled(secret, block))
    result = b""
    while len(result) < length:
        digest = diversifier + bytes(mixed)
        for _ in range(rounds):
            digest = new(digest).digest()
        result += digest
        addend = int.from_bytes(_filled(digest, block)[:block], "big") + 1
        for start in range(0, len(mixed), block):
            value = int.from_bytes(mixed[start : start + block], "big") + addend
            mixed[start : start + block] = (value % (1 << (8 * block))).to_bytes(block, "big")
    return result[:length]


def _filled(content: bytes, block: int) -> bytes:
    """The content repeated to a whole number of blocks."""
    wanted = -(-len(content) // block) * block
    return (content * (wanted // len(content) + 1))[:wanted] if content else b""
