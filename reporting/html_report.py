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
from reporting.decimation import MAX_POINTS
from reporting.figures import Figure, market_figures
from reporting.finer_execution import finer_execution
from reporting.fronts import aims
from reporting.gate import GATES, Gate
from reporting.metric_table import METRIC_BY_NAME, REPORT_METRICS, format_metric
from reporting.performance_columns import MarketPerformance
from reporting.performance_view import comparison_groups, hour_figure, performance_context
from reporting.robustness_view import (
    PATH_COLUMNS,
    REGIME_COLUMNS,
    STRESS_COLUMNS,
    depth_cells,
    depth_columns,
    depth_scores,
    path_rows,
    regime_rows,
    stress_rows,
)
from reporting.significance_figures import TITLES, luck_figures
from reporting.significance_view import ABSENT, significance_context
from reporting.summary_markdown import CAVEATS, provable_sentences
from reporting.surroundings import surroundings
from reporting.verdict import Verdict

_TEMPLATES = Path(__file__).parent / "templates"
# Bytes that a page may have: many a mailbox takes no more.
LARGEST = 7_900_000
# A line of fewer points hides what it is about.
LEAST_POINTS = 300
_WINDOW_COLUMNS = ("total_trades", "net_pnl", "sharpe_ratio", "max_drawdown")
_SCORES = {
    "consistency": "Share of scored windows that ended with a profit.",
    "stability": "How alike the windows' Sharpe ratios are: 1 = all the same.",
    "overfitting": "Share of the in-sample Sharpe ratio that was lost out of sample.",
    "confidence": "0.4 consistency + 0.4 stability + 0.2 (1 - overfitting, which counts as 1 at most).",
}


def render_html(
    markets: Sequence[MarketReport],
    comparisons: Mapping[str, Comparison],
    performances: Mapping[str, MarketPerformance],
    verdicts: Mapping[str, Verdict],
    settings: Mapping[str, Any],
) -> str:
    """Return the whole page for ``markets`` in order; equal contents give equal text."""
    figures = {market.slug: _figures(market, performances[market.slug], verdicts[market.slug], len(markets)) for market in markets}
    contexts = [
        _market_context(market, comparisons[market.slug], performances[market.slug], verdicts[market.slug]) | _places(figures[market.slug])
        for market in markets
    ]
    page = _page(contexts, figures, settings)
    if (excess := len(page.encode()) - LARGEST) <= 0:
        return page
    page = _page(contexts, _within(figures, excess), settings)
    return page if len(page.encode()) <= LARGEST else _page(contexts, {key: {} for key in figures}, settings, brief=True)


def _page(
    contexts: Sequence[Mapping[str, Any]],
    figures: Mapping[str, Mapping[str, Figure]],
    settings: Mapping[str, Any],
    *,
    brief: bool = False,
) -> str:
    """Return the page with the ``figures`` (market, name) that there are; a ``brief`` one ends each market with the comparison."""
    return _template().render(
        brief=brief,
        markets=[{**context, "figures": set(figures[context["slug"]])} for context in contexts],
        settings=_flat(settings),
        columns=[COLUMN_LABELS[column] for column in COLUMNS],
        note=NOTE,
        no_luck=ABSENT,
        caveats=CAVEATS,
        window_heads=[METRIC_BY_NAME[name] for name in _WINDOW_COLUMNS],
        path_heads=list(PATH_COLUMNS.values()),
        stress_heads=list(STRESS_COLUMNS.values()),
        regime_heads=list(REGIME_COLUMNS.values()),
        glossary=[(info.label, info.definition) for info in REPORT_METRICS],
        figures_json=_script_safe(dumps({f"{slug}-{name}": figure for slug, each in figures.items() for name, figure in each.items()})),
        plotly_js=get_plotlyjs(),
    )


def _within(figures: Mapping[str, dict[str, Figure]], excess: int) -> Mapping[str, dict[str, Figure]]:
    """Return ``figures`` without those of the last markets, as many as take ``excess`` bytes off the page."""
    kept = dict(figures)
    for slug in reversed(list(figures)):
        if excess <= 0:
            break
        excess -= len(dumps(kept[slug]))
        kept[slug] = {}
    return kept


