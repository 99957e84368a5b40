"""From settings and candles to the numbers that cross into the kernel: checked here, indexed there."""

import math
from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest_engine.codes import DISTANCE_NAMES, SIZING_NAMES
from backtest_engine.detail import SAME_BARS
from backtest_engine.kernels.stretch import write_windows
from backtest_engine.records import RULES_DTYPE, Bars, Decisions, Floats, RecordArray, Windows
from backtest_engine.score_records import SPAN, WINDOW
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.clock import format_utc
from core.errors import BacktestError, ConfigError, PipelineError
from core.funding import FundingRates as FundingRates
from core.market import MarketRules
from strategies import ParamValues, Signals, SparseSignals, Strategy, get_strategy, resolve_params

Number = TypeVar("Number", bound=np.generic)
HOUR_MS = 3_600_000
_EMPTY = np.zeros(0)
_EMPTY.flags.writeable = False
NO_WINDOWS = Windows(_EMPTY, _EMPTY, _EMPTY, _EMPTY, math.inf, -math.inf)
# Which of a run's constants each kind of settings holds: to ask pydantic for what it has not takes longer than all the rest.
_RULES_IN = tuple(
    tuple(name for name in RULES_DTYPE.names or () if name in held)
    for held in (StrategyConfig.model_fields, ExecutionConfig.model_fields, {field.name for field in fields(MarketRules)})
)


def bars_of(
    candles: Candles,
    execution: ExecutionConfig,
    funding: FundingRates | None = None,
    decisions: Decisions = SAME_BARS,
    *,
    tiered: bool = True,
) -> Bars:
    """Return the candles as the kernel's arrays, with each bar's VWAP and the funding due in it: rates of the data before the constant.

    ``decisions`` say which bars the strategy decides on; without the hybrid engine, ``tiered`` False, nobody asks for the VWAP.
    ConfigError for ``funding`` that is something else.
    """
    if funding is not None and not isinstance(funding, FundingRates):
        raise ConfigError(f"funding must be FundingRates, not {type(funding).__name__}.")
    if funding is not None and len(funding.time_ms):
        per_bar = funding.per_bar(candles)
    elif execution.funding_rate != 0:
        per_bar = constant_funding(candles, execution.funding_rate, execution.funding_interval_hours * HOUR_MS)
    else:
        per_bar = np.zeros(0)
    windows = windows_of(candles) if decisions is SAME_BARS and not len(per_bar) else NO_WINDOWS
    return Bars(
        candles.open, candles.high, candles.low, candles.close, candles.volume,
        readonly(bar_vwap(candles) if tiered else np.zeros(0)), readonly(per_bar), candles.has_volume, decisions, windows,
    )  # fmt: skip


def windows_of(candles: Candles) -> Windows:
    """Return the extremes of ``WINDOW`` and of ``SPAN`` bars in a row of ``candles``, and those of all bars."""
    tops, bottoms, span_tops, span_bottoms = (np.empty(max(0, len(candles) - bars + 1)) for bars in (WINDOW, WINDOW, SPAN, SPAN))
    highest, lowest = write_windows(candles.high, candles.low, tops, bottoms, span_tops, span_bottoms)
    return Windows(readonly(tops), readonly(bottoms), readonly(span_tops), readonly(span_bottoms), highest, lowest)


