"""Whatever happens to a stored file is found and named, and a repair costs the range of that file and no more."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import CorruptFileError
from market_data.fetching import fetch_missing
from market_data.store import CandleStore
from market_data.store.names import LOCK, MANIFEST, ORIGINS
from tests.market_data.store.fake_exchange import PagedVenue
from tests.market_data.store.stores import MARKET, files_of, history, hours, named

FLIPS = 300
ORIGIN = "archive BTCUSDT-1h-2024-01.zip sha256:" + "ab" * 32
pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def folder(store: CandleStore) -> Path:
    """Return the folder of a series of 300 bars with holes, and of the file that they came from."""
    store.merge(MARKET, history(300, missing=range(100, 110)), source="rest", covered=hours(-20, 300), origin=ORIGIN)
    return store.folder(MARKET)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def require_found(store: CandleStore, path: Path) -> None:
    """Check that reading refuses, naming a damaged file, and that verifying names ``path``; bars are read without their origins."""
    if path.name == ORIGINS:
        with pytest.raises(CorruptFileError, match=ORIGINS):
            store.origins(MARKET)
        assert [damage.path for damage in store.verify(MARKET)] == [path]
        return
    with pytest.raises(CorruptFileError) as caught:
        store.read(MARKET)
    damaged = [damage.path for damage in store.verify(MARKET)]
    assert path in damaged
    assert any(str(each) in str(caught.value) for each in damaged)
    assert "'data repair' drops it" in str(caught.value)


def refetch(store: CandleStore) -> int:
    """Fetch what is missing of the series and return how many bars were asked for."""
    candles, asked = history(300, missing=range(100, 110)), 0
    for start, end in store.missing(MARKET, *hours(-20, 300)):
        found = candles[candles.index_of(start) : candles.index_of(end)] if candles.index_of(end) > candles.index_of(start) else None
        store.merge(MARKET, found, source="rest", covered=(start, end))
        asked += (end - start) // MARKET.timeframe.ms
    return asked


def test_no_flipped_bit_is_silent(store: CandleStore, folder: Path) -> None:
    draw, sound = random.Random(1), files_of(store)
    for _ in range(FLIPS):
        path = folder / draw.choice(sorted(sound))
        content = bytearray(sound[path.name])
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
        require_found(store, path)
        path.write_bytes(sound[path.name])
    assert store.verify(MARKET) == ()


def test_no_cut_is_silent(store: CandleStore, folder: Path) -> None:
    for path in (*parts(folder), folder / MANIFEST, folder / ORIGINS):
        content = path.read_bytes()
        for length in range(0, len(content), 97):
            path.write_bytes(content[:length])
            require_found(store, path)
        path.write_bytes(content)
    assert store.verify(MARKET) == ()


def swap(first: Path) -> None:
    second = parts(first.parent)[2]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def link_to_a_copy(path: Path) -> None:
    copy = path.parents[4] / "copy"
    shutil.copy(path, copy)
    path.unlink()
    path.symlink_to(copy)


def replaced_by(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        path.unlink()
        make(path)

    return act


HARMS: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "very long": lambda path: os.truncate(path, 10_000_000_000),
    "pickle": lambda path: path.write_bytes(b"\x80\x04K\x01."),
    "swapped": swap,
    "folder": replaced_by(Path.mkdir),
    "full folder": replaced_by(lambda path: (path / "inside").mkdir(parents=True)),
    "link to a copy": link_to_a_copy,
    "link to nothing": replaced_by(lambda path: path.symlink_to("nothing")),
    "link to itself": replaced_by(lambda path: path.symlink_to(path)),
    "pipe": replaced_by(os.mkfifo),
}


@pytest.mark.parametrize("harm", HARMS)
def test_anything_in_the_place_of_a_part_is_found_and_repaired(store: CandleStore, folder: Path, harm: str) -> None:
    sound, path = files_of(store), parts(folder)[1]
    HARMS[harm](path)
    require_found(store, path)
    repair = store.repair(MARKET)
    lost = 2 if harm == "swapped" else 1
    assert len(repair.found) == lost
    assert len(repair.set_aside) == (0 if harm == "gone" else lost)
    assert all(store.root not in moved.parents for moved in repair.set_aside)
    assert store.verify(MARKET) == ()
    assert store.missing(MARKET, *hours(-20, 300)) == repair.to_fetch
    assert refetch(store) == 64 * lost
    assert files_of(store) == sound


@pytest.mark.parametrize("harm", [harm for harm in HARMS if harm != "swapped"])
def test_a_manifest_is_made_anew_from_its_parts(store: CandleStore, folder: Path, harm: str) -> None:
    before = store.read(MARKET)
    HARMS[harm](folder / MANIFEST)
    require_found(store, folder / MANIFEST)
    assert store.unreadable() == (folder,)
    store.repair(MARKET)
    assert store.verify(MARKET) == ()
    after = store.read(MARKET)
    assert before is not None
    assert after is not None
    assert after.digest == before.digest
    assert refetch(store) == 20 + 10, "that a range is empty is the only thing that has to be asked again"


@pytest.mark.parametrize("harm", [harm for harm in HARMS if harm not in ("gone", "swapped")])
@pytest.mark.parametrize("name", [ORIGINS, LOCK])
def test_anything_in_the_place_of_a_companion_is_found_and_set_aside_and_no_bar_is_lost(
    store: CandleStore, folder: Path, name: str, harm: str
) -> None:
    if (name, harm) == (LOCK, "empty"):
        return
    HARMS[harm](folder / name)
    assert [damage.path for damage in store.verify(MARKET)] == [folder / name]
    before = store.read(MARKET)
    repair = store.repair(MARKET)
    assert (len(repair.set_aside), repair.to_fetch) == (1, ())
    assert store.verify(MARKET) == ()
    store.merge(MARKET, history(301)[300:], source="rest", origin=ORIGIN)
    assert store.origins(MARKET) == (ORIGIN,)
    after = store.read(MARKET)
    assert before is not None
    assert after is not None
    assert after[: len(before)].digest == before.digest


@pytest.mark.parametrize("harm", ["folder", "link to a copy", "link to nothing", "link to itself"])
def test_a_lock_that_is_no_file_is_named(store: CandleStore, folder: Path, harm: str) -> None:
    HARMS[harm](folder / LOCK)
    with pytest.raises(CorruptFileError, match=r"\.lock is no file, so it cannot be locked: 'data repair'"):
        store.merge(MARKET, history(301)[300:], source="rest")


def test_a_repair_lets_the_venue_be_asked_for_just_that_part(store: CandleStore, folder: Path) -> None:
    venue, sound = PagedVenue(history(300, missing=range(100, 110)), page_bars=64), files_of(store)
    venue.now_ms = hours(2_000, 0)[0]
    path = parts(folder)[2]
    HARMS["empty"](path)
    (lost,) = store.repair(MARKET).to_fetch
    fetch_missing(venue, store, MARKET, *hours(-20, 300), now_ms=venue.now_ms)
    assert venue.requests == [("1h", *lost)]
    assert (lost[1] - lost[0]) // MARKET.timeframe.ms == 64
    assert files_of(store) == sound


def test_candles_without_their_manifest_are_neither_read_nor_replaced(store: CandleStore, folder: Path) -> None:
    before = files_of(store)
    (folder / MANIFEST).unlink()
    for action in (lambda: store.missing(MARKET, *hours(0, 9)), lambda: store.merge(MARKET, history(9), source="rest")):
        with pytest.raises(CorruptFileError, match=r"manifest.json is gone while its candles are there: 'data repair'"):
            action()
    assert files_of(store).items() <= before.items()


def test_manifest_and_part_damaged_at_once(store: CandleStore, folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"{}")
    parts(folder)[1].write_bytes(b"")
    assert len(store.repair(MARKET).found) == 2
    assert store.verify(MARKET) == ()
    assert refetch(store) == 20 + 64


def test_parts_that_contradict_each_other_are_fetched_again(store: CandleStore, folder: Path, tmp_path: Path) -> None:
    kept = {path.name: path.read_bytes() for path in parts(folder)}
    store.clear(MARKET)
    store.merge(MARKET, history(300, missing=range(100, 110), seed=2), source="rest")
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST).write_bytes(b"")
    store.repair(MARKET)
    assert store.read(MARKET) is None
    assert store.verify(MARKET) == ()
    assert refetch(store) == 320


def test_the_last_part_too_is_dropped_alone(store: CandleStore, folder: Path) -> None:
    sound = files_of(store)
    parts(folder)[-1].write_bytes(b"")
    repair = store.repair(MARKET)
    assert store.verify(MARKET) == ()
    assert [(end - start) // MARKET.timeframe.ms for start, end in repair.to_fetch] == [16]
    refetch(store)
    assert files_of(store) == sound


def test_a_tail_that_is_lost_whole_leaves_the_layout_of_the_rest(store: CandleStore, folder: Path, tmp_path: Path) -> None:
    tail = [part for part in parts(folder) if part.stat().st_size < 2_200][-2:]
    for part in tail:
        part.unlink()
    store.repair(MARKET)
    assert store.verify(MARKET) == ()
    kept = store.read(MARKET)
    assert kept is not None
    other = CandleStore(type("P", (), {"candle_cache": tmp_path / "other"})())
    other.merge(MARKET, kept, source="rest")
    assert [path.name for path in parts(other.folder(MARKET))] == [path.name for path in parts(folder)]


@pytest.mark.parametrize("name", ["notes.txt", "20240101T0000-0123456789abcdef.parquet", "manifest.json.bak", "..parquet", "é.parquet"])
def test_foreign_files_are_named_and_set_aside_but_never_read_or_deleted(store: CandleStore, folder: Path, name: str) -> None:
    foreign = folder / name
    foreign.write_bytes(b"mine")
    assert store.read(MARKET) is not None
    assert [damage.path for damage in store.verify(MARKET)] == [foreign]
    (moved,) = store.repair(MARKET).set_aside
    assert moved.read_bytes() == b"mine"
    assert not foreign.exists()
    foreign.write_bytes(b"mine too")
    assert store.repair(MARKET).set_aside[0] != moved
    assert refetch(store) == 0


def test_the_manifest_of_another_series_is_refused(store: CandleStore, folder: Path) -> None:
    other = named(history(20), "ETHUSDT")
    store.merge(other.market, other, source="rest")
    shutil.copy(store.folder(other.market) / MANIFEST, folder / MANIFEST)
    with pytest.raises(CorruptFileError, match=r"manifest.json belongs to another series \(VENUE ETHUSDT 1h\)"):
        store.read(MARKET)


def test_an_update_that_has_to_read_a_damaged_part_is_refused(store: CandleStore, folder: Path) -> None:
    last = parts(folder)[-1]
    last.write_bytes(b"")
    before = files_of(store)
    with pytest.raises(CorruptFileError, match=r"is cut short"):
        store.merge(MARKET, history(301)[300:], source="rest")
    assert files_of(store) == before


def test_sound_series_need_no_repair(store: CandleStore, folder: Path) -> None:
    before = files_of(store)
    assert store.repair(MARKET).found == ()
    assert store.repair(named(history(1), "NONE").market).found == ()
    assert files_of(store) == before


def test_one_damaged_series_does_not_hide_the_others(store: CandleStore, folder: Path) -> None:
    other = named(history(20), "ETHUSDT")
    store.merge(other.market, other, source="rest")
    (folder / MANIFEST).write_bytes(b"{")
    assert store.markets() == (other.market,)
    assert store.unreadable() == (folder,)
    assert [info.market for info in store.list()] == [other.market]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b'{"checksum":"' + b"0" * 64 + b'"}', b"[" * 100_000, b"\xff\xfe", b"\xef\xbb\xbf{}", b"1e400"]
)
def test_crafted_manifests_are_refused(store: CandleStore, folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    require_found(store, folder / MANIFEST)
