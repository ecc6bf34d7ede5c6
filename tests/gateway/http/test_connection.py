from typing import Any

import pytest

from gateway.http.connection import Connection


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
        def getpeercert(self, binary: bool) -> None:
            return None

    connection = Connection.of_transport(Transport(ssl_object=Tls()))
    assert connection.secure
    assert connection.certificates == []
