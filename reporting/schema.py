"""The versioned shape of every JSON file that a report reads or publishes.

Shapes are data, see ``reporting.shapes``. Version 1 of ``results/RUN``:

    run.json            {"schema", "mode", "seed", "markets": [{exchange, symbol, timeframe, slug, order_qty, synthetic, bars, start_ms,
                        end_ms, candles_digest}], "settings": {...}}
    quality.json, baseline.json, optimization.json, walkforward.json, significance.json
                        {"schema", "markets": {slug: content of the stage's file of that name}}; runs of before there were such statistics
                        have no significance.json
    performance.json    {"schema", "markets": {slug: {"columns": {column of the comparison: {"figures", "drawdowns", "months", "splits",
                        "reason"}}, "missing": {column: reason}, "quantity", "days_per_year"}}}; missing in runs of before there was one
    report.json         {"schema", "markets": {slug: {"verdict": {...}, "comparison": {...}}}}

Times are UTC milliseconds; an undefined number is null.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.canonical_json import read_json
from core.errors import CorruptFileError
from reporting.shapes import MAYBE_NUMBER, NUMBER, ListOf, MapOf, Maybe, Shape, require_shape
from reporting.significance_schema import SIGNIFICANCE

RESULT_SCHEMA = 1

_METRICS = MapOf((int, float, bool, type(None)))
_MARKET = {"exchange": str, "symbol": str, "timeframe": str, "order_qty": NUMBER, "slug": str, "synthetic": bool}

SETTINGS: Shape = {"settings": dict}
SELECTION: Shape = {"markets": ListOf(_MARKET)}
STRATEGY: Shape = {
    "strategy": dict,
    "execution": dict,
    "fees": dict,
    "funding": MapOf({"constant_rate": NUMBER, "charged": str}),
    "rules": MapOf(dict),
    "cautions": MapOf(ListOf(str)),
    "optimization": dict,
    "walkforward": dict,
}
QUALITY: Shape = {"bars": int, "expected_bars": int, "missing_bars": int, "missing_share": NUMBER, "warnings": ListOf(str)}
_PROVABLE = {"days": int, "years": NUMBER, "trials": int, "noise_sharpe": NUMBER, "years_for_sharpe": MapOf(NUMBER)}
BASELINE: Shape = {
    "metrics": _METRICS,
    "candles_digest": str,
    "synthetic": bool,
    "bars": int,
    "start_ms": int,
    "end_ms": int,
    "provable": Maybe(_PROVABLE),
}
# What was published before these were known stays readable.
BASELINE_CHECKPOINT: Shape = BASELINE | {
    "funding": (dict, type(None)),
    "detail": (dict, type(None)),
    "ambiguous_exits": int,
    "compared": ListOf(dict),
}
_GROUP = {
    "points": int,
    "states": MapOf(int),
    "median": MAYBE_NUMBER,
    "worst_decile": MAYBE_NUMBER,
    "best": MAYBE_NUMBER,
    "share_profitable": MAYBE_NUMBER,
    "share_better": MAYBE_NUMBER,
}
_PARAMETERS = ListOf((int, float, bool))
_HEAT_MAP = {"x": str, "y": str, "x_values": _PARAMETERS, "y_values": _PARAMETERS, "values": ListOf(ListOf(MAYBE_NUMBER))}
_NEIGHBOURHOOD = {
    "objective": str,
    "value": MAYBE_NUMBER,
    "neutral": NUMBER,
    "verdict": str,
    "sentence": str,
    "plateau_score": MAYBE_NUMBER,
    "stands_above": MAYBE_NUMBER,
    "on_grid": bool,
    "at_border": ListOf(str),
    "groups": {"steps": _GROUP, "ball": _GROUP, "space": _GROUP},
    "maps": ListOf(_HEAT_MAP),
}
_IMPORTANCE = {
    "method": str,
    "shares": MapOf(MAYBE_NUMBER),
    "interactions": MAYBE_NUMBER,
    "explained": MAYBE_NUMBER,
    "points": int,
    "trials": int,
    "reason": (str, type(None)),
}
_PARETO = {
    "objectives": ListOf(str),
    "front": ListOf({"trial": int, "params": dict, "values": ListOf(NUMBER)}),
    "knee": (int, type(None)),
    "explanation": str,
}
_SEARCH_STAGE = {
    "best_params": dict,
    "num_trials": int,
    "metrics": (dict, type(None)),
    "neighbourhood": Maybe(_NEIGHBOURHOOD),
    "importance": Maybe(_IMPORTANCE),
    "pareto": Maybe(_PARETO),
    "constraints": Maybe(MapOf({"limit": NUMBER, "broken": int, "judged": int, "closest": MAYBE_NUMBER})),
    "advice": Maybe(str),
}
OPTIMIZATION: Shape = {"stages": MapOf(_SEARCH_STAGE), "final_config": dict}
_WINDOW = {
    "index": int,
    "is_start_ms": int,
    "is_end_ms": int,
    "oos_start_ms": int,
    "oos_end_ms": int,
    "scored": bool,
    "reason": (str, type(None)),
    "params": dict,
    "is_metrics": _METRICS,
    "oos_metrics": _METRICS,
    "median_trial": (dict, type(None)),
    "doubled_costs_net_pnl": MAYBE_NUMBER,
    "path": Maybe((int, type(None))),
    "profitable": Maybe(bool),
    "efficiency": Maybe(MAYBE_NUMBER),
    "rank_correlation": Maybe(MAYBE_NUMBER),
    "selection_skill": Maybe(MAYBE_NUMBER),
    "selection_skill_net_pnl": Maybe(MAYBE_NUMBER),
    "trials_tested": Maybe(int),
    "trials_ranked": Maybe(int),
}
_STRESS = {
    "name": str,
    "label": str,
    "sentence": str,
    "net_pnl": MAYBE_NUMBER,
    "kept": MAYBE_NUMBER,
    "worst_net_pnl": MAYBE_NUMBER,
    "return_pct": MAYBE_NUMBER,
    "sharpe_ratio": MAYBE_NUMBER,
    "profit_factor": MAYBE_NUMBER,
    "max_drawdown": MAYBE_NUMBER,
    "total_trades": int,
    "reason": Maybe((str, type(None))),
}
_REGIME = {
    "trend": (str, type(None)),
    "volatility": (str, type(None)),
    "bars": int,
    "share": MAYBE_NUMBER,
    "trades": int,
    "net_pnl": MAYBE_NUMBER,
    "sharpe_ratio": MAYBE_NUMBER,
}
_PATH = {"path": int, "net_pnl": MAYBE_NUMBER, "sharpe_ratio": MAYBE_NUMBER, "max_drawdown": MAYBE_NUMBER, "total_trades": int}
WALKFORWARD: Shape = {
    "windows": ListOf(_WINDOW),
    "scores": {"consistency": MAYBE_NUMBER, "stability": MAYBE_NUMBER, "overfitting": MAYBE_NUMBER, "confidence": MAYBE_NUMBER},
    "stitched": _METRICS,
    "median_stitched": (dict, type(None)),
    "doubled_costs": {"net_pnl": MAYBE_NUMBER},
    "drift": MapOf(dict),
    "oos_trades": int,
    "scored_windows": int,
    "efficiency": Maybe(MAYBE_NUMBER),
    "rank_correlation": Maybe(MAYBE_NUMBER),
    "rank_measure": Maybe((str, type(None))),
    "selection_skill": Maybe(MAYBE_NUMBER),
    "selection_skill_net_pnl": Maybe(MAYBE_NUMBER),
    "stress": Maybe(ListOf(_STRESS)),
    "regimes": Maybe(ListOf(_REGIME)),
    "paths": Maybe(ListOf(_PATH)),
    "stitched_path": Maybe((int, type(None))),
}
_PERFORMANCE = {"columns": MapOf(dict), "missing": MapOf(str), "quantity": NUMBER, "days_per_year": NUMBER}
_GATE = {
    "name": str,
    "passed": bool,
    "value": MAYBE_NUMBER,
    "threshold": NUMBER,
    "comparison": str,
    "sentence": str,
    "reason": (str, type(None)),
}
_ROW = {"metric": str, "label": str, "unit": str, "definition": str, "values": ListOf((int, float, bool, type(None)))}
_REPORT = {
    "verdict": {"passed": bool, "headline": str, "text": str, "gates": ListOf(_GATE)},
    "comparison": {"columns": ListOf(str), "rows": ListOf(_ROW)},
}

RESULT_FILES: Mapping[str, Shape] = {
    "run": {
        "schema": int,
        "mode": str,
        "seed": int,
        "settings": dict,
        "markets": ListOf(_MARKET | {"bars": int, "start_ms": int, "end_ms": int, "candles_digest": str}),
    },
    "quality": {"schema": int, "markets": MapOf(QUALITY)},
    "baseline": {"schema": int, "markets": MapOf(BASELINE)},
    "optimization": {"schema": int, "markets": MapOf(OPTIMIZATION)},
    "walkforward": {"schema": int, "markets": MapOf(WALKFORWARD)},
    "significance": {"schema": int, "markets": MapOf(SIGNIFICANCE)},
    "performance": {"schema": int, "markets": MapOf(_PERFORMANCE)},
    "report": {"schema": int, "markets": MapOf(_REPORT)},
}


def read_result(folder: Path, name: str) -> dict[str, Any]:
    """Return the content of ``folder/<name>.json`` (``name``: one of ``RESULT_FILES``), checked.

    CorruptFileError names a file that is missing, not JSON, of another schema version, or not of its shape.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing. Resume the run: its report is published again.")
    content = read_json(path)
    version = content.get("schema") if isinstance(content, dict) else None
    if version != RESULT_SCHEMA:
        raise CorruptFileError(f"{path} has schema version {version!r}, this program reads {RESULT_SCHEMA}. Run it again to publish anew.")
    require_shape(content, RESULT_FILES[name], path)
    result: dict[str, Any] = content
    return result


def read_significance(folder: Path) -> dict[str, Any]:
    """Return slug -> content of ``folder/significance.json``, empty for a run that was published without; else as ``read_result``."""
    if not (folder / "significance.json").is_file():
        return {}
    markets: dict[str, Any] = read_result(folder, "significance")["markets"]
    return markets
