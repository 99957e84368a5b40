"""A checked log survives being cut at any byte, and does not pass damage off as a cut."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from core.checked_log import CheckedLog, encode_line, first_record, read_checked_log
from core.errors import CorruptFileError, StorageError

RECORDS: list[Any] = [
    {"trial": 0, "value": 1.5}, {"trial": 1, "value": None}, {"trial": 2, "text": "zwei\n"}, [3], {"trial": 4}, "five",
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "7.1.trials.log"
    with CheckedLog(path) as log:
        log.append(RECORDS)
    return path


def test_a_line_is_its_checksum_and_its_json() -> None:
    assert re.fullmatch(rb'[0-9a-f]{8} \{"a":1\}\n', encode_line({"a": 1}))


def test_records_come_back_in_order(path: Path) -> None:
    assert read_checked_log(path) == RECORDS
    with CheckedLog(path) as log:
        assert log.records == RECORDS
        log.append([])
        log.append([6, 7])
    assert read_checked_log(path) == [*RECORDS, 6, 7]
    assert not path.with_name(path.name + ".torn").exists()


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_checked_log(tmp_path / "none.log") == []
    with CheckedLog(tmp_path / "none.log") as log:
        assert log.records == []


def test_the_first_record_is_read_alone_and_only_when_it_is_whole(path: Path) -> None:
    assert first_record(path) == RECORDS[0]
    content = path.read_bytes()
    for length in range(content.index(b"\n") + 1):
        path.write_bytes(content[:length])
        assert first_record(path) is None
    assert first_record(path.with_name("none.log")) is None


def test_cut_at_any_byte_of_the_last_three_lines_it_keeps_what_is_whole_and_goes_on(path: Path) -> None:
    content = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(content) if byte == 10]
    torn = path.with_name(path.name + ".torn")
    for length in range(ends[-4], len(content) + 1):
        path.write_bytes(content[:length])
        whole = sum(end <= length for end in ends)
        assert read_checked_log(path) == RECORDS[:whole]
        with CheckedLog(path) as log:
            assert log.records == RECORDS[:whole]
            log.append(RECORDS[whole:])
        assert path.read_bytes() == content, f"cut to {length} bytes"
        rest = content[ends[whole - 1] : length]
        assert (torn.read_bytes() if torn.exists() else b"") == rest, "the cut bytes are kept"
        torn.unlink(missing_ok=True)


def test_torn_ends_of_several_crashes_are_all_kept(path: Path) -> None:
    for tail in (b"abc", b"defg"):
        with path.open("ab") as stream:
            stream.write(tail)
        CheckedLog(path).close()
    assert path.with_name(path.name + ".torn").read_bytes() == b"abcdefg"
    assert read_checked_log(path) == RECORDS


def test_reading_changes_nothing(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"torn")
    content = path.read_bytes()
    assert read_checked_log(path) == RECORDS
    assert path.read_bytes() == content


def test_a_flipped_bit_before_the_last_line_is_corruption_and_names_file_and_line(path: Path) -> None:
    content = path.read_bytes()
    end = content.rstrip(b"\n").rfind(b"\n")  # the newline between the last two lines: without it both are a torn end
    for position in range(end):
        line = content[:position].count(b"\n") + 1
        for bit in (0, 4, 5, 7):
            damaged = bytearray(content)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(CorruptFileError) as caught:
                read_checked_log(path)
            assert str(caught.value).startswith(f"{path} is damaged at line {line}: "), f"bit {bit} of byte {position}"
    assert "Move the file away and resume" in str(caught.value)


def test_a_flipped_bit_in_the_last_line_is_a_torn_end(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(bytes(content))
    assert read_checked_log(path) == RECORDS[:-1]


def test_a_corrupt_log_is_not_opened_for_writing(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[12] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptFileError):
        CheckedLog(path)
    assert path.read_bytes() == bytes(content)


def test_a_line_of_another_file_does_not_fit_by_chance(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"\n\n{}\n00000000 {}\n")
    assert read_checked_log(path) == RECORDS


def test_a_write_that_fails_leaves_what_was_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    before = path.read_bytes()
    with CheckedLog(path) as log:

        def half_then_full_disk(handle: int, content: bytes) -> int:
            if len(content) > 10:
                return write(handle, content[:10])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", half_then_full_disk)
        with pytest.raises(StorageError, match=r"cannot write .*7\.1\.trials\.log: the disk is full: free some space and resume"):
            log.append([{"trial": 99}])
        monkeypatch.undo()
        assert path.read_bytes() == before
        log.append([{"trial": 100}])
    assert read_checked_log(path) == [*RECORDS, {"trial": 100}]


@pytest.mark.parametrize("taken", [None, 0, 9, 30])
def test_an_interruption_takes_back_nothing_that_could_be_read(path: Path, monkeypatch: pytest.MonkeyPatch, taken: int | None) -> None:
    """Whole lines stay, be it written in full (None) or ``taken`` bytes of them, and the log can be gone on with."""
    write, lines = os.write, [{"trial": 99}, {"trial": 100}]
    seen: list[Any] = []

    def interrupted(handle: int, content: bytes) -> int:
        write(handle, content[:taken])
        seen.extend(read_checked_log(path))
        raise KeyboardInterrupt

    with CheckedLog(path) as log:
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                log.append(lines)
        assert read_checked_log(path) == seen == [*RECORDS, *lines[: {None: 2, 30: 1}.get(taken, 0)]]
        log.append([101])
    assert read_checked_log(path) == [*seen, 101]
    assert not path.with_name(path.name + ".torn").exists()


def test_an_interruption_before_the_sync_keeps_the_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, calls = os.fsync, list[int]()

    def interrupted_once(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 1:
            raise KeyboardInterrupt
        sync(handle)

    with CheckedLog(path) as log:
        monkeypatch.setattr(os, "fsync", interrupted_once)
        with pytest.raises(KeyboardInterrupt):
            log.append([99])
    assert len(calls) == 2, "what is kept is synced"
    assert read_checked_log(path) == [*RECORDS, 99]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        CheckedLog(tmp_path / "file" / "a" / "log")


def test_what_cannot_be_read_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot read .*: Is a directory"):
        read_checked_log(tmp_path)
