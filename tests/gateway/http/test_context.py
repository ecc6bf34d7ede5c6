import gc
import weakref

import pytest

from expr.scope import implicit
from gateway.http.connection import INTERNAL, Connection
from gateway.http.context import _EVERY_REQUEST, ExchangeContext, InnerContext, RouterContext, SessionContext
from gateway.http.headers import Headers
from gateway.http.ids import TRUST_PROPERTY, new_id
from gateway.http.message import Request
from gateway.http.published import CONTEXTS, attribute_of
from gateway.http.uri import Uri


class SsoTokenContext(InnerContext, name="ssoToken"):
    """As a filter declares it: one line."""


class PrivateContext(InnerContext, name="private"):
    """Of no documented name."""


def root(**headers: str) -> ExchangeContext:
    fields = Headers([(name.replace("_", "-"), value) for name, value in headers.items()])
    return ExchangeContext(Connection(("192.0.2.1", 5), ("192.0.2.2", 80)), Request("GET", "http://h/a?b", fields))


def test_the_innermost_context_of_a_name_is_found():
    outer = SsoTokenContext(root(), value="outer")
    inner = SsoTokenContext(PrivateContext(outer), value="inner")
    assert inner.find("ssoToken") is inner
    assert inner.parent.find("ssoToken") is outer
    assert inner.find("private") is inner.parent
    assert inner.find("none") is None
    assert outer.root.find("ssoToken") is None


@pytest.mark.parametrize(
    "name",
    ["attributes", "client", "requestAudit", "accessAuditExtension", "session", "transactionId", "router", "root"],
)
def test_every_request_has_the_documented_contexts(name):
    context = PrivateContext(root())
    found = context.find(name)
    assert found is not None
    assert found.name == name
    assert context.find(name).root is context.root
    assert found.published is CONTEXTS[name] or name == "root"


@pytest.mark.parametrize("name", ["requestAudit", "accessAuditExtension", "router"])
def test_contexts_that_can_be_written_are_made_once(name):
    context = PrivateContext(root())
    assert context.find(name) is context.find(name)


@pytest.mark.parametrize("name", ["client", "session", "transactionId"])
def test_an_exchange_leaves_no_cycle_behind(name):
    gc.collect()
    context = root()
    context.find(name)
    context.attributes["self"] = marker = Marker()
    gone = weakref.ref(marker)
    del context, marker
    assert gone() is None


class Marker:
    pass


def test_values_of_a_documented_context_are_attributes_and_the_rest_is_none():
    context = SsoTokenContext(root(), value="v", login_endpoint="e")
    assert (context.value, context.login_endpoint, context.info) == ("v", "e", None)
    with pytest.raises(TypeError, match="nonsense"):
        SsoTokenContext(root(), nonsense=1)


def test_the_original_uri_is_not_changed_by_what_becomes_of_the_request():
    request = Request("GET", "http://h/a?b")
    context = ExchangeContext(INTERNAL, request)
    request.uri.rebase(Uri("https://other"))
    request.uri.path = "/changed"
    assert str(context.find("router").original_uri) == "http://h/a?b"
    assert context.router.remaining_uri == "a"
    assert str(RouterContext(context, "a", "", "a").original_uri) == "http://h/a?b"


def test_the_client_context_shows_the_connection_and_the_user_agent_that_came():
    context = root(User_Agent="curl")
    client = context.find("client")
    assert (client.remote_address, client.remote_port, client.local_address, client.local_port) == (
        "192.0.2.1",
        5,
        "192.0.2.2",
        80,
    )
    assert (client.user_agent, client.remote_user, client.certificates) == ("curl", None, [])
    assert (client.is_secure, client.is_external) == (False, True)


def test_attributes_and_session_are_shared_by_the_whole_chain():
    context = PrivateContext(root())
    context.root.attributes["x"] = 1
    assert context.find("attributes").attributes["x"] == 1
    context.session["user"] = "u"
    assert context.root.session == {"user": "u"}
    inner = SessionContext(context, {"other": 1})
    assert PrivateContext(inner).session == {"other": 1}
    assert context.session == {"user": "u"}


def test_a_session_that_is_put_in_place_later_is_seen():
    context = root()
    assert context.session == {}
    context.session = {"loaded": True}
    assert PrivateContext(context).session == {"loaded": True}


def test_a_transaction_id_is_new_unless_the_caller_is_trusted(monkeypatch):
    assert root(X_ForgeRock_TransactionId="theirs").transaction_id != "theirs"
    monkeypatch.setitem(implicit.system, TRUST_PROPERTY, "true")
    trusted = root(X_ForgeRock_TransactionId="theirs")
    assert trusted.find("transactionId").transaction_id.value == "theirs"
    assert [trusted.transaction.child(), trusted.transaction.child()] == ["theirs/0", "theirs/1"]
    assert trusted.id != "theirs"
    assert len({new_id() for _ in range(100)}) == 100


def test_who_watches_for_a_disconnect_is_told_once():
    context, told = root(), []
    context.on_disconnect(lambda: told.append("first"))
    context.on_disconnect(lambda: told.append("second"))
    context.disconnect()
    context.disconnect()
    context.on_disconnect(lambda: told.append("late"))
    assert told == ["first", "second", "late"]


def test_the_contexts_map_knows_aliases_and_lists_names():
    contexts = SsoTokenContext(root(), value="v").contexts
    assert contexts.get("ssoToken").value == "v"
    assert contexts.get("none") is None
    assert contexts.get(5) is None
    assert contexts.keys()[:2] == ["ssoToken", "root"]
    assert contexts.keys()[-7:] == list(_EVERY_REQUEST)
    assert contexts.get("OAuth2Failure") is None


@pytest.mark.parametrize(
    ("documented", "attribute"),
    [
        ("value", "value"),
        ("claimsAsJsonValue", "claims_as_json_value"),
        ("isSecure", "is_secure"),
        ("originalUri", "original_uri"),
    ],
)
def test_documented_names_map_to_attributes(documented, attribute):
    assert attribute_of(documented) == attribute
