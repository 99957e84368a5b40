"""Which files bars came from is recorded with their checksums, beside the series and without a trace in it."""

from collections.abc import Sequence

import pytest

from core.candles import Candles
from core.errors import CorruptFileError
from exchanges.parallel import Part
from market_data.fetch_saving import Saver
from market_data.store import CandleStore
from market_data.store.names import LOCK, ORIGINS
from tests.market_data.store.stores import MARKET, files_of, history, hours, named

ARCHIVE = [f"archive BTCUSDT-1h-2024-0{month}.zip sha256:{month:064x}" for month in (1, 2, 3)]


def save(store: CandleStore, candles: Candles, months: Sequence[int]) -> None:
    """Store thirds of ``candles``, each as one file of the archive, in the given order."""
    saver, third = Saver(store, candles.market, [hours(0, 90)], hours(0, 9_000)[1], None), len(candles) // 3
    for month in months:
        bars = candles[third * month : third * (month + 1)]
        saver.save(Part(candles.market, int(bars.open_ms[0]), bars.end_ms, bars, ARCHIVE[month]))


def test_the_files_and_their_checksums_are_recorded(store: CandleStore) -> None:
    assert store.origins(MARKET) == ()
    save(store, history(90), [0, 1, 2])
    assert store.origins(MARKET) == tuple(ARCHIVE)
    info = store.info(MARKET)
    assert info is not None
    assert info.sources == ("archive",)
    assert store.verify(MARKET) == ()


def test_neither_the_order_nor_a_repetition_shows(store: CandleStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = CandleStore(type("P", (), {"candle_cache": tmp_path_factory.mktemp("other") / "candles"})())
    save(store, history(90), [0, 1, 2])
    save(other, history(90), [2, 0, 2, 1, 0])
    assert files_of(store) == files_of(other)


def test_the_series_is_the_same_without_them(store: CandleStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = CandleStore(type("P", (), {"candle_cache": tmp_path_factory.mktemp("other") / "candles"})())
    save(store, history(90), [0, 1, 2])
    other.merge(MARKET, history(90), source="archive")
    with_origins = files_of(store)
    assert with_origins.pop(ORIGINS)
    assert with_origins == files_of(other)


def test_candles_by_request_and_files_without_bars_name_none(store: CandleStore) -> None:
    store.merge(MARKET, history(90), source="rest")
    store.merge(MARKET, None, source="archive", origin=ARCHIVE[0], covered=hours(90, 95))
    assert {path.name for path in store.folder(MARKET).iterdir() if path.name.startswith("o")} == set()


def test_the_record_of_another_series_is_found(store: CandleStore) -> None:
    other = named(history(90), "ETHUSDT")
    save(store, history(90), [0])
    save(store, other, [1])
    path = store.folder(MARKET) / ORIGINS
    path.write_bytes((store.folder(other.market) / ORIGINS).read_bytes())
    with pytest.raises(CorruptFileError, match=r"origins.json belongs to another series \(VENUE ETHUSDT 1h\)"):
        store.origins(MARKET)
    assert [damage.path for damage in store.verify(MARKET)] == [path]


def test_a_damaged_record_stops_what_would_write_over_it(store: CandleStore) -> None:
    save(store, history(90), [0])
    path = store.folder(MARKET) / ORIGINS
    path.write_bytes(path.read_bytes()[:-9])
    before = files_of(store)
    with pytest.raises(CorruptFileError, match=r"origins.json does not hold what was written"):
        save(store, history(90), [1])
    assert before.items() <= files_of(store).items()
    assert [damage.path for damage in store.verify(MARKET)] == [path]


def test_clearing_takes_the_record_along(store: CandleStore) -> None:
    save(store, history(90), [0])
    assert (store.folder(MARKET) / LOCK).exists()
    store.clear(MARKET)
    assert not store.folder(MARKET).exists()
