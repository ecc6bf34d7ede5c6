"""Token exchange (RFC 8693) as AM does it: impersonation, and delegation when there is an actor token.

The subject token has to be the realm's own, valid, and its `may_act` claim has to name the client; scopes are the
client's, not the subject token's; the issued token never outlives the subject token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.clients import Caller
from gateway.sandbox.errors import OAuthRefusal, invalid_grant
from gateway.sandbox.forms import Form
from gateway.sandbox.server import RealmState
from gateway.sandbox.settings import GrantType
from gateway.sandbox.tokens import Subject, Token

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


@dataclass(frozen=True)
class Presented:
    """A subject or actor token, whatever its form."""

    subject: Subject
    client_id: str
    expires_at: float
    may_act: Mapping[str, Any]


@dataclass(frozen=True)
class Issued:
    """What an exchange answers; `token` is the access token, if that was asked for."""

    answer: dict[str, Any]
    token: Token | None = None


def exchange(realm: RealmState, caller: Caller, form: Form, issuer: str) -> Issued:
    """Exchange the subject token of a form."""
    value, kind = form.require("subject_token", "subject_token_type")
    wanted = _known_type("requested_token_type", form.get("requested_token_type") or ACCESS_TOKEN)
    scopes = caller.granted(form.scopes())
    subject = _presented(realm, value, _known_type("subject_token_type", kind))
    actor = _actor(realm, form)
    _check_may_act(subject.may_act, caller, actor)
    grant = realm.new_grant(
        GrantType.TOKEN_EXCHANGE,
        caller.id,
        subject=subject.subject,
        scopes=scopes,
        not_after=subject.expires_at,
    )
    if wanted == ID_TOKEN:
        text = realm.tokens.id_token(grant, issuer)
        left = int(subject.expires_at - realm.clock())
        lifetime = min(realm.settings.oauth2_provider.id_token_lifetime, left)
        return Issued(
            {"access_token": text, "issued_token_type": ID_TOKEN, "token_type": "N_A", "expires_in": lifetime}
        )
    act = {"sub": actor.subject.claim} if actor else None
    return Issued({"issued_token_type": ACCESS_TOKEN}, realm.tokens.issue(grant, issuer, act=act))


def _known_type(name: str, value: str) -> str:
    if value not in (ACCESS_TOKEN, ID_TOKEN):
        raise OAuthRefusal("invalid_request", f"Unsupported {name}: only access_token and id_token are supported")
    return value


def _actor(realm: RealmState, form: Form) -> Presented | None:
    value, kind = form.get("actor_token"), form.get("actor_token_type")
    if value is None and kind is None:
        return None
    value, kind = form.require("actor_token", "actor_token_type")
    return _presented(realm, value, _known_type("actor_token_type", kind))


def _presented(realm: RealmState, value: str, kind: str) -> Presented:
    if kind == ID_TOKEN:
        claims = realm.tokens.read_id_token(value)
        subject = Subject.from_claim(str(claims["sub"])) if claims else None
        if claims is None or subject is None:
            raise invalid_grant()
        return Presented(subject, str(claims["aud"]), float(claims["exp"]), claims.get("may_act", {}))
    token = realm.tokens.find(value, "access_token")
    if token is None:
        raise invalid_grant()
    return Presented(token.grant.subject, token.grant.client_id, token.expires_at, token.extra.get("may_act", {}))


def _check_may_act(may_act: Mapping[str, Any], caller: Caller, actor: Presented | None) -> None:
    """The claim names the client, and whom the client acts as: itself, or the subject of the actor token."""
    acting = actor.subject.claim if actor else Subject(caller.id, "age").claim
    if not may_act:
        raise OAuthRefusal("invalid_grant", "The subject token has no may_act claim")
    if not _names(may_act.get("client_id", caller.id), caller.id) or not _names(may_act.get("sub", acting), acting):
        raise OAuthRefusal("invalid_grant", "The may_act claim of the subject token does not name the client")
    if "client_id" not in may_act and "sub" not in may_act:
        raise OAuthRefusal("invalid_grant", "The may_act claim of the subject token names nobody")


def _names(claim: Any, name: str) -> bool:
    return name in claim if isinstance(claim, list | tuple) else bool(claim == name)
