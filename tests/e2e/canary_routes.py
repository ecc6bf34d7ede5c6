"""Routes that handle secrets in every way there is, and that fail with them in their hands; for the canary test."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from tests.canaries import canary
from tests.e2e.gateway_in_process import route

BEARER = "${request.headers['Authorization'][0].substring(7)}"
PIN = "${request.headers['X-Secret-Pin'][0]}"
CAPTURE = {"captureEntity": True, "captureContext": True}


def at(name: str) -> str:
    return f"${{find(request.uri.path, '^/{name}(/|$)')}}"


def chain(*filters: Any, handler: Any = "ReverseProxyHandler") -> dict[str, Any]:
    return {"type": "Chain", "capture": "all", "config": {"filters": [*filters], "handler": handler}}


def filter_(kind: str, **config: Any) -> dict[str, Any]:
    return {"type": kind, "capture": "all", "config": config}


def assign(target: str, value: str) -> dict[str, Any]:
    return filter_("AssignmentFilter", onRequest=[{"target": target, "value": value}])


def add(name: str, value: str) -> dict[str, Any]:
    return filter_("HeaderFilter", messageType="REQUEST", add={name: [value]})


def keystore(file: Path, password: str) -> None:
    """A PKCS#12 keystore with one key, signing."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signing")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=2))
    protection = BestAvailableEncryption(password.encode())
    content = pkcs12.serialize_key_and_certificates(
        b"signing", key, builder.sign(key, hashes.SHA256()), None, protection
    )
    file.write_bytes(content)


def secret_files(directory: Path) -> dict[str, Any]:
    """Files with secrets, sound and broken, and the heap objects that read them."""
    directory.mkdir(parents=True)
    keystore(directory / "keys.p12", canary("store-password"))
    for name in (
        "store-password",
        "client-secret",
        "agent-password",
        "proxy-password",
        "db-password",
        "redis-password",
    ):
        (directory / name).write_text(canary(name))
    (directory / "wrong-password").write_text(canary("wrong-password"))
    (directory / "users.csv").write_text(f"mail,username,password\ngeorge@x,george,{canary('user-password')}\n")
    (directory / "broken.pem").write_text(
        f"-----BEGIN PRIVATE KEY-----\n{canary('private-key')}\n-----END PRIVATE KEY-----\n"
    )
    (directory / "broken.jwk").write_text(
        json.dumps({"kty": "RSA", "n": canary("jwk"), "e": "AQAB", "d": canary("jwk")})
    )
    return {
        "Files": {"type": "FileSystemSecretStore", "config": {"directory": str(directory), "format": "PLAIN"}},
        "Keys": {
            "type": "KeyStoreSecretStore",
            "config": {
                "file": str(directory / "keys.p12"),
                "storePasswordSecretId": "store-password",
                "secretsProvider": "Files",
                "mappings": [{"secretId": "signing", "aliases": ["signing"]}],
            },
        },
    }


def instance(directory: Path, upstream: str, closed_port: int) -> dict[str, Any]:
    """config.json, and the routes by their names."""
    heap = secret_files(directory / "secrets")
    heap["AuditService"] = audit(directory)
    heap["capture"] = {"type": "CaptureDecorator", "config": CAPTURE}
    config = {
        "heap": [{"name": name, **declared} for name, declared in heap.items()],
        "handler": {"name": "_router", "type": "Router", "capture": "all", "config": {"scanInterval": "disabled"}},
    }
    routes = {
        **sound(directory / "secrets", upstream),
        **faulty(upstream, closed_port),
        **broken(directory / "secrets"),
    }
    return {
        "config": config,
        "routes": {name: {"condition": at(name), "baseURI": upstream, **declared} for name, declared in routes.items()},
    }


def audit(directory: Path) -> dict[str, Any]:
    prefix = "org.forgerock.audit.handlers.json"
    return {
        "type": "AuditService",
        "config": {
            "eventHandlers": [
                {
                    "class": f"{prefix}.JsonAuditEventHandler",
                    "config": {"name": "file", "topics": ["access"], "logDirectory": str(directory / "audit")},
                },
                {
                    "class": f"{prefix}.stdout.JsonStdoutAuditEventHandler",
                    "config": {"name": "out", "topics": ["access"]},
                },
            ]
        },
    }


