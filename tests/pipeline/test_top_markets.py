"""Stage 3 with ``top``: the markets that are traded most, each with an order of the same value."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import RunConfig, TopMarkets
from core.clock import now_ms
from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.paths import Paths
from pipeline.top_markets import choose_top, quantity_of
from tests.config.build import run_config
from tests.fakes.binance import HOUR_MS, FakeBinance, Listed, kline_rows
from tests.pipeline.conftest import Ended, Invoke, only_run, write_settings
from tests.pipeline.loopback import FIRST_MS, connect

DAYS = 100
END_MS = 1_711_929_600_000  # 2024-04-01
TOP = {"exchange": "binance", "quote": "usdt", "limit": 2, "order_value": 500}


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBinance]:
    """Binance with three markets of a hundred days; the largest of them is listed since yesterday."""
    old = {("AUSDT", "1h"): 3.0, ("BUSDT", "1h"): 40_000.0}
    candles = {key: kline_rows(FIRST_MS, DAYS * 24, scale=scale) for key, scale in old.items()}
    candles["NEWUSDT", "1h"] = kline_rows(now_ms() // HOUR_MS * HOUR_MS - 24 * HOUR_MS, 24)
    values = {"AUSDT": "10.0", "BUSDT": "20.0", "NEWUSDT": "99.0"}
    listed = {name: Listed(name.removesuffix("USDT"), quote_volume=value) for name, value in values.items()}
    with FakeBinance(candles, now_ms=now_ms, listed=listed) as venue:
        connect(monkeypatch, BINANCE=venue)
        yield venue


def settings(**top: object) -> RunConfig:
    return run_config(mode="MULTI", top=TOP | top, start="2024-01-01", end="2024-04-01")


def backtest(invoke: Invoke, tmp_path: Path) -> Ended:
    path = write_settings(tmp_path / "top.yaml", mode="MULTI", top=TOP, start="2024-01-01", end="2024-04-01")
    text = "\n".join(line for line in path.read_text().splitlines() if line.split(":")[0] not in ("exchange", "symbol", "timeframe"))
    path.write_text(text)
    ended = invoke("backtest", "--config", str(path))
    assert ended.code == 0, ended.text
    return ended


def selection(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "checkpoints" / only_run(data) / "03_selection" / "selection.json").read_bytes())
    return found


def test_a_run_takes_the_largest_with_orders_of_one_value(
    invoke: Invoke, tmp_path: Path, venue: FakeBinance
) -> None:  # fmt: skip
    ended = backtest(invoke, tmp_path)
    found = selection(tmp_path / "data")
    assert [market["slug"] for market in found["markets"]] == ["binance_busdt_1h", "binance_ausdt_1h"]
    for market, sized in zip(found["markets"], found["sized_at"], strict=True):
        assert market["order_qty"] * sized["close"] == pytest.approx(500, abs=market["qty_step"] * sized["close"])
        assert market["order_qty"] * sized["close"] <= 500
        assert sized["open_ms"] == END_MS - HOUR_MS
    assert "the 2 largest of BINANCE against USDT, 1h" in ended.out
    assert "left out: NEWUSDT" in ended.out
    assert "this flatters" in ended.out


def test_a_run_keeps_the_markets_that_it_began_with(invoke: Invoke, tmp_path: Path, venue: FakeBinance) -> None:
    backtest(invoke, tmp_path)
    before = selection(tmp_path / "data")
    venue.listed["BUSDT"].quote_volume = "0.0"
    ended = invoke("resume", "--no-serve")
    assert ended.code == 0, ended.text
    assert selection(tmp_path / "data") == before
    assert "Verdict for BINANCE BUSDT 1h" in ended.out


@pytest.mark.parametrize(
    ("close", "rules", "quantity"),
    [
        (3.0, MarketRules(0.1, 0.1, 5.0), 166.6),
        (40_000.0, MarketRules(0.00001, 0.00001, 5.0), 0.0125),
        (0.1, MarketRules(0.00001, 0.00001, 5.0), 5_000.0),
        (7.0, MarketRules(), 500 / 7),
    ],
)
def test_the_quantity_is_the_value_at_the_close_rounded_down(close: float, rules: MarketRules, quantity: float) -> None:
    assert quantity_of(TopMarkets(order_value=500), "AUSDT", close, rules) == quantity


@pytest.mark.parametrize(
    ("rules", "needed"),
    [(MarketRules(1.0, 1.0), "40,000.00"), (MarketRules(0.001, 0.1), "4,000.00"), (MarketRules(0.00001, 0.0, 600.0), "600.00")],
)
def test_a_value_below_the_smallest_order_is_refused_with_one_that_would_do(rules: MarketRules, needed: str) -> None:
    with pytest.raises(ConfigError, match=f"less than the smallest order of BUSDT, {needed} USDT at its last close of 40000"):
        quantity_of(TopMarkets(order_value=500), "BUSDT", 40_000.0, rules)


def test_fewer_markets_than_asked_for_are_told(paths: Paths, venue: FakeBinance) -> None:
    found = choose_top(TopMarkets(limit=5), settings(limit=5), paths)
    assert [market.symbol for market in found.markets] == ["BUSDT", "AUSDT"]
    assert found.warnings[-1] == "2 markets are all there is: 5 were asked for"


def test_dates_without_any_market_are_refused(paths: Paths, venue: FakeBinance) -> None:
    long_ago = run_config(mode="MULTI", top=TOP, start="2019-01-01", end="2019-02-01")
    with pytest.raises(DataError, match="none of the 2 largest of BINANCE against USDT, 1h has candles in these dates"):
        choose_top(TopMarkets(**TOP), long_ago, paths)  # type: ignore[arg-type]
