"""In which kind of market the tested days earned and lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.base import Figure, empty, figure, plain_text
from dashboard.figures.signed_bars import signed_bars, signed_layout
from dashboard.formatting import number
from reporting.gate_texts import counted
from reporting.robustness_view import regime_label


def regimes_figure(regimes: Sequence[Mapping[str, Any]] | None) -> Figure:
    """Return the bars of walkforward.json's ``regimes``: net P&L, with the share of the bars beneath each."""
    if not regimes:
        return empty("No regimes: they come with the walk-forward of stage 8, in runs of newer versions.")
    values = [each["net_pnl"] for each in regimes]
    bars = signed_bars([_place(each) for each in regimes], values, [_text(each) for each in regimes])
    return figure([bars], signed_layout(values, len(regimes)), regimes=len(regimes))


def _place(regime: Mapping[str, Any]) -> str:
    share = "" if regime["share"] is None else f"<br>{number(100 * regime['share'], 0)} % of bars"
    return f"{plain_text(regime_label(regime))}{share}"


def _text(regime: Mapping[str, Any]) -> str:
    trades = counted(regime["trades"], "trade")
    return (
        f"{plain_text(regime_label(regime))}: net {number(regime['net_pnl'])}<br>"
        f"{trades} entered, {number(regime['bars'], 0)} bars, Sharpe {number(regime['sharpe_ratio'])}"
    )