def sound(files: Path, upstream: str) -> dict[str, Any]:
    """Routes that do what they should with secrets."""
    record = filter_("FileAttributesFilter", file=str(files / "users.csv"), key="mail", value="george@x")
    password = "${contexts.fileAttributes.record.password}"
    exchange = filter_(
        "OAuth2TokenExchangeFilter",
        endpoint=f"{upstream}/token",
        subjectToken="${request.entity.form['subject_token'][0]}",
        endpointHandler=chain(
            filter_(
                "ClientSecretBasicAuthenticationFilter",
                clientId="gateway",
                clientSecretId="client-secret",
                secretsProvider="Files",
            ),
            handler="ForgeRockClientHandler",
        ),
        failureHandler={
            "type": "StaticResponseHandler",
            "capture": "all",
            "config": {
                "status": 400,
                "entity": "${contexts.oauth2Failure.error}: ${contexts.oauth2Failure.description}",
            },
        },
    )
    issued = "Bearer ${contexts.oauth2TokenExchange.issuedToken}"
    replace = filter_("HeaderFilter", messageType="REQUEST", remove=["Authorization"], add={"Authorization": [issued]})
    signed = filter_(
        "JwtBuilderFilter",
        template={"sub": "george", "pin_secret": PIN},
        secretsProvider="Keys",
        signature={"secretId": "signing", "algorithm": "RS256"},
    )
    login = filter_(
        "PasswordReplayFilter",
        loginPage="${request.uri.path == '/replay'}",
        credentials=record,
        request={
            "method": "POST",
            "uri": f"{upstream}/login",
            "form": {"username": ["george"], "password": [password]},
        },
    )
    basic = filter_(
        "HttpBasicAuthFilter", username="george", password=password, failureHandler="ForgeRockClientHandler"
    )
    agent = filter_(
        "HttpBasicAuthenticationClientFilter",
        username="agent",
        passwordSecretId="agent-password",
        secretsProvider="Files",
    )
    return {
        "exchange": {"handler": chain(exchange, replace)},
        "agent": {"handler": chain(agent)},
        "basic": {"handler": chain(record, basic)},
        "replay": {"handler": chain(login)},
        "signed": {"handler": chain(signed, add("X-Token", "${contexts.jwtBuilder.value}"))},
        "memory": {"handler": chain(assign("${session.pin}", PIN)), "session": {"type": "InMemorySessionManager"}},
        "cookie": {"handler": chain(assign("${session.pin}", PIN)), "session": {"type": "JwtSessionManager"}},
        "pass": {"handler": chain(assign("${attributes.secret}", PIN), assign("${attributes.token}", BEARER))},
    }


EXPRESSIONS = (
    "${integer(request.headers['X-Secret-Pin'][0])}",
    "${bool(request.headers['X-Secret-Pin'][0])}",
    "${matches('a', request.headers['X-Secret-Pin'][0].concat('('))}",
    "${decodeBase64(request.headers['X-Secret-Pin'][0])}",
    "${pemCertificate(request.headers['X-Secret-Pin'][0])}",
    "${formDecodeParameterNameOrValue(request.headers['X-Secret-Pin'][0].concat('%zz'))}",
    "${request.entity.json.x}",
    "${request.headers['X-Secret-Pin'][0] + 1}",
    "${request.headers['X-Secret-Pin'][0].substring(1000)}",
    "${request.headers['X-Secret-Pin'][0].charAt(1000)}",
    "${read(request.headers['X-Secret-Pin'][0])}",
    "${readProperties(request.headers['X-Secret-Pin'][0])}",
    "${request.headers[request.headers['X-Secret-Pin'][0]][0].nothing}",
)


