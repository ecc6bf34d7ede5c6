"""Encrypting and decrypting compact JWE with one key.

Every way to fail to decrypt is one error with one text, so that nothing can be learnt from it. Compressed content is
limited as documented: org.forgerock.json.jose.jwe.compression.max.decompressed.size.bytes, 32768 by default.
"""

from __future__ import annotations

import zlib
from typing import Any, ClassVar, Final, TypeVar

from joserfc import jwe
from joserfc.errors import ExceededSizeError, UnsupportedAlgorithmError
from joserfc.jwa import JWE_ALG_MODELS, JWE_ENC_MODELS, JWEAlgModel, JWEEncModel, JWEZipModel
from joserfc.jwe import JWERegistry

from expr.scope import implicit
from gateway.jose.algorithms import CONTENT_ENCRYPTION, KEY_MANAGEMENT, unfit_key
from gateway.jose.errors import InvalidToken, JoseKeyError
from gateway.jose.keys import jose_key
from gateway.jose.token import MAXIMUM_HEADER, MAXIMUM_TOKEN, CompactToken
from gateway.secrets.secret import CryptoKey, Purpose

Model = TypeVar("Model")

DECOMPRESSED_LIMIT: Final = 32768
"""Default limit of decompressed content, in bytes."""
LIMIT_PROPERTY: Final = "org.forgerock.json.jose.jwe.compression.max.decompressed.size.bytes"


def decompressed_limit() -> int:
    """The limit in force: that of the system property when it is a number."""
    value = implicit.system.get(LIMIT_PROPERTY)
    return int(value) if value is not None and value.isdecimal() else DECOMPRESSED_LIMIT


class _Deflate(JWEZipModel):
    """Raw deflate with a hard limit on what comes out, whatever went in."""

    name = "DEF"
    description = "DEFLATE"

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def compress(self, s: bytes) -> bytes:
        compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return compressor.compress(s) + compressor.flush()

    def decompress(self, s: bytes) -> bytes:
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = decompressor.decompress(s, self.limit + 1)
        except zlib.error:
            raise InvalidToken("the token cannot be decrypted") from None
        if len(content) > self.limit:
            raise InvalidToken(f"the compressed content of the token is larger than {self.limit} bytes")
        if not decompressor.eof:
            raise InvalidToken("the token cannot be decrypted")
        return content


class _Registry(JWERegistry):
    """The algorithms of the gateway, independent of what joserfc recommends or warns about."""

    max_protected_header_length = MAXIMUM_HEADER
    max_encrypted_key_length = 4096
    max_ciphertext_length = MAXIMUM_TOKEN

    _algs: ClassVar[dict[str, JWEAlgModel]] = {m.name: m for m in JWE_ALG_MODELS if m.name in KEY_MANAGEMENT}
    _encs: ClassVar[dict[str, JWEEncModel]] = {m.name: m for m in JWE_ENC_MODELS if m.name in CONTENT_ENCRYPTION}

    def __init__(self, limit: int) -> None:
        super().__init__(strict_check_header=False)
        self._deflate = _Deflate(limit)

    def get_alg(self, name: str) -> JWEAlgModel:
        return _known(self._algs, name)

    def get_enc(self, name: str) -> JWEEncModel:
        return _known(self._encs, name)

    def get_zip(self, name: str) -> JWEZipModel:
        zips: dict[str, JWEZipModel] = {"DEF": self._deflate}
        return _known(zips, name)


def _known(models: dict[str, Model], name: str) -> Model:
    if name not in models:
        raise UnsupportedAlgorithmError("the algorithm is not supported")
    return models[name]


_DEFAULT = _Registry(DECOMPRESSED_LIMIT)


def encrypt(payload: bytes, key: CryptoKey, header: dict[str, Any]) -> str:
    """Make a compact JWE; `header` has `alg` and `enc`, and `zip` to compress."""
    reason = unfit_header(header, key)
    if reason is not None:
        raise JoseKeyError(f"key {key.stable_id!r} cannot encrypt: {reason}")
    return jwe.encrypt_compact(dict(header), payload, jose_key(key), registry=_DEFAULT)


def decrypt(token: CompactToken, key: CryptoKey, *, limit: int | None = None) -> bytes:
    """Return the content of a JWE; raise InvalidToken when this key does not open it."""
    if not token.encrypted:
        raise InvalidToken("the token is not encrypted")
    reason = unfit_header(token.header, key)
    if reason is not None or (key.secret is None and key.private is None):
        raise InvalidToken("the token cannot be decrypted")
    limit = decompressed_limit() if limit is None else limit
    registry = _DEFAULT if limit == DECOMPRESSED_LIMIT else _Registry(limit)
    try:
        opened = jwe.decrypt_compact(token.value, jose_key(key), registry=registry)
    except ExceededSizeError:
        raise InvalidToken("a part of the token is too large") from None
    except InvalidToken:
        raise
    except (
        Exception
    ):  # the header and its epk, iv, tag are the sender's: whatever the library makes of them, it is no token
        raise InvalidToken("the token cannot be decrypted") from None
    return opened.plaintext or b""


def unfit_header(header: dict[str, Any], key: CryptoKey) -> str | None:
    """Say why a key cannot serve the `alg` and `enc` of a header; None when it can."""
    algorithm, method = header["alg"], header["enc"]
    if algorithm not in KEY_MANAGEMENT:
        return f"{str(algorithm)[:40]!r} is not a key management algorithm of the gateway"
    if method not in CONTENT_ENCRYPTION:
        return f"{str(method)[:40]!r} is not an encryption method of the gateway"
    return unfit_key(algorithm, key) or (unfit_key(method, key) if algorithm == "dir" else None)


def encryption_purpose(algorithm: str, *, decrypt: bool = False) -> Purpose:
    """The purpose under which the key of a JWE algorithm is looked up: `dir` protects data, all others a key."""
    if algorithm == "dir":
        return Purpose.DATA_DECRYPTION if decrypt else Purpose.DATA_ENCRYPTION
    return Purpose.KEY_DECRYPTION if decrypt else Purpose.KEY_ENCRYPTION
