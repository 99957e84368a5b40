"""vectorbt: signals and prices as a frame with one column per row of settings."""

from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.peers.runs import Run, Sweep
from benchmarks.peers.workloads import CAPITAL, FEE, QTY, Crossings, Rows, Workload, next_bar

NAME = "vectorbt"


def portfolio(work: Workload, rows: Rows) -> Any:
    """Return the simulated portfolio of ``rows``."""
    candles, crossings = work.candles, Crossings(work.candles.close)
    ups, downs = zip(*(crossings.of(fast, slow) for fast, slow in zip(rows.fast.tolist(), rows.slow.tolist(), strict=True)), strict=True)
    index = pd.DatetimeIndex(candles.open_ms.astype("datetime64[ms]"))
    column = pd.Series(candles.close, index)
    return vbt.Portfolio.from_signals(
        column if len(rows) == 1 else pd.DataFrame(np.broadcast_to(candles.close[:, None], (len(candles), len(rows))), index),
        entries=next_bar(np.column_stack(ups)),
        short_entries=next_bar(np.column_stack(downs)),
        price=candles.open[:, None],
        size=QTY,
        fees=FEE,
        init_cash=CAPITAL,
        upon_opposite_entry="reverse",
        freq="1h",
    )


def single(work: Workload) -> Any:
    """Run the first row and read what is compared, and two ratios."""
    return _read(portfolio(work, _first(work.rows)))


def sweep(work: Workload) -> Any:
    """Run all rows in one call."""
    return _read(portfolio(work, work.rows))


def run_of(work: Workload) -> Run:
    """Return the first row in the common form."""
    ran = portfolio(work, _first(work.rows))
    trades = ran.trades.records
    closed = trades[trades["status"] == 1]
    still = trades[trades["status"] == 0]
    return Run(
        entry_bar=closed["entry_idx"].to_numpy(np.int64),
        exit_bar=closed["exit_idx"].to_numpy(np.int64),
        direction=np.where(closed["direction"].to_numpy() == 0, 1, -1).astype(np.int64),
        entry_price=closed["entry_price"].to_numpy(np.float64),
        exit_price=closed["exit_price"].to_numpy(np.float64),
        qty=closed["size"].to_numpy(np.float64),
        open_bar=int(still["entry_idx"].iloc[0]) if len(still) else -1,
        equity=float(np.asarray(ran.final_value()).ravel()[0]),
    )


def sweep_of(work: Workload) -> Sweep:
    """Return all rows in the common form."""
    ran = portfolio(work, work.rows)
    records = ran.trades.records
    closed = np.bincount(records["col"][records["status"] == 1], minlength=len(work.rows))
    return Sweep(np.asarray(ran.final_value(), np.float64), closed.astype(np.int64))


def _read(ran: Any) -> Any:
    return ran.final_value(), ran.trades.count(), ran.sharpe_ratio(), ran.max_drawdown()


def _first(rows: Rows) -> Rows:
    return Rows(rows.fast[:1], rows.slow[:1], rows.stop[:1], rows.target[:1])
