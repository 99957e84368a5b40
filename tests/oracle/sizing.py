"""How much an entry wants, from what was known at the close before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf, sqrt

from tests.oracle.outcome import OracleTrade
from tests.oracle.settings import Settings

YEAR_MS = 365.25 * 24 * 3_600_000


@dataclass(frozen=True)
class SizeInputs:
    """What a size may look at: equity before, the signal's price and volatility, the trades closed in earlier bars."""

    equity: float
    signal_price: float
    entry_atr: float
    regime: float
    closed: Sequence[OracleTrade]


def order_qty(known: SizeInputs, settings: Settings) -> float:
    """The sizer's quantity, capped at leverage * equity[t-1] / signal_price, rounded down to the market's step."""
    qty = min(wanted_qty(known, settings), settings.leverage * known.equity / known.signal_price)
    step = settings.qty_step
    # 0.3 / 0.1 is 2.9999999999999996; a quantity that is a multiple of the step but for rounding must stay what it is.
    return floor(qty / step + 1e-9) * step if step > 0 else qty


def rejection(qty: float, known: SizeInputs, settings: Settings) -> str | None:
    """Return the first reason for which ``qty``, the size of ``known`` after cap and step, is rejected; None where it is an order."""
    if wanted_qty(known, settings) <= 0:
        return "no_bet"
    if qty <= 0:
        return "below_step"
    if qty < settings.min_qty:
        return "below_min_qty"
    return "below_min_notional" if qty * known.signal_price < settings.min_notional else None


def wanted_qty(known: SizeInputs, settings: Settings) -> float:
    """The sizer's quantity, infinite where a divisor is 0; not positive where the record says not to bet."""
    if settings.sizing == "fixed":
        return settings.order_qty
    if settings.sizing == "equity":
        return _of_equity(known, settings)
    if settings.sizing == "risk":
        return _divided(settings.risk_per_trade * known.equity, _stop_distance(known, settings))
    if settings.sizing == "volatility":
        per_year = sqrt(YEAR_MS / settings.bar_ms)
        return _divided(settings.volatility_target * known.equity, known.entry_atr * per_year)
    if settings.sizing == "kelly":
        return _kelly(known, settings)
    raise ValueError(f"no sizing {settings.sizing}")


def _of_equity(known: SizeInputs, settings: Settings) -> float:
    return settings.equity_fraction * known.equity / known.signal_price


def _stop_distance(known: SizeInputs, settings: Settings) -> float:
    if settings.stop_type == "atr":
        return settings.atr_sl_multiplier * known.entry_atr * known.regime
    if settings.stop_type == "percent":
        return known.signal_price * settings.stop_distance * known.regime
    raise ValueError("a size by risk needs a stop")


def _kelly(known: SizeInputs, settings: Settings) -> float:
    """f = p / loss - (1 - p) / gain of the trades so far; the size by equity while they are too few or of one kind."""
    returns = [trade.net_pnl / (trade.avg_entry * trade.qty) for trade in known.closed]
    wins = [x for x in returns if x > 0]
    losses = [-x for x in returns if x < 0]
    if len(returns) < settings.kelly_min_trades or not wins or not losses:
        return _of_equity(known, settings)
    p = len(wins) / (len(wins) + len(losses))
    f = p / _mean(losses) - (1 - p) / _mean(wins)
    return settings.kelly_fraction * f * known.equity / known.signal_price


def _mean(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def _divided(amount: float, divisor: float) -> float:
    return inf if divisor == 0 else amount / divisor
