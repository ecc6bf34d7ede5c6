"""Upstreams whose certificates were revoked are refused when a connection is opened, and asked about only then."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.certificates import fetch, revocation
from gateway.client.errors import TlsFailure
from gateway.client.proxy import Always, Proxy
from gateway.client.tls import TlsSettings
from gateway.http.message import Request
from gateway.secrets.key_material import KeyPair, TrustAnchors
from tests.gateway.certificates.issuing import REVOKED, UNKNOWN, Issuer
from tests.gateway.certificates.publisher import Publisher
from tests.gateway.client.test_client_proxy import forwarding
from tests.gateway.client.upstream_scripts import OK, Upstream, reply
from tests.gateway.servers import free_port

HOURS = timedelta(hours=1)


@pytest.fixture
def root() -> Issuer:
    return Issuer.root()


@asynccontextmanager
async def serving(pair: KeyPair) -> AsyncIterator[Upstream]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair.load_into(context)
    async with Upstream(reply(OK), ssl=context) as upstream:
        yield upstream


async def ask(client: Callable[..., Any], upstream: Upstream, anchors: TrustAnchors, **options: Any) -> bytes:
    """One exchange on a connection of its own."""
    http = client(tls=TlsSettings(anchors=anchors), **options)
    try:
        response = await http.send(Request("GET", upstream.url))
        return bytes(await response.entity.read())
    finally:
        http.close(0)


async def refusal(client: Callable[..., Any], pair: KeyPair, anchors: TrustAnchors, **options: Any) -> str:
    """Why an upstream with this certificate is refused; it gets no request."""
    async with serving(pair) as upstream:
        with pytest.raises(TlsFailure) as caught:
            await ask(client, upstream, anchors, **options)
        assert not upstream.heads
        return str(caught.value)


# --- OCSP


async def test_a_good_certificate_is_asked_about_once(client, root):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0]))
        async with serving(pair) as upstream:
            for _ in range(3):
                assert await ask(client, upstream, root.anchors()) == b"ok"
            assert upstream.connections == 3
        assert publisher.asked == ["/ocsp"]


async def test_connections_opened_at_the_same_time_share_one_question(client, root):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0]))
        async with serving(pair) as upstream:
            answers = [ask(client, upstream, root.anchors()) for _ in range(5)]
            assert await asyncio.gather(*answers) == [b"ok"] * 5
        assert publisher.asked == ["/ocsp"]


async def test_a_revoked_certificate_is_refused_and_named(client, root):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0], REVOKED))
        said = await refusal(client, pair, root.anchors())
        assert "the certificate CN=127.0.0.1 " in said
        assert "was revoked on 20" in said
        assert said.endswith("(keyCompromise)")
        assert await refusal(client, pair, root.anchors()) == said
        assert publisher.asked == ["/ocsp"]


@pytest.mark.parametrize(
    ("answering", "reason"),
    [
        ({"status": UNKNOWN}, "does not know the certificate"),
        ({"lasting": -HOURS}, "expired"),
        ({"signer": Issuer.root("stranger")}, "not signed"),
        ({"nonce": b"of another question"}, "another question"),
    ],
)
async def test_an_answer_that_does_not_count_refuses_too(client, root, answering, reason):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0], **answering))
        said = await refusal(client, pair, root.anchors())
        assert "could not determine the revocation status of the certificate CN=127.0.0.1" in said
        assert reason in said
        assert publisher.at("/ocsp") in said


async def test_a_responder_of_the_issuer_is_believed(client):
    root = Issuer.root(key=rsa.generate_private_key(65537, 2048))
    responder = root.responder()
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0], signer=responder))
        async with serving(pair) as upstream:
            assert await ask(client, upstream, root.anchors()) == b"ok"


async def test_a_responder_that_is_not_there_refuses(client, root):
    pair = root.issue("127.0.0.1", responder=f"http://127.0.0.1:{free_port()}/")
    assert "cannot connect" in await refusal(client, pair, root.anchors())


@pytest.mark.parametrize("url", ["ldap://127.0.0.1/", "http://", "http://[::1/", "file:///etc/passwd"])
async def test_addresses_that_lead_nowhere_refuse(client, root, url):
    assert "could not determine" in await refusal(client, root.issue("127.0.0.1", responder=url), root.anchors())


async def test_a_responder_that_does_not_answer_refuses_in_time(client, root, monkeypatch):
    monkeypatch.setattr(fetch, "SECONDS", 0.05)
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.pages["/ocsp"] = lambda _: None
        assert "did not answer within 0.05 s" in await refusal(client, pair, root.anchors())


async def test_all_questions_about_a_peer_have_one_time_limit(client, root, monkeypatch):
    monkeypatch.setattr(revocation, "SECONDS", 0.05)
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.pages["/ocsp"] = lambda _: None
        # The time to connect is over by then, and is another matter.
        assert "no answer within 0.05 s" in await refusal(client, pair, root.anchors(), connect_timeout=1)


async def test_too_much_of_an_answer_is_not_read(client, root):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.publish("/ocsp", bytes(100_000))
        assert "more than 65536 bytes" in await refusal(client, pair, root.anchors())


# --- revocation lists


async def test_a_list_is_fetched_once_for_all_certificates_of_its_issuer(client, root):
    async with Publisher() as publisher:
        revoked, *others = [root.issue("127.0.0.1", crl=publisher.at("/list")) for _ in range(3)]
        publisher.publish("/list", root.revokes(revoked.chain[0].serial_number))
        assert "was revoked" in await refusal(client, revoked, root.anchors())
        for pair in others:
            async with serving(pair) as upstream:
                assert await ask(client, upstream, root.anchors()) == b"ok"
        assert publisher.asked == ["/list"]


async def test_the_list_decides_where_the_responder_does_not(client, root):
    async with Publisher() as publisher:
        places = {"responder": publisher.at("/ocsp"), "crl": publisher.at("/list")}
        good, revoked = root.issue("127.0.0.1", **places), root.issue("127.0.0.1", **places)
        publisher.publish("/list", root.revokes(revoked.chain[0].serial_number))
        async with serving(good) as upstream:
            assert await ask(client, upstream, root.anchors()) == b"ok"
        assert publisher.asked == ["/ocsp", "/list"]
        assert "was revoked" in await refusal(client, revoked, root.anchors())


@pytest.mark.parametrize(
    ("making", "reason"),
    [({"lasting": -HOURS}, "has expired"), ({"signer": Issuer.root("stranger")}, "not signed by the issuer")],
)
async def test_a_list_that_does_not_count_refuses(client, root, making, reason):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", crl=publisher.at("/list"))
        publisher.publish("/list", root.revokes(**making))
        assert reason in await refusal(client, pair, root.anchors())


async def test_a_list_that_is_not_there_refuses(client, root):
    async with Publisher() as publisher:
        pair = root.issue("127.0.0.1", crl=publisher.at("/list"))
        assert "answered 404" in await refusal(client, pair, root.anchors())


# --- what is asked about


async def test_a_certificate_that_names_nobody_to_ask_is_refused_only_where_that_is_wanted(client, root):
    pair = root.issue("127.0.0.1")
    assert "names neither an OCSP responder nor a revocation list" in await refusal(client, pair, root.anchors())
    async with serving(pair) as upstream:
        assert await ask(client, upstream, root.anchors(check=False)) == b"ok"


async def test_what_is_trusted_itself_is_not_asked_about(client, root):
    pair = root.issue("127.0.0.1")
    async with serving(pair) as upstream:
        assert await ask(client, upstream, TrustAnchors(pair.chain, check_revocation=True)) == b"ok"


async def test_it_is_enough_when_one_of_several_trust_managers_asks_nothing(client, root):
    pair = root.issue("127.0.0.1")
    async with serving(pair) as upstream:
        for other in (root.anchors(check=False), TrustAnchors(trust_all=True)):
            assert await ask(client, upstream, TrustAnchors.union([root.anchors(), other])) == b"ok"
    elsewhere = TrustAnchors.union([root.anchors(), Issuer.root("other").anchors(check=False)])
    assert "could not determine" in await refusal(client, pair, elsewhere)


async def test_a_revoked_authority_between_is_found_first(client, root):
    async with Publisher() as publisher:
        middle = root.authority("middle", crl=publisher.at("/root"))
        pair = middle.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.publish("/root", root.revokes(middle.certificate.serial_number))
        publisher.answer("/ocsp", lambda request: middle.answers(request, pair.chain[0]))
        assert "the certificate CN=middle " in await refusal(client, pair, root.anchors())
        assert publisher.asked == ["/root"]
        async with serving(pair) as upstream:
            assert await ask(client, upstream, middle.anchors()) == b"ok"
        assert publisher.asked == ["/root", "/ocsp"]


async def test_every_authority_between_is_asked_about(client, root):
    async with Publisher() as publisher:
        middle = root.authority("middle", crl=publisher.at("/root"))
        pair = middle.issue("127.0.0.1", responder=publisher.at("/ocsp"))
        publisher.publish("/root", root.revokes())
        publisher.answer("/ocsp", lambda request: middle.answers(request, pair.chain[0]))
        async with serving(pair) as upstream:
            assert await ask(client, upstream, root.anchors()) == b"ok"
        assert publisher.asked == ["/root", "/ocsp"]


# --- proxies


async def test_behind_a_tunnel_the_upstream_is_checked_through_the_proxy(client, root):
    async with Publisher() as proxy:
        good, revoked = (root.issue("127.0.0.1", responder=f"http://ocsp.example.com/{name}") for name in ("g", "r"))
        proxy.answer("/g", lambda request: root.answers(request, good.chain[0]))
        proxy.answer("/r", lambda request: root.answers(request, revoked.chain[0], REVOKED))
        for pair in (good, revoked):
            async with serving(pair) as upstream, Upstream(forwarding(upstream)) as tunnel:
                http = {"tls": TlsSettings(anchors=root.anchors()), "proxies": ByScheme(proxy, tunnel)}
                sending = client(**http).send(Request("GET", upstream.url))
                if pair is good:
                    response = await sending
                    assert await response.entity.read() == b"ok"
                else:
                    with pytest.raises(TlsFailure, match="was revoked"):
                        await sending
                    assert not upstream.heads
        assert proxy.asked == ["/g", "/r"]


class ByScheme:
    """One proxy for http, and one for https."""

    def __init__(self, plain: Upstream, secure: Upstream) -> None:
        self.ports = {"http": plain.port, "https": secure.port}

    def proxy_for(self, scheme: str, host: str) -> Proxy:
        return Proxy("http", "127.0.0.1", self.ports[scheme])


async def test_a_proxy_that_speaks_tls_is_checked_too(client, root):
    pair = root.issue("127.0.0.1")
    async with serving(pair) as upstream:
        through = Always(Proxy("https", "127.0.0.1", upstream.port))
        for url in ("http://app.example.com/", "https://app.example.com/"):
            http = client(proxies=through, tls=TlsSettings(anchors=root.anchors()))
            with pytest.raises(TlsFailure, match="could not determine"):
                await http.send(Request("GET", url))
        assert not upstream.heads
