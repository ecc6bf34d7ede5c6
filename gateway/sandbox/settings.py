"""What the sandbox's YAML file may say: agents, clients, users and services of each realm, named as AM's console does.

The file reads like step 1 of a PingGateway guide; `guide.yaml` is that of the token exchange guide. Reading the file
(places of mistakes, wording) is `reading.py`'s; this module only declares what is valid.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class GrantType(StrEnum):
    """A grant type, by the value of `grant_type`; the YAML may also use the console's label."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    PASSWORD = "password"
    REFRESH_TOKEN = "refresh_token"
    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


GRANT_TYPE_LABELS = {
    "Authorization Code": GrantType.AUTHORIZATION_CODE,
    "Client Credentials": GrantType.CLIENT_CREDENTIALS,
    "Resource Owner Password Credentials": GrantType.PASSWORD,
    "Refresh Token": GrantType.REFRESH_TOKEN,
    "Token Exchange": GrantType.TOKEN_EXCHANGE,
}


def _grant_type(value: Any) -> Any:
    known = {**GRANT_TYPE_LABELS, **{grant.value: grant for grant in GrantType}}
    if isinstance(value, GrantType):
        return value
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"unknown grant type {value!r}; known are {', '.join(GRANT_TYPE_LABELS)}")
    return known[value]


Secret = Annotated[str, Field(min_length=1, repr=False)]
Seconds = Annotated[int, Field(gt=0)]
Algorithm = Literal["RS256", "ES256", "HS256"]


class Settings(BaseModel):
    """A block of the file: unknown names are mistakes, and text is never guessed from numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agent(Settings):
    """A PingGateway agent profile."""

    password: Secret
    token_introspection: Literal["None", "Realm Only", "All Realms"] = "None"


class Client(Settings):
    """An OAuth 2.0 client profile; defaults are those of a new client in AM's console."""

    secret: Annotated[str, Field(repr=False)] = ""
    client_type: Literal["Confidential", "Public"] = "Confidential"
    scopes: tuple[str, ...] = ()
    default_scopes: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[Annotated[GrantType, BeforeValidator(_grant_type)], ...] = (GrantType.AUTHORIZATION_CODE,)
    token_endpoint_authentication_method: Literal["client_secret_basic", "client_secret_post", "none"] = (
        "client_secret_basic"
    )
    implied_consent: bool = False
    access_token_may_act_script: str | None = None
    """Overrides the provider's script for this client."""

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Client:
        if self.client_type == "Confidential" and not self.secret:
            raise ValueError("a confidential client needs a secret")
        if stray := set(self.default_scopes) - set(self.scopes):
            raise ValueError(f"default_scopes has {', '.join(sorted(stray))}, which scopes does not list")
        return self


class User(Settings):
    """An identity of the realm."""

    password: Secret
    active: bool = True
    attributes: dict[str, str | tuple[str, ...]] = {}

    def attribute(self, name: str) -> tuple[str, ...]:
        """Values of an attribute, by a name in any case; none when the user has no such attribute."""
        for key, value in self.attributes.items():
            if key.lower() == name.lower():
                return (value,) if isinstance(value, str) else value
        return ()


class Script(Settings):
    """An OAuth2 May Act script, given as what it sets."""

    may_act: dict[str, Any]


class OAuth2Provider(Settings):
    """The realm's OAuth2 Provider service."""

    token_format: Literal["opaque", "jwt"] = "opaque"
    token_signing_algorithm: Algorithm = "RS256"
    token_signing_secret: Annotated[str | None, Field(min_length=32, repr=False)] = None
    """Key of HS256, for whoever has to verify the tokens; made anew at each start when not given."""
    access_token_lifetime: Seconds = 3600
    refresh_token_lifetime: Seconds = 604800
    authorization_code_lifetime: Seconds = 120
    id_token_lifetime: Seconds = 3600
    issue_refresh_tokens: bool = True
    code_verifier_required: bool = False
    access_token_may_act_script: str | None = None
    id_token_may_act_script: str | None = None
    strict_client_authentication: bool = False
    """Whether a client may only authenticate by its own method.

    AM takes the secret of a confidential client from the header and from the form alike, and the token exchange guide
    leans on it: it registers serviceConfidentialClient with client_secret_post, while its route authenticates with
    client_secret_basic. So both are accepted unless this is true.
    """


class Session(Settings):
    """The realm's Session service, in minutes."""

    maximum_session_time: Seconds = 120
    maximum_idle_time: Seconds = 30


class ValidationService(Settings):
    """The realm's Validation Service: where a login may lead back to."""

    valid_goto_url_resources: tuple[str, ...] = ()


class Policy(Settings):
    """A policy: what a subject may do with resources; `*` stands for any text, `-*-` for one path element."""

    resources: Annotated[tuple[str, ...], Field(min_length=1)]
    actions: dict[str, bool]
    subjects: tuple[str, ...] = ()
    """User names; none means every authenticated user."""
    response_attributes: tuple[str, ...] = ()
    advices: dict[str, tuple[str, ...]] = {}
    """Answered instead of the actions, as when an environment condition does not hold."""


class Realm(Settings):
    """A realm with everything that lives in it."""

    agents: dict[str, Agent] = {}
    clients: dict[str, Client] = {}
    users: dict[str, User] = {}
    scripts: dict[str, Script] = {}
    oauth2_provider: OAuth2Provider = OAuth2Provider()
    session: Session = Session()
    validation_service: ValidationService = ValidationService()
    policy_sets: dict[str, tuple[Policy, ...]] = {}
    journeys: tuple[str, ...] = ("Login", "ldapService")

    @model_validator(mode="after")
    def _scripts_exist(self) -> Realm:
        provider = self.oauth2_provider
        named = [("oauth2_provider", provider.access_token_may_act_script)]
        named.append(("oauth2_provider", provider.id_token_may_act_script))
        named += [(f"client {name}", client.access_token_may_act_script) for name, client in self.clients.items()]
        for where, script in named:
            if script is not None and script not in self.scripts:
                raise ValueError(f"{where} names the script {script!r}, which scripts does not have")
        if both := self.agents.keys() & self.clients.keys():
            raise ValueError(f"{', '.join(sorted(both))}: agents and clients of a realm share one set of names")
        return self


class SampleApplication(Settings):
    """The sample application's own users, by name."""

    users: Annotated[dict[str, str], Field(repr=False)] = {"demo": "Ch4ng31t"}


class SandboxSettings(Settings):
    """The whole file."""

    base_url: Annotated[str | None, Field(pattern=r"^https?://[^/?#]+/[^?#]*[^/?#]$")] = None
    """As the server's clients see it; derived from the Host header of each request when not given."""
    context_path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.-]+$")] = "/openam"
    cookie_name: str = "iPlanetDirectoryPro"
    cookie_domains: tuple[str, ...] = ()
    version: str = "8.1.0"
    csrf_protection: bool = True
    """Calls below /json that change something need the header Accept-API-Version or X-Requested-With, as in AM."""
    realms: dict[Annotated[str, Field(pattern=r"^/$|^(/[^/?#]+)+$")], Realm]
    sample_application: SampleApplication = SampleApplication()

    @model_validator(mode="after")
    def _has_the_root_realm(self) -> SandboxSettings:
        if "/" not in self.realms:
            raise ValueError("realms needs an entry for the root realm, '/'")
        return self
