"""What stands behind the charts of walk-forward, overfitting and data quality, in full: a row per window, scenario, day or range."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from dashboard.charts.data import ranges_of
from dashboard.charts.overfitting import real_equity
from dashboard.charts.request import ChartRequest
from dashboard.reading.files import expecting
from dashboard.views.overfitting import checked_significance

Table = Callable[[ChartRequest], pl.DataFrame | None]
Row = Mapping[str, Any]

_WINDOW = (
    "index", "path", "is_start_ms", "is_end_ms", "oos_start_ms", "oos_end_ms", "scored", "reason", "profitable", "efficiency",
    "rank_correlation", "selection_skill", "selection_skill_net_pnl", "trials_tested", "trials_ranked", "doubled_costs_net_pnl",
)  # fmt: skip


def _frame(rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame([dict(row) for row in rows], infer_schema_length=None, strict=False)


def _of_content(make: Callable[[Row], pl.DataFrame | None]) -> Table:
    """Return the table that ``make`` makes of the content of walkforward.json; None before there is one."""

    def table(asked: ChartRequest) -> pl.DataFrame | None:
        content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json")
        if content is None:
            return None
        with expecting("walkforward.json"):
            return make(content)

    return table


def _windows(content: Row) -> pl.DataFrame:
    """Return a row per window with the metrics of both parts."""
    rows = []
    for window in content["windows"]:
        row = {name: window.get(name) for name in _WINDOW}
        row["median_net_pnl"] = ((window.get("median_trial") or {}).get("oos_metrics") or {}).get("net_pnl")
        for part, metrics in (("in", window.get("is_metrics") or {}), ("out", window.get("oos_metrics") or {})):
            row |= {f"{part}_{name}": value for name, value in metrics.items()}
        rows.append(row)
    return _frame(rows)


def _drift(content: Row) -> pl.DataFrame:
    """Return a row per window and parameter."""
    return _frame(
        {"window": window["index"], "parameter": name, "chosen": value, "base": (content["drift"].get(name) or {}).get("base")}
        for window in content["windows"]
        for name, value in (window.get("params") or {}).items()
    )


def _listed(name: str) -> Table:
    return _of_content(lambda content: _frame(content[name]) if content.get(name) else None)


def _stitched(asked: ChartRequest) -> pl.DataFrame | None:
    """Return every bar of the stitched account in the stretch of time asked for."""
    equity = asked.table("walkforward", "oos_equity.parquet")
    if equity is None:
        return None
    with expecting("oos_equity.parquet"):
        start, end = asked.span.start_ms, asked.span.end_ms
        kept = equity if start is None else equity.filter(pl.col("time") >= start)
        return kept if end is None else kept.filter(pl.col("time") <= end)


def _quality(asked: ChartRequest) -> pl.DataFrame:
    """Return the exact ranges of everything remarkable."""
    return ranges_of(asked.run, asked.market).with_columns(pl.col("kind").cast(pl.String))


def _cone(asked: ChartRequest) -> pl.DataFrame | None:
    """Return the quantiles of simulated equity by day, as far as they are kept, and what happened on each."""
    content = checked_significance(asked.run.market_json("walkforward", asked.market.slug, "significance.json"))
    cone = None if content is None else content["monte_carlo"]["cone"]
    if not cone:
        return None
    with expecting("significance.json"):
        kept = pl.DataFrame({"day": cone["days"]} | {f"quantile_{name}": values for name, values in cone["quantiles"].items()})
    happened = pl.Series("what_happened", real_equity(asked), pl.Float64)
    real = pl.DataFrame({"day": range(len(happened))}, schema={"day": kept.schema["day"]}).with_columns(happened)
    return kept.join(real, on="day", how="full", coalesce=True).sort("day")


TABLES: Mapping[str, Table] = {
    **dict.fromkeys(("windows", "promise", "worth"), _of_content(_windows)),
    "drift": _of_content(_drift),
    **{name: _listed(name) for name in ("stress", "regimes", "paths")},
    "stitched": _stitched,
    "quality": _quality,
    "cone": _cone,
}
