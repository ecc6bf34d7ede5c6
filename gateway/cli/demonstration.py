"""What `gatewright demo` does: the set-up of the guide, its four test steps, and a table of what it expects."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import ssl
import tempfile
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from gateway import logs
from gateway.application.gateway import Gateway, Overrides
from gateway.application.instance import Instance
from gateway.application.launch import server_context
from gateway.client import resolve
from gateway.sandbox.sandbox import Sandbox
from gateway.server.self_signed import SelfSigned, self_signed

AM_HOST, GATEWAY_HOST = "am.example.com", "ig.example.com"
LOOPBACK = "127.0.0.1"
SECRETS = {"CLIENT_SECRET_ID": "cGFzc3dvcmQ=", "AGENT_SECRET_ID": "cGFzc3dvcmQ="}
"""The guide's step 2: the passwords of the client and of the agent, in base64."""
DOCUMENTED_PORTS = {"am": 8088, "app": 8081, "http": 8080, "https": 8443, "admin": 8085}
FORM = "application/x-www-form-urlencoded"

COMMON = {
    "active": True,
    "realm": "/",
    "user_id": "demo",
    "username": "demo",
    "token_type": "Bearer",
    "sub": "(usr!demo)",
    "subname": "demo",
    "auth_level": 0,
    "may_act": {"client_id": "serviceConfidentialClient"},
}
SUBJECT_TOKEN = {**COMMON, "client_id": "client-application", "scope": "employeenumber mail"}
ISSUED_TOKEN = {**COMMON, "client_id": "serviceConfidentialClient", "scope": "mail"}
"""What the guide shows of the introspection of the two tokens; `iss` depends on the port."""
VARYING = ("exp", "authGrantId", "auditTrackingId")
"""Fields whose values differ from run to run; they have to be there."""


class ToLoopback(AbstractResolver):
    """Finds every host on this machine, so that no hosts file needs a change."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=LOOPBACK, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Demonstration:
    """One run of the demonstration."""

    keep: bool = False
    verbose: bool = False
    console: Console = field(default_factory=Console)

    async def run(self) -> int:
        """Exit status: 0 when everything received agrees with the guide."""
        os.environ.update(SECRETS)
        ports = _ports()
        with tempfile.TemporaryDirectory(prefix="gatewright-demo-") as directory:
            self._set_up_logging(Path(directory))
            made = self_signed(Path(directory))
            sandbox = Sandbox.from_yaml(None, am_port=ports["am"], app_port=ports["app"])
            with as_file(files("routes") / "token-exchange.json") as route:
                gateway = Gateway(Instance(Path(directory)), _overrides(ports, made, route))
                await sandbox.start()
                try:
                    gateway.load()
                    await gateway.start()
                    try:
                        return await self._steps(ports, made)
                    finally:
                        await gateway.stop()
                finally:
                    await sandbox.stop()

    def _set_up_logging(self, directory: Path) -> None:
        logs.configure(logging.INFO if self.verbose else logging.ERROR)
        self.console.print(
            "[bold]The documented OAuth 2.0 token exchange[/], with a development authorization server and a gateway "
            "that serves routes/token-exchange.json as the guide has it.\n"
        )

    async def _steps(self, ports: dict[str, int], made: SelfSigned) -> int:
        trust = ssl.create_default_context(cafile=str(made.certificate))
        connector = aiohttp.TCPConnector(resolver=ToLoopback(), ssl=trust)
        am = f"http://{AM_HOST}:{ports['am']}/openam"
        exchange = f"https://{GATEWAY_HOST}:{ports['https']}/token-exchange"
        async with aiohttp.ClientSession(connector=connector) as session:
            subject, subject_info = await self._subject_token(session, am)
            issued, issued_info = await self._issued_token(session, am, exchange, subject)
        issuer = f"{am}/oauth2"
        agree = self._compare("The subject token", {**SUBJECT_TOKEN, "iss": issuer}, subject_info)
        agree &= self._compare("The issued token", {**ISSUED_TOKEN, "iss": issuer}, issued_info)
        agree &= bool(issued) and issued != subject
        self.console.print("[bold green]Received and expected agree.[/]" if agree else "[bold red]They differ.[/]")
        if self.keep:
            await self._keep_running(ports, made)
        return 0 if agree else 1

    async def _subject_token(self, session: aiohttp.ClientSession, am: str) -> tuple[str, dict[str, Any]]:
        answer = await self._post(
            session,
            "1. The client gets a subject token for the user",
            f"{am}/oauth2/access_token",
            {"grant_type": "password", "username": "demo", "password": "Ch4ng31t", "scope": "mail employeenumber"},
            ("client-application", "password"),
        )
        token = str(answer.get("access_token", ""))
        client = {"client_id": "client-application", "client_secret": "password"}
        return token, await self._introspect(session, "2. Introspection of the subject token", am, token, client)

    async def _issued_token(
        self, session: aiohttp.ClientSession, am: str, exchange: str, subject: str
    ) -> tuple[str, dict[str, Any]]:
        answer = await self._post(
            session, "3. The gateway exchanges it for an issued token", exchange, {"subject_token": subject}
        )
        token = str(answer.get("access_token", ""))
        client = {"client_id": "serviceConfidentialClient", "client_secret": "password"}
        return token, await self._introspect(session, "4. Introspection of the issued token", am, token, client)

    async def _introspect(
        self, session: aiohttp.ClientSession, title: str, am: str, token: str, client: dict[str, str]
    ) -> dict[str, Any]:
        return await self._post(session, title, f"{am}/oauth2/realms/root/introspect", {"token": token, **client})

    async def _post(
        self,
        session: aiohttp.ClientSession,
        title: str,
        url: str,
        form: dict[str, str],
        user: tuple[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send a form, show request and answer, and give the JSON object of the answer."""
        self.console.rule(title, align="left")
        self.console.print(f"POST {url}", highlight=False)
        if user is not None:
            self.console.print(f"Authorization: Basic ({user[0]}:...)", highlight=False)
        self.console.print(
            "&".join(f"{name}={value}" for name, value in form.items()) + "\n", highlight=False, markup=False
        )
        headers = {} if user is None else {"Authorization": aiohttp.encode_basic_auth(*user)}
        async with session.post(url, data=form, headers=headers) as response:
            text = await response.text()
            self.console.print(f"{response.status} {response.reason}", highlight=False)
        try:
            answer = json.loads(text)
        except ValueError:
            self.console.print(text, markup=False)
            return {}
        self.console.print(Syntax(json.dumps(answer, indent=2), "json", background_color="default"))
        return answer if isinstance(answer, dict) else {}

    def _compare(self, title: str, expected: dict[str, Any], received: dict[str, Any]) -> bool:
        """Show what the guide expects beside what was received; True when they agree."""
        table = Table("field", "the guide", "received", "", title=title, title_justify="left")
        agree = True
        for name in sorted(expected):
            same = received.get(name) == expected[name]
            agree &= same
            table.add_row(name, _text(expected[name]), _text(received.get(name)), "=" if same else "differs")
        for name in VARYING:
            there = bool(received.get(name))
            agree &= there
            table.add_row(name, "some value", _text(received.get(name)), "there" if there else "missing")
        self.console.print(table)
        return agree

    async def _keep_running(self, ports: dict[str, int], made: SelfSigned) -> None:
        """Print the guide's commands and wait for Ctrl-C."""
        self.console.print("Everything goes on running; stop it with Ctrl-C. The guide's commands, ready to paste:\n")
        for line in _curl_commands(ports, made):
            print(line)  # unwrapped, for pasting
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        await told.wait()


