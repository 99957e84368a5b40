"""Files are whole or absent, and disk trouble has a type and a remedy."""

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.atomic_files import make_folder, sha256_of_file, storage_errors, write_atomically, write_bytes
from core.errors import StorageError
from tests.conftest import ROOT
from tests.core.failing_disk import failing_disk
from tests.patience import PROGRAM_SECONDS


def test_a_file_is_written_with_its_folders_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.json"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_bytes(path, b"old")

    def half(temporary: Path) -> None:
        temporary.write_bytes(b"ne")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_atomically(path, half)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from core.atomic_files import write_bytes
from core.errors import StorageError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead of the process
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_bytes(Path(sys.argv[1]), b"x" * 100_000)
except StorageError as error:
    sys.exit(str(error))
"""


def test_a_disk_that_fills_up_leaves_nothing_at_the_final_name(tmp_path: Path) -> None:
    path = tmp_path / "equity.parquet"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS
    )
    assert done.returncode == 1
    assert done.stderr.strip() == f"cannot write {path}: the file size limit is reached: raise it (ulimit -f) and resume."
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am a file")
    with pytest.raises(StorageError, match=r"a file stands where a folder is needed: .*PIPELINE_DATA_DIR") as caught:
        write_bytes(tmp_path / "data" / "cache" / "x.json", b"")
    assert str(tmp_path / "data") in str(caught.value)


def test_a_folder_at_the_final_name_stays(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(StorageError, match=r"cannot write .*x\.json"):
        write_bytes(tmp_path / "x.json", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    with (
        failing_disk(1, errno.EACCES),
        pytest.raises(StorageError, match=r"x\.json: permission denied: fix the folder's permissions or choose"),
    ):
        write_bytes(tmp_path / "x.json", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "the disk is full: free some space and resume"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_trouble_has_its_remedy(code: int, remedy: str) -> None:
    with pytest.raises(StorageError, match=f"cannot write report.html: {remedy}") as caught, storage_errors(Path("report.html")):
        raise OSError(code, os.strerror(code))
    assert isinstance(caught.value, OSError), "whoever catches OSError catches it too"
    assert isinstance(caught.value.__cause__, OSError)


def test_a_storage_error_is_not_wrapped_twice() -> None:
    with pytest.raises(StorageError, match="^the first$"), storage_errors(Path("x")):
        raise StorageError("the first")


def test_make_folder_is_content_with_what_is_there(tmp_path: Path) -> None:
    assert make_folder(make_folder(tmp_path / "a" / "b")) == tmp_path / "a" / "b"


def test_sha256_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"content" * 100_000)
    assert sha256_of_file(path) == hashlib.sha256(b"content" * 100_000).hexdigest()
