"""Small accounts for the tests of their figures."""

from typing import Any

import numpy as np
import polars as pl

from reporting.performance import Account

HOUR, DAY = 3_600_000, 86_400_000
START = 1_704_067_200_000  # 2024-01-01 UTC


def trades(net: list[float] | None = None, **columns: Any) -> pl.DataFrame:
    """Return closed trades with the columns of the engine that figures are made of, one an hour."""
    values = np.asarray(net if net is not None else [10.0, -5.0, 20.0, -10.0], np.float64)
    count = len(values)
    times = START + np.arange(count, dtype=np.int64) * HOUR
    base = {
        "direction": np.where(np.arange(count) % 2 == 0, 1, -1).astype(np.int8),
        "entry_time": times,
        "avg_entry": np.full(count, 100.0),
        "qty": np.full(count, 2.0),
        "entry_tier": np.ones(count, np.int8),
        "exit_time": times + HOUR,
        "exit_price": np.full(count, 110.0),
        "exit_reason": pl.Series(["stop_loss"] * count, dtype=pl.String),
        "net_pnl": values,
        "bars_held": np.arange(1, count + 1, dtype=np.int64),
    }
    return pl.DataFrame(base | columns)


def account(equity: Any, held: Any = None, closed: pl.DataFrame | None = None, step: int = DAY, **changes: Any) -> Account:
    """Return an account with a close every ``step`` (ms), beside one that holds ``held`` (default: a slow rise)."""
    values = np.asarray(equity, np.float64)
    times = START + np.arange(len(values), dtype=np.int64) * step
    beside = np.linspace(values[0], values[0] * 1.1, len(values)) if held is None else np.asarray(held, np.float64)
    settings = {"days_per_year": 365.25, "risk_free_rate": 0.0} | changes
    return Account(times, values, trades() if closed is None else closed, beside, **settings)


def grown(returns: Any, capital: float = 1000.0) -> Any:
    """Return the equity of daily ``returns``, the starting capital at the first close."""
    return capital * np.concatenate(([1.0], np.cumprod(1.0 + np.asarray(returns))))
