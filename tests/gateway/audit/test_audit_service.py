"""Audit services: their declarations, their topics, and what keeps them from loading."""

import json

import pytest

from tests.gateway.audit.support import (
    CSV,
    JDBC,
    JSON,
    PACKAGE,
    STDOUT,
    SYSLOG,
    event,
    handler,
    lines,
    service,
    to_json,
)
from tests.gateway.scripted import build, load, problems, started

CUSTOM = {
    "schema": {
        "type": "object",
        "properties": {
            **{name: {"type": "string"} for name in ("_id", "timestamp", "transactionId", "eventName")},
            "order": {"type": "object", "properties": {"id": {"type": "string"}, "card": {"type": "string"}}},
        },
    },
    "filterPolicies": {"field": {"includeIf": ["/_id", "/timestamp", "/order/id"]}},
}


@pytest.mark.parametrize("cls", [JSON, STDOUT, CSV, SYSLOG, JDBC])
def test_the_example_of_each_handler_is_valid(cls):
    from gateway.catalog import registry

    example = registry().find(cls).example
    assert example["type"] == cls
    assert not problems(service({"class": cls, "config": example["config"]}))


def test_the_example_of_the_service_is_valid():
    from gateway.audit.audit_service import AuditService

    assert build(dict(AuditService.example)).wants("access")


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        (service(), "list should have at least 1 item after validation, not 0"),
        (service({"class": "x.Y", "config": {}}), 'there is no event handler "x.Y"'),
        (service({"config": {}}), 'an event handler needs a "class"'),
        (service("handler"), "an event handler is an object, not a string"),
        (
            service({"class": STDOUT, "config": {"topics": ["access"]}}),
            'JsonStdoutAuditEventHandler needs the property "name"',
        ),
        (service(handler(STDOUT, topics=["acces"])), 'there is no topic "acces"'),
        (service(handler(STDOUT), handler(STDOUT)), 'two event handlers are named "tested"'),
        (service(handler(STDOUT), inner={"handlerForQueries": "x"}), 'no event handler is named "x"'),
        (
            service(handler(STDOUT), inner={"availableAuditEventHandlers": [JSON]}),
            f"{STDOUT} is not among availableAuditEventHandlers",
        ),
        (
            service({"class": f"{PACKAGE}.splunk.SplunkAuditEventHandler", "config": {}}),
            f'the event handler "{PACKAGE}.splunk.SplunkAuditEventHandler" no longer exists',
        ),
        (
            service({"class": f"{PACKAGE}.jms.JmsAuditEventHandler", "config": {}}),
            f'PingGateway documents the event handler "{PACKAGE}.jms.JmsAuditEventHandler", and Gatewright does not'
            " run it",
        ),
        (service(handler(CSV)), 'CsvAuditEventHandler needs the property "logDirectory"'),
        (service(handler(CSV, logDirectory="x", formatting={"quoteChar": "ab"})), "quoteChar is not one character"),
        (
            service(handler(JSON, fileRotation={"rotationEnabled": True, "rotationFileSuffix": "/x"})),
            "rotationFileSuffix is not a date pattern",
        ),
        (service(handler(JSON, fileRotation={"rotationFilePrefix": "a/b"})), "rotationFilePrefix holds a slash"),
        (service(handler(JSON, fileRotation={"rotationTimes": ["25 hours"]})), "a rotation time is beyond the day"),
    ],
)
def test_what_keeps_a_service_from_loading(declaration, message):
    assert problems(declaration) == [message]


def test_lint_finds_what_a_load_finds():
    from config.load import Loader
    from config.read import read_document
    from expr.source import Source
    from gateway.catalog import registry
    from tests.gateway.scripted import Scripted

    def messages(declaration):
        document = read_document(Source("a.json", json.dumps({"tested": declaration})))
        return [finding.message for finding in Loader(registry()).check(Scripted, document)[1]]

    assert messages(service(handler(STDOUT), handler(STDOUT))) == ['two event handlers are named "tested"']
    assert messages(service(handler("a.B"))) == ['there is no event handler "a.B"']
    assert messages(service(handler(CSV))) == ['CsvAuditEventHandler needs the property "logDirectory"']
    assert messages(service(handler(STDOUT))) == []


def test_the_place_of_a_mistake_is_that_of_the_class():
    from expr.diagnostic import DiagnosticError

    with pytest.raises(DiagnosticError) as caught:
        build(service({"class": "JsonAuditEventHandler", "config": {}}))
    [diagnostic] = caught.value.diagnostics
    assert diagnostic.help == f'did you mean "{JSON}"?'


def test_a_service_wants_the_topics_of_handlers_that_are_enabled():
    tested = build(
        service(handler(STDOUT, topics=["access"]), handler(STDOUT, name="2", topics=["mcp"], enabled=False))
    )
    assert tested.wants("access")
    assert not tested.wants("mcp")
    assert not tested.wants("notifications")


async def test_each_handler_gets_the_events_of_its_topics(tmp_path):
    one = to_json(tmp_path / "one", name="one", topics=["access"])
    two = to_json(tmp_path / "two", name="two", topics=["access", "mcp"])
    async with started(service(one, two)) as tested:
        tested.publish("access", event())
        tested.publish("mcp", {"anything": 1})
        tested.publish("notifications", {"nobody": "wants it"})
    assert [e["_id"] for e in lines(tmp_path / "one" / "access.audit.json")] == ["id-1"]
    assert [e["_id"] for e in lines(tmp_path / "two" / "access.audit.json")] == ["id-1"]
    [mcp] = lines(tmp_path / "two" / "mcp.audit.json")
    assert mcp.pop("_id")
    assert mcp == {"anything": 1}
    assert not (tmp_path / "one" / "mcp.audit.json").exists()


async def test_a_topic_of_ones_own_records_the_fields_that_it_names(tmp_path):
    (tmp_path / "Orders.json").write_text(json.dumps(CUSTOM))
    declared = service(
        to_json(tmp_path, topics=["Orders"]),
        handler(CSV, name="csv", logDirectory=str(tmp_path), topics=["Orders"]),
        topicSchemasDirectory=str(tmp_path),
    )
    async with started(declared) as tested:
        tested.publish("Orders", {"_id": "1", "timestamp": 5, "eventName": "e", "order": {"id": "7", "card": "4111"}})
    assert lines(tmp_path / "Orders.audit.json") == [{"_id": "1", "timestamp": 5, "order": {"id": "7"}}]
    header, row = (tmp_path / "Orders.csv").read_text().splitlines()
    assert header == '"_id","timestamp","transactionId","eventName","order.id","order.card"'
    assert row == '"1","5","","","7",""'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", 'has no "schema" with "properties"'),
        (json.dumps({"schema": {"properties": {"_id": {}}}}), "does not declare timestamp, eventName, transactionId"),
        (
            json.dumps({**CUSTOM, "filterPolicies": {"field": {"includeIf": "/_id"}}}),
            "is not an array of JSON pointers",
        ),
    ],
)
def test_a_schema_that_is_none_keeps_the_service_from_loading(tmp_path, text, reason):
    from expr.diagnostic import DiagnosticError

    (tmp_path / "Orders.json").write_text(text)
    with pytest.raises(DiagnosticError) as caught:
        load(service(handler(STDOUT), topicSchemasDirectory=str(tmp_path)))
    assert reason in caught.value.diagnostics[0].help
