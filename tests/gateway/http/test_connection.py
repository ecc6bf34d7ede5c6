from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from expr import compile_template, types
from gateway.http.bindings import REQUEST_SIDE
from gateway.http.connection import Connection
from gateway.http.context import ExchangeContext
from gateway.http.message import Request

KEYS = Path(__file__).parents[2] / "data/keys"


class Transport:
    def __init__(self, **info: Any) -> None:
        self.info = info

    def get_extra_info(self, name: str) -> Any:
        return self.info.get(name)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("192.0.2.1", 5), ("192.0.2.1", 5)),
        (("fe80::1%eth0", 5, 0, 2), ("fe80::1", 5)),
        ("/run/socket", ("", 0)),
        (None, ("", 0)),
    ],
)
def test_addresses_of_every_kind_of_socket(peer, address):
    connection = Connection.of_transport(Transport(peername=peer, sockname=("::1", 80, 0, 0)))
    assert (connection.remote_address, connection.remote_port) == address
    assert (connection.local_address, connection.local_port) == ("::1", 80)
    assert not connection.secure


def test_without_a_client_certificate_the_list_is_empty():
    class Tls:
        def getpeercert(self, binary_form: bool) -> None:
            return None

    connection = Connection.of_transport(Transport(ssl_object=Tls()))
    assert connection.secure
    assert connection.certificates == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("dn ${contexts.client.certificates[0].subjectDN}", "dn CN=client"),
        ("${contexts.client.certificates[0].issuerX500Principal.name}", "CN=test-ca"),
        ("v${contexts.client.certificates[0].version}", "v3"),
        ("${contexts.client.certificates[0].public_bytes}", None),
        ("${contexts.client.certificates[1].subjectDN.name}", None),
    ],
)
def test_expressions_see_the_certificate_of_the_client_as_those_that_functions_make(expression, value):
    certificate = x509.load_pem_x509_certificate((KEYS / "client.pem").read_bytes())
    request = Request("GET", "https://h/")
    context = ExchangeContext(Connection(chain=(certificate.public_bytes(Encoding.DER),)), request)
    template = compile_template(expression, environment=REQUEST_SIDE, expects=types.STRING)
    assert template(context, request) == value
