"""backtrader: a strategy class run by its engine, one row after the other."""

from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.peers.runs import Run, Sweep
from benchmarks.peers.workloads import CAPITAL, FEE, QTY, Crossings, Workload

NAME = "backtrader"


class Cross(bt.Strategy):  # type: ignore[misc]
    """Reverses at the open after a crossing and remembers its fills as (bar, price)."""

    params = (("wish", None),)

    def __init__(self) -> None:
        self.fills: list[tuple[int, float]] = []

    def notify_order(self, order: Any) -> None:
        if order.status == order.Completed:
            self.fills.append((len(self) - 1, order.executed.price))

    def next(self) -> None:
        wish = self.p.wish[len(self) - 1]
        if wish:
            self.order_target_size(target=wish * QTY)


def tested(work: Workload, wish: NDArray[np.int8]) -> Any:
    """Return the engine and the strategy after a run over signals ``wish``."""
    c = work.candles
    columns = {"open": c.open, "high": c.high, "low": c.low, "close": c.close, "volume": c.volume}
    engine = bt.Cerebro(stdstats=False)
    engine.adddata(bt.feeds.PandasData(dataname=pd.DataFrame(columns, pd.DatetimeIndex(c.open_ms.astype("datetime64[ms]")))))
    engine.broker.setcash(CAPITAL)
    engine.broker.setcommission(commission=FEE)
    engine.addstrategy(Cross, wish=wish.tolist())
    return engine, engine.run()[0]


def single(work: Workload) -> Any:
    """Run the first row."""
    return tested(work, _wish(Crossings(work.candles.close), work, 0))


def sweep(work: Workload) -> Sweep:
    """Run all rows."""
    crossings = Crossings(work.candles.close)
    equity, trades = np.zeros(len(work.rows)), np.zeros(len(work.rows), np.int64)
    for row in range(len(work.rows)):
        engine, strategy = tested(work, _wish(crossings, work, row))
        equity[row], trades[row] = engine.broker.getvalue(), max(len(strategy.fills) - 1, 0)
    return Sweep(equity, trades)


def run_of(work: Workload) -> Run:
    """Return the first row in the common form: every fill but the last one ends a trade, every one but the first begins another."""
    crossings = Crossings(work.candles.close)
    wish = _wish(crossings, work, 0)
    engine, strategy = tested(work, wish)
    bars = np.array([bar for bar, _ in strategy.fills], np.int64)
    prices = np.array([price for _, price in strategy.fills])
    return Run(
        entry_bar=bars[:-1],
        exit_bar=bars[1:],
        direction=wish[bars[:-1] - 1].astype(np.int64),
        entry_price=prices[:-1],
        exit_price=prices[1:],
        qty=np.full(len(bars) - 1, QTY),
        open_bar=int(bars[-1]) if len(bars) else -1,
        equity=float(engine.broker.getvalue()),
    )


sweep_of = sweep


def _wish(crossings: Crossings, work: Workload, row: int) -> NDArray[np.int8]:
    up, down = crossings.of(int(work.rows.fast[row]), int(work.rows.slow[row]))
    return up.astype(np.int8) - down.astype(np.int8)
