"""Strange input is the caller's mistake, never the sandbox's; and the sandbox over TLS, restarted, unlogged."""

from __future__ import annotations

import asyncio
import datetime
import logging
import ssl

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.sandbox import Sandbox, read_settings

FORM = "application/x-www-form-urlencoded"
BASIC = "Basic c2VydmljZUNvbmZpZGVudGlhbENsaWVudDpwYXNzd29yZA=="


async def raw(am, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send bytes that no HTTP client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", am.sandbox.am_port)
    lines = f"{head}\r\nHost: am.example.com\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(lines.encode("latin-1") + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"POST /openam/oauth2/access_token HTTP/1.1\r\nContent-Type: {FORM}; charset=nope", b"grant_type=password"),
        (f"POST /openam/oauth2/access_token HTTP/1.1\r\nContent-Type: {FORM}\r\nAuthorization: Basic \xff\xfe", b"a=b"),
        (f"POST /openam/oauth2/introspect HTTP/1.1\r\nContent-Type: {FORM}\r\nAuthorization: {BASIC}", b"token=\xff"),
        (f"POST /openam/XUI/ HTTP/1.1\r\nContent-Type: {FORM}", b"IDToken1=%ff&realm=%ff"),
        ("POST /openam/json/authenticate HTTP/1.1\r\nAccept-API-Version: resource=2.0", b"\xff\xfe\xff"),
        ("POST /openam/json/authenticate HTTP/1.1\r\nAccept-API-Version: resource=2.0", b"[" * 200_000),
        ("POST /openam/json/authenticate HTTP/1.1\r\nAccept-API-Version: \xff", b""),
        ("GET /openam/oauth2/authorize?client_id=%ff HTTP/1.1", b""),
        ("GET /openam/json/%ff/serverinfo/* HTTP/1.1", b""),
        ("GET /openam/json/serverinfo/*?realm=%ff HTTP/1.1", b""),
    ],
)
async def test_input_that_is_no_text_is_the_callers_mistake(guide, head, body):
    status, _ = await raw(guide, head, body)
    assert 400 <= status < 500


async def test_credentials_that_are_no_text_are_wrong_ones(guide):
    head = "POST /openam/json/authenticate HTTP/1.1\r\nX-OpenAM-Username: demo\r\nX-OpenAM-Password: \xff\r\n"
    status, _ = await raw(guide, head + "X-Requested-With: x")
    assert status == 401
    body = {"authId": (await guide.rest("/authenticate")).json["authId"], "callbacks": []}
    for name in ("IDToken1", "IDToken2"):
        body["callbacks"].append({"input": [{"name": name, "value": "\ud800"}]})
    assert (await guide.rest("/authenticate", body)).status == 401


async def test_the_sample_application_shows_headers_that_are_no_text(guide):
    reader, writer = await asyncio.open_connection("127.0.0.1", guide.sandbox.app_port)
    writer.write(b"GET /home HTTP/1.1\r\nHost: app.example.com\r\nX-Odd: \xff\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()


async def test_long_header_fields_are_taken(guide):
    answer = await guide.send("GET", "/json/serverinfo/*", headers={"Cookie": "x=" + "y" * 30_000})
    assert answer.status == 200


async def test_a_goto_that_is_no_url_is_not_followed(guide):
    for goto in ("http://[", "//evil.example.org/", "https://ig.example.com:8443/\r\nX: y"):
        fields = {"IDToken1": "demo", "IDToken2": "Ch4ng31t", "goto": goto}
        answer = await guide.form("/XUI/", fields)
        assert answer.headers["Location"] == f"{guide.sandbox.am_url}/console"


async def test_a_public_client_cannot_introspect_but_can_revoke(am):
    fields = {"token": "x", "client_id": "public-app"}
    assert (await am.form("/oauth2/introspect", fields)).status == 401
    assert (await am.form("/oauth2/token/revoke", fields)).status == 200


async def test_no_log_line_holds_a_secret_or_token(guide, caplog):
    caplog.set_level(logging.DEBUG)
    token = await guide.user_token("client-application")
    await guide.send("GET", "/oauth2/tokeninfo", params={"access_token": token})
    await guide.login("ig_agent", "password", agent=True)
    assert "/openam/oauth2/tokeninfo" in caplog.text
    for secret in (token, "Ch4ng31t", "AQIC5w"):
        assert secret not in caplog.text


async def test_a_restart_takes_the_same_ports_and_forgets_the_tokens(guide):
    token = await guide.user_token("client-application")
    url = guide.sandbox.am_url
    await guide.sandbox.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await guide.send("GET", "/json/serverinfo/*")
    await guide.sandbox.start()
    assert guide.sandbox.am_url == url
    assert await guide.introspect(token) == {"active": False}


@pytest.fixture
def tls(tmp_path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server and of a client that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    builder = builder.not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
    path = tmp_path / "server.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(encoding))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


async def test_both_servers_speak_tls_when_they_are_given_a_certificate(tls):
    server, client = tls
    settings = read_settings()
    sandbox = Sandbox(settings, am_port=0, app_port=0, app_tls_port=0, am_tls=server, app_tls=server)
    async with sandbox, aiohttp.ClientSession() as http:
        for url in (f"{sandbox.am_url}/json/serverinfo/*", f"{sandbox.sample_app_tls_url}/home"):
            assert url.startswith("https://127.0.0.1:")
            async with http.get(url.replace("127.0.0.1", "localhost"), ssl=client) as answer:
                assert answer.status == 200
        discovery = f"{sandbox.am_url}/oauth2/.well-known/openid-configuration"
        async with http.get(discovery.replace("127.0.0.1", "localhost"), ssl=client) as answer:
            assert (await answer.json())["issuer"].startswith("https://localhost:")
        async with http.get(f"{sandbox.sample_app_url}/home") as answer:
            assert answer.status == 200
