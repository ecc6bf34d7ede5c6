import pytest

from gateway.sql.jdbc_url import (
    MYSQL,
    ORACLE,
    POSTGRESQL,
    SQL_SERVER,
    SQLITE,
    UnsupportedDatabase,
    of_data_source,
    parse_jdbc_url,
)


@pytest.mark.parametrize(
    ("url", "driver", "hosts", "database"),
    [
        ("jdbc:postgresql://db.example.com:5433/users", POSTGRESQL, (("db.example.com", 5433),), "users"),
        ("jdbc:postgresql://db.example.com/users", POSTGRESQL, (("db.example.com", None),), "users"),
        ("jdbc:postgresql:users", POSTGRESQL, (("localhost", None),), "users"),
        ("jdbc:postgresql://[2001:db8::1]:5432/u%20s", POSTGRESQL, (("2001:db8::1", 5432),), "u s"),
        ("jdbc:postgresql://a:1,b:2/users", POSTGRESQL, (("a", 1), ("b", 2)), "users"),
        ("jdbc:mysql://db.example.com:3306/users", MYSQL, (("db.example.com", 3306),), "users"),
        ("jdbc:mariadb://db.example.com/users", MYSQL, (("db.example.com", None),), "users"),
        ("jdbc:sqlite:/data/users.db", SQLITE, (), "/data/users.db"),
        ("jdbc:sqlite::memory:", SQLITE, (), ":memory:"),
        ("jdbc:sqlite:", SQLITE, (), ":memory:"),
        ("jdbc:sqlserver://db.example.com:1433;databaseName=users;encrypt=true", SQL_SERVER,
         (("db.example.com", 1433),), "users"),
        ("jdbc:oracle:thin:@//db.example.com:1521/service", ORACLE, (("db.example.com", 1521),), None),
        ("jdbc:oracle:thin:@db.example.com:1521:SID", ORACLE, (("db.example.com", 1521),), "SID"),
    ],
)  # fmt: skip
def test_jdbc_urls_name_a_database(url: str, driver: str, hosts: object, database: str | None) -> None:
    found = parse_jdbc_url(url)
    assert (found.drivername, found.hosts, found.database) == (driver, hosts, database)


def test_parameters_of_the_url_hold_the_login_and_options_of_the_driver() -> None:
    found = parse_jdbc_url("jdbc:postgresql://db/users?user=gw&password=s%26t&sslmode=require")
    assert (found.username, found.password) == ("gw", "s&t")
    assert found.parameters == {"sslmode": "require"}
    assert "s&t" not in repr(found)


def test_the_login_of_sql_server_and_oracle_has_its_own_place() -> None:
    server = parse_jdbc_url("jdbc:sqlserver://db;user=gw;password=secret")
    assert (server.username, server.password) == ("gw", "secret")
    oracle = parse_jdbc_url("jdbc:oracle:thin:gw/secret@//db/service")
    assert (oracle.username, oracle.password, oracle.parameters) == ("gw", "secret", {"service_name": "service"})


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://db/users", "write a JDBC URL"),
        ("jdbc:h2:tcp://localhost/~/test", "H2 with -pgPort"),
        ("jdbc:hsqldb:mem:x", "a database of Java"),
        ("jdbc:nothing://db", "databases are mariadb, mysql"),
        ("jdbc:postgresql://a:b:c/users", "HOST:PORT"),
        ("jdbc:oracle:thin:db", "HOST:PORT/SERVICE"),
    ],
)
def test_other_urls_are_refused_with_what_to_do(url: str, reason: str) -> None:
    with pytest.raises(UnsupportedDatabase, match=reason):
        parse_jdbc_url(url)


def test_a_data_source_class_has_its_address_in_the_properties() -> None:
    properties = {"serverName": "db", "portNumber": 5433, "databaseName": "users", "user": "gw", "password": "secret"}
    found = of_data_source("org.postgresql.ds.PGSimpleDataSource", properties)
    assert (found.drivername, found.hosts, found.database) == (POSTGRESQL, (("db", 5433),), "users")
    assert (found.username, found.password) == ("gw", "secret")


def test_the_url_of_a_data_source_class_wins() -> None:
    found = of_data_source("com.example.Unknown", {"url": "jdbc:sqlite:/data/users.db", "serverName": "db"})
    assert found.database == "/data/users.db"


def test_an_unknown_data_source_class_needs_a_url() -> None:
    with pytest.raises(UnsupportedDatabase, match="jdbcUrl"):
        of_data_source("com.example.Unknown", {"serverName": "db"})