def faulty(upstream: str, closed_port: int) -> dict[str, Any]:
    """Routes that load, and fail while they hold secrets."""
    proxy = {
        "type": "CustomProxyOptions",
        "config": {
            "uri": f"http://127.0.0.1:{closed_port}",
            "username": "gateway",
            "passwordSecretId": "proxy-password",
            "secretsProvider": "Files",
        },
    }
    refusing = {**proxy, "config": {**proxy["config"], "uri": upstream}}
    database = {
        "type": "JdbcDataSource",
        "config": {
            "jdbcUrl": f"jdbc:postgresql://127.0.0.1:{closed_port}/users",
            "username": "gateway",
            "passwordSecretId": "db-password",
            "secretsProvider": "Files",
        },
    }
    row = filter_("SqlAttributesFilter", dataSource=database, preparedStatement="SELECT ? FROM users", parameters=[PIN])
    redis = {
        "url": f"redis://127.0.0.1:{closed_port}/0",
        "passwordSecretId": "redis-password",
        "secretsProvider": "Files",
    }
    validation = filter_("JwtValidationFilter", jwt=BEARER, verificationSecretId="signing", secretsProvider="Keys")
    evaluations = {
        f"evaluate-{number}": {"handler": chain(add("X-Value", text), assign("${attributes.password}", text))}
        for number, text in enumerate(EXPRESSIONS)
    }
    secure = upstream.replace("http:", "https:")
    return {
        "tls": {**route(secure, handler={"connectionTimeout": "200 ms"}), "capture": "all"},
        "proxy": route("http://app.example.com", handler={"proxyOptions": proxy}),
        "proxy-refuses": route("https://app.example.com", handler={"proxyOptions": refusing}),
        "sql": {"handler": chain(row)},
        "redis": {
            "handler": chain(assign("${session.pin}", PIN)),
            "session": {"type": "RedisSessionManager", "config": {"redis": redis}},
        },
        "validate": {"handler": chain(validation)},
        "nonsense": {"handler": chain(assign("${attributes.secret}", PIN))},
        "uri": {"handler": chain(assign("${request.uri}", "http://[${request.headers['X-Secret-Pin'][0]}"))},
        "header": {"handler": chain(add("X-Value", "${request.queryParams['secret'][0]}"))},
        **evaluations,
    }


def broken(files: Path) -> dict[str, Any]:
    """Routes that do not load, or cannot get their secrets."""

    def basic(store: dict[str, Any], secret_id: str) -> dict[str, Any]:
        kind = "HttpBasicAuthenticationClientFilter"
        return {
            "handler": chain(
                filter_(kind, username="agent", passwordSecretId=secret_id, secretsProvider=store),
            )
        }

    def built(store: dict[str, Any], algorithm: str = "RS256") -> dict[str, Any]:
        signature = {"secretId": "signing", "algorithm": algorithm}
        return {
            "handler": chain(
                filter_("JwtBuilderFilter", template={"sub": "a"}, secretsProvider=store, signature=signature)
            )
        }

    def pem(name: str, kind: str) -> dict[str, Any]:
        mapping = [{"secretId": name, "format": {"type": kind}}]
        return {"type": "FileSystemSecretStore", "config": {"directory": str(files), "mappings": mapping}}

    wrong = {
        "type": "KeyStoreSecretStore",
        "config": {
            "file": str(files / "keys.p12"),
            "storePasswordSecretId": "wrong-password",
            "secretsProvider": "Files",
            "mappings": [{"secretId": "signing", "aliases": ["signing"]}],
        },
    }
    misnamed = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN", "passwrd": canary("misnamed")}}
    return {
        "wrong-store-password": built(wrong),
        "broken-pem": basic(pem("broken.pem", "PemPropertyFormat"), "broken.pem"),
        "broken-jwk": basic(pem("broken.jwk", "JwkPropertyFormat"), "broken.jwk"),
        "no-base64": basic({"type": "SystemAndEnvSecretStore"}, "canary.in.env"),
        "no-key": built({"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}),
        "misnamed": basic(misnamed, "canary.in.env"),
        "incomplete": {"handler": chain(filter_("HttpBasicAuthFilter", password=canary("in-a-route")))},
        "unbalanced": {"handler": chain(filter_("HttpBasicAuthFilter", password="${" + canary("in-a-route") + " +}"))},
    }
