import ssl

import pytest

from gateway.sql.engine import Options, connect_arguments, make_engine
from gateway.sql.jdbc_url import parse_jdbc_url


def arguments(url: str) -> dict[str, object]:
    database = parse_jdbc_url(url)
    return connect_arguments(database, database.parameters)[0]


def test_options_of_the_postgresql_driver_are_those_of_the_python_driver() -> None:
    assert arguments(
        "jdbc:postgresql://db/users?ApplicationName=gw&currentSchema=hr&connectTimeout=5&socketTimeout=7&sslmode=require"
    ) == {
        "server_settings": {"application_name": "gw", "search_path": "hr"},
        "timeout": 5.0,
        "command_timeout": 7.0,
        "ssl": "require",
    }


def test_ssl_true_verifies_the_certificate_as_the_jdbc_driver_does() -> None:
    context = arguments("jdbc:postgresql://db/users?ssl=true")["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_verify_ca_does_not_look_at_the_host_name() -> None:
    context = arguments("jdbc:postgresql://db/users?sslmode=verify-ca")["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert not context.check_hostname


def test_several_hosts_are_tried() -> None:
    found = arguments("jdbc:postgresql://a,b:5433/users")
    assert (found["host"], found["port"]) == (["a", "b"], [5432, 5433])


def test_mysql_timeouts_are_milliseconds() -> None:
    assert arguments("jdbc:mysql://db/users?connectTimeout=2500") == {"charset": "utf8mb4", "connect_timeout": 2.5}


def test_options_without_a_meaning_are_told() -> None:
    database = parse_jdbc_url("jdbc:postgresql://db/users?prepareThreshold=3&sslmode=disable")
    assert connect_arguments(database, database.parameters) == ({"ssl": "disable"}, ["prepareThreshold"])


def test_an_unknown_tls_mode_is_an_error() -> None:
    with pytest.raises(ValueError, match="no TLS mode"):
        arguments("jdbc:postgresql://db/users?sslmode=perhaps")


async def test_pool_options_have_the_names_of_hikari() -> None:
    database = parse_jdbc_url("jdbc:postgresql://db:5433/users?user=from-url")
    properties = {"maximumPoolSize": 3, "connectionTimeout": 1500, "dataSource.sslmode": "disable"}
    engine, unused = make_engine(database, Options.of(database, properties), "gw", "p@ss")
    assert engine.url.render_as_string(hide_password=False) == "postgresql+asyncpg://gw:p%40ss@db:5433/users"
    assert engine.pool.size() == 3
    assert unused == []
    await engine.dispose()
