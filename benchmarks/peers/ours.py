"""This product, through its public calls."""

import numpy as np

from backtest_engine import BacktestEngine, BacktestResult, BatchSimulation
from benchmarks.peers.runs import Run, Sweep
from benchmarks.peers.workloads import FEE, QTY, Workload

NAME = "this engine"


def single(work: Workload, row: int = 0) -> BacktestResult:
    """Return one backtest with its trades: the call that is timed."""
    result = BacktestEngine(work.candles, work.config(row), QTY, execution=work.execution()).run()
    _ = result.trades
    return result


def sweep(work: Workload, threads: int | None = None) -> BatchSimulation:
    """Simulate all rows and return the batch, metrics ready: the call that is timed."""
    batch = BatchSimulation(work.candles, work.config(0), work.values(), QTY, work.execution(), threads=threads)
    batch.advance(batch.bars)
    batch.figures()
    return batch


def run_of(work: Workload, row: int = 0) -> Run:
    """Return one backtest in the common form."""
    result = single(work, row)
    trades = result.trades
    bar_of = {int(time): bar for bar, time in enumerate(work.candles.open_ms)}
    entry_bar = np.array([bar_of[time] for time in trades["entry_time"]], np.int64)
    exit_bar = np.array([bar_of[time] for time in trades["exit_time"]], np.int64)
    forced = trades["exit_reason"] == "end_of_data"
    closed = ~forced.to_numpy()
    last = trades.filter(forced)
    return Run(
        entry_bar=entry_bar[closed],
        exit_bar=exit_bar[closed],
        direction=trades["direction"].to_numpy()[closed].astype(np.int64),
        entry_price=trades["avg_entry"].to_numpy()[closed],
        exit_price=trades["exit_price"].to_numpy()[closed],
        qty=trades["qty"].to_numpy()[closed],
        open_bar=int(entry_bar[~closed][0]) if len(last) else -1,
        equity=result.final_equity + float((last["qty"] * last["exit_price"]).sum()) * FEE,
    )


def sweep_of(work: Workload) -> Sweep:
    """Return the sweep in the common form; every row must equal its single run, bit for bit."""
    figures = sweep(work).figures()
    equity, trades = np.zeros(len(work.rows)), np.zeros(len(work.rows), np.int64)
    for row in range(len(work.rows)):
        run = run_of(work, row)
        closing = figures["final_equity"][row]
        alone = single(work, row)
        if alone.final_equity != closing or alone.total_trades != figures["total_trades"][row]:
            raise RuntimeError(f"row {row} of the batch is not its single run: {closing!r} and {alone.final_equity!r}")
        equity[row], trades[row] = run.equity, len(run)
    return Sweep(equity, trades)
