"""What stage 8 asks of luck: the trials of stage 7 and of the windows, and the same searches on shuffled candles, for every market."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.atomic_files import storage_errors, write_bytes
from core.canonical_json import dump_bytes, read_json
from core.parquet_files import write_parquet
from core.run_folder import read_stage_record, stage_named
from optimization import STAGES, Stage, TrialRecord, read_ledger
from optimization.executors import Lost, Study, ignore_tick
from optimization.objectives import Goal
from pipeline.context import RunContext
from pipeline.workers import Choice, choose_for_evidence
from pipeline.workload import SharedSeries, known_speed, load_of
from reporting.market_plan import MarketPlan
from reporting.selection import load_selection
from reporting.trial_tables import ledger_files
from walkforward import WalkForwardResult, Window
from walkforward.evidence import (
    Account,
    Curve,
    Evidence,
    EvidencePlan,
    lost_evidence,
    search_trials,
    statistic,
    trials_in,
    without,
    work_on_evidence,
)
from walkforward.fixed_search import FixedSearchSettings
from walkforward.permutations import permutation_note, permutation_result, permutation_studies

NAME, RETURNS = "significance.json", "trial_returns.parquet"
_STAGE, _SEARCH = stage_named("walkforward"), stage_named("optimize")
_PERMUTED = ("permutation", "walkforward_permutation")
_FIELDS = ("permutations", "better", "real", "scores", "objective", "note")


@dataclass(frozen=True, slots=True, eq=False)
class _Market:
    """The studies of one market: the first is its ``evidence``, the others shuffle its candles, ``permuted`` by the test's name.

    ``in_paths``: its windows are combinatorial.
    """

    plan: MarketPlan
    folder: Path
    evidence: EvidencePlan
    studies: tuple[Study, ...]
    permuted: Mapping[str, tuple[Study, ...]]
    settings: FixedSearchSettings
    in_paths: bool


def is_complete(context: RunContext) -> bool:
    """Return whether every market of a run whose search is done has the evidence that its settings ask for."""
    if read_stage_record(context.run.stage(_SEARCH)) is None:
        return True
    wanted = context.settings.significance.model_dump(mode="json")
    files = [context.run.stage_market(_STAGE, market.market) / NAME for market in load_selection(context.run)]
    return all(path.is_file() and read_json(path)["settings"] == wanted for path in files)


def gather_evidence(
    context: RunContext, choice: Choice, plans: Sequence[MarketPlan], series: SharedSeries, results: Sequence[WalkForwardResult]
) -> list[dict[str, Any]]:
    """Write the evidence of every market beside its walk-forward and return what it says, in the order of ``plans``.

    Nothing where stage 7 has not searched: there are no trials to ask about. What an interrupted run has left is gone on from.
    """
    if read_stage_record(context.run.stage(_SEARCH)) is None:
        return []
    markets = [_market(context, plan, result) for plan, result in zip(plans, results, strict=True)]
    studies = [study for market in markets for study in market.studies]
    settings = context.settings.optimization
    sharing = choose_for_evidence(choice, settings, context.workers, load_of(context, known_speed(context)))
    found = context.fleet.run(sharing, settings, studies, series, _count(context, len(studies)), ignore_tick, context.screen.warning)
    contents = []
    for market in markets:
        own = found[: len(market.studies)]
        del found[: len(own)]
        if isinstance(own[0], Lost):
            own[0] = Evidence(lost_evidence(series[market.plan.selected.slug], market.evidence, own[0].reason), None)
        contents.append(_write(market, own))
    return contents


def _market(context: RunContext, plan: MarketPlan, result: WalkForwardResult) -> _Market:
    settings, slug = context.settings, plan.selected.slug
    folder = context.run.stage_market(_STAGE, plan.selected.market)
    fixed = FixedSearchSettings(
        plan.strategy, plan.selected.order_qty, settings.optimization, plan.execution, plan.rules, settings.seed
    )  # fmt: skip
    windows = [outcome.window for outcome in result.windows]
    asked = settings.significance
    counts: Mapping[str, tuple[int, Sequence[Window]]] = {
        "permutation": (asked.permutations, ()),
        "walkforward_permutation": (0 if result.paths else asked.walkforward_permutations, windows),
    }
    permuted = {
        name: tuple(permutation_studies(slug, fixed, count, folder / f"{name}s", tested)) for name, (count, tested) in counts.items()
    }
    _remove_others(folder, permuted)
    evidence = _plan(context, plan, result)
    first = Study(f"evidence of {plan.selected.label}", slug, work_on_evidence, evidence)
    return _Market(
        plan, folder, evidence, (first, *(study for each in permuted.values() for study in each)), permuted, fixed, bool(result.paths)
    )


def _plan(context: RunContext, plan: MarketPlan, result: WalkForwardResult) -> EvidencePlan:
    """Return what a market's evidence follows from, all of it from the files of its searches."""
    settings, execution = context.settings, plan.execution
    account = Account(plan.strategy, plan.selected.order_qty, execution, plan.rules)
    files = ledger_files(context.run, plan.selected.slug)
    known = {stage: file.path for file in files for stage in STAGES if file.window is None and file.stage == stage}
    ledgers: dict[Stage, Sequence[TrialRecord]] = {stage: read_ledger(path)[1] for stage, path in known.items()}
    return EvidencePlan(
        account,
        search_trials(ledgers, plan.strategy, settings.optimization),
        Curve.of(result.stitched_equity, result.stitched_trades, execution.initial_capital),
        sum(trials_in(read_ledger(file.path)[1]) for file in files if file.window is not None),
        settings.significance,
        settings.seed,
        plan.selected.slug,
    )


def _remove_others(folder: Path, permuted: Mapping[str, Sequence[Study]]) -> None:
    """Remove the chunks of tests that had other settings: they would count as this stage's output."""
    wanted = {study.folder for studies in permuted.values() for study in studies}
    for path in (each for name in _PERMUTED for each in (folder / f"{name}s").glob("*")):
        if path not in wanted:
            with storage_errors(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _write(market: _Market, found: Sequence[Any]) -> dict[str, Any]:
    evidence, chunks = found[0], list(found[1:])
    content: dict[str, Any] = evidence.content
    for name in _PERMUTED:
        own = chunks[: len(market.permuted[name])]
        del chunks[: len(own)]
        content = content | {name: _permutation(own, market, windows=name == "walkforward_permutation")}
    if evidence.returns is not None:
        write_parquet(market.folder / RETURNS, evidence.returns)
    else:
        (market.folder / RETURNS).unlink(missing_ok=True)
    write_bytes(market.folder / NAME, dump_bytes(content))
    return content


def _permutation(chunks: Sequence[Any], market: _Market, *, windows: bool) -> dict[str, Any]:
    if windows and market.in_paths:
        return without("combinatorial windows have no first in-sample part that every shuffled history could begin with", _FIELDS)
    settings = market.settings
    note = {"objective": Goal.of(settings.objective).label, "note": permutation_note(settings, windows=windows)}
    return statistic(lambda: permutation_result(chunks).as_dict() | note, _FIELDS)


def _count(context: RunContext, total: int) -> Callable[[int], None]:
    context.progress.report("evidence", 0, total)
    return lambda done: context.progress.report("evidence", done, total)
