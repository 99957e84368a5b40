"""All metrics of one run, in the order in which they are shown."""

from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from backtest_engine.codes import MISSED, PARTIAL, REJECTED
from backtest_engine.metrics.equity import equity_metrics
from backtest_engine.metrics.trades import trade_metrics
from backtest_engine.records import Floats


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a run was worth. Percent: win_rate, return_pct, cagr, volatility, max_drawdown (<= 0), exposure. Quote currency: every P&L,
    fees, slippage_cost, funding, final_equity, max_drawdown_quote (<= 0), expectancy, average_win, average_loss. An undefined figure is
    ``nan``. ``net_pnl`` is final equity less initial capital, an open position marked at the close.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    win_rate: float
    net_pnl: float
    return_pct: float
    gross_pnl: float
    fees: float
    slippage_cost: float
    funding: float
    final_equity: float
    sharpe_ratio: float
    sortino_ratio: float
    calmar_ratio: float
    cagr: float
    volatility: float
    max_drawdown: float
    max_drawdown_quote: float
    profit_factor: float
    recovery_factor: float
    expectancy: float
    average_win: float
    average_loss: float
    max_consecutive_wins: int
    max_consecutive_losses: int
    exposure: float
    average_bars_held: float
    missed_entries: int
    partial_entries: int
    rejected_entries: int
    ruined: bool

    def as_dict(self) -> dict[str, float | int | bool]:
        """Return name -> value in display order."""
        return asdict(self)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names in display order."""
        return tuple(field.name for field in fields(cls))


def compute_metrics(
    *,
    equity: Floats,
    trades: NDArray[np.void],
    entries: NDArray[np.void],
    initial_capital: float,
    bars_in_position: int,
    ruined: bool,
    periods_per_year: float,
    risk_free_rate: float,
) -> Metrics:
    """Return the metrics of a run from its equity (float64 per bar) and its trade and entry records (structured arrays)."""
    by_equity = equity_metrics(equity, periods_per_year, risk_free_rate)
    by_trade = trade_metrics(trades["net_pnl"], trades["exit_bar"] - trades["entry_bar"])
    kinds = np.bincount(entries["kind"], minlength=REJECTED + 1)
    net = float(equity[-1]) - initial_capital
    worst = by_equity.max_drawdown_quote
    return Metrics(
        total_trades=by_trade.total_trades,
        winning_trades=by_trade.winning_trades,
        losing_trades=by_trade.losing_trades,
        win_rate=by_trade.win_rate,
        net_pnl=net,
        return_pct=100.0 * net / initial_capital,
        gross_pnl=float(trades["gross_pnl"].sum()),
        fees=float(trades["fees"].sum()),
        slippage_cost=float(trades["slippage_cost"].sum()),
        funding=float(trades["funding"].sum()),
        final_equity=float(equity[-1]),
        sharpe_ratio=by_equity.sharpe_ratio,
        sortino_ratio=by_equity.sortino_ratio,
        calmar_ratio=by_equity.calmar_ratio,
        cagr=by_equity.cagr,
        volatility=by_equity.volatility,
        max_drawdown=by_equity.max_drawdown,
        max_drawdown_quote=worst,
        profit_factor=by_trade.profit_factor,
        recovery_factor=net / -worst if worst < 0.0 else float("nan"),
        expectancy=by_trade.expectancy,
        average_win=by_trade.average_win,
        average_loss=by_trade.average_loss,
        max_consecutive_wins=by_trade.max_consecutive_wins,
        max_consecutive_losses=by_trade.max_consecutive_losses,
        exposure=100.0 * bars_in_position / len(equity),
        average_bars_held=by_trade.average_bars_held,
        missed_entries=int(kinds[MISSED]),
        partial_entries=int(kinds[PARTIAL]),
        rejected_entries=int(kinds[REJECTED]),
        ruined=ruined,
    )
