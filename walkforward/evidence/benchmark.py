"""What the strategy has to be better than: doing nothing, or buying once and waiting."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest_engine.metrics import day_ends, returns_from
from core.candles import Candles
from exchanges.calendars import days_per_year
from walkforward.evidence.trial_returns import Account, Floats
from walkforward.significance.moments import trial_sharpes


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """``returns`` float64[days]: of ``name``, "cash" or "buy_and_hold", on the same capital; its final return in percent and its annual
    Sharpe ratio (nan for cash without interest)."""

    name: str
    returns: Floats
    return_pct: float
    sharpe: float

    def as_dict(self) -> dict[str, Any]:
        """Return name, return and Sharpe ratio."""
        return {"name": self.name, "return_pct": self.return_pct, "sharpe": self.sharpe}


def benchmark_of(candles: Candles, account: Account) -> Benchmark:
    """Return the better of cash and buy-and-hold, by the mean daily return, which is what the trials are compared by.

    Cash earns ``risk_free_rate``. Buy-and-hold buys ``order_qty`` at the first open and sells it at the last close, both as a taker with
    slippage; where the strategy sizes its orders itself, it buys for the whole capital. It holds the asset itself: no funding. Where it
    costs more than the capital and a fall takes all of it, it was lost then, wherever prices went later, and cash is better.
    """
    per_year = days_per_year(candles.market.exchange, candles.timeframe)
    held = _held(candles, account)
    risk_free = account.execution.risk_free_rate / per_year
    cash = np.full(len(held), risk_free)
    name, returns = ("buy_and_hold", held) if held.mean() > cash.mean() and held.min() > -1.0 else ("cash", cash)
    sharpe = trial_sharpes(returns[:, None] - risk_free)[0] if len(returns) > 2 else np.nan
    return Benchmark(name, returns, 100.0 * (float(np.prod(1.0 + returns)) - 1.0), float(sharpe * np.sqrt(per_year)))


def _held(candles: Candles, account: Account) -> Floats:
    execution = account.execution
    paid = float(candles.open[0]) * (1.0 + execution.slippage)
    got = float(candles.close[-1]) * (1.0 - execution.slippage)
    qty = account.order_qty if execution.sizing == "fixed" else execution.initial_capital / paid
    equity = execution.initial_capital + qty * (candles.close - paid) - qty * paid * execution.taker_fee
    equity[-1] += qty * (got - float(candles.close[-1])) - qty * got * execution.taker_fee
    equity[np.logical_or.accumulate(equity <= 0.0)] = 0.0
    return returns_from(execution.initial_capital, equity[day_ends(candles.open_ms)[1]])
