"""What lies in the store is found by its folder, whatever happened to its manifest, and named or narrowed by the user's words."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.market import Market
from core.timeframe import Timeframe
from market_data.store import CandleStore
from market_data.stored_series import choose_markets, move_stranger, store_content
from tests.market_data.store.stores import HOUR, history, store_in

SYMBOLS = ("BTCUSDT", "BTC/USDT:USDT", "kPEPE", "币安人生USDT", "CON")


@pytest.fixture
def store(tmp_path: Path) -> CandleStore:
    return store_in(tmp_path)


def filled(store: CandleStore) -> list[Market]:
    markets = [Market("VENUE", symbol, HOUR) for symbol in SYMBOLS]
    for market in markets:
        store.merge(market, history(20, market=market), source="rest")
    return markets


def test_every_series_is_found_with_and_without_its_manifest(store: CandleStore) -> None:
    markets = sorted(filled(store), key=str)
    assert store_content(store).markets == tuple(markets)
    for market in markets:
        (store.folder(market) / "manifest.json").unlink()
    assert store_content(store).markets == tuple(markets)
    for market in markets:
        (store.folder(market) / "manifest.json").write_text("{}")
    assert store_content(store).markets == tuple(markets)


def test_a_copied_series_is_checked_where_it_lies(store: CandleStore) -> None:
    (market, *_) = filled(store)
    store.folder(market).rename(store.folder(market).parent.parent / "ETHUSDT")
    (store.folder(market).parent.parent / "ETHUSDT").rename(store.folder(market).parent / "4h")
    moved = Market("VENUE", "BTCUSDT", Timeframe.parse("4h"))
    assert moved in store_content(store).markets
    assert "belongs to another series" in store.verify(moved)[0].problem


def test_strangers_are_told_apart_and_leave_the_store(store: CandleStore) -> None:
    filled(store)
    strange = [store.root / "a.txt", store.root / "VENUE" / "b.txt", store.root / "VENUE" / "BTCUSDT" / "7h"]
    for path in strange:
        path.write_text("?")
    assert sorted(store_content(store).strangers) == sorted(strange)
    moved = [move_stranger(store, path) for path in strange]
    assert all(path.read_text() == "?" and not path.is_relative_to(store.root) for path in moved)
    assert store_content(store).strangers == ()


def test_an_empty_store_has_nothing(store: CandleStore) -> None:
    assert store_content(store).markets == ()


def test_symbols_exchange_and_timeframe_narrow_the_choice(store: CandleStore) -> None:
    markets = filled(store)
    assert choose_markets(markets) == tuple(markets)
    assert [each.symbol for each in choose_markets(markets, ["btcusdt", "KPEPE", "BTCUSDT"])] == ["BTCUSDT", "kPEPE"]
    assert choose_markets(markets, [], "venue", "1H") == tuple(markets)
    for arguments, said in ((["BTCUSD"],), "symbol 'BTCUSD' are stored. Did you mean 'BTCUSDT'?"), (([], "VENU"), "exchange 'VENU'"):
        with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
            choose_markets(markets, *arguments)
    with pytest.raises(ConfigError, match="timeframe '4h'"):
        choose_markets(markets, [], None, "4h")
