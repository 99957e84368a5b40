"""raptorbt: long only, entries by the crossings, exits by the opposite crossings and by its own fixed stop and target."""

from typing import Any

import numpy as np
import raptorbt
from numpy.typing import NDArray

from benchmarks.peers.runs import Run, Sweep
from benchmarks.peers.workloads import CAPITAL, FEE, Crossings, Workload

NAME = "raptorbt"


def single(work: Workload) -> Any:
    """Run the first row."""
    up, down = Crossings(work.candles.close).of(int(work.rows.fast[0]), int(work.rows.slow[0]))
    market = _market(work)
    return raptorbt.run_single_backtest(*market, up, down, 1, 1.0, "BTC", _config(work, 0), position_sizes=_sizes(work))


def sweep(work: Workload) -> Any:
    """Run all rows in one call of its batch."""
    crossings, sizes = Crossings(work.candles.close), _sizes(work)
    items = []
    for row, (fast, slow) in enumerate(zip(work.rows.fast.tolist(), work.rows.slow.tolist(), strict=True)):
        up, down = crossings.of(fast, slow)
        items.append(raptorbt.BatchSingleItem(str(row), up, down, 1, 1.0, "BTC", _config(work, row), position_sizes=sizes))
    return raptorbt.batch_single_backtest(*_market(work), items)


def run_of(work: Workload) -> Run:
    """Return the first row in the common form."""
    return _run(single(work))


def sweep_of(work: Workload) -> Sweep:
    """Return all rows in the common form."""
    results = dict(sweep(work))
    runs = [_run(results[str(row)]) for row in range(len(work.rows))]
    return Sweep(np.array([run.equity for run in runs]), np.array([len(run) for run in runs], np.int64))


def _run(result: Any) -> Run:
    trades = result.trades()
    closed = [trade for trade in trades if trade.exit_reason != "EndOfData"]
    still = [trade for trade in trades if trade.exit_reason == "EndOfData"]
    return Run(
        entry_bar=np.array([trade.entry_idx for trade in closed], np.int64),
        exit_bar=np.array([trade.exit_idx for trade in closed], np.int64),
        direction=np.array([trade.direction for trade in closed], np.int64),
        entry_price=np.array([trade.entry_price for trade in closed], np.float64),
        exit_price=np.array([trade.exit_price for trade in closed], np.float64),
        qty=np.array([trade.size for trade in closed], np.float64),
        open_bar=int(still[0].entry_idx) if still else -1,
        equity=float(result.equity_curve()[-1]),
    )


def _market(work: Workload) -> tuple[NDArray[Any], ...]:
    c = work.candles
    return c.open_ms * 1_000_000, c.open, c.high, c.low, c.close, c.volume


def _config(work: Workload, row: int) -> Any:
    config = raptorbt.BacktestConfig(initial_capital=CAPITAL, fees=FEE, slippage=0.0, fill_timing="next_bar_open")
    config.set_fixed_stop(float(work.rows.stop[row]))
    config.set_fixed_target(float(work.rows.target[row]))
    return config


def _sizes(work: Workload) -> NDArray[np.float64]:
    """Return the share of the cash that buys cash / close of the signal's bar at the next open, fee included, for each signal bar."""
    sizes = np.ones(len(work.candles))
    sizes[:-1] = work.candles.open[1:] * (1.0 + FEE) / work.candles.close[:-1]
    return sizes
