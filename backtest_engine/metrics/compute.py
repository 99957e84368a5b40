"""All metrics of one run, in the order in which they are shown."""

from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np

from backtest_engine.records import RecordArray
from backtest_engine.score_records import METRICS_DTYPE


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
        return dict(zip(_NAMES, _values_of(self), strict=True))  # dataclasses.asdict copies every number: 100 us instead of 2

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names in display order."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def of_record(cls, figures: np.void) -> "Metrics":
        """Return the metrics that a kernel wrote into a record of ``METRICS_DTYPE``."""
        return cls(*figures.item())


_NAMES = Metrics.names()
_values_of = attrgetter(*_NAMES)


def empty_figures(rows: int) -> RecordArray:
    """Return room for the metrics of ``rows`` runs."""
    return np.zeros(rows, METRICS_DTYPE)
