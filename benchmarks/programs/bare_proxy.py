"""The least that a proxy in Python can do: it shows how much of a gateway's time no gateway in Python can save.

Two asyncio protocols under uvloop with a C parser each. Heads and bodies go through as they came: no route, no context,
no limit, no time-out, no field left out, no pool but one connection upstream for each of a client. Run by Gatewright's
own interpreter; it imports nothing of it. Arguments: port, port of the server behind.
"""

import asyncio
import sys

import httptools
import uvloop


class Upstream(asyncio.Protocol):
    def __init__(self, client):
        self.client = client
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.parser.feed_data(data)
        self.client.write(data)

    def connection_lost(self, error):
        self.client.close()


class Client(asyncio.Protocol):
    upstream = None
    waiting = b""

    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        loop = asyncio.get_running_loop()
        opening = loop.create_connection(lambda: Upstream(transport), "127.0.0.1", int(sys.argv[2]))
        loop.create_task(opening).add_done_callback(self.opened)

    def opened(self, opening):
        self.upstream = opening.result()[0]
        if self.waiting:
            self.upstream.write(self.waiting)

    def data_received(self, data):
        self.parser.feed_data(data)
        if self.upstream is None:
            self.waiting += data
        else:
            self.upstream.write(data)

    def connection_lost(self, error):
        if self.upstream is not None:
            self.upstream.close()


async def main():
    server = await asyncio.get_running_loop().create_server(Client, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())
