"""The usual Python proxy: an aiohttp application with ClientSession, under uvloop. Run by the peers' interpreter.

Arguments: port, port of the server behind, "proxy" or "static". It imports nothing of this project.
"""

import sys

import uvloop
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


def kept(headers):
    return [(name, value) for name, value in headers.items() if name.lower() not in HOP]


async def hello(request):
    return web.Response(text="Hello, world!")


def forwarder(upstream):
    async def forward(request):
        session = request.app["session"]
        body = request.content if request.body_exists else None
        url = f"http://127.0.0.1:{upstream}{request.raw_path}"
        async with session.request(
            request.method, url, headers=kept(request.headers), data=body, allow_redirects=False
        ) as got:
            length = got.content_length
            if length is not None and length <= 65536:
                return web.Response(status=got.status, headers=kept(got.headers), body=await got.read())
            response = web.StreamResponse(status=got.status, headers=kept(got.headers))
            await response.prepare(request)
            async for piece in got.content.iter_any():
                await response.write(piece)
            await response.write_eof()
            return response

    return forward


async def with_session(app):
    connector = TCPConnector(limit=0)
    async with ClientSession(
        connector=connector, auto_decompress=False, cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=60)
    ) as session:
        app["session"] = session
        yield


def main():
    port, upstream, mode = sys.argv[1:]
    app = web.Application(client_max_size=2**40)
    if mode == "static":
        app.router.add_get("/", hello)
    else:
        app.cleanup_ctx.append(with_session)
        app.router.add_route("*", "/{path:.*}", forwarder(upstream))
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None, keepalive_timeout=75)


main()