def constant_funding(candles: Candles, rate: float, interval_ms: int) -> Floats:
    """Return ``rate`` times the whole multiples of ``interval_ms`` since 1970 in ``[open, next open)`` of each bar."""
    reached = -(-np.append(candles.open_ms, candles.end_ms) // interval_ms)
    return rate * np.diff(reached)


def bar_vwap(candles: Candles) -> Floats:
    """Return each bar's VWAP: quote volume over volume, clamped to the bar; where unknown, (high + low + close) / 3."""
    typical = (candles.high + candles.low + candles.close) / 3.0
    if candles.quote_volume is None or not candles.has_volume:
        return typical
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.clip(candles.quote_volume / candles.volume, candles.low, candles.high)
    return np.where(candles.volume > 0, exact, typical)


def rules_of(
    strategy: StrategyConfig,
    execution: ExecutionConfig,
    order_qty: float,
    market: MarketRules,
    periods_per_year: float,
    has_volume: bool = True,
) -> RecordArray:
    """Return the run's constants, one record; ConfigError for settings that cannot go together.

    ``has_volume``: whether the candles that fill orders come with volume.
    """
    _require_possible(strategy, execution, has_volume)
    record = np.zeros(1, RULES_DTYPE)
    for settings, names in zip((strategy, execution, market), _RULES_IN, strict=True):
        for name in names:
            value = getattr(settings, name)
            if isinstance(value, int | float):
                record[name] = value
    record["order_qty"] = order_qty if execution.sizing == "fixed" else 0.0
    record["sizing"] = SIZING_NAMES.index(execution.sizing)
    record["stop_type"] = DISTANCE_NAMES.index(strategy.stop_type)
    record["target_type"] = DISTANCE_NAMES.index(strategy.target_type)
    record["growing_slip"] = execution.slippage_range_share > 0 or execution.slippage_impact > 0
    record["steps_per_unit"] = steps_per_unit(market.price_step)
    record["hybrid_engine"] = strategy.enable_hybrid_engine
    for tier in (1, 2, 3, 4):
        enabled = getattr(strategy, f"enable_hybrid_tier{tier}")
        record[f"timeout{tier}"] = getattr(strategy, f"hybrid_tier{tier}_timeout") if enabled else 0
    record["free_return"] = execution.risk_free_rate / periods_per_year
    record["root_periods"] = math.sqrt(periods_per_year)
    return record


def steps_per_unit(price_step: float) -> float:
    """Return how many steps make 1, 0 where that is no whole number: dividing by it gives prices just as they are written."""
    steps = float(round(1.0 / price_step)) if price_step > 0 else 0.0
    return steps if abs(steps * price_step - 1.0) < 1e-9 else 0.0


def _require_possible(strategy: StrategyConfig, execution: ExecutionConfig, has_volume: bool) -> None:
    if execution.sizing == "risk" and strategy.stop_type == "none":
        raise ConfigError(
            "sizing = risk needs a stop to measure the risk by, but stop_type = none: choose atr or percent, or another sizing."
        )
    if execution.slippage_impact > 0 and not has_volume:
        raise ConfigError(
            f"slippage_impact = {execution.slippage_impact:g} needs the bars' volume, but these candles are declared without: "
            "set it to 0 (slippage_range_share needs none)."
        )


def heard_sides(config: StrategyConfig) -> tuple[bool, bool]:
    """Return whether long and short signals mean anything: those of a side that is switched off may still close the other one."""
    return config.allow_long or config.exit_on_disabled_side, config.allow_short or config.exit_on_disabled_side


def signals_of(candles: Candles, config: StrategyConfig, first_bar: int = 0) -> SparseSignals:
    """Run the strategy on all ``candles`` and return its signals from ``first_bar`` on, without those that mean nothing."""
    strategy = get_strategy(config.name)
    return signals_with(strategy, resolve_params(strategy, config), candles, config, first_bar)


def signals_with(strategy: Strategy, params: ParamValues, candles: Candles, config: StrategyConfig, first_bar: int) -> SparseSignals:
    """Run ``strategy`` with ``params`` and return its checked signals from ``first_bar`` on; ``config`` says which sides are wanted."""
    try:
        signals = strategy.signals(candles, params)
    except PipelineError:
        raise
    except Exception as error:  # a user's own code: whatever it raises is an error of that strategy
        raise BacktestError(f"strategy {config.name} fails on {candles.market}: {type(error).__name__}: {error}.") from error
    return checked_signals(signals, candles, config, first_bar)


def checked_signals(signals: Signals, candles: Candles, config: StrategyConfig, first_bar: int = 0) -> SparseSignals:
    """Check lengths and values of a strategy's signals and freeze them; BacktestError names the first bar that is wrong.

    Levels and ATRs of the bars before ``first_bar`` stay with them: the volatility regime looks back at them.
    """
    given = {name: np.asarray(getattr(signals, name, None)) for name in ("direction", "touch_level", "atr")}
    for name, array in given.items():
        if array.shape != (len(candles),) or array.dtype.kind not in "biuf":
            found = f"{array.dtype} of shape {array.shape}"
            raise BacktestError(f"strategy {config.name}: {name} must be numbers, one for each of {len(candles)} bars, but is {found}.")
    words = given["direction"][first_bar:]
    # before the conversion, which would make a 0 of 0.5 and of 256
    _require((words == 0) | (words == 1) | (words == -1), "direction is none of -1, 0, 1", candles, config, first_bar)
    direction = np.ascontiguousarray(words, dtype=np.int8)
    touch_level, atr = (np.ascontiguousarray(given[name], dtype=np.float64) for name in ("touch_level", "atr"))
    longs, shorts = heard_sides(config)
    if not longs or not shorts:
        wanted = (direction > 0) & longs | (direction < 0) & shorts
        direction = np.where(wanted, direction, 0).astype(np.int8)
    sound = np.isfinite(touch_level[first_bar:]) & np.isfinite(atr[first_bar:]) & (atr[first_bar:] >= 0)
    _require((direction == 0) | sound, "a signal has no finite touch_level and atr >= 0", candles, config, first_bar)
    bars = np.flatnonzero(direction)
    return SparseSignals(readonly(bars), readonly(direction[bars]), readonly(touch_level), readonly(atr), first_bar)


def _require(good: NDArray[np.bool_], problem: str, candles: Candles, config: StrategyConfig, first_bar: int) -> None:
    if not good.all():
        bar = int(np.argmin(good)) + first_bar
        raise BacktestError(f"strategy {config.name}: {problem} at bar {bar} ({format_utc(int(candles.open_ms[bar]))} UTC).")


def readonly(array: NDArray[Number]) -> NDArray[Number]:
    """Freeze an array; kernels see one array type only, so that they are compiled once for single runs and for batches."""
    view = array.view()
    view.flags.writeable = False
    return view
