"""What is stored comes back, and only what is not stored is missing."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.candles import Candles
from core.errors import DataError
from market_data.store import CandleStore
from market_data.store.columns import columns_of
from tests.market_data.series import series
from tests.market_data.store.stores import HOUR, MARKET, files_of, history, hours, named


def stored(store: CandleStore, start: int | None = None, end: int | None = None) -> list[int]:
    """Return the numbers of the bars that are read for a range."""
    found = store.read(MARKET, None if start is None else hours(start, 0)[0], None if end is None else hours(0, end)[1])
    return [] if found is None else ((found.open_ms - hours(0, 0)[0]) // HOUR.ms).tolist()


def test_nothing_is_stored_at_first(store: CandleStore) -> None:
    assert store.read(MARKET) is None
    assert store.info(MARKET) is None
    assert [*store.list(), *store.markets(), *store.verify(MARKET), *store.unreadable()] == []
    assert store.missing(MARKET, *hours(0, 5)) == (hours(0, 5),)
    store.clear(MARKET)
    assert not store.root.exists(), "asking leaves nothing behind"


@pytest.mark.usefixtures("small")
def test_candles_come_back_bit_for_bit_and_frozen(store: CandleStore) -> None:
    candles = history(500, missing=[3, 4, 200, 400])
    report = store.merge(MARKET, candles, source="rest")
    assert (report.added, report.unchanged, report.revisions) == (496, 0, ())
    found = store.read(MARKET)
    assert found is not None
    assert found.digest == candles.digest
    for values in columns_of(found).values():
        assert values.flags.c_contiguous
    assert not found.close.flags.writeable


def test_quote_volume_and_the_meaning_of_volume_come_back(store: CandleStore) -> None:
    candles = series(20, has_volume=False)
    store.merge(candles.market, candles, source="rest")
    found = store.read(candles.market)
    assert found is not None
    assert found.digest == candles.digest
    assert not found.has_volume


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("start", "end"), [(None, None), (0, 200), (10, 11), (63, 65), (64, 128), (130, None), (None, 5), (197, 300)])
def test_a_range_is_cut_to_the_bar(store: CandleStore, start: int | None, end: int | None) -> None:
    store.merge(MARKET, history(200), source="rest")
    assert stored(store, start, end) == list(range(start or 0, min(end or 200, 200)))


@pytest.mark.usefixtures("small")
def test_only_the_parts_of_the_range_are_opened(store: CandleStore) -> None:
    store.merge(MARKET, history(300), source="rest")
    oldest = sorted(store.folder(MARKET).glob("*.parquet"))[0]
    oldest.unlink()
    assert stored(store, 250, 260) == list(range(250, 260))


def test_ranges_without_bars_are_none(store: CandleStore) -> None:
    store.merge(MARKET, history(20, missing=range(5, 10)), source="rest")
    assert stored(store, 5, 10) == []
    assert stored(store, 20, 30) == []


def test_head_hole_and_tail_are_missing(store: CandleStore) -> None:
    store.merge(MARKET, history(20, missing=range(5, 10)), source="rest")
    assert store.missing(MARKET, *hours(-3, 25)) == (hours(-3, 0), hours(5, 10), hours(20, 25))
    assert store.missing(MARKET, *hours(6, 8)) == (hours(6, 8),)
    assert store.missing(MARKET, *hours(10, 20)) == ()


def test_what_was_asked_for_is_not_missing_though_there_are_no_bars(store: CandleStore) -> None:
    store.merge(MARKET, history(20, missing=range(5, 10)), source="rest", covered=hours(-3, 20))
    assert store.missing(MARKET, *hours(-3, 25)) == (hours(20, 25),)
    store.merge(MARKET, None, source="rest", covered=hours(22, 24))
    assert store.missing(MARKET, *hours(-3, 25)) == (hours(20, 22), hours(24, 25))


def test_ranges_are_counted_in_whole_bars(store: CandleStore) -> None:
    start, end = hours(2, 4)
    assert store.missing(MARKET, start - 1, end - 1) == (hours(2, 4),)
    assert store.missing(MARKET, start + 1, end + 1) == (hours(3, 5),)


def test_the_same_again_writes_nothing(store: CandleStore) -> None:
    store.merge(MARKET, history(50), source="rest")
    before = files_of(store)
    report = store.merge(MARKET, history(50), source="rest")
    assert (report.added, report.unchanged, report.written_bytes) == (0, 50, 0)
    assert files_of(store) == before


def test_info_says_what_there_is(store: CandleStore) -> None:
    store.merge(MARKET, history(20, missing=[7]), source="rest", covered=hours(0, 20))
    store.merge(MARKET, history(25)[20:], source="archive")
    info = store.info(MARKET)
    assert info is not None
    assert (info.rows, info.span, info.covered) == (24, hours(0, 25), (hours(0, 25),))
    assert (info.sources, info.revised, info.revisions) == (("archive", "rest"), 0, ())
    assert info.bytes == sum(path.stat().st_size for path in store.folder(MARKET).glob("*.parquet"))
    assert store.list() == (info,)


def test_parts_are_plain_parquet_files_with_prices(store: CandleStore) -> None:
    candles = history(20)
    store.merge(MARKET, candles, source="rest")
    (path,) = store.folder(MARKET).glob("*.parquet")
    assert path.name.startswith("2023")
    assert pl.read_parquet(path).equals(candles.to_polars())


def test_a_cleared_series_is_gone_and_the_others_stay(store: CandleStore) -> None:
    other = named(history(5), "ETHUSDT")
    store.merge(MARKET, history(5), source="rest")
    store.merge(other.market, other, source="rest")
    store.clear(MARKET)
    assert store.markets() == (other.market,)
    assert not store.folder(MARKET).exists()
    store.clear(other.market)
    assert not store.root.exists() or not any(store.root.iterdir())


def test_clearing_leaves_what_is_not_ours(store: CandleStore) -> None:
    store.merge(MARKET, history(5), source="rest")
    note = store.folder(MARKET) / "notes.txt"
    note.write_text("mine")
    store.clear(MARKET)
    assert list(store.folder(MARKET).iterdir()) == [note]


@pytest.mark.parametrize(
    ("candles", "message"),
    [
        (named(history(5), "ETHUSDT"), "candles of VENUE ETHUSDT 1h cannot be stored as VENUE BTCUSDT 1h"),
        (Candles.from_arrays(MARKET, columns_of(history(5)), synthetic=True), "generated candles are not stored"),
        (Candles.from_arrays(MARKET, columns_of(history(5)) | {"quote_volume": np.ones(5)}), "the stored candles have timestamp"),
        (Candles.from_arrays(MARKET, columns_of(history(5)), has_volume=False), r"volume counts: True, False.*'data clear'"),
    ],
)
def test_candles_of_another_kind_are_refused(store: CandleStore, candles: Candles, message: str) -> None:
    store.merge(MARKET, history(5), source="rest")
    before = files_of(store)
    with pytest.raises(DataError, match=message):
        store.merge(MARKET, candles, source="rest")
    assert files_of(store) == before


def test_a_newer_format_is_not_touched(store: CandleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("market_data.store.manifest.SCHEMA", 2)
        store.merge(MARKET, history(5), source="rest")
    before = files_of(store)
    for action in (lambda: store.read(MARKET), lambda: store.merge(MARKET, history(6), source="rest"), lambda: store.repair(MARKET)):
        with pytest.raises(DataError, match="has format 2, and this version of the product knows 1: update the product"):
            action()
    assert files_of(store) == before


def test_real_candles_come_back(store: CandleStore, shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    candles = Candles.from_frame(frame, "BINANCE", "BTCUSDT", "1h")
    store.merge(candles.market, candles, source="rest")
    found = store.read(candles.market)
    assert found is not None
    assert found.digest == candles.digest
    assert store.verify(candles.market) == ()
