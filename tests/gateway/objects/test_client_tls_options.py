"""ClientTlsOptions: its properties become the settings of the client, and what cannot be is said at load."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.objects.client_tls_options import ClientTlsOptions
from gateway.secrets.key_material import KeyPair
from tests.gateway.client.certificates import Authority
from tests.gateway.client.upstream_scripts import OK, Upstream, reply
from tests.gateway.scripted import build, problems, run, started


def tls(**config) -> dict:
    return {"name": "tls", "type": "ClientTlsOptions", "config": config}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def pem(pair: KeyPair) -> str:
    key = pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key + "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in pair.chain)


def store(directory) -> dict:
    config = {"directory": str(directory), "format": {"type": "PemPropertyFormat"}}
    return {"name": "files", "type": "FileSystemSecretStore", "config": config}


def test_the_example_builds():
    build(ClientTlsOptions.example)


async def test_defaults_trust_the_system_and_compare_names():
    async with started(tls()) as options:
        settings = options.settings
    assert settings.anchors is None
    assert settings.check_hostname
    assert settings.alpn
    assert (settings.protocols, settings.ciphers, settings.key_pairs) == ((), (), ())


async def test_properties_become_settings():
    config = {
        "trustManager": [{"type": "TrustAllManager"}],
        "hostnameVerifier": "allow_all",
        "sslEnabledProtocols": ["SSLv2Hello", "TLSv1.2"],
        "sslCipherSuites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
        "alpn": {"enabled": False},
        "offloadHandshake": True,
    }
    async with started(tls(**config)) as options:
        settings = options.settings
    assert settings.trust_all
    assert not settings.check_hostname
    assert not settings.alpn
    assert settings.protocols == ("TLSv1.2",)
    assert settings.ciphers == ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)


@pytest.mark.parametrize(
    ("algorithm", "protocols"), [("TLS", ()), ("TLSv1.2", ("TLSv1.2",)), ("TLSv1.3", ("TLSv1.2", "TLSv1.3"))]
)
async def test_the_algorithm_is_the_highest_protocol(algorithm, protocols):
    async with started(tls(sslContextAlgorithm=algorithm)) as options:
        assert options.settings.protocols == protocols


async def test_keys_and_anchors_come_from_secrets(authority, tmp_path):
    (tmp_path / "client.key").write_text(pem(authority.issue("gateway")))
    (tmp_path / "server.ca").write_text(authority.certificate.public_bytes(Encoding.PEM).decode())
    config = {
        "keyManager": {
            "type": "SecretsKeyManager",
            "config": {"signingSecretId": "client.key", "secretsProvider": "files"},
        },
        "trustManager": {
            "type": "SecretsTrustManager",
            "config": {
                "certificateVerificationSecretId": "server.ca",
                "secretsProvider": "files",
                "checkRevocation": False,
            },
        },
    }
    handler = {"type": "ReverseProxyHandler", "config": {"tls": tls(**config)}}
    context = authority.server_context("127.0.0.1", clients=authority.anchors)
    async with Upstream(reply(OK), ssl=context) as upstream:
        outcome = await run(handler, {"uri": upstream.url}, heap=[store(tmp_path)])
        assert outcome.text == "ok"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sslEnabledProtocols": ["TLSv9"]}, '"TLSv9" is no TLS protocol'),
        ({"sslEnabledProtocols": ["SSLv3"]}, "no protocol is left"),
        ({"sslContextAlgorithm": "QUIC"}, '"QUIC" is no TLS algorithm'),
        ({"sslCipherSuites": ["TLS_NO_WITH_SUCH_SHA"]}, "none of these cipher suites"),
        ({"hostnameVerifier": "MAYBE"}, "MAYBE"),
        ({"trustManager": {"type": "SecretsKeyManager"}}, ""),
    ],
)
def test_what_cannot_be_is_said_at_load(config, message):
    found = problems(tls(**config))
    assert found
    assert any(message in problem for problem in found)


async def test_options_that_were_not_started_have_no_settings():
    with pytest.raises(RuntimeError, match="started"):
        _ = build(tls()).settings
