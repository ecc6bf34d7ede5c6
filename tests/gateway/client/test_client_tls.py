"""TLS with upstreams: verified unless the configuration says otherwise, with client certificates and SNI."""

from __future__ import annotations

import ssl
from datetime import timedelta

import pytest

from gateway.client.cipher_names import openssl_list, openssl_name
from gateway.client.errors import ConnectFailed, TlsFailure
from gateway.client.resolve import Resolver
from gateway.client.tls import TlsSettings, certificate_matches
from gateway.errors import UpstreamError
from gateway.http.message import Request
from gateway.secrets.key_material import TrustAnchors
from tests.gateway.client.certificates import Authority
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, reply

LOCAL = Resolver(["*:127.0.0.1"])


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def ask(client, upstream: Upstream, host: str = "app.example.com", **settings) -> bytes:
    response = await client(LOCAL, tls=TlsSettings(**settings)).send(Request("GET", f"https://{host}:{upstream.port}/"))
    return await response.entity.read()


async def test_a_certificate_of_a_trusted_authority_is_accepted(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("app.example.com")) as upstream:
        assert await ask(client, upstream, anchors=authority.anchors) == b"ok"
        assert b"Host: app.example.com:" in upstream.heads[0]


async def test_connections_are_kept_over_tls(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("127.0.0.1")) as upstream:
        http = client(tls=TlsSettings(anchors=authority.anchors))
        for _ in range(3):
            await http.send(Request("GET", upstream.url))
        assert upstream.connections == 1


async def test_large_bodies_pass_over_tls(client, authority):
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)

    async with Upstream(script, ssl=authority.server_context("127.0.0.1")) as upstream:
        response = await client(tls=TlsSettings(anchors=authority.anchors)).send(Request("GET", upstream.url))
        assert sum([len(piece) async for piece in response.entity.stream()]) == 3_000_000


async def test_by_default_the_systems_authorities_decide(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("app.example.com")) as upstream:
        with pytest.raises(TlsFailure, match=r"issuer|self-signed|verify"):
            await ask(client, upstream)


async def test_another_authority_is_not_trusted(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("app.example.com")) as upstream:
        with pytest.raises(TlsFailure):
            await ask(client, upstream, anchors=Authority("another").anchors)
        assert not upstream.heads


async def test_a_certificate_for_another_host_is_refused(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("other.example.com")) as upstream:
        with pytest.raises(TlsFailure, match=r"app\.example\.com"):
            await ask(client, upstream, anchors=authority.anchors)


async def test_an_expired_certificate_is_refused(client, authority):
    context = authority.server_context("app.example.com", lasting=timedelta(minutes=-1))
    async with Upstream(reply(OK), ssl=context) as upstream:
        with pytest.raises(TlsFailure, match="expired"):
            await ask(client, upstream, anchors=authority.anchors)


async def test_any_host_name_will_do_when_names_are_not_compared(client, authority):
    async with Upstream(reply(OK), ssl=authority.server_context("other.example.com")) as upstream:
        assert await ask(client, upstream, anchors=authority.anchors, check_hostname=False) == b"ok"


async def test_trusting_all_still_compares_names(client, authority):
    trust_all = TrustAnchors(trust_all=True)
    async with Upstream(reply(OK), ssl=authority.server_context("*.example.com", "127.0.0.1")) as upstream:
        assert await ask(client, upstream, anchors=trust_all) == b"ok"
        assert await ask(client, upstream, "127.0.0.1", anchors=trust_all) == b"ok"
        with pytest.raises(TlsFailure, match="another name"):
            await ask(client, upstream, "a.b.example.com", anchors=trust_all)
        assert await ask(client, upstream, "a.b.example.com", anchors=trust_all, check_hostname=False) == b"ok"


