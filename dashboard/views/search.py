"""The search stages as a table: how many trials came to what, the best of them, and how much simulation the stopping saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import UNDEFINED, compact, number
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import SEARCH_STAGES, Run
from reporting.trial_tables import PARAM, LedgerFile, LedgerTable, best_first

_TITLES = {"7.1": "Integers", "7.2": "Floats", "7.3": "Entry timeouts"}


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search stage; ``best_trial`` is empty when no trial was valid and the base went on.

    ``around`` says what lies around the winner; empty while the stage runs and where nobody looked. ``advice`` is what to change where no
    trial was valid, ``limits`` what became of constraints.
    """

    stage: str
    title: str
    done: bool
    trials: str
    states: str
    best_value: str
    best_sharpe: str
    best_trial: str
    params: tuple[tuple[str, str], ...]
    saved: str
    around: str = ""
    advice: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class SearchOption:
    """One search to choose: its ``stage``, its ``window`` (None: all candles), and its ``title``."""

    stage: str
    window: int | None
    title: str


def search_rows(run: Run, slug: str) -> tuple[SearchRow, ...]:
    """Return one row per stage that has begun, from optimization.json or, while it runs, from the ledger. Raises CorruptFileError."""
    published = run.market_json("optimize", slug, "optimization.json")
    ledgers = {file.stage: file for file in run.ledgers(slug) if file.window is None}
    rows = []
    for stage in SEARCH_STAGES:
        with expecting("optimization.json" if published else f"{stage}.trials.log"):
            if published and stage in published["stages"]:
                rows.append(_finished(stage, published["stages"][stage]))
            elif stage in ledgers and len((search := run.search(ledgers[stage])).trials):
                rows.append(_running(stage, search))
    return tuple(rows)


def search_options(run: Run, slug: str) -> tuple[SearchOption, ...]:
    """Return the searches that have begun: those over all candles, then window by window."""
    return tuple(SearchOption(file.stage, file.window, _title(file)) for file in run.ledgers(slug) if file.stage in SEARCH_STAGES)


def first_choice(options: Sequence[SearchOption]) -> SearchOption | None:
    """Return the search that the page begins with: the largest part of the strategy, stage 7.1, or what there is."""
    return next(iter(options), None)


def _title(file: LedgerFile) -> str:
    where = "all candles" if file.window is None else f"window {file.window}"
    return f"{file.stage} {_TITLES[file.stage].lower()}, {where}"


def _finished(stage: str, result: Mapping[str, Any]) -> SearchRow:
    best = result.get("best_trial")
    return SearchRow(
        stage=stage,
        title=_TITLES[stage],
        done=True,
        trials=number(result["num_trials"], 0),
        states=_states(result.get("states") or {}),
        best_value=number(result.get("best_value"), 3),
        best_sharpe=number(result.get("best_sharpe"), 3),
        best_trial="none valid: base kept" if best is None else f"trial {best}",
        params=_params(result.get("best_params") or {}),
        saved=_saved(result.get("bars_simulated"), result.get("bars_full")),
        around=str((result.get("neighbourhood") or {}).get("sentence", "")),
        advice=str(result.get("advice") or ""),
        limits=_limits(result.get("constraints") or {}),
    )


def _running(stage: str, search: LedgerTable) -> SearchRow:
    trials, planned = search.trials, search.study.get("trials")
    complete = best_first(trials.filter(trials["value"].is_not_null()))
    best = complete.row(0, named=True) if len(complete) else {}
    counts = {str(state): int(count) for state, count in trials["state"].value_counts().iter_rows()}
    return SearchRow(
        stage=stage,
        title=_TITLES[stage],
        done=False,
        trials=number(len(trials), 0) if planned is None else f"{number(len(trials), 0)} of {number(int(planned), 0)}",
        states=_states(counts),
        best_value=number(best.get("value"), 3),
        best_sharpe=number(best.get("sharpe_ratio"), 3),
        best_trial=f"trial {best['trial']} so far" if best else "",
        params=_params({name.removeprefix(PARAM): value for name, value in best.items() if name.startswith(PARAM) and value is not None}),
        saved=UNDEFINED,
    )


def _saved(simulated: Any, full: Any) -> str:
    return f"{number((1 - simulated / full) * 100, 0)} %" if simulated is not None and full else UNDEFINED


def _states(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{number(count, 0)} {name.replace('_', ' ')}"
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    )


def _limits(constraints: Mapping[str, Mapping[str, Any]]) -> str:
    parts: Sequence[str] = [
        f"{name.replace('_', ' ')} {compact(each['limit'])} was broken by {number(each['broken'], 0)} of {number(each['judged'], 0)} trials"
        for name, each in constraints.items()
    ]
    return "; ".join(parts)


def _params(params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), compact(value)) for name, value in params.items())
