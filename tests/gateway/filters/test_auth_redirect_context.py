import pytest

from gateway.filters.auth_redirect_context import AuthRedirectContext, auth_redirect, redirect_uri
from gateway.filters.file_attributes_filter import FileAttributesContext
from gateway.http.connection import Connection
from gateway.http.context import ExchangeContext
from gateway.http.message import Request
from gateway.http.uri import Uri


def root() -> ExchangeContext:
    return ExchangeContext(
        Connection(("192.0.2.1", 40000), ("192.0.2.2", 8080)), Request("GET", "http://a.example.com/")
    )


def test_an_announced_redirect_is_known_to_the_filters_in_front() -> None:
    context, inner = auth_redirect(root())
    assert inner is context
    assert not context.announced
    assert str(redirect_uri(context, Uri("http://a.example.com/x"))) == "http://a.example.com/x"
    assert context.announced


def test_there_is_only_one_in_a_chain() -> None:
    first, inner = auth_redirect(root())
    between = FileAttributesContext(inner, record={})
    assert auth_redirect(between) == (first, between)
    assert between.find("AuthRedirectAwareContext") is first


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://a.example.com/x", "http://a.example.com/x?id=1%262"),
        ("http://a.example.com/x?a=%20&b", "http://a.example.com/x?a=%20&b&id=1%262"),
        ("http://a.example.com/x?id=old&a=1&id=older", "http://a.example.com/x?a=1&id=1%262"),
    ],
)
def test_the_uri_to_come_back_to_carries_the_parameters(uri: str, expected: str) -> None:
    context = AuthRedirectContext(root())
    context.add_query_parameter("id", "1&2")
    original = Uri(uri)
    assert str(redirect_uri(context, original)) == expected
    assert str(original) == uri


def test_without_the_context_the_uri_stays_as_it_is() -> None:
    assert str(redirect_uri(root(), Uri("http://a.example.com/x"))) == "http://a.example.com/x"
