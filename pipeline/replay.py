"""One trial of a run, simulated again from what the run kept: its figures must come out as the ledger holds them, bit for bit.

Nothing is asked of a venue: candles, funding and finer candles are those in the run's folder. What a trial needs beside them - the
parameters that the search started from, costs, bars - stands in the first line of its ledger, and is held against the run's files first.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from backtest_engine import Simulation
from config import RunConfig, StrategyConfig
from core.canonical_json import dumps, plain
from core.code_version import code_version
from core.errors import ConfigError, CorruptFileError, DataError, OptimizationError, PipelineError
from core.run_folder import RunFolder
from optimization import STAGES, OptimizationEngine, Stage, TrialRecord, read_ledger
from optimization.fidelity import Entrant
from optimization.objectives import Judge
from pipeline.market_files import MarketData, market_data
from pipeline.program import command_to
from pipeline.run_markets import plan_of
from pipeline.screen import Screen
from pipeline.settings import load_settings
from pipeline.tables import TableData, plain_number
from reporting.market_plan import MarketPlan
from reporting.metric_table import METRICS, format_metric
from reporting.trial_tables import LedgerFile, ledger_files
from strategies import strategy_digest, with_params
from walkforward import windows_of
from walkforward.account import Series
from walkforward.splicing import searched

_REMEDY = "Only the files that the run left can tell its trials again."


@dataclass(frozen=True, slots=True)
class Search:
    """One search of a run: what its ledger says it was made with, its trials, its market's plan and data, and the run's settings."""

    file: LedgerFile
    study: Mapping[str, Any]
    records: Sequence[TrialRecord]
    plan: MarketPlan
    data: MarketData
    settings: RunConfig

    @property
    def stage(self) -> Stage:
        """The stage that it belongs to."""
        return next(stage for stage in STAGES if stage == self.file.stage)

    @property
    def name(self) -> str:
        """The search as a person names it."""
        window = "" if self.file.window is None else f" of window {self.file.window}"
        return f"{self.file.stage}{window}"


def replay_trial(screen: Screen, run: RunFolder, number: int, *, stage: str | None, slug: str | None, window: int | None) -> None:
    """Simulate trial ``number`` of ``run`` again and show its metrics beside the stored ones.

    Without ``stage``: the trials of that number in all search stages. ``slug``: which market; ``window``: of which walk-forward window
    (None: of the whole series). Raises OptimizationError, with both values, when a metric comes out differently; CorruptFileError when
    the run's files are not those that the trial was made with; ConfigError when there is no such trial.
    """
    plan = plan_of(run, slug)
    files = [file for file in ledger_files(run, plan.selected.slug) if file.window == window and stage in (None, file.stage)]
    settings, _ = load_settings(run)
    whole = market_data(run, plan.selected)
    data = whole if window is None else _until(whole, settings, run, window)
    found = []
    for file in files:
        study, records = read_ledger(file.path)
        if number < len(records):
            found.append(Search(file, study, records, plan, data, settings))
    if not found:
        raise _no_trial(run, plan, number, files, stage, window)
    for search in found:
        _require_same_inputs(search)
        _replay(screen, search, search.records[number])


def _until(data: MarketData, settings: RunConfig, run: RunFolder, window: int) -> MarketData:
    """Return what the search of ``window`` knew: nothing from its end on."""
    windows = windows_of(data.candles, settings.walkforward)
    if window >= len(windows):
        raise ConfigError(f"run {run.run_id} has no walk-forward window {window}: it has {len(windows)}, from 0.")
    known, funding = searched(Series(data.candles, data.detail), windows[window], data.funding)
    return MarketData(known.candles, funding, known.detail)


def _no_trial(
    run: RunFolder, plan: MarketPlan, number: int, files: Sequence[LedgerFile], stage: str | None, window: int | None
) -> PipelineError:
    where = f"{'stage ' + stage if stage in STAGES else 'the search'}{'' if window is None else f' of window {window}'}"
    shown = command_to("show", run.run_id, "--trials")
    if not files:
        return DataError(f"run {run.run_id} has no trials in {where} of {plan.selected.label}. What there is: {shown}")
    return ConfigError(f"run {run.run_id} has no trial {number} in {where} of {plan.selected.label}. What there is: {shown}")


def _require_same_inputs(search: Search) -> None:
    """Raise CorruptFileError unless the run's files are the ones that the search was made with."""
    plan, data = search.plan, search.data
    ours = {
        "candles": data.candles.digest,
        "detail": None if data.detail is None else data.detail.digest,
        "funding": None if data.funding is None else data.funding.digest,
        "order_qty": plan.selected.order_qty,
        "rules": asdict(plan.rules),
        "execution": plan.execution.model_dump(mode="json"),
        "strategy": strategy_digest(plan.strategy.name),
        "objective_files": Judge(search.settings.optimization.objectives).digests,
    }
    if missing := {"base", "code", "first_bar", *ours} - search.study.keys():
        raise CorruptFileError(f"{search.file.path} does not say what its {', '.join(sorted(missing))} was. {_REMEDY}")
    for name, value in ours.items():
        theirs = search.study.get(name)
        if plain(value) != theirs:
            raise CorruptFileError(
                f"the trials in {search.file.path} were made with other {name} than the run's folder holds: {theirs}, not {plain(value)}. "
                f"{_REMEDY}"
            )


