"""Secrets as values: what they are, what they may be used for, and that they never show themselves.

Knows neither where secrets come from (stores) nor what is done with them (jose, TLS). The vocabulary is the one of the
reference page on secret types: purposes, usages, stable IDs, valid / named / active secrets.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from gateway.errors import ExchangeError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

KeyType = Literal["oct", "RSA", "EC", "OKP", "DSA"]


class Usage(Enum):
    """What one key may do; a key without usages may do anything its material allows."""

    SIGN = "SIGN"
    VERIFY = "VERIFY"
    VERIFY_CERTIFICATE = "VERIFY_CERTIFICATE"
    ENCRYPT = "ENCRYPT"
    DECRYPT = "DECRYPT"
    WRAP_KEY = "WRAP_KEY"
    UNWRAP_KEY = "UNWRAP_KEY"
    AGREE_KEY = "AGREE_KEY"


class Purpose(Enum):
    """What a secret is asked for."""

    PASSWORD = "PASSWORD"
    SIGN = "SIGN"
    VERIFY = "VERIFY"
    VERIFY_CERTIFICATE = "VERIFY_CERTIFICATE"
    DATA_ENCRYPTION = "DATA_ENCRYPTION"
    DATA_DECRYPTION = "DATA_DECRYPTION"
    KEY_ENCRYPTION = "KEY_ENCRYPTION"
    KEY_DECRYPTION = "KEY_DECRYPTION"
    KEY_AGREEMENT = "KEY_AGREEMENT"

    @property
    def usage(self) -> Usage | None:
        """The key usage that the purpose needs; None for a password, which is no key."""
        return _PURPOSE_USAGE.get(self)


_PURPOSE_USAGE = {
    Purpose.SIGN: Usage.SIGN,
    Purpose.VERIFY: Usage.VERIFY,
    Purpose.VERIFY_CERTIFICATE: Usage.VERIFY_CERTIFICATE,
    Purpose.DATA_ENCRYPTION: Usage.ENCRYPT,
    Purpose.DATA_DECRYPTION: Usage.DECRYPT,
    Purpose.KEY_ENCRYPTION: Usage.WRAP_KEY,
    Purpose.KEY_DECRYPTION: Usage.UNWRAP_KEY,
    Purpose.KEY_AGREEMENT: Usage.AGREE_KEY,
}

_NEEDS_PRIVATE = frozenset({Purpose.SIGN, Purpose.KEY_DECRYPTION, Purpose.KEY_AGREEMENT})
_NEEDS_SYMMETRIC = frozenset({Purpose.DATA_ENCRYPTION, Purpose.DATA_DECRYPTION})


class NoSuchSecret(ExchangeError):
    """No store has a fitting secret; the message names the ID, the need and what was tried, never a content."""

    def __init__(self, secret_id: str, purpose: Purpose, *, stable_id: str | None = None, details: str = "") -> None:
        self.secret_id = secret_id
        self.purpose = purpose
        self.stable_id = stable_id
        named = f" with stable ID {stable_id[:64]!r}" if stable_id is not None else ""
        tail = f": {details}" if details else ""
        super().__init__(f"no such secret: '{secret_id}'{named} for {purpose.value}{tail}")


class Hidden:
    """A value whose text forms never show its content and that refuses to be pickled or copied out."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be serialized")


class GenericSecret(Hidden):
    """Opaque bytes: a password, a client secret, an API key. No cryptographic operation is possible with it."""

    __slots__ = ("_content", "stable_id")

    def __init__(self, content: bytes, stable_id: str = "") -> None:
        self._content = content
        self.stable_id = stable_id

    def reveal(self) -> bytes:
        """Return the bytes; keep the result out of logs, messages and long-lived variables."""
        return self._content

    def reveal_text(self) -> str:
        """Return the content as UTF-8 text."""
        return self._content.decode()

    def matches(self, candidate: str | bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self._content, candidate.encode() if isinstance(candidate, str) else candidate)

    def unfit(self, purpose: Purpose, algorithm: str | None = None) -> str | None:
        """Say why this secret does not serve a purpose; None when it does."""
        return None if purpose is Purpose.PASSWORD else "it is a password, a key is needed"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class CryptoKey(Hidden):
    """A private key, public key, certificate or symmetric key, with what restricts its use.

    Exactly one of `secret` (symmetric) and `public` is set. `algorithms` restricts the JOSE algorithms (a JWK's `alg`),
    None means any that suits the material. `any_length` lifts the minimum lengths of HMAC keys: only for the client
    secrets that OpenID Connect uses as keys.
    """

    public: PublicKeyTypes | None = None
    private: PrivateKeyTypes | None = None
    secret: bytes | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    stable_id: str = ""
    usages: frozenset[Usage] | None = None
    algorithms: frozenset[str] | None = None
    algorithm_name: str = ""
    any_length: bool = False
    cache: dict[str, Any] = field(default_factory=dict)
    """Derived forms of the key (a JOSE key object), kept with it so that they are made once."""

    def __repr__(self) -> str:
        part = "symmetric" if self.secret is not None else "private" if self.private is not None else "public"
        return f"<CryptoKey {self.stable_id!r} {part} {self.key_type}>"

    @property
    def key_type(self) -> KeyType:
        """The JWK key type of the material."""
        if self.secret is not None:
            return "oct"
        kind = type(self.public).__name__
        if "RSA" in kind:
            return "RSA"
        if "Elliptic" in kind or kind.startswith("EC"):
            return "EC"
        return "DSA" if "DSA" in kind else "OKP"

    def named(self, stable_id: str) -> CryptoKey:
        """The same key under another stable ID."""
        return CryptoKey(
            self.public,
            self.private,
            self.secret,
            self.certificates,
            stable_id,
            self.usages,
            self.algorithms,
            self.algorithm_name,
            self.any_length,
        )

    def unfit(self, purpose: Purpose, algorithm: str | None = None) -> str | None:
        """Say why this key does not serve a purpose (and JOSE algorithm); None when it does."""
        if purpose is Purpose.PASSWORD:
            return "it is a key, a password is needed"
        usage = purpose.usage
        if self.usages is not None and usage not in self.usages:
            return f"its usages do not include {usage.value if usage else purpose.value}"
        if purpose in _NEEDS_SYMMETRIC and self.secret is None:
            return "a symmetric key is needed"
        if purpose in _NEEDS_PRIVATE and self.secret is None and self.private is None:
            return "its private key is needed"
        if purpose is Purpose.VERIFY_CERTIFICATE and not self.certificates:
            return "a certificate is needed"
        return self._unfit_algorithm(algorithm) if algorithm is not None else None

    def _unfit_algorithm(self, algorithm: str) -> str | None:
        if self.algorithms is not None and algorithm not in self.algorithms:
            return f"it is restricted to {', '.join(sorted(self.algorithms))}, not {algorithm}"
        from gateway.jose.algorithms import unfit_key

        return unfit_key(algorithm, self)


Secret = GenericSecret | CryptoKey
