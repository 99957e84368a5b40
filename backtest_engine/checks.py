"""What a run is given, checked before any kernel runs: every error says what is wrong and names the value."""

import math
from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config import ExecutionConfig, SizingMethod, StrategyConfig
from core.candle_checks import PRICE_NAMES
from core.candles import Candles
from core.errors import BacktestError, ConfigError, DataError
from core.market import MarketRules

# The kernels take a quantity that misses a multiple by less than that share of a step for that multiple.
_STEP_TOLERANCE = 1e-9
_RULES = ("qty_step", "min_qty", "min_notional", "price_step")
# No market divides finer than ethereum's wei; far below it, numbers of steps are beyond every float.
_SMALLEST_STEP = 1e-18


def require_sound_run(
    candles: Candles,
    detail: Candles | None,
    strategy: StrategyConfig,
    execution: ExecutionConfig,
    order_qty: float,
    rules: MarketRules,
    first_bar: int,
) -> None:
    """Raise ConfigError for what is not of its kind, for numbers out of range and for an order that this market never takes, DataError
    for candles that were made around their checks, BacktestError for a first bar that they do not have.
    """
    for name, value, kind in (
        ("candles", candles, Candles),
        ("detail", candles if detail is None else detail, Candles),
        ("strategy", strategy, StrategyConfig),
        ("execution", execution, ExecutionConfig),
        ("rules", rules, MarketRules),
    ):
        if not isinstance(value, kind):
            raise ConfigError(f"{name} must be {kind.__name__}, not {type(value).__name__}.")
    filling = candles if detail is None else detail
    for series in (candles, filling):
        _require_checked(series)
    for name in _RULES:
        value = getattr(rules, name)
        if not (_is_number(value) and value >= 0):
            raise ConfigError(f"{name} = {value!r} is not allowed: a market's rule must be a finite number, 0 for none.")
        if name.endswith("_step") and 0 < value < _SMALLEST_STEP:
            raise ConfigError(f"{name} = {value!r} is not allowed: a step is at least {_SMALLEST_STEP:g}, 0 for none.")
    _require_price_step(filling, rules.price_step)
    if execution.sizing == SizingMethod.FIXED:
        if not (_is_number(order_qty) and order_qty > 0):
            raise ConfigError(f"order_qty = {order_qty!r} is not allowed: must be a number above 0 (base currency).")
        _require_quantity(order_qty, rules, str(candles.market))
    if not 0 <= whole_number("first_bar", first_bar) < len(candles):
        raise BacktestError(f"first_bar = {first_bar} is outside the {len(candles)} bars of {candles.market}.")


def _require_checked(candles: Candles) -> None:
    for name in ("open_ms", *PRICE_NAMES, "volume", "quote_volume"):
        column = getattr(candles, name)
        if column is not None and column.flags.writeable:  # those that were checked are frozen
            raise DataError(f"{candles.market}: column {name} was not checked: build candles with from_arrays or from_frame.")


def _require_price_step(candles: Candles, step: float) -> None:
    """Refuse a step that prices lie below: an order to sell would stand at 0, and what is sold would bring more than its price."""
    if step > 0 and step > (lowest := float(candles.low.min())):
        raise ConfigError(
            f"price_step = {step:g} is larger than the lowest price of {candles.market}, {lowest:g}: no price there is a whole number of"
            f" steps. Start later, or give the step that the market had then (0 for none)."
        )


def require_worth(candles: Candles, execution: ExecutionConfig, order_qty: float, rules: MarketRules) -> None:
    """Raise ConfigError for a fixed quantity that is never worth the market's smallest order, at no close of ``candles``."""
    highest = float(candles.close.max())
    if execution.sizing == SizingMethod.FIXED and rounded_quantity(order_qty, rules) * highest < rules.min_notional:
        raise ConfigError(
            f"order_qty = {order_qty:g} of {candles.market} is worth at most {order_qty * highest:g}, below the smallest order of "
            f"{rules.min_notional:g}: every entry would be rejected. Order at least {rules.min_notional / highest:g}."
        )


def whole_number(name: str, value: object) -> int:
    """Return ``value`` as an int; BacktestError for anything that is none, a bool included."""
    if not isinstance(value, bool | np.bool_):
        try:
            return index(value)  # type: ignore[arg-type]
        except TypeError:
            pass
    raise BacktestError(f"{name} = {value!r} is not allowed: must be a whole number.")


def row_numbers(rows: Sequence[int] | NDArray[Any] | None, count: int) -> NDArray[np.int64]:
    """Return the rows that are meant, all for None; BacktestError unless they are numbers of rows that exist."""
    if rows is None:
        return np.arange(count)
    chosen = np.asarray(rows)
    if chosen.ndim != 1 or (len(chosen) and (chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= count)):
        raise BacktestError(f"rows = {np.array2string(chosen, threshold=6)} is not allowed: must be numbers from 0 to {count - 1}.")
    return chosen.astype(np.int64)


def rounded_quantity(order_qty: float, rules: MarketRules) -> float:
    """Return ``order_qty`` rounded down to the market's step."""
    if not rules.qty_step:
        return order_qty
    return float(np.floor(order_qty / rules.qty_step + _STEP_TOLERANCE)) * rules.qty_step


def _require_quantity(order_qty: float, rules: MarketRules, market: str) -> None:
    smallest = max(rules.qty_step, rules.min_qty)
    if rounded_quantity(order_qty, rules) < smallest * (1.0 - _STEP_TOLERANCE):
        rule = "quantity step" if rules.qty_step >= rules.min_qty else "smallest quantity"
        raise ConfigError(
            f"order_qty = {order_qty:g} is below the {rule} of {market}, {smallest:g}: every entry would be rejected. "
            f"Order at least {smallest:g}."
        )


def _is_number(value: object) -> bool:
    """Return whether ``value`` is a finite number (and no bool)."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False
