"""What an exchange knows of the client's connection: one object a connection, shared by its exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.certificates.chain import verified_chain

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class Connection:
    """Addresses and TLS state of a client's connection; certificates are parsed when they are first read."""

    __slots__ = (
        "_certificates",
        "_chain",
        "external",
        "local_address",
        "local_port",
        "remote_address",
        "remote_port",
        "secure",
    )

    def __init__(
        self,
        remote: tuple[str, int] = ("", 0),
        local: tuple[str, int] = ("", 0),
        *,
        secure: bool = False,
        external: bool = True,
        chain: tuple[bytes, ...] = (),
    ) -> None:
        self.remote_address, self.remote_port = remote
        self.local_address, self.local_port = local
        self.secure = secure
        self.external = external
        self._chain = chain
        self._certificates: list[Certificate] | None = None

    @classmethod
    def of_transport(cls, transport: Any) -> Connection:
        """The connection behind a transport, with the certificates of a client that proved to own the first of them."""
        ssl_object = transport.get_extra_info("ssl_object")
        return cls(
            _address(transport.get_extra_info("peername")),
            _address(transport.get_extra_info("sockname")),
            secure=ssl_object is not None,
            chain=verified_chain(ssl_object) if ssl_object is not None else (),
        )

    @property
    def certificates(self) -> list[Certificate]:
        """Certificates of the TLS handshake: the client's own, then those that vouch for it; empty without any."""
        if self._certificates is None:
            if self._chain:
                from cryptography.x509 import load_der_x509_certificate

                self._certificates = [load_der_x509_certificate(der) for der in self._chain]
            else:
                self._certificates = []
        return self._certificates


def _address(name: Any) -> tuple[str, int]:
    """Address and port of a socket name, which is a path for local sockets and longer for IPv6."""
    if isinstance(name, tuple) and len(name) >= 2:
        return str(name[0]).partition("%")[0], int(name[1])
    return "", 0


INTERNAL = Connection(("127.0.0.1", 0), ("127.0.0.1", 0), external=False)
"""For exchanges that the gateway starts itself: session clean-up, warm-up, tests of handlers."""