def _ports() -> dict[str, int]:
    """The documented ports when all are free, else free ones."""
    if all(_is_free(port) for port in DOCUMENTED_PORTS.values()):
        return DOCUMENTED_PORTS
    return {name: _free_port() for name in DOCUMENTED_PORTS}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _overrides(ports: dict[str, int], made: SelfSigned, route: Path) -> Overrides:
    resolve.DEFAULT.redirect(AM_HOST, DOCUMENTED_PORTS["am"], LOOPBACK, ports["am"])
    return Overrides(
        port=ports["http"],
        admin_port=ports["admin"],
        host=LOOPBACK,
        https_port=ports["https"],
        https_context=lambda: server_context(made),
        routes=(route,),
    )


def _curl_commands(ports: dict[str, int], made: SelfSigned) -> list[str]:
    am = f"http://{AM_HOST}:{ports['am']}/openam"
    to_am = f"--resolve {AM_HOST}:{ports['am']}:{LOOPBACK}"
    to_gateway = f"--resolve {GATEWAY_HOST}:{ports['https']}:{LOOPBACK}"

    def introspect(token: str, client: str) -> str:
        return (
            f"curl {to_am} --location --request POST '{am}/oauth2/realms/root/introspect' \\\n"
            f"  --header 'Content-Type: {FORM}' --data-urlencode \"token=${{{token}}}\" \\\n"
            f"  --data-urlencode 'client_id={client}' --data-urlencode 'client_secret=password'\n"
        )

    return [
        f"subjecttoken=$(curl {to_am} -s --user 'client-application:password' \\\n"
        "  --data 'grant_type=password&username=demo&password=Ch4ng31t&scope=mail%20employeenumber' \\\n"
        f"  {am}/oauth2/access_token | jq -r '.access_token') && echo $subjecttoken\n",
        introspect("subjecttoken", "client-application"),
        f"issuedtoken=$(curl {to_gateway} --cacert {made.certificate} --location \\\n"
        f"  --request POST 'https://{GATEWAY_HOST}:{ports['https']}/token-exchange' \\\n"
        f"  --header 'Content-Type: {FORM}' \\\n"
        "  --data \"subject_token=${subjecttoken}\" | jq -r '.access_token') && echo $issuedtoken\n",
        introspect("issuedtoken", "serviceConfidentialClient"),
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
