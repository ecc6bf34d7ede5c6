"""Reads request bodies to their end, drops them, and answers with their length. Argument: port."""

import asyncio
import sys

import httptools
import uvloop


class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.received = transport, 0
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_body(self, data):
        self.received += len(data)

    def on_message_complete(self):
        text = str(self.received).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
        self.received = 0


async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())
