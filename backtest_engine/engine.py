"""BacktestEngine: one strategy, one series, one result."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from backtest_engine.inputs import FundingRates
from backtest_engine.result import BacktestResult
from backtest_engine.simulation import Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from core.market import Market, MarketRules
from core.timeframe import Timeframe
from exchanges.calendars import venue_timeframe
from market_data import read_candle_file

if TYPE_CHECKING:
    import pandas as pd


def as_candles(
    candles: "Candles | pl.DataFrame | pd.DataFrame | str | Path", exchange: str | None, symbol: str | None, timeframe: str | None
) -> Candles:
    """Return checked candles from candles, a frame or the path of a candle file, labelled with exchange and symbol where given.

    Raises DataError for bars that break the candle contract and ConfigError when the timeframe is unknown or contradicts the candles.
    """
    if isinstance(candles, str | Path):
        return read_candle_file(Path(candles), exchange=exchange or "LOCAL", symbol=symbol, timeframe=timeframe)
    if not isinstance(candles, Candles):
        if timeframe is None:
            raise ConfigError("a frame does not say its timeframe: pass timeframe='1h' (or another).")
        grid = venue_timeframe(exchange or "LOCAL", timeframe)
        return Candles.from_frame(candles, exchange or "LOCAL", symbol or "frame", grid)
    if timeframe is not None and Timeframe.parse(timeframe).name != candles.timeframe.name:
        raise ConfigError(f"timeframe = {timeframe} contradicts the candles, which are {candles.timeframe}.")
    market = Market(exchange or candles.market.exchange, symbol or candles.market.symbol, candles.timeframe)
    return candles if market == candles.market else replace(candles, market=market)


class BacktestEngine:
    """Simulate one strategy on one series by the rules of ``docs/execution.md``.

    ``candles``: Candles, a polars or pandas frame, or the path of a candle file. ``order_qty`` in the base currency. ``first_bar``: the
    bars before it only warm indicators up. ``funding`` for perpetuals. ``detail``: finer candles of the same market, of
    ``execution.detail_timeframe``, on which orders fill. Raises DataError, ConfigError or BacktestError.
    """

    def __init__(
        self,
        candles: "Candles | pl.DataFrame | pd.DataFrame | str | Path",
        strategy_config: StrategyConfig | None = None,
        order_qty: float = 0.1,
        exchange: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        *,
        execution: ExecutionConfig | None = None,
        rules: MarketRules | None = None,
        first_bar: int = 0,
        funding: FundingRates | None = None,
        detail: Candles | None = None,
    ) -> None:
        self.candles = as_candles(candles, exchange, symbol, timeframe)
        self.strategy_config = strategy_config or StrategyConfig()
        self.execution = execution or ExecutionConfig()
        self.detail = None if detail is None else as_candles(detail, exchange, symbol, None)
        self._arguments = (order_qty, self.execution, rules, first_bar, funding, self.detail)

    def run(self) -> BacktestResult:
        """Run the simulation from the first bar to the last."""
        return Simulation(self.candles, self.strategy_config, *self._arguments).run()
