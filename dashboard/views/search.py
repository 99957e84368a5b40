"""The search stages as a table: how many trials came to what, the best of them, and how much simulation the stopping saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.figures.optimization_history import score_of
from dashboard.formatting import UNDEFINED, compact, number
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import SEARCH_STAGES, Run

_TITLES = {"7.1": "Integers", "7.2": "Floats", "7.3": "Entry timeouts"}


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search stage; ``best_trial`` is empty when no trial was valid and the base went on.

    ``around`` says what lies around the winner; empty while the stage runs and where nobody looked.
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


def search_rows(run: Run, slug: str) -> tuple[SearchRow, ...]:
    """Return one row per stage that has begun, from optimization.json or, while it runs, from the ledger. Raises CorruptFileError."""
    published = run.market_json("optimize", slug, "optimization.json")
    rows = []
    for stage in SEARCH_STAGES:
        with expecting("optimization.json" if published else f"{stage}.trials.log"):
            if published and stage in published["stages"]:
                rows.append(_finished(stage, published["stages"][stage]))
            elif trials := run.trials(slug, stage):
                rows.append(_running(stage, trials, run.planned_trials(slug, stage)))
    return tuple(rows)


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
    )


def _running(stage: str, trials: Sequence[Mapping[str, Any]], planned: int | None) -> SearchRow:
    complete = [trial for trial in trials if trial["state"] == "complete" and score_of(trial) is not None]
    best = max(complete, key=lambda trial: (score_of(trial) or 0.0, -int(trial["trial"])), default={})
    return SearchRow(
        stage=stage,
        title=_TITLES[stage],
        done=False,
        trials=number(len(trials), 0) if planned is None else f"{number(len(trials), 0)} of {number(planned, 0)}",
        states=_states(Counter(str(trial["state"]) for trial in trials)),
        best_value=number(score_of(best), 3),
        best_sharpe=number((best.get("metrics") or {}).get("sharpe_ratio"), 3),
        best_trial=f"trial {best['trial']} so far" if best else "",
        params=_params(best.get("params") or {}),
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


def _params(params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), compact(value)) for name, value in params.items())
