"""Every market has a folder of its own, on every file system."""

import pytest

from core.errors import ConfigError
from core.market import Market
from market_data.store import CandleStore
from market_data.store.names import folder_name
from tests.market_data.store.stores import HOUR, history, named

SYMBOLS = [
    "BTCUSDT", "btcusdt", "BtcUsdt", "BTC/USDT", "BTC%2FUSDT", "BTC:USDT", "币安人生USDT", "🚀USDT", "A B", " A", "A ", ".", "..", "...",
    "../../etc/passwd", "/etc/passwd", "\\\\server\\share", "CON", "con", "NUL.TXT", "COM1", "LPT9", "AUX.", ".HIDDEN", "TRAILING.", "-",
    "~", "A~B", "X" * 80, "X" * 81, "X" * 255, "é" * 255, "e\u0301USDT", "éUSDT", "M&M", "*?<>|\"", "manifest.json", ".lock", "%", "%%",
]  # fmt: skip


def test_names_are_safe_and_differ_even_where_case_is_ignored() -> None:
    names = [folder_name(symbol) for symbol in SYMBOLS]
    assert len({name.lower() for name in names}) == len(SYMBOLS)
    for name in names:
        assert name.isascii()
        assert len(name) <= 100
        assert not set(name) & set('/\\:*?"<>| ')
        assert not name.startswith(".")
        assert not name.endswith(".")
        assert name.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


def test_ordinary_symbols_are_their_own_folder() -> None:
    assert folder_name("BTCUSDT") == "BTCUSDT"
    assert folder_name("BTC/USDT") == "BTC%2FUSDT"


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_symbol_can_be_stored_and_is_listed(store: CandleStore, symbol: str) -> None:
    candles = named(history(3), symbol)
    store.merge(candles.market, candles, source="rest")
    found = store.read(candles.market)
    assert found is not None
    assert found.digest == candles.digest
    assert store.markets() == (candles.market,)
    assert store.root in store.folder(candles.market).resolve().parents


def test_two_symbols_never_share_a_series(store: CandleStore) -> None:
    for number, symbol in enumerate(SYMBOLS, start=1):
        candles = named(history(number), symbol)
        store.merge(candles.market, candles, source="rest")
    assert {info.market.symbol: info.rows for info in store.list()} == {symbol: k for k, symbol in enumerate(SYMBOLS, start=1)}


@pytest.mark.parametrize(("exchange", "symbol"), [("VENUE", ""), ("VENUE", "A\0B"), ("VENUE", "A\nB"), ("VENUE", "\ud800"), ("", "A")])
def test_what_is_no_name_is_refused(store: CandleStore, exchange: str, symbol: str) -> None:
    with pytest.raises(ConfigError, match="is no name of a market"):
        store.read(Market(exchange, symbol, HOUR))
