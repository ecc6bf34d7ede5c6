"""Files of events: rotation by size, age and time of day, retention, and what others do to the files."""

import errno
import os
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit import files
from gateway.audit.files import EventFile, Retention, Rotation

START = datetime(2026, 3, 1, 10, 15, 30, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def pass_by(self, **lapse):
        self.now += timedelta(**lapse)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(tmp_path, clock):
    made = []

    def factory(rotation=None, retention=None, header=b"", name="access.audit.json"):
        file = EventFile(tmp_path / name, header=header, rotation=rotation, retention=retention, now=clock)
        made.append(file)
        return file

    yield factory
    for file in made:
        file.close()


def write(file, data=b"line\n"):
    file.append(data)
    file.flush()


def names(directory):
    return sorted(file.name for file in directory.iterdir())


def test_a_file_is_made_with_its_directory_and_continued(tmp_path):
    for _ in range(2):
        file = EventFile(tmp_path / "deep" / "er" / "access.audit.json")
        write(file)
        file.close()
    path = tmp_path / "deep" / "er" / "access.audit.json"
    assert path.read_bytes() == b"line\nline\n"
    assert path.stat().st_mode & 0o777 == 0o644 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_is_put_aside_when_it_is_large(tmp_path, make):
    file = make(Rotation(size=10))
    write(file)
    file.tend()
    assert names(tmp_path) == ["access.audit.json"]
    write(file)
    file.tend()
    assert names(tmp_path) == ["access.audit.json", "access.audit.json-2026.03.01-10.15.30"]
    assert (tmp_path / "access.audit.json").read_bytes() == b""


def test_a_name_that_is_taken_gets_a_number(tmp_path, make):
    file = make(Rotation(size=1))
    for _ in range(3):
        write(file)
        file.tend()
    rotated = "access.audit.json-2026.03.01-10.15.30"
    assert names(tmp_path) == ["access.audit.json", rotated, f"{rotated}.1", f"{rotated}.2"]


def test_a_file_is_put_aside_when_it_is_old(tmp_path, make, clock):
    file = make(Rotation(interval=60, prefix="old-", suffix="_HH'h'"))
    write(file)
    clock.pass_by(seconds=59)
    file.tend()
    assert names(tmp_path) == ["access.audit.json"]
    clock.pass_by(seconds=1)
    file.tend()
    assert names(tmp_path) == ["access.audit.json", "old-access.audit.json_10h"]


def test_a_file_is_put_aside_at_times_of_the_day(tmp_path, make, clock):
    file = make(Rotation(times=(11 * 3600.0, 0.0), suffix="-HH.mm"))
    write(file)
    clock.pass_by(hours=1)
    file.tend()
    write(file)
    clock.pass_by(hours=12, minutes=30)
    file.tend()
    write(file)
    clock.pass_by(minutes=30)
    file.tend()
    assert names(tmp_path) == ["access.audit.json", "access.audit.json-00.15", "access.audit.json-11.15"]


def test_an_empty_file_stays(tmp_path, make, clock):
    file = make(Rotation(interval=1), header=b"a,b\n")
    file.flush()
    clock.pass_by(hours=1)
    file.tend()
    assert names(tmp_path) == ["access.audit.json"]


def test_each_file_begins_with_the_header(tmp_path, make):
    file = make(Rotation(size=5), header=b"head\n")
    write(file)
    file.tend()
    write(file)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"head\nline\n"}


def test_a_file_with_another_header_is_not_continued(tmp_path, make):
    (tmp_path / "access.audit.json").write_text("other\n")
    file = make(header=b"head\n")
    file.append(b"line\n")
    with pytest.raises(ValueError, match="begins with another header"):
        file.flush()


@pytest.mark.parametrize(("retention", "left"), [(Retention(files=2), 2), (Retention(space=12), 2), (Retention(), 5)])
def test_the_oldest_go_when_a_limit_is_over(tmp_path, make, clock, retention, left):
    file = make(Rotation(size=1), retention)
    for number in range(5):
        write(file, b"%d....\n" % number)
        file.tend()
        for path in tmp_path.iterdir():  # the clock of the file system is not that of the test
            os.utime(path, (number, number)) if path.stat().st_mtime > 1e6 else None
        clock.pass_by(seconds=1)
    kept = sorted(path.read_bytes()[:1] for path in tmp_path.iterdir() if path.stat().st_size)
    assert kept == [b"%d" % number for number in range(5 - left, 5)]


def test_the_oldest_go_when_the_disk_is_nearly_full(tmp_path, make, monkeypatch):
    class Usage:
        free = 100

    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: Usage)
    file = make(Rotation(size=1), Retention(free=1000))
    write(file)
    file.tend()
    assert names(tmp_path) == ["access.audit.json"]


def test_a_file_that_somebody_moved_is_left_to_him(tmp_path, make):
    file = make()
    write(file)
    (tmp_path / "access.audit.json").rename(tmp_path / "moved")
    write(file, b"new\n")
    (tmp_path / "access.audit.json").unlink()
    write(file, b"newer\n")
    assert (tmp_path / "moved").read_bytes() == b"line\n"
    assert (tmp_path / "access.audit.json").read_bytes() == b"newer\n"


def test_two_processes_rotate_one_file_once(tmp_path, make):
    one, two = make(Rotation(size=5)), make(Rotation(size=5))
    write(one)
    write(two)
    one.tend()
    two.tend()
    write(one)
    write(two)
    assert len(names(tmp_path)) == 2
    assert (tmp_path / "access.audit.json").read_bytes() == b"line\nline\n"


def test_a_full_disk_cuts_no_line_in_two(tmp_path, make, monkeypatch):
    file = make()
    write(file)
    full, real = [True], os.write

    def limited(descriptor, data):
        if full[0] and len(data) <= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:2] if full[0] else data)

    monkeypatch.setattr(files.os, "write", limited)
    file.append(b"12345\n")
    with pytest.raises(OSError, match="No space"):
        file.flush()
    full[0] = False
    file.flush()
    assert (tmp_path / "access.audit.json").read_bytes() == b"line\n12345\n"
