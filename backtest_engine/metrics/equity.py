"""Metrics of an equity curve. Ratios are annualized with the market's own number of bars per year (365.25 days for crypto)."""

import math
from dataclasses import dataclass

import numpy as np

from backtest_engine.records import Floats

NAN = math.nan


@dataclass(frozen=True, slots=True)
class EquityMetrics:
    """``sharpe_ratio``, ``sortino_ratio``, ``calmar_ratio`` without unit; ``cagr``, ``volatility``, ``max_drawdown`` (<= 0) in percent;
    ``max_drawdown_quote`` (<= 0) in the quote currency.
    """

    sharpe_ratio: float
    sortino_ratio: float
    calmar_ratio: float
    cagr: float
    volatility: float
    max_drawdown: float
    max_drawdown_quote: float


def equity_metrics(equity: Floats, periods_per_year: float, risk_free_rate: float = 0.0) -> EquityMetrics:
    """Return the metrics of ``equity`` (float64, one value per bar close, the first one the starting capital).

    ``risk_free_rate`` is an annual fraction. Sharpe (1994): mean excess return over its standard deviation (ddof 1); Sortino: over the
    root mean square of the negative excess returns; Calmar: CAGR over the largest drawdown; CAGR over ``len - 1`` periods.
    """
    returns = period_returns(equity)
    excess = returns - risk_free_rate / periods_per_year if risk_free_rate else returns
    peak_gap, peaks = _peak_gaps(equity)
    worst = float((peak_gap / peaks).min()) * 100.0
    cagr = _cagr(equity, periods_per_year)
    return EquityMetrics(
        sharpe_ratio=_sharpe(excess, periods_per_year),
        sortino_ratio=_sortino(excess, periods_per_year),
        calmar_ratio=cagr / abs(worst) if worst < 0.0 else NAN,
        cagr=cagr,
        volatility=float(returns.std(ddof=1)) * math.sqrt(periods_per_year) * 100.0 if len(returns) > 1 else NAN,
        max_drawdown=worst,
        max_drawdown_quote=float(peak_gap.min()),
    )


def period_returns(equity: Floats) -> Floats:
    """Return the simple return of each bar after the first (length ``len - 1``); 0 after ruin, when there is nothing to earn on."""
    before, after = equity[:-1], equity[1:]
    alive = before > 0.0
    if alive.all():
        return after / before - 1.0
    return np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)


def drawdowns(equity: Floats) -> Floats:
    """Return each bar's distance from the highest equity so far, in percent (<= 0), same length."""
    peak_gap, peaks = _peak_gaps(equity)
    return peak_gap / peaks * 100.0


def _peak_gaps(equity: Floats) -> tuple[Floats, Floats]:
    peaks = np.maximum.accumulate(equity)
    return equity - peaks, peaks


def _sharpe(excess: Floats, periods_per_year: float) -> float:
    # equal returns: the deviation is 0 but for rounding, and the ratio undefined
    if len(excess) < 2 or excess.min() == excess.max():
        return NAN
    return float(excess.mean() / excess.std(ddof=1)) * math.sqrt(periods_per_year)


def _sortino(excess: Floats, periods_per_year: float) -> float:
    downside = np.minimum(excess, 0.0)
    mean_square = float((downside * downside).mean()) if len(excess) > 1 else 0.0
    if mean_square == 0.0:
        return NAN
    return float(excess.mean()) / math.sqrt(mean_square) * math.sqrt(periods_per_year)


def _cagr(equity: Floats, periods_per_year: float) -> float:
    """Return the compound annual growth in percent; nan below two bars or where a few lucky bars would compound beyond any float."""
    if len(equity) < 2:
        return NAN
    if equity[-1] <= 0.0:
        return -100.0
    log_growth = math.log(equity[-1] / equity[0]) * periods_per_year / (len(equity) - 1)
    return math.expm1(log_growth) * 100.0 if log_growth < 700.0 else NAN
