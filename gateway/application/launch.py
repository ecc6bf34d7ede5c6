"""Starts a gateway from the command line: what to serve, where, and until which signal."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import ssl
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from expr.scope import implicit
from gateway import logs, tracing
from gateway.application import garbage
from gateway.application.failures import EXPECTED, explained, report
from gateway.application.gateway import Gateway
from gateway.application.instance import Instance
from gateway.application.openings import Overrides
from gateway.application.pid_file import pid_file
from gateway.application.worker import BAD_CONFIGURATION, run
from gateway.background import Background
from gateway.client.resolve import Resolver
from gateway.server.self_signed import SelfSigned, self_signed

log = logging.getLogger("gatewright.gateway")
KEY_BYTES: Final = 32
CAN_FORK: Final = hasattr(os, "fork")


@dataclass(frozen=True)
class Launch:
    """What to serve."""

    instance: Instance
    overrides: Overrides

    @classmethod
    def of(
        cls,
        paths: Sequence[Path],
        *,
        port: int | None = None,
        https_port: int | None = None,
        admin_port: int | None = None,
        host: str | None = None,
        resolve: tuple[str, ...] = (),
        workers: int | None = None,
    ) -> Launch:
        """Read the arguments of `gatewright run`; ValueError, with a message for people, when they contradict."""
        directories = [path for path in paths if path.is_dir()]
        if directories and len(paths) > 1:
            raise ValueError("serve one instance directory, or one or more route files")
        Resolver(resolve)  # says what is wrong with an override before anything starts
        instance = Instance(directories[0]) if directories else Instance.default(implicit.env, implicit.system)
        overrides = Overrides(
            port=port,
            admin_port=admin_port,
            host=host,
            https_port=https_port,
            resolve=resolve,
            routes=() if directories else tuple(paths),
            workers=workers if CAN_FORK else 1,
        )
        return cls(instance, overrides)


def serve(launch: Launch) -> int:
    """Serve until SIGTERM or SIGINT; the exit status of the process."""
    logs.configure()
    try:
        with tempfile.TemporaryDirectory(prefix="gatewright-") as directory:
            return _serve(launch, Path(directory))
    except EXPECTED as error:
        report(explained(error))
    return BAD_CONFIGURATION


def _serve(launch: Launch, directory: Path) -> int:
    """Serve with files of this run in a directory that nobody else can read."""
    common = directory if launch.overrides.workers != 1 else None
    first = Gateway(launch.instance, launch.overrides, common, secrets.token_bytes(KEY_BYTES))
    first.load()
    # Workers are as many at each reload as they were at the start, and the certificate is the same.
    overrides = replace(with_https(launch.overrides, directory), workers=first.units)
    first.overrides = overrides

    def again() -> Gateway:
        gateway = replace(first, siblings=None)
        gateway.load()
        return gateway

    with _one_gateway(first):
        if first.shared_directory is None:
            try:
                return run(_until_told(first))
            finally:
                tracing.stop()
        from gateway.application.supervisor import Supervisor

        return Supervisor(first, again).run()


def _one_gateway(gateway: Gateway) -> AbstractContextManager[None]:
    """Keep a second gateway from serving the same instance directory; single route files are in none."""
    if gateway.overrides.routes:
        return nullcontext()
    return pid_file(gateway.instance.temporary_directory, gateway.pid_file_mode)


async def _until_told(gateway: Gateway) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    scanning = Background()
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, lambda: scanning.spawn("scan of all routes", _scan(gateway)))
    await gateway.start()
    garbage.settle()
    log.info("Gateway started on ports: %s, administration on ports: %s", gateway.ports, gateway.admin_ports)
    await told.wait()
    log.info("Gateway stops")
    await scanning.stop()
    await gateway.stop()
    return 0


async def _scan(gateway: Gateway) -> None:
    log.info("The routes are read again; what changed in admin.json and config.json needs a start, or two workers")
    await gateway.scan()


def with_https(overrides: Overrides, directory: Path) -> Overrides:
    """The same with a certificate made for this run, where HTTPS was asked for; its path is printed."""
    if overrides.https_port is None or overrides.https_context is not None:
        return overrides
    made = self_signed(directory)
    log.info("HTTPS uses a certificate made for this run; let clients trust it: curl --cacert %s", made.certificate)
    return replace(overrides, https_context=lambda: server_context(made))


def server_context(made: SelfSigned) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(made.certificate, made.key)
    return context
