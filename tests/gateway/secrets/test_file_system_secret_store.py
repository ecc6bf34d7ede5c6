"""FileSystemSecretStore: names, versions, leases, and files that change."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from expr.diagnostic import DiagnosticError
from gateway.secrets.leases import REFRESH_FAILURES
from gateway.secrets.secret import GenericSecret, NoSuchSecret, Purpose
from tests.gateway.secrets.support import KEYS, files, text_of


async def test_file_is_named_after_the_id_with_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "my.key.txt").write_text("secret")
    assert await text_of(files(tmp_path, format="PLAIN", suffix=".txt"), "my.key") == "secret"
    assert await text_of(files(tmp_path, format="PLAIN"), "my.key.txt") == "secret"


async def test_directory_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError) as caught:
        await files(tmp_path / "absent").start()
    assert "absent" in caught.value.diagnostics[0].message
    await files(tmp_path).start()


@pytest.mark.parametrize("secret_id", ["../secret", "sub/secret", "/etc/passwd", "..", ".", "a\0b"])
async def test_id_that_leaves_the_directory_is_no_secret(secret_id: str, tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    (directory / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_text("x")
    (directory / "sub/secret").write_text("x")
    with pytest.raises(NoSuchSecret):
        await text_of(files(directory, format="PLAIN"), secret_id)


async def test_key_id_of_a_token_with_a_path_in_it_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    directory = tmp_path / "secrets"
    directory.mkdir()
    for config in ({}, {"versionSuffix": ".v"}):
        source = files(directory, format="PLAIN", **config)
        with pytest.raises(NoSuchSecret):
            await source.named("inside", Purpose.PASSWORD, "../outside")


async def test_large_files_and_other_encodings_are_no_secrets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "large").write_bytes(b"a" * (2 * 1024 * 1024 + 1))
    (tmp_path / "latin").write_bytes("canäry".encode("latin-1"))
    source = files(tmp_path, format="PLAIN")
    for secret_id in ("large", "latin"):
        with pytest.raises(NoSuchSecret):
            await text_of(source, secret_id)
    assert "can" not in caplog.text.replace("cannot", "")


async def test_versions_are_valid_from_newest_to_oldest(tmp_path: Path) -> None:
    for name in ("key", "key.v1", "key.v01", "key.v001", "key.v2", "key.v10", "key.vx", "other.v3", "key.v2.bak"):
        (tmp_path / name).write_text(name)
    source = files(tmp_path, format="PLAIN", versionSuffix=".v")
    valid = await source.valid("key", Purpose.PASSWORD)
    assert [secret.stable_id for secret in valid] == ["key.v10", "key.v2", "key.v001", "key.v01", "key.v1", "key"]
    assert await text_of(source, "key") == "key.v10"
    named = await source.named("key", Purpose.PASSWORD, "key.v01")
    assert isinstance(named, GenericSecret) and named.reveal_text() == "key.v01"


async def test_versions_have_the_suffix_behind_the_number(tmp_path: Path) -> None:
    (tmp_path / "key.v1.txt").write_text("one")
    (tmp_path / "key.v2").write_text("two")
    source = files(tmp_path, format="PLAIN", versionSuffix=".v", suffix=".txt")
    assert [secret.stable_id for secret in await source.valid("key", Purpose.PASSWORD)] == ["key.v1"]


async def test_changed_file_is_read_at_the_next_query(tmp_path: Path) -> None:
    source = files(tmp_path, format="PLAIN")
    (tmp_path / "a").write_text("old")
    assert await text_of(source, "a") == "old"
    (tmp_path / "a").write_text("newer")
    assert await text_of(source, "a") == "newer"
    (tmp_path / "a").unlink()
    with pytest.raises(NoSuchSecret):
        await text_of(source, "a")


async def test_without_auto_refresh_a_file_is_read_again_when_its_lease_ends(tmp_path: Path) -> None:
    source = files(tmp_path, format="PLAIN", leaseExpiry="1 minute", autoRefresh={"enabled": False})
    now = 0.0
    source._leases._clock = lambda: now
    (tmp_path / "a").write_text("old")
    assert await text_of(source, "a") == "old"
    (tmp_path / "a").write_text("newer")
    now = 59.9
    assert await text_of(source, "a") == "old"
    now = 60.0
    assert await text_of(source, "a") == "newer"


@pytest.mark.parametrize("lease", ["zero", "unlimited"])
def test_lease_of_nothing_or_for_ever_is_replaced_with_a_warning(
    lease: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = files(tmp_path, leaseExpiry=lease)
    assert source._leases._lease == 300
    assert "leaseExpiry" in caplog.text


async def test_garbage_in_place_of_a_key_leaves_the_last_good_one_with_one_line_and_a_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    counted: list[str] = []
    unsubscribe = REFRESH_FAILURES.subscribe(counted.append)
    path = tmp_path / "tls.key"
    path.write_text((KEYS / "server.pem").read_text())
    source = files(tmp_path, format={"type": "PemPropertyFormat"})
    good = await source.key("tls.key", Purpose.SIGN)
    path.write_text("canary garbage")
    for _ in range(3):
        assert await source.key("tls.key", Purpose.SIGN) is good
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    assert "tls.key" in caplog.text and "canary" not in caplog.text
    assert len(counted) == 1
    unsubscribe()
    path.write_text((KEYS / "server-next.pem").read_text())
    assert (await source.key("tls.key", Purpose.SIGN)) is not good
