"""From a run's files to its charts: which files each chart needs, and what it shows while they are not there yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from config import SizingMethod
from config.objectives import objective_label
from dashboard.decimation import Span
from dashboard.figures.base import Figure
from dashboard.figures.candles import candle_figure
from dashboard.figures.equity import equity_figure, hold_equity
from dashboard.figures.optimization_history import optimization_figure
from dashboard.figures.parameter_drift import drift_figure
from dashboard.figures.walkforward_windows import windows_figure
from dashboard.files import expecting
from dashboard.run_reader import SEARCH_STAGES, MarketView, Run
from dashboard.views.sources import SOURCES, equity_of, trades_of


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """What is asked for: a market of a run, a stretch of time, and one of the three backtests where a chart shows only one."""

    run: Run
    market: MarketView
    span: Span
    source: str

    def table(self, stage: str, name: str) -> pl.DataFrame | None:
        """Return a table of the market in a stage, None while there is none."""
        return self.run.market_table(stage, self.market.slug, name)

    def setting(self, section: str, name: str) -> Any:
        """Return one of the settings resolved in stage 4. Raises CorruptFileError when it is not there."""
        with expecting("strategy.json"):
            return (self.run.stage_json("strategy", "strategy.json") or {})[section][name]


def _candles(asked: ChartRequest) -> Figure:
    candles = asked.table("baseline", "candles.parquet")
    entries = asked.table("baseline", "entries.parquet") if asked.source == "baseline" else None
    trades = trades_of(asked.run, asked.market.slug, asked.source)
    with expecting("a table of candles or trades"):
        return candle_figure(candles, trades, entries, asked.span, asked.market.bar_ms)


def _equity(asked: ChartRequest) -> Figure:
    found = {name: equity_of(asked.run, asked.market.slug, name) for name in SOURCES}
    series = {name: frame for name, frame in found.items() if frame is not None and not frame.is_empty()}
    candles = asked.table("baseline", "candles.parquet")
    if not series or candles is None:
        return equity_figure({}, asked.span, 0.0, asked.market.order_qty)
    capital = float(asked.setting("execution", "initial_capital"))
    with expecting("a table of candles or equity"):
        quantity = _held(asked, float(candles["open"][0]), capital)
        series["hold"] = hold_equity(candles, quantity, capital)
        return equity_figure(series, asked.span, capital, quantity)


def _held(asked: ChartRequest, first_open: float, capital: float) -> float:
    """Return the quantity to compare with: the market's, or what the capital buys where the account sizes the entries."""
    execution = (asked.run.stage_json("strategy", "strategy.json") or {})["execution"]
    return asked.market.order_qty if execution.get("sizing", SizingMethod.FIXED) == SizingMethod.FIXED else capital / first_open


def _optimization(asked: ChartRequest) -> Figure:
    stages = {stage: asked.run.trials(asked.market.slug, stage) for stage in SEARCH_STAGES}
    begun = {stage: trials for stage, trials in stages.items() if trials}
    objective = _objective_label(asked.setting("optimization", "objective")) if begun else ""
    with expecting("a trial ledger"):
        return optimization_figure(begun, objective)


def _objective_label(setting: Any) -> str:
    """Return the objective whose value a trial's score is: the only one, or the first of several."""
    return objective_label(setting if isinstance(setting, str) else str(setting[0]))


def _windows(asked: ChartRequest) -> Figure:
    content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json") or {"windows": []}
    with expecting("walkforward.json"):
        return windows_figure(content["windows"])


def _drift(asked: ChartRequest) -> Figure:
    content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json") or {"windows": [], "drift": {}}
    with expecting("walkforward.json"):
        return drift_figure(content["windows"], content["drift"])


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    "candles": _candles,
    "equity": _equity,
    "optimization": _optimization,
    "windows": _windows,
    "drift": _drift,
}
