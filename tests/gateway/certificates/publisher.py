"""A web server that publishes what an authority says: answers to questions, and revocation lists."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.x509 import ocsp

from tests.gateway.client.upstream_scripts import Peer, Upstream

Page = Callable[[bytes], bytes | None]
"""Gives the content for the body of a request; None does not answer."""


class Publisher(Upstream):
    """Pages by path; `asked` has the path of each request."""

    def __init__(self) -> None:
        super().__init__(self._script)
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.status = 200

    def at(self, path: str) -> str:
        return f"{self.url}{path}"

    def publish(self, path: str, content: bytes) -> None:
        self.pages[path] = lambda _: content

    def answer(self, path: str, answer: Callable[[ocsp.OCSPRequest], bytes]) -> None:
        self.pages[path] = lambda body: answer(ocsp.load_der_ocsp_request(body))

    async def _script(self, peer: Peer) -> None:
        while True:
            head = (await peer.head()).decode()
            length = next((line[15:] for line in head.split("\r\n") if line.lower().startswith("content-length:")), "0")
            body = await peer.read(int(length))
            path = "/" + head.split(" ")[1].removeprefix("http://").partition("/")[2]
            self.asked.append(path)
            page = self.pages.get(path)
            content = page(body) if page is not None else b""
            if content is None:
                await peer.gone()
                return
            status = 404 if page is None else self.status
            await peer.send(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(content), content))
