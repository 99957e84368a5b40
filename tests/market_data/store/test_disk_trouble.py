"""A disk that refuses leaves the series as it was, says so, and the next update works."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import atomic_files
from core.errors import StorageError
from market_data.store import CandleStore
from tests.market_data.store.stores import MARKET, files_of, history, hours, store_in

pytestmark = pytest.mark.usefixtures("small")


class Trouble:
    """Lets the ``at``-th write, sync, rename or creation fail with ``code``, once or from there on."""

    def __init__(self, code: int, at: int, *, lasting: bool) -> None:
        self.code, self.at, self.lasting, self.calls = code, at, lasting, 0

    def guard(self, action: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls == self.at or (self.lasting and self.calls > self.at):
                raise OSError(self.code, os.strerror(self.code))
            return action(*args, **options)

        return guarded

    @property
    def happened(self) -> bool:
        return self.calls >= self.at


def half_written(path: Path, content: bytes) -> None:
    """Write the first half of ``content``, as a disk that fills up does."""
    path.write_bytes(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def trouble(monkeypatch: pytest.MonkeyPatch, code: int, at: int, *, lasting: bool = False) -> Trouble:
    made = Trouble(code, at, lasting=lasting)
    monkeypatch.setattr(atomic_files, "_write_all", made.guard(atomic_files._write_all))
    monkeypatch.setattr(os, "fsync", made.guard(os.fsync))
    monkeypatch.setattr(Path, "replace", made.guard(Path.replace))
    monkeypatch.setattr(Path, "mkdir", made.guard(Path.mkdir))
    return made


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_every_step_may_fail(tmp_path: Path, code: int, lasting: bool) -> None:
    candles, at, happened = history(150), 0, True
    expected = store_in(tmp_path / "expected")
    expected.merge(MARKET, candles, source="rest")
    while happened:
        at += 1
        store = store_in(tmp_path / str(at))
        store.merge(MARKET, candles[:70], source="rest")
        before = files_of(store)
        with pytest.MonkeyPatch.context() as patch:
            made = trouble(patch, code, at, lasting=lasting)
            if made_error := attempt(lambda store=store: store.merge(MARKET, candles[70:], source="rest")):  # type: ignore[misc]
                assert "cannot write" in made_error
            happened = made.happened
        assert store.verify(MARKET) == ()
        found = store.read(MARKET)
        assert found is not None
        whole = len(found) == 150
        assert found.digest == (candles if whole else candles[:70]).digest
        assert whole or before.items() <= files_of(store).items()
        store.merge(MARKET, candles[70:], source="rest")
        assert files_of(store) == files_of(expected), "leftovers are gone after the next update"
    assert at > 10


def attempt(action: Callable[[], object]) -> str:
    """Return the message of the StorageError that ``action`` raises, "" if it raises nothing."""
    try:
        action()
    except StorageError as error:
        return str(error)
    return ""


def test_a_half_written_part_is_no_part(store: CandleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    candles = history(100)
    store.merge(MARKET, candles[:70], source="rest")
    before = files_of(store)
    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "_write_all", half_written)
        with pytest.raises(StorageError, match="the disk is full: free some space and resume"):
            store.merge(MARKET, candles[70:], source="rest")
    assert files_of(store) == before


def test_what_cannot_be_removed_does_no_harm(store: CandleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    candles = history(100)
    store.merge(MARKET, candles[:70], source="rest")

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".parquet":
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        store.merge(MARKET, candles[70:], source="rest")
    assert store.verify(MARKET) == ()
    found = store.read(MARKET)
    assert found is not None
    assert found.digest == candles.digest


def test_a_read_only_store_can_be_read_and_says_so_when_written(store: CandleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    candles = history(100)
    store.merge(MARKET, candles, source="rest")
    opened = os.open

    def read_only(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, *args, **options)

    monkeypatch.setattr(os, "open", read_only)
    found = store.read(MARKET)
    assert found is not None
    assert found.digest == candles.digest
    assert store.verify(MARKET) == ()
    assert store.missing(MARKET, *hours(0, 100)) == ()
    with pytest.raises(StorageError, match="the file system is read-only: choose another folder with PIPELINE_DATA_DIR"):
        store.merge(MARKET, history(101)[100:], source="rest")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_can_be_read(store: CandleStore) -> None:
    store.merge(MARKET, history(100), source="rest")
    store.folder(MARKET).chmod(0o500)
    try:
        assert store.read(MARKET) is not None
        with pytest.raises(StorageError, match="permission denied"):
            store.merge(MARKET, history(101)[100:], source="rest")
    finally:
        store.folder(MARKET).chmod(0o700)


def test_a_file_where_the_store_should_be_is_named(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.root.parent.mkdir(parents=True)
    store.root.write_text("I am a file")
    assert store.read(MARKET) is None
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        store.merge(MARKET, history(5), source="rest")