def _figures(market: MarketReport, performance: MarketPerformance, verdict: Verdict, markets: int) -> dict[str, Figure]:
    """Return the market's figures by name; the more ``markets`` share the page, the fewer points a line has."""
    limits = {gate.name: gate.threshold for gate in verdict.gates}
    hours = hour_figure(performance)
    found = market_figures(market, max(LEAST_POINTS, MAX_POINTS // markets)) | luck_figures(market.significance, limits)
    return found | ({"hours": hours} if hours["data"] else {})


def _places(figures: Mapping[str, Figure]) -> dict[str, Any]:
    """Return which places for figures the template makes, where not every market has them."""
    return {"luck_charts": [(name, title) for name, title in TITLES.items() if name in figures], "has_hours": "hours" in figures}


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")


def _script_safe(json_text: str) -> str:
    """Return JSON that cannot end its script element, whatever a symbol or strategy is called."""
    return json_text.replace("<", "\\u003c")


def _market_context(market: MarketReport, comparison: Comparison, performance: MarketPerformance, verdict: Verdict) -> dict[str, Any]:
    baseline, walkforward = market.baseline, market.walkforward
    return {
        "slug": market.slug,
        "title": market.title,
        "synthetic": market.synthetic,
        "span": f"{format_utc(baseline['start_ms'])} to {format_utc(baseline['end_ms'])} UTC, {baseline['bars']:,} bars",
        "verdict": verdict,
        "kind": "pass" if verdict.passed else "fail" if walkforward["scored_windows"] and walkforward["oos_trades"] else "none",
        "gates": [_gate_context(gate) for gate in verdict.gates],
        "groups": comparison_groups(comparison),
        "performance": performance_context(performance),
        "provable": list(provable_sentences(market)),
        "luck": significance_context(market.significance),
        **_walkforward_context(walkforward),
        "around": surroundings(market.optimization),
        "aims": aims(market.optimization),
        "quality": _flat({key: value for key, value in market.quality.items() if key not in ("warnings", "holes", "spikes")}),
        "warnings": [*market.quality["warnings"], *(market.baseline["detail"] or {"warnings": ()})["warnings"]],
        "funding": _funding_rows(market.baseline["funding"]),
        "finer": finer_execution(market.baseline, market.timeframe),
        "holes": [
            f"{format_utc(start)} to {format_utc(end)} UTC: {bars} bars" for start, end, bars in market.quality.get("holes", [])[:50]
        ],
    }


def _walkforward_context(walkforward: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stress": stress_rows(walkforward),
        "regimes": regime_rows(walkforward),
        "paths": path_rows(walkforward),
        "depth_heads": depth_columns(walkforward),
        "scores": [
            *((name, _two_digits(walkforward["scores"][name]), meaning) for name, meaning in _SCORES.items()),
            *depth_scores(walkforward),
        ],
        "windows": [_window_context(window) | {"depth": depth_cells(walkforward, window)} for window in walkforward["windows"]],
        "drift": [
            (name, {key: "n/a" if value is None else f"{value:.4g}" for key, value in drift.items()})
            for name, drift in walkforward["drift"].items()
        ],
        "has_drift": bool(walkforward["drift"]),
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
        "definition": info.definition,
        "gate": gate,
        "value": info.value_text(gate.value, gate.threshold),
        "limit": f"{gate.comparison} {info.limit_text(gate.threshold)}",
    }


def _window_context(window: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": window["index"],
        "spans": [[format_utc(window[f"{part}_{end}_ms"])[:10] for end in ("start", "end")] for part in ("is", "oos")],
        "is_sharpe": format_metric("sharpe_ratio", window["is_metrics"].get("sharpe_ratio")),
        "cells": [format_metric(name, window["oos_metrics"].get(name)) for name in _WINDOW_COLUMNS],
        "doubled": format_metric("net_pnl", window["doubled_costs_net_pnl"]),
        "scored": window["scored"],
        "reason": window["reason"] or "",
        "params": ", ".join(f"{name} {_short(value)}" for name, value in window["params"].items()),
    }


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
