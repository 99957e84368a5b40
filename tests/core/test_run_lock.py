"""One process at a time works on a run; the lock dies with its holder."""

import errno
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LockedError, StorageError
from core.run_folder import RunLock
from tests.conftest import ROOT

HOLDER = """
import sys
from pathlib import Path
from core.run_folder import RunLock

with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Return another process that holds the lock until its standard input is closed."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "my-run")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_is_at_work(holder: "subprocess.Popen[str]", tmp_path: Path) -> None:
    folder = tmp_path / "my-run"
    assert RunLock.is_held(folder)
    with pytest.raises(LockedError, match=rf"run my-run is being worked on by process {holder.pid} on .*start a run of your own"):
        RunLock(folder).__enter__()
    assert (folder / "run.lock").read_text() == f"process {holder.pid} on {socket.gethostname()}"


def test_a_lock_dies_with_its_holder_even_by_kill_9(holder: "subprocess.Popen[str]", tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    assert not RunLock.is_held(tmp_path / "my-run")
    with RunLock(tmp_path / "my-run"):
        assert RunLock.is_held(tmp_path / "my-run")
        assert str(os.getpid()) in (tmp_path / "my-run" / "run.lock").read_text()


def test_a_lock_is_free_after_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with RunLock(tmp_path):
            assert RunLock.is_held(tmp_path)
        assert not RunLock.is_held(tmp_path)


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), RunLock(tmp_path):
        raise RuntimeError
    assert not RunLock.is_held(tmp_path)


def test_the_lock_of_one_run_is_not_that_of_another(tmp_path: Path) -> None:
    with RunLock(tmp_path / "a"), RunLock(tmp_path / "b"):
        assert RunLock.is_held(tmp_path / "a")


def test_a_shorter_holder_leaves_nothing_of_the_longer_name_before_it(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("process 999999999 on a-host-with-a-very-long-name.example" * 3)
    with RunLock(tmp_path):
        assert (tmp_path / "run.lock").read_text() == f"process {os.getpid()} on {socket.gethostname()}"


@pytest.mark.parametrize("content", ["", "garbage", "process x on y"])
def test_an_unreadable_holder_is_another_process(content: str, tmp_path: Path) -> None:
    with RunLock(tmp_path):
        (tmp_path / "run.lock").write_text(content)
        assert RunLock.is_held(tmp_path)
        with pytest.raises(LockedError, match=content or "another process"):
            RunLock(tmp_path).__enter__()


def test_a_folder_that_is_a_file_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        RunLock(tmp_path / "file").__enter__()


def test_nothing_is_held_where_nothing_was_ever_run(tmp_path: Path) -> None:
    assert not RunLock.is_held(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["endless", "pipe", "folder", "link"])
def test_what_is_no_lock_is_held_by_nobody_and_never_read_whole(tmp_path: Path, kind: str) -> None:
    lock = tmp_path / "run.lock"
    if kind == "endless":
        lock.touch()
        os.truncate(lock, 1 << 40)
    elif kind == "pipe":
        os.mkfifo(lock)
    elif kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to("/dev/zero")
    assert not RunLock.is_held(tmp_path)


def test_a_folder_that_goes_while_it_is_looked_at_is_held_by_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunLock(tmp_path):
        monkeypatch.setattr(Path, "is_file", lambda _: True)
        (tmp_path / "run.lock").unlink()
        assert not RunLock.is_held(tmp_path)


def test_who_holds_the_lock_for_a_moment_only_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As who asks whether a run is held, and who clears the folder of one that never began."""
    tries, original = [1, 2, 3], fcntl.flock

    def flock(handle: int, operation: int) -> None:
        if tries and operation & fcntl.LOCK_EX:
            tries.pop()
            raise BlockingIOError
        original(handle, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with RunLock(tmp_path):
        assert tries == []
        assert RunLock.is_held(tmp_path)


@pytest.mark.parametrize("new", [True, False])
def test_only_a_new_run_waits_for_whoever_holds_its_lock_for_long(tmp_path: Path, new: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be at work on it: who has the lock clears folders, and the machine has stopped him meanwhile."""
    pauses = list[float]()
    cleaner = RunLock(tmp_path / "my-run")
    cleaner.__enter__()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if sum(pauses) >= 5:
            cleaner.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", sleep)
    lock = RunLock(tmp_path / "my-run", new=new)
    if new:
        with lock:
            assert sum(pauses) >= 5
        return
    with pytest.raises(LockedError, match="is being worked on"):
        lock.__enter__()
    cleaner.__exit__(None, None, None)


def test_a_folder_that_goes_while_it_is_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``mkdir`` found it there, and when it looked whether it is a folder it was gone."""
    removals, original = [1], Path.mkdir

    def mkdir(path: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if removals:
            removals.pop()
            raise FileExistsError(errno.EEXIST, "File exists")
        original(path, mode, parents, exist_ok)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with RunLock(tmp_path / "my-run"):
        assert RunLock.is_held(tmp_path / "my-run")
