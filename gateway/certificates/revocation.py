"""Whether the certificates of a peer were revoked, as Java's path validation finds it out.

Every certificate between the peer and the trust anchor is asked about, the anchor is not: OCSP first, then the lists of
the issuer. A status that cannot be determined counts as revoked. Follows `checkRevocation` of SecretsTrustManager.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.certificates import crl, ocsp
from gateway.certificates.answers import Answers
from gateway.certificates.chain import verified_chain
from gateway.certificates.fetch import fetch
from gateway.certificates.path import path
from gateway.certificates.status import UNREADABLE, Status, Undetermined, keep_until
from gateway.client.proxy import Direct, ProxyChooser

if TYPE_CHECKING:
    from gateway.secrets.key_material import TrustAnchors

SECONDS: Final = 15.0
"""Time for all questions about one peer."""
_NOBODY: Final = "it names neither an OCSP responder nor a revocation list, and checkRevocation is true"
_STATUSES: Final = 10_000
_LISTS: Final = 32
_OCSP_LIMIT: Final = 64 * 1024
_CRL_LIMIT: Final = 16 * 1024 * 1024


class CertificateRefused(Exception):
    """A peer whose certificate must not be accepted; the message says which one and why."""


class RevocationChecker:
    """Finds out the status of certificates, and remembers it; one for each event loop."""

    def __init__(self) -> None:
        self._statuses: Answers[Status] = Answers(_STATUSES)
        self._lists: Answers[x509.CertificateRevocationList] = Answers(_LISTS)

    async def check(
        self, chain: Sequence[x509.Certificate], anchors: TrustAnchors, proxies: ProxyChooser | None = None
    ) -> None:
        """Raise CertificateRefused unless a chain leads to an anchor and nothing on the way was revoked."""
        if anchors.unchecked and path(chain, anchors.unchecked):
            return
        way = path(chain, anchors.certificates)
        if not way:
            raise CertificateRefused(f"{_named(chain[0])} leads to no trusted certificate")
        # From the anchor down: what a revoked authority says of its own certificates is worth nothing.
        for issuer, certificate in zip(way[:0:-1], way[-2::-1], strict=True):
            await self._check_one(certificate, issuer, proxies or Direct())

    async def _check_one(self, certificate: x509.Certificate, issuer: x509.Certificate, proxies: ProxyChooser) -> None:
        key = (_fingerprint(issuer), certificate.serial_number)
        ask = partial(self._determine, certificate, issuer, proxies)
        try:
            status = await self._statuses.get(key, ask)
        except Undetermined as error:
            reason = f"could not determine the revocation status of {_named(certificate)}: {_printable(str(error))}"
            raise CertificateRefused(reason) from None
        if status.revoked:
            raise CertificateRefused(f"{_named(certificate)} was {status.revoked}")

    async def _determine(
        self, certificate: x509.Certificate, issuer: x509.Certificate, proxies: ProxyChooser
    ) -> tuple[Status, float]:
        reasons: list[str] = []
        ways: list[tuple[str, Callable[..., Awaitable[Status]]]] = [
            *((url, self._by_ocsp) for url in ocsp.responders(certificate)),
            *((url, self._by_list) for url in crl.addresses(certificate)),
        ]
        for url, way in ways:
            try:
                status = await way(url, certificate, issuer, proxies)
            except Undetermined as error:
                reasons.append(str(error) if url in str(error) else f"{url}: {error}")
            else:
                return status, status.keep
        raise Undetermined("; ".join(reasons) or _NOBODY)

    async def _by_ocsp(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, proxies: ProxyChooser
    ) -> Status:
        request = ocsp.question(certificate, issuer)
        data = await fetch(url, _OCSP_LIMIT, proxies, request.public_bytes(Encoding.DER))
        return ocsp.answer(data, request, issuer)

    async def _by_list(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, proxies: ProxyChooser
    ) -> Status:
        async def ask() -> tuple[x509.CertificateRevocationList, float]:
            data = await fetch(url, _CRL_LIMIT, proxies)
            # Lists can be large, and other exchanges need not wait for that.
            found = await asyncio.to_thread(crl.usable, data, issuer)
            return found, keep_until(found.next_update_utc)

        found = await self._lists.get((url, _fingerprint(issuer)), ask)
        return await asyncio.to_thread(crl.status, found, certificate)


_CHECKERS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, RevocationChecker]] = WeakKeyDictionary()


async def check_peer(ssl_object: ssl.SSLObject, anchors: TrustAnchors, proxies: ProxyChooser | None = None) -> None:
    """Raise CertificateRefused when the certificate of a peer, or one that vouches for it, must not be accepted."""
    checker = _CHECKERS.setdefault(asyncio.get_running_loop(), RevocationChecker())
    try:
        async with asyncio.timeout(SECONDS):
            chain = [x509.load_der_x509_certificate(der) for der in verified_chain(ssl_object)]
            await checker.check(chain, anchors, proxies)
    except TimeoutError:
        reason = f"could not determine the revocation status of {_named(chain[0])}: no answer within {SECONDS:g} s"
        raise CertificateRefused(reason) from None
    except UNREADABLE as error:
        raise CertificateRefused(f"a certificate cannot be read: {_printable(str(error))}") from None


def _fingerprint(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())


def _named(certificate: x509.Certificate) -> str:
    return f"the certificate {_printable(certificate.subject.rfc4514_string())} ({certificate.serial_number:x})"


def _printable(text: str) -> str:
    """Text of certificates and of other servers, made fit for one line of a log."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:500]
