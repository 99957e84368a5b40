"""Which exchanges ccxt offers, how it is loaded, and where its requests go."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError, DataError
from core.market import MarketRules
from exchanges import ExchangeManager
from exchanges.ccxt_facts import facts_of, parse_markets
from exchanges.ccxt_library import load_ccxt, new_client
from exchanges.ccxt_road import CcxtRoad
from exchanges.http import HttpCore
from exchanges.limits import Limiter
from tests.conftest import ROOT, missing
from tests.fakes.ccxt_venues import NOW_MS, FakeKucoin
from tests.fakes.clock import FakeClock
from tests.patience import PROGRAM_SECONDS


@pytest.fixture(scope="module", autouse=True)
def installed_ccxt() -> None:
    try:
        importlib.import_module("ccxt")
    except ImportError:
        missing("no ccxt: pip install -r requirements-ccxt.txt")


def test_each_host_that_ccxt_names_is_asked_by_itself(tmp_path: Path) -> None:
    client, library = new_client("CCXT:kucoin"), load_ccxt("CCXT:kucoin")
    clock = FakeClock(NOW_MS)
    with FakeKucoin() as spot, FakeKucoin() as futures:
        client.urls["api"] |= {"public": spot.url, "futuresPublic": futures.url}
        road = CcxtRoad(library, client)
        limiter = Limiter(tmp_path, clock)
        road.use(HttpCore(facts_of(library, client), clock, limiter, read_error=road.error_in))
        assert list(client.load_markets()) == ["BTC/USDT"]
        assert (spot.count("symbols"), futures.count("symbols")) == (1, 0)
        assert (spot.count("contracts"), futures.count("contracts")) == (0, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("CCXT:bybt", "ccxt .* has no exchange 'bybt'. Did you mean 'bybit'"),
        ("CCXT:", "has no exchange ''. Write for example CCXT:bybit"),
        ("ccxt:paymium", "CCXT:PAYMIUM: ccxt reads no candles from this exchange"),
        ("BYBIT", "exchange 'BYBIT' is not known.* or CCXT:<id>, such as CCXT:bybit"),
    ],
)
def test_unknown_exchange_is_a_config_error(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ExchangeManager().get(name)


def test_ccxt_is_loaded_only_for_an_exchange_that_needs_it() -> None:
    code = "import sys; from exchanges import ExchangeManager as m; m().get('BINANCE'); sys.exit('ccxt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=PROGRAM_SECONDS).returncode == 0


def test_absent_ccxt_is_told_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import_module = importlib.import_module

    def without_ccxt(name: str, package: str | None = None) -> Any:
        if name == "ccxt":
            raise ModuleNotFoundError("No module named 'ccxt'", name="ccxt")
        return import_module(name, package)

    monkeypatch.setattr(importlib, "import_module", without_ccxt)
    with pytest.raises(ConfigError, match="CCXT:GATE needs the package ccxt, which is not installed. Run: .* -r requirements-ccxt.txt"):
        ExchangeManager().get("CCXT:gate")


def test_pip_line_names_a_file_that_asks_for_ccxt_of_this_major_version() -> None:
    lines = (ROOT / "requirements-ccxt.txt").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == ["ccxt>=4.5.60,<5"]


def market(symbol: str, **named: Any) -> dict[str, Any]:
    return {"symbol": symbol, "type": "spot", "base": symbol.partition("/")[0], "quote": "USDT", "active": True} | named


@pytest.mark.parametrize(
    ("mode", "amount", "step"),
    [("TICK_SIZE", 0.001, 0.001), ("DECIMAL_PLACES", 3, 0.001), ("DECIMAL_PLACES", 0, 1.0), ("SIGNIFICANT_DIGITS", 5, 0.0)],
)
def test_precision_is_read_as_its_exchange_means_it(mode: str, amount: float, step: float) -> None:
    library = load_ccxt("CCXT:test")
    listed = {"BTC/USDT": market("BTC/USDT", precision={"amount": amount, "price": None}, limits={"amount": {"min": None}})}
    assert parse_markets("CCXT:TEST", listed, getattr(library, mode), library)["BTC/USDT"][1].rules == MarketRules(qty_step=step)


def test_contracts_are_counted_in_the_base_currency() -> None:
    library = load_ccxt("CCXT:test")
    named: dict[str, Any] = {"type": "swap", "contract": True, "precision": {"amount": 1, "price": 0.5}, "limits": {"amount": {"min": 2}}}
    listed = {
        "linear": market("BTC/USDT:USDT", contractSize=0.01, inverse=False, **named),
        "inverse": market("BTC/USD:BTC", contractSize=100, inverse=True, **named),
        "option": market("BTC/USDT:USDT-270101-9-C", **named | {"type": "option"}),
    }
    found = parse_markets("CCXT:TEST", listed, library.TICK_SIZE, library)
    assert {symbol: facts.rules for symbol, (_spelled, facts) in found.items()} == {
        "BTC/USDT:USDT": MarketRules(qty_step=0.01, min_qty=0.02, price_step=0.5),
        "BTC/USD:BTC": MarketRules(price_step=0.5),
    }


def test_markets_that_differ_in_case_only_are_left_out_rather_than_mixed_up() -> None:
    library = load_ccxt("CCXT:test")
    listed = {name: market(name) for name in ("kPEPE/USDT", "KPEPE/USDT", "stETH/USDT")}
    found = parse_markets("CCXT:TEST", listed, library.TICK_SIZE, library)
    assert {symbol: spelled for symbol, (spelled, _facts) in found.items()} == {"STETH/USDT": "stETH/USDT"}


def test_list_of_another_form_is_refused() -> None:
    library = load_ccxt("CCXT:test")
    with pytest.raises(DataError, match="the list of symbols is not of ccxt's documented form"):
        parse_markets("CCXT:TEST", {"BTC/USDT": {"type": "spot"}}, library.TICK_SIZE, library)
