"""A market has one name in the whole run, however the user writes its symbol."""

import importlib

import pytest

from core.errors import ConfigError
from exchanges import ExchangeManager
from pipeline.stages.stage03_selection import market_symbol
from tests.conftest import missing


@pytest.mark.parametrize(("exchange", "written", "name"), [("SIMULATED", " ethusdt", "ETHUSDT"), ("BINANCE", "ethUSDT ", "ETHUSDT")])
def test_symbol_is_spelled_as_the_exchange_spells_it(exchange: str, written: str, name: str) -> None:
    assert market_symbol(ExchangeManager().get(exchange), written) == name


def test_symbol_of_ccxt_keeps_its_marks() -> None:
    try:
        importlib.import_module("ccxt")
    except ImportError:
        missing("no ccxt: pip install -r requirements-ccxt.txt")
    assert market_symbol(ExchangeManager().get("CCXT:okx"), "btc/usdt:usdt") == "BTC/USDT:USDT"


def test_what_cannot_be_a_symbol_is_refused() -> None:
    with pytest.raises(ConfigError, match="is no symbol of BINANCE"):
        market_symbol(ExchangeManager().get("BINANCE"), "BTC USDT")
