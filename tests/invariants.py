"""What holds after every backtest, whatever the strategy, the settings and the candles; run by a fixture after each one of the suite."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest_engine import BacktestResult, Simulation
from core.candles import Candles

RELATIVE = 1e-9
Numbers = NDArray[Any]


def assert_result_invariants(simulation: Simulation, result: BacktestResult) -> None:
    """Fail with the name of the law and the offending trade or bar when ``result`` breaks one."""
    trades = {name: result.trades[name].to_numpy() for name in result.trades.columns}
    equity = result.equity["equity"].to_numpy()
    _assert_finite(result, trades, equity)
    _assert_account(simulation, result, trades, equity)
    _assert_times(result, trades)
    _assert_quantities_and_money(result, trades)
    _assert_prices(simulation, result.detail or result.candles, trades)
    _assert_counts(simulation, result)


def _require(law: str, good: NDArray[np.bool_]) -> None:
    bad = np.flatnonzero(~np.atleast_1d(good))
    assert not len(bad), f"{law}: broken {len(bad)} time(s), first at {bad[0]}"


def _close(a: Numbers, b: Numbers, scale: Numbers | float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(a - b) <= RELATIVE * np.maximum(1.0, np.abs(scale)))


def _assert_finite(result: BacktestResult, trades: dict[str, Numbers], equity: Numbers) -> None:
    for name, values in trades.items():
        if values.dtype.kind == "f":
            _require(f"trades.{name} is finite", np.isfinite(values))
    for name in ("wanted_qty", "filled_qty", "signal_price"):
        _require(f"entries.{name} is finite", np.isfinite(result.entries[name].to_numpy()))
    _require("equity is finite", np.isfinite(equity))


def _assert_account(simulation: Simulation, result: BacktestResult, trades: dict[str, Numbers], equity: Numbers) -> None:
    initial = simulation.execution.initial_capital
    account = max(initial, float(np.abs(trades["gross_pnl"]).sum()))
    _require("net P&L and initial capital add up to the final equity", _close(initial + trades["net_pnl"].sum(), equity[-1], account))
    drawdown = result.equity["drawdown_pct"].to_numpy()
    _require("drawdown is at most 0", np.isfinite(drawdown) & (drawdown <= 0.0))
    alive = equity > 0.0
    _require("equity is positive until ruin and 0 after", np.where(alive, True, equity == 0.0) & (alive[:-1] >= alive[1:]).all())
    assert result.metrics.ruined == (not alive[-1]), "an account is ruined when, and only when, its equity ends at 0"


def _assert_times(result: BacktestResult, trades: dict[str, Numbers]) -> None:
    entry, exit_ = trades["entry_time"], trades["exit_time"]
    _require("the equity's times are the candles'", result.equity["time"].to_numpy() == result.candles.open_ms)
    _require("trades are numbered from 0", trades["trade_id"] == np.arange(len(entry)))
    _require("a trade is entered before it is left", entry <= exit_)
    _require("one position at a time", exit_[:-1] <= entry[1:])
    bars = result.candles.open_ms
    first, last = (np.searchsorted(bars, times, side="right") for times in (entry, exit_))
    _require("bars held", trades["bars_held"] == last - first)
    market = bars if result.detail is None else result.detail.open_ms
    entries = result.entries
    for times in (entry, exit_, entries["end_time"].to_numpy()):
        _require("fills and ends of entries have the times of bars of the market", np.isin(times, market))
    signal_close = entries["signal_time"].to_numpy() + result.candles.timeframe.ms
    _require("an entry ends after its signal's bar", signal_close <= entries["end_time"].to_numpy())
    _require("entry events are in order", np.diff(entries["end_time"].to_numpy()) >= 0)


def _assert_quantities_and_money(result: BacktestResult, trades: dict[str, Numbers]) -> None:
    qty, gross, net = trades["qty"], trades["gross_pnl"], trades["net_pnl"]
    _require("quantity is positive", qty > 0.0)
    _require("quantities of the tiers add up", np.abs(sum(trades[f"tier{k}_qty"] for k in (1, 2, 3, 4)) - qty) <= RELATIVE * qty)
    _require("costs are not negative", (trades["fees"] >= 0.0) & (trades["slippage_cost"] >= 0.0))
    notional = qty * np.maximum(trades["avg_entry"], trades["exit_price"])
    _require("gross P&L is the move times the quantity",
             _close(gross, trades["direction"] * qty * (trades["exit_price"] - trades["avg_entry"]), notional))  # fmt: skip
    booked = _close(net, gross - trades["fees"] - trades["funding"], notional)
    if result.metrics.ruined:
        booked[-1:] = net[-1:] >= (gross - trades["fees"] - trades["funding"])[-1:] - RELATIVE * notional[-1:]
    _require("net P&L is gross less fees and funding", booked)
    _require("MAE <= min(gross, 0)", trades["mae"] <= np.minimum(gross, 0.0))
    _require("MFE >= max(gross, 0)", trades["mfe"] >= np.maximum(gross, 0.0))


def _assert_prices(simulation: Simulation, candles: Candles, trades: dict[str, Numbers]) -> None:
    """Prices before slip, within a price step, lie inside their bars, but for the fixed target, which may be left behind by the open."""
    direction, step = trades["direction"], float(simulation._rules[0]["price_step"])
    first, last = (np.searchsorted(candles.open_ms, trades[name]) for name in ("entry_time", "exit_time"))
    target = trades["exit_reason"] == "take_profit"
    slip = _slip_of(simulation, candles, last, trades["qty"])
    exit_quote = np.where(target, trades["exit_price"], trades["exit_price"] / (1.0 - direction * slip))
    worth_nothing = (trades["exit_price"] == step) & (direction > 0)  # what is sold brings at least one step
    inside = _within(exit_quote, candles.low[last] - 2.0 * step, candles.high[last] + 2.0 * step)
    _require("an exit's price lies inside its bar", target | inside | worth_nothing)
    exit_slip = np.abs(trades["exit_price"] - exit_quote)
    entry_quote = trades["avg_entry"] - direction * (trades["slippage_cost"] / trades["qty"] - exit_slip)
    # one fill, but for slices and for an entry to which two tiers contributed
    single = (trades["tier3_qty"] == 0.0) & (sum((trades[f"tier{k}_qty"] > 0.0).astype(int) for k in (1, 2, 4)) == 1)
    until = np.where(single, first, last)
    lows = np.array([candles.low[a : b + 1].min() for a, b in zip(first, until, strict=True)])
    highs = np.array([candles.high[a : b + 1].max() for a, b in zip(first, until, strict=True)])
    around = _within(entry_quote, lows - 2.0 * step, highs + 2.0 * step)
    _require("an entry's price lies inside its bars", around | worth_nothing)


def _slip_of(simulation: Simulation, candles: Candles, bars: Numbers, qty: Numbers) -> Numbers:
    """Return the slip of fills of ``qty`` in ``bars``."""
    costs = simulation.execution
    span = (candles.high[bars] - candles.low[bars]) / candles.open[bars]
    volume = candles.volume[bars]
    part = np.where(volume > 0.0, qty / np.where(volume > 0.0, volume, 1.0), 1.0)
    slip = costs.slippage + costs.slippage_range_share * span + costs.slippage_impact * span * np.sqrt(part)
    return np.asarray(np.minimum(slip, costs.slippage_cap))


def _within(prices: Numbers, lows: Numbers, highs: Numbers) -> NDArray[np.bool_]:
    return np.asarray((prices >= lows * (1.0 - RELATIVE)) & (prices <= highs * (1.0 + RELATIVE)))


def _assert_counts(simulation: Simulation, result: BacktestResult) -> None:
    metrics, net = result.metrics, result.trades["net_pnl"]
    assert metrics.total_trades == len(net)
    assert (metrics.winning_trades, metrics.losing_trades) == ((net > 0).sum(), (net < 0).sum())
    counted = (metrics.missed_entries, metrics.partial_entries, metrics.rejected_entries)
    assert counted == (len(result.missed_entries), len(result.partial_entries), len(result.rejected_entries))
    assert sum(counted) == len(result.entries)
    _require("fees add up", _close(np.array([metrics.fees]), result.trades["fees"].to_numpy().sum(), metrics.fees))
    assert 0.0 <= metrics.exposure <= 100.0
    signals = len(simulation._signals.bars)
    used = metrics.total_trades + metrics.missed_entries + metrics.rejected_entries
    assert used <= signals, f"{used} entries out of {signals} signals"
