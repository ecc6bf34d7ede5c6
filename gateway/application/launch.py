"""Starts a gateway from the command line: what to serve, where, and until which signal."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expr.diagnostic import DiagnosticError
from expr.scope import implicit
from gateway import logs
from gateway.application import garbage
from gateway.application.gateway import Gateway, Overrides
from gateway.application.instance import Instance
from gateway.client.resolve import Resolver
from gateway.server.self_signed import SelfSigned, self_signed
from gateway.tracing import TracingUnavailable

log = logging.getLogger("gatewright.gateway")
BAD_CONFIGURATION = 2


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
        )
        return cls(instance, overrides)


def serve(launch: Launch, *, workers: int | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the exit status of the process."""
    logs.configure()
    try:
        return _run(launch)
    except DiagnosticError as error:
        from config.render.full import render

        sys.stderr.write(render(list(error.diagnostics), colour=sys.stderr.isatty()))
    except (OSError, TracingUnavailable) as error:
        log.error("the gateway cannot start: %s", error)
    return BAD_CONFIGURATION


def _run(launch: Launch) -> int:
    try:
        import uvloop
    except ImportError:  # not to be had on every platform
        return asyncio.run(_until_told(launch))
    return uvloop.run(_until_told(launch))


async def _until_told(launch: Launch) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    with tempfile.TemporaryDirectory(prefix="gatewright-") as directory:
        gateway = Gateway(launch.instance, with_https(launch.overrides, Path(directory)))
        gateway.load()
        await gateway.start()
        garbage.settle()
        log.info("Gateway started on ports: %s, administration on ports: %s", gateway.ports, gateway.admin_ports)
        await told.wait()
        log.info("Gateway stops")
        await gateway.stop()
    return 0


def with_https(overrides: Overrides, directory: Path) -> Overrides:
    """The same with a certificate made for this run, where HTTPS was asked for; its path is printed."""
    if overrides.https_port is None or overrides.https_context is not None:
        return overrides
    made = self_signed(directory)
    log.info("HTTPS uses a certificate made for this run; let clients trust it: curl --cacert %s", made.certificate)
    return Overrides(**{**overrides.__dict__, "https_context": lambda: server_context(made)})


def server_context(made: SelfSigned) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(made.certificate, made.key)
    return context
