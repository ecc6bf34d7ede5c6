"""CertificateThumbprintFilter: the thumbprint in the context, or a refusal."""

import base64
import hashlib

from gateway.http.connection import Connection
from tests.gateway.filters.test_allow_only_filter import certificate
from tests.gateway.scripted import run


def thumbprint(expression: str, **config) -> dict:
    return {"type": "CertificateThumbprintFilter", "config": {"certificate": expression, **config}}


async def test_the_thumbprint_of_the_client_certificate_goes_into_the_context():
    der = certificate()
    connection = Connection(("192.0.2.1", 1), secure=True, chain=(der,))
    outcome = await run(thumbprint("${contexts.client.certificates[0]}"), connection=connection)
    expected = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert outcome.forwarded.context.find("certificateThumbprint").thumbprint == expected


async def test_without_a_certificate_it_is_403():
    for expression in ("${contexts.client.certificates[0]}", "no certificate"):
        outcome = await run(thumbprint(expression))
        assert (outcome.status, outcome.text, outcome.seen) == (403, "", [])


async def test_the_failure_handler_answers_instead():
    handler = {"type": "StaticResponseHandler", "config": {"status": 401}}
    assert (await run(thumbprint("${null}", failureHandler=handler))).status == 401
