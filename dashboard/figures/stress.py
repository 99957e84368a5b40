"""Net P&L of the chosen parameters with one thing made worse at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.base import Figure, Trace, empty, figure, plain_text
from dashboard.figures.signed_bars import signed_bars, signed_layout
from dashboard.formatting import number
from reporting.gate_texts import finite


def stress_figure(scenarios: Sequence[Mapping[str, Any]] | None) -> Figure:
    """Return the bars of walkforward.json's ``stress``; a diamond is the worst of several draws."""
    if not scenarios:
        return empty("No stress tests: they come with the walk-forward of stage 8, in runs of newer versions.")
    tested = [each for each in scenarios if finite(each["net_pnl"]) is not None]
    if not tested:
        return empty(f"The stress tests have no result: {plain_text(scenarios[0].get('reason') or 'no reason was told')}.")
    labels = [plain_text(each["label"]) for each in tested]
    values = [float(each["net_pnl"]) for each in tested]
    bars = signed_bars(labels, values, [_text(each) for each in tested])
    worst = [each for each in tested if finite(each["worst_net_pnl"]) is not None and each["worst_net_pnl"] < each["net_pnl"]]
    drawn: Trace = {
        "type": "scatter", "mode": "markers", "name": "The worst of the several draws", "y": [plain_text(each["label"]) for each in worst],
        "x": [each["worst_net_pnl"] for each in worst],
        "marker": {"symbol": "diamond", "size": 10, "color": "@panel", "line": {"width": 2, "color": "@ink"}},
        "hovertemplate": "worst draw %{x:,.2f}<extra></extra>",
    }  # fmt: skip
    layout = signed_layout([*values, *drawn["x"]], len(labels))
    return figure([bars, drawn] if worst else [bars], layout, scenarios=len(tested), note=_untested(scenarios))


def _text(each: Mapping[str, Any]) -> str:
    kept = "" if finite(each["kept"]) is None else f", {number(100 * each['kept'], 0)} % kept"
    return f"{plain_text(each['label'])}: net {number(each['net_pnl'])}{kept}<br>{plain_text(each['sentence'])}"


def _untested(scenarios: Sequence[Mapping[str, Any]]) -> str:
    return " ".join(f"{each['label']}: {each.get('reason') or 'no result'}." for each in scenarios if finite(each["net_pnl"]) is None)
