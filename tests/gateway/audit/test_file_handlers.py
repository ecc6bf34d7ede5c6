"""The handlers for JSON files, standard output and CSV files, from declaration to what is written."""

import csv
import json

from tests.gateway.audit.support import CSV, JSON, STDOUT, event, handler, lines, service, to_json
from tests.gateway.instances import until
from tests.gateway.scripted import started


async def publish(declaration, *events):
    async with started(declaration) as tested:
        for one in events:
            tested.publish("access", one)


async def test_json_lines_are_compact_and_keep_their_order(tmp_path):
    await publish(service(to_json(tmp_path)), event(1), event(2, userId="Zoë\n"))
    text = (tmp_path / "access.audit.json").read_text("utf-8")
    assert text.count("\n") == 2
    assert '"userId":"Zoë\\n"' in text
    assert [one["_id"] for one in lines(tmp_path / "access.audit.json")] == ["id-1", "id-2"]


async def test_elasticsearch_gets_no_id_and_no_periods(tmp_path):
    headers = {"http": {"request": {"headers": {"x.y": ["1"], "host": ["h"]}}}}
    declared = service(to_json(tmp_path, elasticsearchCompatible=True), include=["/access/http/request/headers"])
    await publish(declared, event(**headers))
    [written] = lines(tmp_path / "access.audit.json")
    assert written["_eventId"] == "id-1"
    assert "_id" not in written
    assert written["http"]["request"]["headers"] == {"x_y": ["1"], "host": ["h"]}
    assert written["_normalized"] == {"fieldNames": {"x_y": "x.y"}}


async def test_lone_surrogates_do_not_stop_the_file(tmp_path):
    await publish(service(to_json(tmp_path)), event(1, userId="\udc80"), event(2))
    assert len((tmp_path / "access.audit.json").read_bytes().splitlines()) == 2


async def test_files_rotate_while_events_come(tmp_path):
    rotation = {"rotationEnabled": True, "maxFileSize": 500}
    declared = service(to_json(tmp_path, fileRotation=rotation, rotationRetentionCheckInterval="1 ms"))
    async with started(declared) as tested:
        for number in range(20):
            tested.publish("access", event(number))
            await until(lambda n=number: sum(len(lines(file)) for file in tmp_path.iterdir()) == n + 1)
    assert len(list(tmp_path.iterdir())) > 3
    found = sorted(one["_id"] for file in tmp_path.iterdir() for one in lines(file))
    assert found == sorted(f"id-{number}" for number in range(20))


async def test_the_least_queue_and_a_sensible_interval_stand_against_odd_values():
    from gateway.audit.json_audit_event_handler import JsonAuditEventHandler
    from tests.gateway.scripted import build

    buffering = {"writeInterval": "0 s", "maxSize": 1}
    tested = build({"type": JSON, "config": {"name": "n", "topics": ["access"], "buffering": buffering}})
    assert isinstance(tested, JsonAuditEventHandler)
    delivery = tested.delivery()
    assert (delivery._capacity, delivery._interval) == (100_000, 0.1)


async def test_standard_output_gets_source_topic_and_level(capfd):
    await publish(service(handler(STDOUT)), event())
    written = json.loads(capfd.readouterr().out)
    assert list(written)[-3:] == ["source", "topic", "level"]
    assert (written["source"], written["topic"], written["level"]) == ("audit", "access", "INFO")


async def test_csv_has_a_header_and_a_cell_for_each_field(tmp_path):
    one = event(1, userId='say "hi", now', trackingIds=["a", "b"])
    await publish(service(handler(CSV, logDirectory=str(tmp_path))), one, event(2))
    with (tmp_path / "access.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert list(first)[:4] == ["_id", "timestamp", "eventName", "transactionId"]
    assert first["userId"] == 'say "hi", now'
    assert json.loads(first["trackingIds"]) == ["a", "b"]
    assert json.loads(first["http.request.headers"]) == {"host": ["gw.example.com"]}
    assert (first["http.request.secure"], first["client.port"], first["ig.routeId"]) == ("false", "51000", "")
    assert second["_id"] == "id-2"


async def test_csv_can_be_formatted_and_is_continued(tmp_path):
    formatting = {"quoteChar": "'", "delimiterChar": ";", "endOfLineSymbols": "\r\n"}
    declared = service(handler(CSV, logDirectory=str(tmp_path), formatting=formatting, buffering={"enabled": True}))
    await publish(declared, event(1, userId="it's"))
    await publish(declared, event(2))
    raw = (tmp_path / "access.csv").read_bytes()
    assert raw.count(b"\r\n") == 3
    assert b";'it''s';" in raw
    assert raw.count(b"'_id'") == 1


async def test_a_csv_file_with_another_header_is_an_error_and_no_more(tmp_path, caplog):
    (tmp_path / "access.csv").write_text('"other"\n')
    await publish(service(handler(CSV, logDirectory=str(tmp_path)), to_json(tmp_path, name="json")), event())
    assert "access.csv begins with another header" in caplog.text
    assert (tmp_path / "access.csv").read_text() == '"other"\n'
    assert len(lines(tmp_path / "access.audit.json")) == 1