def _replay(screen: Screen, search: Search, record: TrialRecord) -> None:
    screen.heading(f"{search.plan.selected.label}, search {search.name}, trial {record.trial}: {_story(record)}")
    original = _original(search, record)
    screen.line("  " + (" ".join(f"{name}={plain_number(value)}" for name, value in original.params.items()) or "the base, unchanged"))
    again = _engine(search).retrace(search.stage, original)
    if original.state == "failed" or again.error is not None:
        _judge_failure(screen, original, again)
        return
    metrics = _backtested(search, original)
    screen.table(_table(record, original.metrics, metrics))
    differences = [*_differences(original.metrics, metrics), *_differences(_judged(original), _judged(again))]
    if not differences:
        screen.good(f"All {len(original.metrics)} metrics and every score equal the stored ones, bit for bit.")
    elif original.state == "screened":
        screen.warning(f"the stored figures are a GPU's, these the processor's; they differ in {'; '.join(differences)}.")
    else:
        raise OptimizationError(
            f"trial {record.trial} of {search.name} came out differently: {'; '.join(differences)}.{_other_version(search)}"
        )


def _original(search: Search, record: TrialRecord) -> TrialRecord:
    """Return the trial itself, or the earlier one that it repeats."""
    if record.duplicate_of is None:
        return record
    if not 0 <= record.duplicate_of < record.trial:
        raise CorruptFileError(f"{search.file.path}: trial {record.trial} repeats no earlier one ({record.duplicate_of}). {_REMEDY}")
    return search.records[record.duplicate_of]


def _other_version(search: Search) -> str:
    """Return the sentence that says so where another version of the program made the search; other inputs are the same by now."""
    return "" if search.study["code"] == code_version() else " Another version of this program made the search."


def _story(record: TrialRecord) -> str:
    """Return what became of the trial in the search, and what a replay of it is therefore."""
    level = f"stopped at bar {record.bars:,} (fidelity level {record.fidelity}) and replayed until there"
    return {
        "duplicate": f"duplicate of trial {record.duplicate_of}, which is replayed in its place",
        "pruned": level,
        "screened": f"screened by a GPU, {level} on the processor",
        "few_trades": "too few trades, replayed at full length",
        "failed": f"failed, {record.error}",
    }.get(record.state, f"{record.state}, {record.bars:,} bars")


def _engine(search: Search) -> OptimizationEngine:
    """Return the engine of the search as it stood before its first trial; it writes nothing."""
    plan, data = search.plan, search.data
    return OptimizationEngine(
        data.candles, _base(search), plan.selected.order_qty, opt_config=search.settings.optimization, execution=plan.execution,
        rules=plan.rules, seed=search.settings.seed, first_bar=search.study["first_bar"], window=search.file.window, funding=data.funding,
        detail=data.detail,
    )  # fmt: skip


def _base(search: Search) -> StrategyConfig:
    """Return what the search started from; a strategy of the user's own goes by its file name in the ledger."""
    return StrategyConfig(**(search.study["base"] | {"name": search.plan.strategy.name}))


def _backtested(search: Search, record: TrialRecord) -> dict[str, Any]:
    """Return the metrics of the trial as a backtest of its own, after as many bars as the search simulated."""
    plan, data = search.plan, search.data
    simulation = Simulation(
        data.candles, with_params(_base(search), record.params), plan.selected.order_qty, plan.execution, plan.rules,
        search.study["first_bar"], data.funding, detail=data.detail,
    )  # fmt: skip
    simulation.advance(record.bars)
    if record.bars == simulation.bars and not simulation.finished:
        simulation.finish()
    return simulation.metrics().as_dict()


def _judged(trial: TrialRecord | Entrant) -> dict[str, Any]:
    """Return what the search made of a trial, name by name."""
    lists = (("score", trial.scores), ("value", trial.values), ("violation", trial.violations))
    return {f"{name} {place}": value for name, values in lists for place, value in enumerate(values, start=1)}


def _judge_failure(screen: Screen, record: TrialRecord, again: Entrant) -> None:
    """Say whether the trial fails as it did; OptimizationError when it fails although it did not, or in another way."""
    if record.state != "failed":
        raise OptimizationError(f"trial {record.trial} was {record.state} in the search and fails now: {again.error}")
    if again.error is None:
        screen.warning(f"it failed in the search ({record.error}) and does not now: the ledger has no metrics to compare with.")
    elif again.error != record.error:
        raise OptimizationError(f"trial {record.trial} fails in another way than in the search: {again.error}, not {record.error}")
    else:
        screen.good("It fails again, with the same message.")


def _differences(stored: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield name and both values of every metric that is not the same to the last bit; an undefined one equals an undefined one."""
    for name in dict.fromkeys((*stored, *now)):
        theirs, ours = (dumps(values.get(name, "missing")) for values in (stored, now))
        if theirs != ours:
            yield f"{name} was {theirs} and is now {ours}"


def _table(record: TrialRecord, stored: Mapping[str, Any], now: Mapping[str, Any]) -> TableData:
    rows = tuple((info.label, _shown(stored, info.metric), _shown(now, info.metric)) for info in METRICS)
    return TableData(f"Trial {record.trial}", ("metric", "stored", "replayed"), rows)


def _shown(metrics: Mapping[str, Any], name: str) -> str:
    value = metrics.get(name)
    return format_metric(name, None if isinstance(value, float) and math.isnan(value) else value)
