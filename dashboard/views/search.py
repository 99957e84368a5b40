"""The search stages as a table: how many trials came to what, the best of them, and how much simulation the stopping saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.figures.optimization_history import score_of
from dashboard.files import expecting
from dashboard.formatting import compact, number
from dashboard.run_reader import SEARCH_STAGES, Run

_TITLES = {"7.1": "Integers", "7.2": "Floats", "7.3": "Entry timeouts"}


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search stage; ``best_trial`` is empty when no trial was valid and the base went on."""

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


def search_rows(run: Run, slug: str) -> tuple[SearchRow, ...]:
    """Return one row per stage that has begun, from optimization.json or, while it runs, from the ledger. Raises CorruptFileError."""
    published = run.market_json("optimize", slug, "optimization.json")
    rows = []
    for stage in SEARCH_STAGES:
        with expecting("optimization.json" if published else f"{stage}.trials.log"):
            if published and stage in published["stages"]:
                rows.append(_finished(stage, published["stages"][stage]))
            elif trials := run.trials(slug, stage):
                rows.append(_running(stage, trials))
    return tuple(rows)


def _finished(stage: str, result: Mapping[str, Any]) -> SearchRow:
    best = result.get("best_trial")
    full, done = result.get("bars_full"), result.get("bars_simulated")
    saved = (
        f"{number((1 - done / full) * 100, 0)} %"
        if isinstance(full, int | float) and isinstance(done, int | float) and full > 0
        else number(None)
    )
    return SearchRow(
        stage, _TITLES[stage], True, number(result["num_trials"], 0), _states(result.get("states") or {}), number(result.get("best_value"), 3),
        number(result.get("best_sharpe"), 3), "none valid: base kept" if best is None else f"trial {best}", _params(result.get("best_params") or {}), saved,
    )  # fmt: skip


def _running(stage: str, trials: Sequence[Mapping[str, Any]]) -> SearchRow:
    complete = [trial for trial in trials if trial["state"] == "complete" and score_of(trial) is not None]
    best = max(complete, key=lambda trial: (score_of(trial) or 0.0, -int(trial["trial"])), default=None)
    states = _states(Counter(str(trial["state"]) for trial in trials))
    if best is None:
        return SearchRow(stage, _TITLES[stage], False, number(len(trials), 0), states, number(None), number(None), "", (), number(None))
    sharpe = (best.get("metrics") or {}).get("sharpe_ratio")
    return SearchRow(
        stage, _TITLES[stage], False, number(len(trials), 0), states, number(score_of(best), 3), number(sharpe, 3),
        f"trial {best['trial']} so far", _params(best.get("params") or {}), number(None),
    )  # fmt: skip


def _states(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{number(count, 0)} {name.replace('_', ' ')}"
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    )


def _params(params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), compact(value)) for name, value in params.items())
