"""The trials of a run in the terminal, from its ledgers, while they grow too."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.errors import ConfigError, DataError
from core.run_folder import RunFolder
from core.suggest import did_you_mean
from pipeline.farewell import resume_command
from pipeline.screen import Screen
from pipeline.tables import UNDEFINED, TableData, cell, plain_number
from reporting.metric_table import METRIC_BY_NAME, format_metric
from reporting.selection import SelectedMarket, load_selection
from reporting.trial_tables import PARAM, LedgerFile, LedgerTable, best_first, ledger_files, read_trials, stacked

OBJECTIVE, NUMBER = "objective", "trial"
_METRICS = ("sharpe_ratio", "net_pnl", "max_drawdown", "total_trades")


@dataclass(frozen=True, slots=True)
class TrialQuery:
    """Which trials to show: of which search ``stage`` and ``market`` (None: of all), which walk-forward ``window`` (None: the whole
    series), in which ``state``; ``top`` of them, sorted by the objective, the trial's number or any metric, the highest first.
    """

    stage: str | None = None
    window: int | None = None
    market: str | None = None
    state: str | None = None
    sort: str = OBJECTIVE
    top: int = 20


def show_trials(screen: Screen, run: RunFolder, query: TrialQuery) -> None:
    """Write how far each search of ``run`` is, then the trials that ``query`` asks for. A line that is being written is not shown yet."""
    if query.sort not in (OBJECTIVE, NUMBER, *METRIC_BY_NAME):
        raise ConfigError(f"--sort {query.sort} is not known.{did_you_mean(query.sort, (OBJECTIVE, NUMBER, *METRIC_BY_NAME))}")
    for market in _markets(run, query.market):
        files = ledger_files(run, market.slug)
        if not files:
            screen.line(f"{market.label}: no trial has been made yet. Go on with: {resume_command(run.run_id)}")
            continue
        chosen = _chosen(files, query, market)
        tables = [(file, read_trials(file)) for file in chosen]
        screen.table(_searches(market, tables, files, query.window))
        screen.table(_trials(market, tables, query))


def _markets(run: RunFolder, slug: str | None) -> list[SelectedMarket]:
    markets = {market.slug: market for market in load_selection(run)}
    if slug is None:
        return list(markets.values())
    if slug not in markets:
        raise ConfigError(f"run {run.run_id} has no market '{slug}'.{did_you_mean(slug, markets)}")
    return [markets[slug]]


def _chosen(files: Sequence[LedgerFile], query: TrialQuery, market: SelectedMarket) -> list[LedgerFile]:
    """Return the ledgers of the window asked for, or of the whole series; where that was never searched, of the first window."""
    windows = sorted({file.window for file in files if file.window is not None})
    window = query.window
    if window is None and not any(file.window is None for file in files):
        window = windows[0]
    in_window = [file for file in files if file.window == window]
    if not in_window:
        known = f"it has windows {windows[0]} to {windows[-1]}" if windows else "no walk-forward window has begun"
        raise ConfigError(f"{market.label} has no trials of window {window}: {known}.")
    found = [file for file in in_window if query.stage in (None, file.stage)]
    if not found:
        raise DataError(f"{market.label} has no trials of stage {query.stage} yet: {', '.join(file.stage for file in in_window)} begun.")
    return found


def _searches(
    market: SelectedMarket, tables: Sequence[tuple[LedgerFile, LedgerTable]], files: Sequence[LedgerFile], window: int | None
) -> TableData:
    rows = tuple(_search_row(file, table) for file, table in tables)
    others = len({file.window for file in files if file.window is not None})
    study = tables[0][1].study
    notes = [f"{others} walk-forward windows have trials of their own: --window 0 shows the first."] if others and window is None else []
    aims = _objectives(study)
    best = ("best", "best trial") if len(aims) == 1 else (f"best {aims[0]}", "its trial")
    if len(aims) > 1:
        notes.append("Of several objectives the knee of the Pareto front wins, which may be another trial.")
    title = f"Searches of {market.label} for {', '.join(aims)}, sampler {study.get('sampler', UNDEFINED)}"
    return TableData(title, ("stage", "window", "trials", "of", *best, "states"), rows, (0, 1, 6), " ".join(notes))


def _search_row(file: LedgerFile, table: LedgerTable) -> tuple[str, ...]:
    trials, study = table.trials, table.study
    best = _sorted(trials.filter(pl.col("value").is_not_null()), OBJECTIVE).head(1)
    return (
        file.stage,
        "all" if file.window is None else str(file.window),
        cell(len(trials)),
        cell(study.get("trials")),
        cell(best["value"][0] if len(best) else None, 3),
        cell(best["trial"][0] if len(best) else None),
        _states(trials["state"]),
    )


def _objectives(study: Mapping[str, Any]) -> list[str]:
    """Return the names of what was searched for."""
    named = study.get("objective", UNDEFINED)
    return [str(each) for each in named] if isinstance(named, list) else [str(named)]


def _states(states: Iterable[str]) -> str:
    counted: dict[str, int] = {}
    for state in states:
        counted[state] = counted.get(state, 0) + 1
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in ranked)


def _trials(market: SelectedMarket, tables: Sequence[tuple[LedgerFile, LedgerTable]], query: TrialQuery) -> TableData:
    """Return the table of the trials asked for."""
    found = stacked([table.trials for _, table in tables])
    if query.state is not None:
        found = found.filter(pl.col("state") == query.state)
    names = dict.fromkeys((*_METRICS, *([query.sort] if query.sort in METRIC_BY_NAME else [])))
    objectives = _objectives(tables[0][1].study)
    values = [name for name in found.columns if re.fullmatch(r"value_\d+", name)]
    rows = tuple(_row(row, values or ["score"], tuple(names)) for row in _sorted(found, query.sort).head(query.top).iter_rows(named=True))
    scores = objectives if values else ["score"]
    heads = ("stage", "trial", "state", "bars", *scores, *(METRIC_BY_NAME[name].label for name in names), "parameters")
    title = f"Trials of {market.label}: {len(rows):,} of {len(found):,}, by {query.sort}"
    none = "There is no trial yet." if query.state is None else f"No trial is in the state {query.state}."
    return TableData(title, heads, rows, (0, 2, len(heads) - 1), "" if rows else none)


def _row(row: Mapping[str, Any], scores: Sequence[str], metrics: Sequence[str]) -> tuple[str, ...]:
    again = "" if row["duplicate_of"] is None else f" of {row['duplicate_of']}"
    state = f"{row['state'].replace('_', ' ')}{again}"
    params = " ".join(
        f"{name.removeprefix(PARAM)}={plain_number(row[name])}" for name in row if name.startswith(PARAM) and row[name] is not None
    )
    return (
        row["stage"], cell(row["trial"]), state, cell(row["bars"]), *(cell(row[name], 3) for name in scores),
        *(format_metric(name, row[name]) for name in metrics), row["error"] or params,
    )  # fmt: skip


def _sorted(trials: pl.DataFrame, by: str) -> pl.DataFrame:
    if by == NUMBER:
        return trials.sort("stage", "window", NUMBER, nulls_last=False)
    return best_first(trials) if by == OBJECTIVE else trials.sort(by, "stage", NUMBER, descending=[True, False, False], nulls_last=True)
