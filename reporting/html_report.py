"""The report as one HTML file that opens anywhere, offline: styles, scripts, Plotly and data are all inside."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from plotly.offline import get_plotlyjs

from core.canonical_json import dumps
from core.clock import format_utc
from reporting.checkpoints import MarketReport
from reporting.comparison import COLUMN_LABELS, COLUMNS, NOTE, Comparison
from reporting.figures import market_figures
from reporting.finer_execution import finer_execution
from reporting.fronts import aims
from reporting.gate import GATES, Gate
from reporting.metric_table import METRIC_BY_NAME, format_metric
from reporting.surroundings import surroundings
from reporting.verdict import Verdict

_TEMPLATES = Path(__file__).parent / "templates"
_WINDOW_COLUMNS = ("total_trades", "net_pnl", "sharpe_ratio", "max_drawdown")
_TRADE_ROWS = ("total_trades", "win_rate", "profit_factor", "expectancy", "average_win", "average_loss", "fees", "slippage_cost", "funding")
_SCORES = {
    "consistency": "Share of scored windows that ended with a profit.",
    "stability": "How alike the windows' Sharpe ratios are: 1 = all the same.",
    "overfitting": "Share of the in-sample Sharpe ratio that was lost out of sample.",
    "confidence": "0.4 consistency + 0.4 stability + 0.2 (1 - overfitting).",
}


def render_html(
    markets: Sequence[MarketReport],
    comparisons: Mapping[str, Comparison],
    verdicts: Mapping[str, Verdict],
    settings: Mapping[str, Any],
) -> str:
    """Return the whole page for ``markets`` in order; equal contents give equal text."""
    figures = {f"{market.slug}-{name}": figure for market in markets for name, figure in market_figures(market).items()}
    return _template().render(
        markets=[_market_context(market, comparisons[market.slug], verdicts[market.slug]) for market in markets],
        settings=_flat(settings),
        columns=[COLUMN_LABELS[column] for column in COLUMNS],
        note=NOTE,
        figures_json=_script_safe(dumps(figures)),
        plotly_js=get_plotlyjs(),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")


def _script_safe(json_text: str) -> str:
    """Return JSON that cannot end its script element, whatever a symbol or strategy is called."""
    return json_text.replace("<", "\\u003c")


def _market_context(market: MarketReport, comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    baseline, walkforward = market.baseline, market.walkforward
    return {
        "slug": market.slug,
        "title": market.title,
        "synthetic": market.synthetic,
        "span": f"{format_utc(baseline['start_ms'])} to {format_utc(baseline['end_ms'])} UTC, {baseline['bars']:,} bars",
        "verdict": verdict,
        "kind": "pass" if verdict.passed else "fail" if walkforward["scored_windows"] and walkforward["oos_trades"] else "none",
        "gates": [_gate_context(gate) for gate in verdict.gates],
        "rows": [{"row": row, "texts": row.texts()} for row in comparison.rows],
        "scores": [(name, _two_digits(walkforward["scores"][name]), meaning) for name, meaning in _SCORES.items()],
        "windows": [_window_context(window) for window in walkforward["windows"]],
        "drift": [
            (name, {key: "n/a" if value is None else f"{value:.4g}" for key, value in drift.items()})
            for name, drift in walkforward["drift"].items()
        ],
        "has_drift": bool(walkforward["drift"]),
        "around": surroundings(market.optimization),
        "aims": aims(market.optimization),
        "trades": _trades_context(market),
        "exits": _exit_reasons(market),
        "quality": _flat({key: value for key, value in market.quality.items() if key not in ("warnings", "holes", "spikes")}),
        "warnings": [*market.quality["warnings"], *(market.baseline["detail"] or {"warnings": ()})["warnings"]],
        "funding": _funding_rows(market.baseline["funding"]),
        "finer": finer_execution(market.baseline, market.timeframe),
        "holes": [
            f"{format_utc(start)} to {format_utc(end)} UTC: {bars} bars" for start, end, bars in market.quality.get("holes", [])[:50]
        ],
    }


def _funding_rows(funding: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return where the funding that was charged comes from; nothing where no rates came with the data."""
    if funding is None:
        return []
    rows = [("source", funding["source"]), ("rates", f"{funding['told']:,}")]
    if funding["holes"]:
        rows += [("without rates", "; ".join(f"{format_utc(start)} to {format_utc(end)} UTC" for start, end in funding["holes"][:50]))]
        rows += [("assumed there", f"{funding['assumed_rate']:.4%}, {funding['assumed']:,} times" if funding["assumed"] else "nothing")]
    return rows


def _gate_context(gate: Gate) -> dict[str, Any]:
    info = GATES[gate.name]
    return {
        "label": info.label,
        "gate": gate,
        "value": info.value_text(gate.value, gate.threshold),
        "limit": f"{gate.comparison} {info.limit_text(gate.threshold)}",
    }


def _window_context(window: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": window["index"],
        "is_span": f"{format_utc(window['is_start_ms'])[:10]} – {format_utc(window['is_end_ms'])[:10]}",
        "oos_span": f"{format_utc(window['oos_start_ms'])[:10]} – {format_utc(window['oos_end_ms'])[:10]}",
        "is_sharpe": format_metric("sharpe_ratio", window["is_metrics"].get("sharpe_ratio")),
        "cells": [format_metric(name, window["oos_metrics"].get(name)) for name in _WINDOW_COLUMNS],
        "doubled": format_metric("net_pnl", window["doubled_costs_net_pnl"]),
        "scored": window["scored"],
        "reason": window["reason"] or "",
        "params": ", ".join(f"{name} {_short(value)}" for name, value in window["params"].items()),
    }


def _trades_context(market: MarketReport) -> list[dict[str, Any]]:
    columns = (
        market.baseline["metrics"],
        (market.optimization["stages"].get("7.3") or {}).get("metrics") or {},
        market.walkforward["stitched"],
    )
    return [
        {"label": METRIC_BY_NAME[name].label, "texts": [format_metric(name, column.get(name)) for column in columns]}
        for name in _TRADE_ROWS
    ]


def _exit_reasons(market: MarketReport) -> list[tuple[str, list[int]]]:
    counts = [
        dict(frame["exit_reason"].value_counts().iter_rows()) for frame in (market.baseline_trades, market.best_trades, market.oos_trades)
    ]
    reasons = sorted({reason for each in counts for reason in each})
    return [(reason, [each.get(reason, 0) for each in counts]) for reason in reasons]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return dotted names and texts of nested settings, in their order."""
    rows: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", format_utc(value) if key.endswith("_ms") and value is not None else _short(value)))
    return rows


def _short(value: Any) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_short(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _two_digits(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def _four_digits(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4g}"
