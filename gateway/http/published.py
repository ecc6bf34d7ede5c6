"""What every documented context shows to expressions, as data: the checker knows them all, whoever provides them.

A context class of a filter takes its table by its accessor and holds the values in attributes of the same names in
snake_case (`contexts.ssoToken.loginEndpoint` is the attribute `login_endpoint`). Follows the documented contexts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from expr.functions.certificates import CERTIFICATE
from expr.host import HostType, LazyType, MethodLike, Property
from expr.types import (
    ANY,
    BOOLEAN,
    BYTES,
    INSTANT,
    INTEGER,
    MAP,
    NUMBER,
    STRING,
    STRINGS,
    EnumType,
    Type,
    list_of,
    map_of,
)
from gateway.errors import ExchangeError
from gateway.http.claims import Claims
from gateway.http.uri import FixedUri

URI: Final = FixedUri.published
EXCEPTION: Final = ExchangeError.published
CLAIMS: Final = Claims.published
STRING_MAP: Final = map_of(STRING)

BASE: HostType = HostType(
    "context",
    properties={
        "contextName": (STRING, "name"),
        "id": (STRING, lambda context: context.root.id),
        "rootContext": (BOOLEAN, lambda context: context is context.root),
        "parent": (lambda: BASE, "parent"),
    },
)
"""What all contexts have in common."""

ACCESS_TOKEN: Final = HostType(
    "access token",
    properties={
        "token": (STRING, "token"),
        "scopes": (STRINGS, "scopes"),
        "expiresAt": (INTEGER, "expires_at"),
        "info": (MAP, "info"),
    },
)
TRANSACTION_ID: Final = HostType("transaction id", properties={"value": (STRING, "value")}, text=lambda id_: id_.value)

CONTEXTS: Final[dict[str, HostType]] = {}
"""Type of each documented context by the name that reaches it: `contexts.NAME`."""

ALIASES: Final = {"OAuth2Failure": "oauth2Failure", "oauth2failure": "oauth2Failure"}
"""Other spellings that documentation pages print."""


def attribute_of(name: str) -> str:
    """The Python attribute behind a documented name: `claimsAsJsonValue` is `claims_as_json_value`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


def declare(
    accessor: str,
    title: str,
    /,
    *,
    methods: Mapping[str, MethodLike] | None = None,
    reads: str | None = None,
    open: bool = False,  # noqa: A002 - the name of the parameter of HostType
    **properties: LazyType,
) -> HostType:
    """Declare a context by its accessor; a second declaration of one name is a programming error."""
    if accessor in CONTEXTS:
        raise ValueError(f"context {accessor} is declared twice")
    table = {name: Property(kind, reader(attribute_of(name)), reads=reads) for name, kind in properties.items()}
    CONTEXTS[accessor] = HostType(title, properties=table, methods=methods, base=BASE, open=open)
    return CONTEXTS[accessor]


def reader(attribute: str) -> Callable[[Any], Any]:
    """Read an attribute that a context may not have set, which counts as null."""
    return lambda context: getattr(context, attribute, None)


def _enum(name: str, *names: str) -> Type:
    return EnumType(name, names)


def _method(kind: Type, attribute: str) -> MethodLike:
    return ((), kind, reader(attribute))


# -- contexts that every request has

declare("attributes", "AttributesContext", attributes=MAP)
declare(
    "client",
    "ClientContext",
    certificates=list_of(CERTIFICATE),
    external=BOOLEAN,
    isExternal=BOOLEAN,
    secure=BOOLEAN,
    isSecure=BOOLEAN,
    localAddress=STRING,
    localPort=INTEGER,
    remoteAddress=STRING,
    remotePort=INTEGER,
    remoteUser=STRING,
    userAgent=STRING,
)
declare("requestAudit", "RequestAuditContext", requestReceivedTime=INTEGER)
declare("accessAuditExtension", "AccessAuditExtensionContext", extensions=MAP)
declare("session", "SessionContext", reads="session", session=MAP)
declare("transactionId", "TransactionIdContext", transactionId=TRANSACTION_ID)
declare(
    "router",
    "UriRouterContext",
    originalUri=URI,
    baseUri=STRING,
    matchedUri=STRING,
    remainingUri=STRING,
    uriTemplateVariables=STRING_MAP,
)
declare("root", "RootContext")

# -- contexts made by filters and handlers

