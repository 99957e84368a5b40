"""backtesting.py: a strategy class; a sweep is its own ``optimize`` with a pool of processes."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from benchmarks.peers.runs import Run, Sweep
from benchmarks.peers.workloads import CAPITAL, FEE, Crossings, Workload

NAME = "backtesting.py"


class Cross(Strategy):  # type: ignore[misc]
    """Reverses at the open after a crossing."""

    fast = 20
    slow = 50

    def init(self) -> None:
        up, down = Crossings(np.asarray(self.data.Close, np.float64)).of(self.fast, self.slow)
        self.wish = up.astype(np.int8) - down.astype(np.int8)

    def next(self) -> None:
        wish = self.wish[len(self.data) - 1]
        if wish > 0:
            self.buy(size=1)
        elif wish < 0:
            self.sell(size=1)


def prepared(work: Workload) -> Any:
    """Return the candles ready to be tested."""
    c = work.candles
    columns = {"Open": c.open, "High": c.high, "Low": c.low, "Close": c.close, "Volume": c.volume}
    frame = pd.DataFrame(columns, pd.DatetimeIndex(c.open_ms.astype("datetime64[ms]")))
    return Backtest(frame, Cross, cash=CAPITAL, commission=FEE, exclusive_orders=True)


def single(work: Workload) -> Any:
    """Run the first row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return prepared(work).run(fast=int(work.rows.fast[0]), slow=int(work.rows.slow[0]))


def sweep(work: Workload) -> Any:
    """Run all rows: they are a grid of periods."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        periods = {"fast": np.unique(work.rows.fast).tolist(), "slow": np.unique(work.rows.slow).tolist()}
        return prepared(work).optimize(**periods, maximize="Equity Final [$]", return_heatmap=True)[1]


def run_of(work: Workload) -> Run:
    """Return the first row in the common form."""
    found = single(work)
    trades = found["_trades"].sort_values("EntryBar", kind="stable")
    still = found["_strategy"].trades
    return Run(
        entry_bar=trades["EntryBar"].to_numpy(np.int64),
        exit_bar=trades["ExitBar"].to_numpy(np.int64),
        direction=np.sign(trades["Size"].to_numpy()).astype(np.int64),
        entry_price=trades["EntryPrice"].to_numpy(np.float64),
        exit_price=trades["ExitPrice"].to_numpy(np.float64),
        qty=np.abs(trades["Size"].to_numpy(np.float64)),
        open_bar=int(still[0].entry_bar) if still else -1,
        equity=float(found["Equity Final [$]"]),
    )


def sweep_of(work: Workload) -> Sweep:
    """Return all rows in the common form; the heat map holds one figure, so it is made a second time for the trades."""
    equity = sweep(work)
    places = list(zip(work.rows.fast.tolist(), work.rows.slow.tolist(), strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        periods = {"fast": np.unique(work.rows.fast).tolist(), "slow": np.unique(work.rows.slow).tolist()}
        trades = prepared(work).optimize(**periods, maximize="# Trades", return_heatmap=True)[1]
    return Sweep(np.array([equity[place] for place in places]), np.array([trades[place] for place in places]).astype(np.int64))
