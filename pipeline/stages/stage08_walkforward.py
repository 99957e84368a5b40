"""Stage 8: walk-forward validation from the user's own settings; stage 7's winner has seen the days that are tested here."""

import math
from collections.abc import Callable
from pathlib import Path

from config.objectives import objective_label
from core.clock import format_utc, monotonic_seconds
from core.run_folder import stage_named
from optimization import SearchProgress
from optimization.executors import Study
from optimization.times import SearchTimes
from pipeline.context import RunContext
from pipeline.evidence import gather_evidence, is_complete
from pipeline.evidence_tables import evidence_tables
from pipeline.gpu_crossover import crossover_in_use
from pipeline.market_files import data_hash
from pipeline.plan import load_plan, plan_hashes
from pipeline.progress import At
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData, cell, facts
from pipeline.walkforward_tables import depth_tables
from pipeline.workload import SharedSeries, chosen_executor, screening_device
from reporting.market_plan import MarketPlan
from walkforward import WalkForwardEngine, WalkForwardResult

STAGE = stage_named("walkforward")


def _inputs(context: RunContext) -> dict[str, str]:
    hashes = plan_hashes(context, "optimization", "walkforward")
    return hashes | {"data": data_hash(context), "seed": context.part_hash("seed")}


def _run(context: RunContext) -> StageOutcome:
    """Study every window of every market, going on from whatever its ledgers already hold."""
    plans = load_plan(context.run, context.settings)
    series = SharedSeries.of(context, plans)
    choice = chosen_executor(context)
    engines = [_engine(context, plan, series) for plan in plans]
    batches = [engine.studies() for engine in engines]
    studies = [study for batch in batches for study in batch]
    found = context.fleet.run(choice, context.settings.optimization, studies, series, *_reports(context, studies), context.screen.warning)
    choice = chosen_executor(context)  # as it was, unless the studies needed another one
    results: list[WalkForwardResult] = []
    tables: list[TableData] = []
    times = SearchTimes()
    for plan, engine, batch in zip(plans, engines, batches, strict=True):
        result = engine.result_of(found[: len(batch)])
        del found[: len(batch)]
        engine.save_results(result, context.run.stage_market(STAGE, plan.selected.market))
        results.append(result)
        tables += [_window_table(plan, result), _score_table(result), *depth_tables(result.as_dict())]
        times.add(SearchTimes.of(outcome.times for outcome in result.windows))
    started = monotonic_seconds()
    tables += evidence_tables(plans, gather_evidence(context, choice, plans, series, results))
    asked = {"evidence_seconds": round(monotonic_seconds() - started, 3)}
    outputs = tuple(path for plan in plans for path in _outputs(context.run.stage_market(STAGE, plan.selected.market)))
    workers = choice.workers if len(studies) > 1 else 1
    # A study that was done in slices knows how long its last slice took, not how long all of them did.
    spent = times.as_timings() if choice.for_studies(len(studies)) != "ray" else {}
    return StageOutcome(outputs, tuple(tables), timings={"executor": choice.executor, "workers": workers, **spent, **asked})


def _outputs(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.suffix in (".log", ".parquet", ".json")]


def _reports(context: RunContext, studies: list[Study]) -> tuple[Callable[[int], None], Callable[[int, SearchProgress], None]]:
    done, windows = 0, len(studies)
    aim = objective_label(context.settings.optimization.objectives[0])
    bars: dict[tuple[int, str], int] = {}

    def count(finished: int) -> None:
        nonlocal done
        done = finished
        context.progress.report("windows", done, windows)

    def tell(place: int, search: SearchProgress) -> None:
        at_work = f"window {search.window}, {search.stage}: {search.done}/{search.total} trials"
        bars[place, search.stage] = search.bars
        at = At(studies[place].series, search.stage, search.window, search.best_value, aim, sum(bars.values()))
        context.progress.report("windows", done, windows, at_work, at)

    return count, tell


def _engine(context: RunContext, plan: MarketPlan, series: SharedSeries) -> WalkForwardEngine:
    settings, data = context.settings, series[plan.selected.slug]
    return WalkForwardEngine(
        data.candles, plan.strategy, plan.selected.order_qty, wfa_config=settings.walkforward, opt_config=settings.optimization,
        execution=plan.execution, rules=plan.rules, seed=settings.seed,
        ledger_folder=context.run.stage_market(STAGE, plan.selected.market), funding=data.funding, detail=data.detail,
        gpu_from=crossover_in_use(context.paths, screening_device(settings.optimization)),
    )  # fmt: skip


def _window_table(plan: MarketPlan, result: WalkForwardResult) -> TableData:
    rows = tuple(
        (
            str(outcome.window.index), format_utc(outcome.window.oos_start_ms)[:10], format_utc(outcome.window.oos_end_ms)[:10],
            cell(outcome.is_metrics.sharpe_ratio), cell(outcome.chosen.metrics.sharpe_ratio), cell(outcome.chosen.metrics.net_pnl),
            cell(outcome.chosen.metrics.total_trades), "yes" if outcome.scored else "no: lost" if outcome.lost else "no: too few trades",
        )
        for outcome in result.windows
    )  # fmt: skip
    heads = ("window", "tested from", "to", "Sharpe in sample", "out of sample", "net P&L", "trades", "scored")
    return TableData(f"Walk-forward windows of {plan.selected.label}", heads, rows, (0, 1, 2, 7))


def _score_table(result: WalkForwardResult) -> TableData:
    return facts(
        "Robustness (out of sample)",
        (
            ("scored windows", f"{result.scored_windows} of {len(result.windows)}"),
            ("trades", cell(len(result.stitched_trades))),
            ("net P&L", cell(result.stitched_metrics.net_pnl)),
            ("consistency", _score(result.consistency_score)),
            ("stability", _score(result.stability_score)),
            ("overfitting (lower is better)", _score(result.overfitting_indicator)),
            ("confidence", _score(result.confidence_score)),
        ),
    )


def _score(value: float) -> str:
    return cell(value if math.isfinite(value) else math.nan)


WALKFORWARD = StageWork(STAGE, _inputs, _run, is_complete)