declare(
    "AuthRedirectAwareContext",
    "AuthRedirectContext",
    impendingIgRedirectNotified=BOOLEAN,
    methods={
        "notifyImpendingIgRedirectAndUpdateUri": ((ANY,), URI, lambda context, uri: context.notify(uri)),
        "addQueryParameter": (
            (STRING, STRING),
            ANY,
            lambda context, name, value: context.add_query_parameter(name, value),
        ),
    },
)
declare("capturedPassword", "CapturedUserPasswordContext", value=STRING, raw=BYTES)
declare(
    "cdsso",
    "CdSsoContext",
    claimsSet=CLAIMS,
    cookieInfo=STRING_MAP,
    redirectEndpoint=STRING,
    sessionUid=STRING,
    token=STRING,
)
declare("cdssoFailure", "CdSsoFailureContext", error=STRING, description=STRING, throwable=EXCEPTION)
declare("FapiApiClient", "ApiClientFapiContext", apiClient=ANY)
declare("FapiClientCertificate", "ClientCertificateFapiContext", clientCertificate=CERTIFICATE)
declare("interactionIdFapiContext", "InteractionIdFapiContext", fapiInteractionId=STRING)
declare("FapiRegistrationRequest", "RegistrationRequestFapiContext", registrationRequest=ANY)
declare("fileAttributes", "FileAttributesContext", record=STRING_MAP)
declare("identityRequestJwt", "IdentityRequestJwtContext", dataClaims=MAP, nonce=STRING, redirect=URI, version=STRING)
declare("idpSelectionLogin", "IdpSelectionLoginContext", originalUri=URI)
declare(
    "jwtBuilder",
    "JwtBuilderContext",
    value=STRING,
    claims=MAP,
    claimsAsJsonValue=MAP,
    methods={"claims": _method(MAP, "claims"), "claimsAsJsonValue": _method(MAP, "claims_as_json_value")},
)
declare("jwtValidation", "JwtValidationContext", value=STRING, claims=CLAIMS, info=MAP, jwt=ANY)
declare("jwtValidationError", "JwtValidationErrorContext", jwt=STRING, violations=list_of(ANY))
declare(
    "mcp",
    "McpContext",
    clientMessageType=_enum("client message type", "MCP_MESSAGE", "MCP_SSE_OPENING_REQUEST", "MCP_SESSION_TERMINATION"),
    clientPayload=ANY,
    protocolVersion=STRING,
    serverPayload=ANY,
    serverMessageType=_enum("server message type", "MCP_MESSAGE", "MCP_SSE_STREAM_INITIALIZATION"),
    sessionId=STRING,
)
declare("oauth2", "OAuth2Context", accessToken=ACCESS_TOKEN)
declare("oauth2Failure", "OAuth2FailureContext", error=STRING, description=STRING, exception=EXCEPTION)
declare(
    "oauth2Info",
    "OAuth2InfoContext",
    accessToken=STRING,
    accessTokenResponse=MAP,
    accessTokenExpiresIn=NUMBER,
    clientEndpoint=STRING,
    clientRegistrationId=STRING,
    idToken=STRING,
    idTokenClaims=MAP,
    refreshToken=STRING,
    scopes=STRINGS,
    userInfo=MAP,
)
declare(
    "oauth2TokenExchange",
    "OAuth2TokenExchangeContext",
    issuedToken=STRING,
    issuedTokenType=STRING,
    scopes=STRINGS,
    rawInfo=MAP,
)
declare("oauth2Session", "OAuth2SessionContext", open=True)
declare(
    "pingOneProtect",
    "PingOneProtectEvaluationContext",
    clientIpAddress=STRING,
    clientUserAgent=STRING,
    evaluationId=STRING,
    readyToComplete=BOOLEAN,
    isReadyToComplete=BOOLEAN,
    level=_enum("risk level", "LOW", "MEDIUM", "HIGH"),
    score=NUMBER,
    status=_enum("evaluation status", "FAILED", "SUCCESS"),
)
declare(
    "pingOneProtectProfile",
    "PingOneProtectProfileContext",
    deviceProfile=STRING,
    requestEvaluationState=ANY,
    state=_enum(
        "device profile state",
        "PROFILE_ABSENT",
        "PROFILE_ABSENT_MAY_PROCEED",
        "PROFILE_PRESENT",
        "PROFILE_REQUESTED",
    ),
)
declare(
    "policyDecision",
    "PolicyDecisionContext",
    attributes=map_of(STRINGS),
    jsonAttributes=MAP,
    advices=map_of(STRINGS),
    jsonAdvices=MAP,
    actions=map_of(BOOLEAN),
    jsonActions=MAP,
    resource=STRING,
)
declare("samlFailure", "SamlFailureContext", error=STRING, description=STRING, throwable=EXCEPTION)
declare("security", "SecurityContext", authenticationId=STRING, authorization=MAP)
declare(
    "amSession",
    "SessionInfoContext",
    info=MAP,
    latestAccessTime=INSTANT,
    maxIdleExpirationTime=INSTANT,
    maxSessionExpirationTime=INSTANT,
    properties=STRING_MAP,
    realm=STRING,
    sessionHandle=STRING,
    universalId=STRING,
    username=STRING,
    methods={"asJsonValue": _method(MAP, "info")},
)
declare("sqlAttributes", "SqlAttributesContext", row=MAP)
declare("ssoToken", "SsoTokenContext", value=STRING, info=MAP, loginEndpoint=STRING)
declare("sts", "StsContext", issuedToken=STRING)
declare(
    "userProfile",
    "UserProfileContext",
    username=STRING,
    realm=STRING,
    distinguishedName=STRING,
    commonName=STRING,
    rawInfo=MAP,
    methods={"asJsonValue": _method(MAP, "raw_info")},
)
