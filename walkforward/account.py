"""What every backtest of a window has in common: the series, the account, its costs, and which bars it may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backtest_engine import BacktestResult, Simulation
from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.funding import FundingRates
from core.market import MarketRules
from optimization.screening import TRIALS_WORTH_A_GPU
from strategies import ParamValue, Signals, get_strategy, resolve_params
from walkforward.windows import Window

COSTS = ("maker_fee", "taker_fee", "liquidation_fee", "slippage", "slippage_range_share", "slippage_impact", "slippage_cap")
# Nothing is sold for less than nothing.
MOST_SLIPPAGE = 0.99


@dataclass(frozen=True, slots=True)
class StudySettings:
    """What all windows of a run share. ``ledger_folder`` gets one folder ``window_NN`` per window; None keeps no ledger on disk."""

    strategy: StrategyConfig
    order_qty: float
    optimization: OptimizationConfig
    execution: ExecutionConfig
    rules: MarketRules
    seed: int
    min_trades_per_window: int
    ledger_folder: Path | None
    funding: FundingRates | None = None
    gpu_from: int = TRIALS_WORTH_A_GPU
    min_profit_factor_per_window: float = 0.0


@dataclass(frozen=True, slots=True)
class Series:
    """The candles that decisions are made on and, where orders fill on finer ones, those."""

    candles: Candles
    detail: Candles | None = None

    def until(self, bar: int) -> "Series":
        """Return what is known before ``bar`` opens."""
        known = self.candles[:bar]
        return Series(known, None if self.detail is None else self.detail[: self.detail.index_of(known.end_ms)])


def param_values(config: StrategyConfig, names: tuple[str, ...]) -> dict[str, ParamValue]:
    """Return the value of each of ``names``: the strategy's own parameters and fields of StrategyConfig alike."""
    declared: Mapping[str, ParamValue] = resolve_params(get_strategy(config.name), config)
    return {name: declared[name] if name in declared else getattr(config, name) for name in names}


def scaled_costs(execution: ExecutionConfig, factor: float) -> ExecutionConfig:
    """Return ``execution`` with fees and slippage ``factor`` times as high, slippage to ``MOST_SLIPPAGE`` of the price at most."""
    scaled = {name: factor * getattr(execution, name) for name in COSTS}
    scaled["slippage_cap"] = min(scaled["slippage_cap"], MOST_SLIPPAGE)
    # not validated: the range of a fee is a check of what a user types, and twice an allowed fee may lie beyond it
    return execution.model_copy(update=scaled)


def doubled_costs(execution: ExecutionConfig) -> ExecutionConfig:
    """Return ``execution`` with fees and slippage twice as high."""
    return scaled_costs(execution, 2)


def backtest(
    series: Series,
    first_bar: int,
    settings: StudySettings,
    config: StrategyConfig,
    execution: ExecutionConfig | None = None,
    signals: Signals | None = None,
) -> BacktestResult:
    """Run ``config`` from ``first_bar`` to the end of ``series``, warm at its first bar; ``execution`` in place of the settings' own.

    ``signals`` as for Simulation.
    """
    return Simulation(
        series.candles,
        config,
        settings.order_qty,
        execution or settings.execution,
        settings.rules,
        first_bar,
        settings.funding,
        detail=series.detail,
        signals=signals,
    ).run()


def out_of_sample(
    series: Series, window: Window, settings: StudySettings, config: StrategyConfig, execution: ExecutionConfig | None = None
) -> BacktestResult:
    """Test ``config`` on the days of ``window`` that its search has not seen."""
    return backtest(series.until(window.oos_end), window.oos_start, settings, config, execution)
