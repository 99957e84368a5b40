"""The best trials of one search as a small table, while its ledger grows too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.formatting import compact
from dashboard.reading.run_reader import Run
from reporting.trial_tables import PARAM, LedgerFile, best_first

METRICS = ("sharpe_ratio", "net_pnl", "max_drawdown", "total_trades")


@dataclass(frozen=True, slots=True)
class TrialsQuery:
    """Which search is wanted, None: the one that began last before the walk-forward windows; and how many of its trials."""

    stage: str | None = None
    window: int | None = None
    top: int = 20


def trial_table(run: Run, slug: str, query: TrialsQuery) -> dict[str, Any]:
    """Return the searches that have begun, the one shown, how many trials it has, and its best ones. Raises CorruptFileError."""
    files = run.ledgers(slug)
    chosen = _chosen(files, query)
    trials = None if chosen is None else run.trial_frame(chosen)
    rows = [] if trials is None else [_row(row) for row in best_first(trials).head(query.top).iter_rows(named=True)]
    return {
        "searches": [_name(file) for file in files],
        "shown": None if chosen is None else _name(chosen),
        "total": 0 if trials is None else len(trials),
        "states": {} if trials is None else _states(trials),
        "rows": rows,
    }


def _chosen(files: Sequence[LedgerFile], query: TrialsQuery) -> LedgerFile | None:
    fitting = [file for file in files if file.window == query.window and query.stage in (None, file.stage)]
    return fitting[-1] if fitting else None


def _name(file: LedgerFile) -> dict[str, Any]:
    return {"stage": file.stage, "window": file.window}


def _states(trials: pl.DataFrame) -> dict[str, int]:
    return {str(state): int(count) for state, count in trials["state"].value_counts().sort("count", "state").iter_rows()}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    params = [[name.removeprefix(PARAM), compact(value)] for name, value in row.items() if name.startswith(PARAM) and value is not None]
    return {name: row[name] for name in ("trial", "state", "score", "bars", "error", *METRICS)} | {"params": params}
