"""The chain of certificates that the other side of a TLS connection proved to own."""

from __future__ import annotations

import ssl
from typing import Any


def verified_chain(ssl_object: ssl.SSLObject) -> tuple[bytes, ...]:
    """The verified chain in DER, the peer's own certificate first and the trust anchor last; empty without one.

    OpenSSL keeps no verified chain of a session that TLS 1.2 resumed: there it is what the peer sent when the session
    began, which lacks the anchor as a rule.
    """
    if ssl_object.getpeercert(binary_form=True) is None:
        return ()
    if hasattr(ssl_object, "get_verified_chain"):
        # Python 3.13 and newer; typeshed knows the method for these versions only.
        public: Any = ssl_object
        return tuple(public.get_verified_chain() or public.get_unverified_chain())
    # Before Python 3.13 only the object behind an SSLObject knows the chain. It is not public, but has been there
    # since 3.10 in this shape, and packages in wide use (truststore) rely on it too.
    import _ssl  # the public module has no name for the encodings

    inner: Any = ssl_object._sslobj  # type: ignore[attr-defined]
    found = inner.get_verified_chain() or inner.get_unverified_chain() or ()
    return tuple(certificate.public_bytes(_ssl.ENCODING_DER) for certificate in found)
