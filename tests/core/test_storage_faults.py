"""Whichever operation the disk refuses: a StorageError, a whole file or none, nothing left beside it, and the next write succeeds."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from core.atomic_files import write_bytes
from core.checked_log import CheckedLog, encode_line, read_checked_log
from core.errors import LockedError, StorageError
from core.parquet_files import write_parquet
from core.run_folder import RunLock, commit_stage
from tests.core.failing_disk import failing_disk
from tests.core.processes import run_python

OLD, NEW = b"old " * 1000, b"new " * 1500


def commit(path: Path) -> None:
    commit_stage(path.parent, "baseline", {"settings": "a"}, [], "code")


WRITERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "bytes": ("x.json", lambda path: write_bytes(path, NEW)),
    "parquet": ("x.parquet", lambda path: write_parquet(path, pl.DataFrame({"a": range(500)}))),
    "stage record": ("stage.json", commit),
}


def refused(write: Callable[[], object]) -> str | None:
    """Return what the StorageError of ``write`` says, None when there is none."""
    try:
        write()
    except StorageError as error:
        return str(error)
    return None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize(("name", "write"), WRITERS.values(), ids=WRITERS.keys())
def test_whichever_operation_fails_the_file_is_the_old_or_the_new_one(
    name: str, write: Callable[[Path], object], code: int, tmp_path: Path
) -> None:
    path, tried = tmp_path / "folder" / name, []
    write(path.with_name(name))
    new = path.read_bytes()
    for k in range(1, 20):
        write_bytes(path, OLD)
        with failing_disk(k, code) as disk:
            refusal = refused(lambda: write(path))
        if refusal is None:
            break
        tried.append(disk.failed)
        assert refusal.startswith(f"cannot write {path}: ")
        renamed = "replace" in disk.operations and disk.failed != "replace"
        assert path.read_bytes() == (new if renamed else OLD), disk.operations
        assert list(path.parent.iterdir()) == [path]
        write(path)
        assert path.read_bytes() == new
    assert tried == ["open", "open a stream", "write", "open", "fsync", "replace", "open", "fsync"]


@pytest.mark.parametrize("k", range(1, 7))
def test_failed_first_write_leaves_no_file_at_all(k: int, tmp_path: Path) -> None:
    with failing_disk(k), pytest.raises(StorageError, match="the disk is full: free some space and resume"):
        write_bytes(tmp_path / "x.json", NEW)
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import json, resource, sys
from pathlib import Path
from core.atomic_files import write_bytes
from core.errors import StorageError

folder, told = Path(sys.argv[1]), {}
for limit in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        write_bytes(folder / f"{limit}.bin", b"x" * 100_000)
    except StorageError as error:
        told[limit] = str(error)
print(json.dumps(told))
"""


def test_file_size_limits_leave_nothing_and_name_the_remedy(tmp_path: Path) -> None:
    limits = ("0", "1", "4096", "65536", "99999", "100000")
    told = json.loads(run_python(LIMITED, tmp_path, *limits))
    remedy = "the file size limit is reached: raise it (ulimit -f) and resume."
    assert told == {limit: f"cannot write {tmp_path / limit}.bin: {remedy}" for limit in limits[:-1]}
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("100000.bin", 100_000)]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_file_where_a_folder_is_needed_is_told_at_any_depth(depth: int, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(OLD)
    with pytest.raises(
        StorageError, match="a file stands where a folder is needed: move it or choose another folder with PIPELINE_DATA_DIR"
    ):
        write_bytes(tmp_path.joinpath("data", *"abc"[: depth - 1], "x.json"), NEW)
    assert (tmp_path / "data").read_bytes() == OLD


def test_folder_where_a_file_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(StorageError, match="a folder stands where a file is needed"):
        write_bytes(tmp_path / "x.json", NEW)


@pytest.mark.parametrize("taken", [0, 1, 9, 20, 37])
def test_append_of_which_the_disk_takes_a_part_is_taken_back(taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "7.1.trials.log", os.write
    assert len(encode_line({"trial": 1}) + encode_line({"trial": 2})) > 37
    room = [taken]

    def short_of_room(handle: int, content: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(handle, content[: room[0]])
        room[0] -= written
        return written

    with CheckedLog(path) as log:
        log.append([{"trial": 0}])
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", short_of_room)
            refusal = refused(lambda: log.append([{"trial": 1}, {"trial": 2}]))
        assert refusal == f"cannot write {path}: the disk is full: free some space and resume."
        assert path.read_bytes() == before
        log.append([{"trial": 3}])
    assert read_checked_log(path) == [{"trial": 0}, {"trial": 3}]


def test_append_that_cannot_be_synced_is_taken_back(tmp_path: Path) -> None:
    with CheckedLog(tmp_path / "log") as log:
        log.append([1])
        with failing_disk(1, errno.EIO) as disk, pytest.raises(StorageError):
            log.append([2])
        assert disk.failed == "fsync"
        log.append([3])
    assert read_checked_log(tmp_path / "log") == [1, 3]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_log_that_cannot_be_opened_keeps_its_records(k: int, tmp_path: Path) -> None:
    with CheckedLog(tmp_path / "log") as log:
        log.append([1, 2])
    with failing_disk(k), pytest.raises(StorageError, match="the disk is full"):
        CheckedLog(tmp_path / "log")
    assert read_checked_log(tmp_path / "log") == [1, 2]


def test_lock_that_cannot_be_written_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, content: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        refusal = refused(RunLock(tmp_path).__enter__)
    assert refusal == f"cannot write {tmp_path / 'run.lock'}: the disk is full: free some space and resume."
    try:
        with RunLock(tmp_path):
            pass
    except LockedError:
        pytest.fail("the lock was kept by the one who failed to take it")
