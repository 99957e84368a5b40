"""A venue that changes what was closed is told on, and both versions are kept."""

import json
import logging

import pytest

from core.clock import now_ms
from market_data.store import CandleStore
from market_data.store.names import MANIFEST
from market_data.store.revisions import KEPT_REVISIONS, describe, imported_from
from tests.market_data.store.stores import MARKET, changed, files_of, history, hours, store_in


def test_the_new_value_stands_and_both_are_recorded(store: CandleStore, caplog: pytest.LogCaptureFixture) -> None:
    candles = history(20)
    store.merge(MARKET, candles, source="rest")
    revised = changed(candles, 7, volume=77.0)
    with caplog.at_level(logging.WARNING, logger="market_data"):
        report = store.merge(MARKET, revised[5:10], source="stream")
    assert (report.added, report.unchanged, len(report.revisions)) == (0, 4, 1)
    found = store.read(MARKET)
    assert found is not None
    assert found.digest == revised.digest
    (revision,) = report.revisions
    assert (revision.open_ms, revision.source) == (hours(7, 8)[0], "stream")
    assert (revision.old["volume"], revision.new["volume"]) == (candles.volume[7], 77.0)
    assert revision.old["close"] == revision.new["close"] == candles.close[7]
    info = store.info(MARKET)
    assert info is not None
    assert (info.revised, info.revisions) == (1, (revision,))
    written = json.loads((store.folder(MARKET) / MANIFEST).read_text())
    assert written["revisions"] == [revision.as_dict()]
    (record,) = caplog.records
    assert f"the venue changed 1 closed bar: 2024-01-01 07:00 UTC (volume {candles.volume[7]:g} -> 77)" in record.getMessage()


def test_who_changed_bars_is_said(store: CandleStore) -> None:
    candles = history(20)
    store.merge(MARKET, candles, source="rest")
    by_file = store.merge(MARKET, changed(candles, 7, volume=77.0), source=imported_from("my.csv")).revisions
    by_venue = store.merge(MARKET, candles, source="archive").revisions
    assert describe(by_file).startswith("the import of my.csv changed 1 closed bar: ")
    assert describe(by_venue).startswith("the venue changed 1 closed bar: ")
    assert describe((*by_venue, *by_file)).startswith("the venue and the import of my.csv changed 2 closed bars: ")


def test_equal_histories_of_revisions_have_equal_bytes(store: CandleStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    candles, other = history(20), store_in(tmp_path_factory.mktemp("other"))
    for each in (store, other):
        each.merge(MARKET, candles, source="rest")
        each.merge(MARKET, changed(candles, 7, volume=77.0), source="rest", now_ms=1_750_000_000_000)
    assert files_of(store) == files_of(other)


def test_the_time_of_day_is_recorded_and_is_that_of_the_clock(store: CandleStore) -> None:
    candles = history(20)
    before = now_ms()
    store.merge(MARKET, candles, source="rest")
    (revision,) = store.merge(MARKET, changed(candles, 7, volume=77.0), source="rest").revisions
    assert before <= revision.found_ms <= now_ms()
    written = json.loads((store.folder(MARKET) / MANIFEST).read_text())
    assert written["revisions"][0]["found_ms"] == revision.found_ms


def test_a_revision_makes_another_snapshot(store: CandleStore) -> None:
    candles = history(20)
    store.merge(MARKET, candles, source="rest")
    first, before = store.read(MARKET), files_of(store)
    store.merge(MARKET, changed(candles, 7, close=candles.open[7]), source="rest")
    second, after = store.read(MARKET), files_of(store)
    assert first is not None
    assert second is not None
    assert first.digest != second.digest
    assert json.loads(before[MANIFEST])["checksum"] != json.loads(after[MANIFEST])["checksum"]
    assert not {name for name in before if name != MANIFEST} & set(after), "a part that was read is never written over"


def test_a_bar_that_changes_back_is_two_revisions(store: CandleStore) -> None:
    candles = history(20)
    for each in (candles, changed(candles, 7, volume=77.0), candles):
        store.merge(MARKET, each, source="rest")
    info = store.info(MARKET)
    assert info is not None
    assert [revision.new["volume"] for revision in info.revisions] == [77.0, candles.volume[7]]


def test_the_newest_are_kept_and_all_are_counted(store: CandleStore) -> None:
    candles = history(KEPT_REVISIONS + 50)
    store.merge(MARKET, candles, source="rest")
    store.merge(MARKET, history(KEPT_REVISIONS + 50, seed=2), source="rest")
    info = store.info(MARKET)
    assert info is not None
    assert info.revised > KEPT_REVISIONS
    assert len(info.revisions) == KEPT_REVISIONS
    assert info.revisions[-1].open_ms == int(candles.open_ms[-1])
