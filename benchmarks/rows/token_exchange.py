"""Row (d): the documented token exchange, against an authorization server that answers at once.

The route is routes/token-exchange.json as it ships but for the address of AM, and once more without its `capture`
decorations, which log every message of the exchange.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from benchmarks.bench import COLUMNS, Bench, add_lines, faster
from benchmarks.contenders import gatewright, nginx
from benchmarks.load import Load, burst
from benchmarks.peers import ROOT
from benchmarks.result import Result
from benchmarks.rounds import Rounds
from benchmarks.server import Server

PLAIN, DOCUMENTED, SILENT = "reverse proxy", "token exchange", "token exchange without capture"
_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.body = "subject_token=eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl"
"""


def documented() -> str:
    return (ROOT / "routes" / "token-exchange.json").read_text()


def without_capture(text: str) -> str:
    """The same route without the decoration."""
    route = json.loads(text)
    for element in route["heap"]:
        element.pop("capture", None)
    return json.dumps(route)


def exchange(home: Path, authorization_server: Server, route: str) -> Server:
    """A gateway whose AM is the authorization server of the benchmark."""
    secret = base64.b64encode(b"password").decode()
    env = {"CLIENT_SECRET_ID": secret, "AGENT_SECRET_ID": secret}
    route = route.replace("am.example.com:8088", f"127.0.0.1:{authorization_server.port}")
    return gatewright.run(home, {"token-exchange": route}, env=env)


def script(folder: Path) -> Path:
    """What makes wrk post a subject token."""
    file = folder / "post.lua"
    file.write_text(_POST)
    return file


def measure(bench: Bench) -> Result:
    result = Result("d", "the documented token exchange", COLUMNS)
    application = bench.start("application", nginx.application)
    server = bench.start("authorization server", nginx.authorization_server)
    servers = {
        PLAIN: bench.start(PLAIN, lambda home: gatewright.run(home, {"proxy": gatewright.proxy_route(application)})),
        DOCUMENTED: bench.start(DOCUMENTED, lambda home: exchange(home, server, documented())),
        SILENT: bench.start(SILENT, lambda home: exchange(home, server, without_capture(documented()))),
    }
    post = script(bench.root)

    def load(name: str) -> Load:
        if name == PLAIN:
            return burst(servers[name], "/", bench.seconds)
        found = burst(servers[name], "/token-exchange", bench.seconds, script=post)
        if found.failures:
            raise RuntimeError(f"{found.failures} token exchanges failed")
        return found

    rounds = Rounds.run({name: lambda name=name: load(name) for name in servers}, bench.rounds)
    add_lines(result, rounds, servers, PLAIN)
    faster(result, "against row (b)", rounds, DOCUMENTED, PLAIN, 0.66)
    faster(result, "without capture against row (b)", rounds, SILENT, PLAIN, 0.66)
    return result
