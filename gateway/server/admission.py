"""What stands in front of a connection whose client has shown a certificate that is still to be looked at.

No request is read, let alone answered, before it is known whether the certificate was revoked; a client that is refused
is cut off, and the log says why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from gateway.certificates.context import AnchoredContext

logger = logging.getLogger("gatewright.server")


class Admission:
    """The clients of one listener that wait to be let in."""

    def __init__(self, serve: Callable[[], asyncio.Protocol]) -> None:
        """`serve` makes the protocol of a client that was let in."""
        self.serve = serve
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopped = False

    def protocol(self) -> asyncio.Protocol:
        """What a new connection begins with."""
        return _Waiting(self)

    def begin(self, transport: Any) -> asyncio.Task[None]:
        """Look at the certificate of a client, and let it in or not."""
        task = asyncio.get_running_loop().create_task(self._vet(transport), name="admission of a client")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def admit(self, transport: Any) -> None:
        protocol = self.serve()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)

    async def stop(self) -> None:
        """Cut off who still waits, and whose handshake is over only now."""
        self.stopped = True
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _vet(self, transport: Any) -> None:
        from gateway.certificates.revocation import CertificateRefused, check_peer

        ssl_object = transport.get_extra_info("ssl_object")
        try:
            await check_peer(ssl_object, ssl_object.context.anchors)
        except CertificateRefused as refused:
            logger.warning("the client at %s is refused: %s", _address(transport), refused)
            transport.abort()
        except BaseException as error:
            transport.abort()
            if not isinstance(error, Exception):
                raise
            # Never let in for a fault of this program: one line, as with a fault of an exchange.
            logger.error("the client at %s is refused: %s", _address(transport), type(error).__name__)
            logger.debug("the failure in full", exc_info=error)
        else:
            self.admit(transport)
            transport.resume_reading()


class _Waiting(asyncio.Protocol):
    """Reads nothing; the transport gets the real protocol when the client is let in."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        ssl_object = transport.get_extra_info("ssl_object")
        context = ssl_object.context
        if self._admission.stopped:
            transport.abort()
        elif isinstance(context, AnchoredContext) and context.vets(ssl_object):
            transport.pause_reading()
            self._task = self._admission.begin(transport)
        else:
            self._admission.admit(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._task is not None:
            self._task.cancel()


def _address(transport: Any) -> str:
    name = transport.get_extra_info("peername")
    return str(name[0]) if isinstance(name, tuple) and name else "a local socket"
