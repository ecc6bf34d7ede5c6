"""Every removed thing that real files still use is told by its name, with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.lint_examples import lint

MATCHES = "${matches(request.uri.path, '^/a')}"
GROUPS = "${matchingGroups(request.uri.path, '^/(.*)')[0] == 'a'}"
EXCHANGE = "${exchange.request.method == 'GET'}"
NO_LONGER = {
    "replaced": "KeyStore TrustManager KeyManager OAuth2ClientFilter OpenAmAccessTokenResolver SamlFederationHandler",
    "of the first versions": "CaptureFilter ExceptionFilter RedirectFilter HandlerServlet DispatchServlet",
    "of their logs": "Slf4jLogSink ConsoleLogSink FileLogSink MonitorEndpointHandler",
    "never there": "MultipartClientHandler HtmlFileHandler LoggerCaptureFilter AmSessionFilter",
}
AGENT = {"username": "a", "password": "p"}


def handler(type_name: str, **config: Any) -> dict[str, Any]:
    return {"handler": {"type": type_name, "config": config}}


def in_heap(type_name: str, **config: Any) -> dict[str, Any]:
    return {"heap": [{"name": "X", "type": type_name, "config": config}], "handler": "ReverseProxyHandler"}


PROPERTIES = [
    (handler("ClientHandler", hostnameVerifier="ALLOW_ALL"), "hostnameVerifier", "ClientTlsOptions"),
    (handler("ClientHandler", trustManager="T"), "trustManager", "ClientTlsOptions"),
    (handler("ClientHandler", keyManager="K"), "keyManager", "ClientTlsOptions"),
    (handler("ClientHandler", sslContextAlgorithm="TLS"), "sslContextAlgorithm", "ClientTlsOptions"),
    (handler("ReverseProxyHandler", hostnameVerifier="ALLOW_ALL"), "hostnameVerifier", "ClientTlsOptions"),
    (in_heap("PolicyEnforcementFilter", openamUrl="x"), "openamUrl", "AmService"),
    (in_heap("PolicyEnforcementFilter", pepUsername="x"), "pepUsername", "AmService"),
    (in_heap("AuditService", **{"event-handlers": []}), "event-handlers", "eventHandlers"),
    (in_heap("JwtSession", alias="x"), "alias", "authenticatedEncryptionSecretId"),
    (in_heap("JwtSession", keystore="x"), "keystore", "KeyStoreSecretStore"),
    (in_heap("JwtSession", password="x"), "password", "storePasswordSecretId"),
    (in_heap("JwtSession", sharedSecret="x"), "sharedSecret", "authenticatedEncryptionSecretId"),
    (in_heap("JwtSession", cookieName="x"), "cookieName", "name of cookie"),
    (in_heap("JwtSession", cookieDomain="x"), "cookieDomain", "domain of cookie"),
    (in_heap("ClientRegistration", tokenEndpointAuthMethod="x"), "tokenEndpointAuthMethod", "authentication filter"),
    (in_heap("AmService", agent=AGENT), "password", "passwordSecretId"),
    (in_heap("SingleSignOnFilter", openamUrl="x"), "openamUrl", "AmService"),
    (in_heap("SingleSignOnFilter", logoutEndpoint="x"), "logoutEndpoint", "logoutExpression"),
    (in_heap("KeyStoreSecretStore", storePassword="x"), "storePassword", "storePasswordSecretId"),
    (in_heap("KeyStoreSecretStore", keyEntryPassword="x"), "keyEntryPassword", "entryPasswordSecretId"),
    ({"handler": "ReverseProxyHandler", "secrets": {}}, "secrets", "secretsProvider"),
    (in_heap("OAuth2ResourceServerFilter", tokenInfoEndpoint="x"), "tokenInfoEndpoint", "accessTokenResolver"),
    (in_heap("OAuth2ResourceServerFilter", providerHandler="x"), "providerHandler", "accessTokenResolver"),
    (in_heap("ClientCredentialsOAuth2ClientFilter", handler="x"), "handler", "endpointHandler"),
    (in_heap("ClientCredentialsOAuth2ClientFilter", clientSecretId="x"), "clientSecretId", "authentication filter"),
    (in_heap("PasswordReplayFilter", headerDecryption={}), "headerDecryption", "CapturedUserPasswordFilter"),
]


@pytest.mark.parametrize("type_name", " ".join(NO_LONGER.values()).split())
def test_a_type_that_is_gone_is_refused_by_its_name(type_name: str, tmp_path: Path) -> None:
    found = [f for f in lint(in_heap(type_name), tmp_path) if f.code.id == "GW701"]

    assert [f.message for f in found] == [f'the type "{type_name}" no longer exists']
    assert found[0].help


@pytest.mark.parametrize(
    ("document", "name", "instead"), PROPERTIES, ids=[f"{p[1]}-{n}" for n, p in enumerate(PROPERTIES)]
)
def test_a_property_that_is_gone_is_told_with_its_successor(
    document: dict[str, Any], name: str, instead: str, tmp_path: Path
) -> None:
    found = {f.message: f.help for f in lint(document, tmp_path) if f.code.id == "GW703"}

    assert instead in found[f'"{name}" no longer exists']


@pytest.mark.parametrize(
    ("condition", "code", "instead"),
    [(MATCHES, "GW503", "find"), (GROUPS, "GW503", "findGroups"), (EXCHANGE, "GW706", "request")],
)
def test_a_word_of_expressions_that_is_gone_has_its_successor(
    condition: str, code: str, instead: str, tmp_path: Path
) -> None:
    (found,) = lint({"handler": "ReverseProxyHandler", "condition": condition}, tmp_path)

    assert found.code.id == code
    assert instead in found.help
    assert found.fix is not None


def test_a_scan_interval_is_no_number_any_more(tmp_path: Path) -> None:
    (found,) = lint(handler("Router", directory="routes", scanInterval=10), tmp_path)

    assert (found.code.id, found.help) == ("GW203", 'write "10 seconds"')