async def test_a_client_certificate_is_presented(client, authority):
    context = authority.server_context("app.example.com", clients=authority.anchors)
    async with Upstream(reply(OK), ssl=context) as upstream:
        pair = authority.issue("gateway")
        assert await ask(client, upstream, anchors=authority.anchors, key_pairs=(pair,)) == b"ok"


async def test_without_the_client_certificate_that_is_wanted_the_exchange_fails(client, authority):
    context = authority.server_context("app.example.com", clients=authority.anchors)
    async with Upstream(reply(OK), ssl=context) as upstream:
        with pytest.raises(UpstreamError):
            await ask(client, upstream, anchors=authority.anchors)


async def test_the_name_of_the_uri_is_the_server_name(client, authority):
    names = []
    context = authority.server_context("app.example.com")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    async with Upstream(reply(OK), ssl=context) as upstream:
        await ask(client, upstream, "app.example.com.", anchors=authority.anchors)
        assert names == ["app.example.com"]


@pytest.mark.parametrize(("alpn", "selected"), [(True, "http/1.1"), (False, None)])
async def test_http_1_1_is_offered(client, authority, alpn, selected):
    seen = []

    async def script(peer: Peer) -> None:
        seen.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await peer.head()
        await peer.send(OK)

    context = authority.server_context("app.example.com")
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with Upstream(script, ssl=context) as upstream:
        await ask(client, upstream, anchors=authority.anchors, alpn=alpn)
        assert seen == [selected]


async def test_protocols_can_be_restricted(client, authority):
    context = authority.server_context("app.example.com")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    async with Upstream(reply(OK), ssl=context) as upstream:
        with pytest.raises(TlsFailure):
            await ask(client, upstream, anchors=authority.anchors, protocols=("TLSv1.2",))


async def test_a_plain_server_does_not_speak_tls(client, authority):
    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with Upstream(script) as upstream:
        with pytest.raises(ConnectFailed):
            await ask(client, upstream, anchors=authority.anchors)


def test_settings_are_equal_when_their_keys_and_anchors_are(authority):
    pair = authority.issue("gateway")
    one = TlsSettings(anchors=authority.anchors, key_pairs=(pair,))
    assert one == TlsSettings(anchors=TrustAnchors((authority.certificate,)), key_pairs=(pair,))
    assert hash(one) == hash(TlsSettings(anchors=authority.anchors, key_pairs=(pair,)))
    assert one != TlsSettings(anchors=authority.anchors)
    assert one != TlsSettings(anchors=Authority().anchors, key_pairs=(pair,))
    assert TlsSettings() != TlsSettings(anchors=TrustAnchors(trust_all=True))


def test_protocols_with_a_gap_leave_out_the_middle():
    context = TlsSettings(protocols=("TLSv1.1", "TLSv1.3", "SSLv2Hello")).context()
    assert context.options & ssl.OP_NO_TLSv1_2
    assert context.maximum_version == ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ECDHE-ECDSA-AES256-SHA384"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
        ("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "DHE-RSA-CHACHA20-POLY1305"),
        ("ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"),
    ],
)
def test_names_of_cipher_suites(java, openssl):
    assert openssl_name(java) == openssl
    assert openssl in {cipher["name"] for cipher in _all_ciphers()}


def _all_ciphers() -> list[dict]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL")
    return context.get_ciphers()


def test_suites_of_tls_1_3_need_no_name():
    assert openssl_list(["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"]) == "AES128-SHA"


def test_what_a_certificate_is_for(authority):
    from cryptography.hazmat.primitives.serialization import Encoding

    der = (
        authority.issue("App.example.com", "*.wild.example.com", "10.0.0.1", "::1").chain[0].public_bytes(Encoding.DER)
    )
    for host in ("app.example.com", "APP.example.com.", "a.wild.example.com", "10.0.0.1", "[::1]", "::1"):
        assert certificate_matches(der, host)
    for host in ("example.com", "wild.example.com", "a.b.wild.example.com", "10.0.0.2", ".wild.example.com"):
        assert not certificate_matches(der, host)
