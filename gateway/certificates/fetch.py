"""Fetches what issuers publish, with bounds for time and size.

The answers are signed, so http is as good as https. Connections over https are not themselves checked for revocation:
that could go on for ever.
"""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.certificates.status import Undetermined
from gateway.client import shared
from gateway.client.options import ClientOptions
from gateway.client.proxy import ProxyChooser
from gateway.errors import ExchangeError
from gateway.http.headers import Headers
from gateway.http.message import Request, Response

SECONDS: Final = 5.0
"""Time for one answer, from the look-up of the name to its last byte."""


async def fetch(url: str, limit: int, proxies: ProxyChooser, question: bytes | None = None) -> bytes:
    """Get a document of so many bytes at most, or the answer to a question; Undetermined when it cannot be had."""
    if not url.lower().startswith(("http://", "https://")):
        raise Undetermined(f"{url} is no http address")
    client = shared.acquire(ClientOptions(so_timeout=SECONDS, connect_timeout=SECONDS, proxies=proxies))
    response: Response | None = None
    try:
        async with asyncio.timeout(SECONDS):
            response = await client.send(_request(url, question))
            if response.status.code != 200:
                raise Undetermined(f"{url} answered {response.status.code}")
            return await _content(response, url, limit)
    except TimeoutError:
        raise Undetermined(f"{url} did not answer within {SECONDS:g} s") from None
    except (ExchangeError, ValueError) as error:
        raise Undetermined(f"{url}: {error}") from None
    finally:
        if response is not None:
            response.close()
        shared.release(client, 0)


def _request(url: str, question: bytes | None) -> Request:
    if question is None:
        return Request("GET", url)
    request = Request("POST", url, Headers([("Content-Type", "application/ocsp-request")]))
    request.entity.set(question)
    return request


async def _content(response: Response, url: str, limit: int) -> bytes:
    content = bytearray()
    async for piece in response.entity.stream():
        content += piece
        if len(content) > limit:
            raise Undetermined(f"{url} answered with more than {limit} bytes")
    return bytes(content)
