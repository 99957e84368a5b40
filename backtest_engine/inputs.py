"""From settings and candles to the numbers that cross into the kernel: checked here, indexed there."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import RULES_DTYPE, Bars, Floats, RecordArray
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.clock import format_utc
from core.errors import BacktestError, DataError, PipelineError
from core.market import MarketRules
from strategies import ParamValues, Signals, SparseSignals, Strategy, get_strategy, resolve_params

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class FundingRates:
    """Funding of a perpetual: ``time_ms`` int64 UTC, in order; ``rate`` fractions of the notional, paid by longs when positive.

    DataError for times that go back and for rates that are no finite numbers.
    """

    time_ms: NDArray[np.int64]
    rate: Floats

    def __post_init__(self) -> None:
        """Check both columns."""
        times, rates = np.asarray(self.time_ms), np.asarray(self.rate)
        if times.ndim != 1 or times.shape != rates.shape:
            raise DataError(f"funding needs one rate for each time, but there are {times.shape} times and {rates.shape} rates.")
        if len(times) and (times.dtype.kind not in "iu" or rates.dtype.kind not in "iuf"):
            raise DataError(f"funding times must be whole milliseconds and rates numbers, but they are {times.dtype} and {rates.dtype}.")
        late = np.flatnonzero(np.diff(times) < 0)
        if len(late):
            raise DataError(f"funding times go back: number {late[0] + 1} is {times[late[0] + 1]}, after {times[late[0]]}.")
        wrong = np.flatnonzero(~np.isfinite(rates))
        if len(wrong):
            raise DataError(f"a funding rate is not finite: number {wrong[0]} is {rates[wrong[0]]}.")

    def per_bar(self, candles: Candles) -> Floats:
        """Return the sum of the rates due in ``[open, next open)`` of each bar."""
        sums = np.zeros(len(candles))
        bar = np.searchsorted(candles.open_ms, self.time_ms, side="right") - 1
        inside = (bar >= 0) & (self.time_ms < candles.end_ms)
        np.add.at(sums, bar[inside], self.rate[inside])
        return sums


def bars_of(candles: Candles, funding: FundingRates | None = None) -> Bars:
    """Return the candles as the kernel's arrays, with each bar's VWAP."""
    per_bar = funding.per_bar(candles) if funding is not None else np.zeros(0)
    return Bars(
        candles.open, candles.high, candles.low, candles.close, candles.volume,
        readonly(bar_vwap(candles)), readonly(per_bar), candles.has_volume,
    )  # fmt: skip


def bar_vwap(candles: Candles) -> Floats:
    """Return each bar's VWAP: quote volume over volume, clamped to the bar; where unknown, (high + low + close) / 3."""
    typical = (candles.high + candles.low + candles.close) / 3.0
    if candles.quote_volume is None or not candles.has_volume:
        return typical
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.clip(candles.quote_volume / candles.volume, candles.low, candles.high)
    return np.where(candles.volume > 0, exact, typical)


def rules_of(
    strategy: StrategyConfig, execution: ExecutionConfig, order_qty: float, market: MarketRules, periods_per_year: float
) -> RecordArray:
    """Return the run's constants, one record."""
    timeouts = [
        getattr(strategy, f"hybrid_tier{tier}_timeout") if getattr(strategy, f"enable_hybrid_tier{tier}") else 0 for tier in (1, 2, 3, 4)
    ]
    return _record(
        initial_capital=execution.initial_capital,
        maker_fee=execution.maker_fee,
        taker_fee=execution.taker_fee,
        slippage=execution.slippage,
        leverage=execution.leverage,
        order_qty=float(order_qty),
        qty_step=market.qty_step,
        min_qty=market.min_qty,
        atr_sl_multiplier=strategy.atr_sl_multiplier,
        atr_tp_multiplier=strategy.atr_tp_multiplier,
        trailing_sl_enabled=strategy.trailing_sl_enabled,
        trailing_sl_threshold=strategy.trailing_sl_threshold,
        trailing_tp_enabled=strategy.trailing_tp_enabled,
        trailing_tp_threshold=strategy.trailing_tp_threshold,
        trailing_tp_lock=strategy.trailing_tp_lock,
        exit_on_opposite_signal=strategy.exit_on_opposite_signal,
        hybrid_engine=strategy.enable_hybrid_engine,
        timeout1=timeouts[0],
        timeout2=timeouts[1],
        timeout3=timeouts[2],
        timeout4=timeouts[3],
        ema_touch_tolerance=strategy.ema_touch_tolerance,
        limit_offset_atr=strategy.limit_offset_atr,
        participation_rate=strategy.participation_rate,
        max_chase_atr=strategy.max_chase_atr,
        free_return=execution.risk_free_rate / periods_per_year,
    )


def _record(**values: float) -> RecordArray:
    record = np.zeros(1, RULES_DTYPE)
    for name, value in values.items():
        record[name] = value
    return record


def signals_of(candles: Candles, config: StrategyConfig, first_bar: int = 0) -> SparseSignals:
    """Run the strategy on all ``candles`` and return its signals from ``first_bar`` on, sides switched off removed."""
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
    """Check lengths and values of a strategy's signals and freeze them; BacktestError names the first bar that is wrong."""
    given = {name: np.asarray(getattr(signals, name, None)) for name in ("direction", "touch_level", "atr")}
    for name, array in given.items():
        if array.shape != (len(candles),) or array.dtype.kind not in "biuf":
            found = f"{array.dtype} of shape {array.shape}"
            raise BacktestError(f"strategy {config.name}: {name} must be numbers, one for each of {len(candles)} bars, but is {found}.")
    words = given["direction"][first_bar:]
    # before the conversion, which would make a 0 of 0.5 and of 256
    _require((words == 0) | (words == 1) | (words == -1), "direction is none of -1, 0, 1", candles, config, first_bar)
    direction = np.ascontiguousarray(words, dtype=np.int8)
    touch_level = np.ascontiguousarray(given["touch_level"][first_bar:], dtype=np.float64)
    atr = np.ascontiguousarray(given["atr"][first_bar:], dtype=np.float64)
    if not config.allow_long or not config.allow_short:
        wanted = (direction > 0) & config.allow_long | (direction < 0) & config.allow_short
        direction = np.where(wanted, direction, 0).astype(np.int8)
    sound = np.isfinite(touch_level) & np.isfinite(atr) & (atr >= 0)
    _require((direction == 0) | sound, "a signal has no finite touch_level and atr >= 0", candles, config, first_bar)
    bars = np.flatnonzero(direction)
    return SparseSignals(readonly(bars), readonly(direction[bars]), readonly(touch_level), readonly(atr))


def _require(good: NDArray[np.bool_], problem: str, candles: Candles, config: StrategyConfig, first_bar: int) -> None:
    if not good.all():
        bar = int(np.argmin(good)) + first_bar
        raise BacktestError(f"strategy {config.name}: {problem} at bar {bar} ({format_utc(int(candles.open_ms[bar]))} UTC).")


def readonly(array: NDArray[Number]) -> NDArray[Number]:
    """Freeze an array; kernels see one array type only, so that they are compiled once for single runs and for batches."""
    view = array.view()
    view.flags.writeable = False
    return view
