"""Stage 7: the search, first integers (7.1), then floats (7.2), then timeouts (7.3), and the backtest of what it found."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backtest_engine import BacktestEngine
from config import OptimizationConfig, StrategyConfig
from config.objectives import objective_label
from core.errors import OptimizationError
from core.parquet_files import write_parquet
from core.run_folder import stage_named
from optimization import STAGES, OptimizationEngine, OptimizationSummary, SearchProgress, Stage, StageResult
from optimization.executors import Lost, MarketSeries, Study, Tick, ignore_done
from optimization.times import PARTS, SearchTimes
from pipeline.context import RunContext
from pipeline.gpu_crossover import crossover_in_use
from pipeline.market_files import data_hash
from pipeline.plan import load_plan, plan_hashes
from pipeline.progress import At
from pipeline.search_tables import search_tables, search_warnings
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.surroundings_tables import surroundings_tables
from pipeline.tables import UNDEFINED, TableData, cell, plain_number
from pipeline.workload import SharedSeries, chosen_executor, screening_device
from reporting.checkpoints import BEST
from reporting.market_plan import MarketPlan
from reporting.trial_tables import SUFFIX, write_table

STAGE = stage_named("optimize")
# What a finished search leaves in its market's folder.
OUTPUTS = (
    *(f"{stage}.{name}" for stage in STAGES for name in ("trials.log", "trials.parquet", "daily_returns.parquet")),
    "optimization.json",
    *(f"{best}{table}.parquet" for best in BEST.values() for table in ("equity", "trades")),
)


def _inputs(context: RunContext) -> dict[str, str]:
    return plan_hashes(context, "optimization") | {"data": data_hash(context), "seed": context.part_hash("seed")}


def _run(context: RunContext) -> StageOutcome:
    """Search every market, going on from whatever its ledgers already hold."""
    settings = context.settings
    plans, gpu_from = load_plan(context.run, settings), crossover_in_use(context.paths, screening_device(settings.optimization))
    choice, series = chosen_executor(context), SharedSeries.of(context, plans)
    executor = choice.for_studies(len(plans))
    threads = context.workers if executor == "inline" or (executor == "processes" and len(plans) == 1) else 1
    timed = executor != "ray"
    studies = [
        Study(
            plan.selected.label, plan.selected.slug, search_market,
            MarketSearch(plan, settings.optimization, settings.seed, gpu_from, threads, timed),
            context.run.stage_market(STAGE, plan.selected.market),
        )
        for plan in plans
    ]  # fmt: skip
    found = context.fleet.run(choice, settings.optimization, studies, series, ignore_done, _report(context, plans), context.screen.warning)
    lost = [f"{study.name}: {each.reason}" for study, each in zip(studies, found, strict=True) if isinstance(each, Lost)]
    if lost:
        raise OptimizationError(f"not every market could be searched; the others are done. {'; '.join(lost)}. Try with fewer workers.")
    outputs = tuple(study.folder / name for study in studies if study.folder is not None for name in OUTPUTS)
    tables = tuple(table for each in found for table in each.tables)
    warnings = tuple(text for each in found for text in each.warnings)
    spent = SearchTimes.of(each.times for each in found).as_timings() if timed else {}
    return StageOutcome(outputs, tables, warnings, timings={"executor": chosen_executor(context).executor, **spent})


def _report(context: RunContext, plans: list[MarketPlan]) -> Callable[[int, SearchProgress], None]:
    aim = objective_label(context.settings.optimization.objectives[0])

    def report(place: int, progress: SearchProgress) -> None:
        name = plans[place].selected.label if context.settings.has_several_markets else "search"
        best = "" if math.isnan(progress.best_value) else f"best {aim} {progress.best_value:.3f}"
        at = At(plans[place].selected.slug, progress.stage, None, progress.best_value, aim, progress.bars)
        context.progress.report(f"{name} {progress.stage}", progress.done, progress.total, best, at)

    return report


@dataclass(frozen=True, slots=True)
class MarketSearch:
    """What the search of one market depends on, beside its series; whether its time can be told: of one in slices it is the last's."""

    plan: MarketPlan
    optimization: OptimizationConfig
    seed: int
    gpu_from: int
    threads: int
    timed: bool = True


@dataclass(frozen=True, slots=True)
class MarketFound:
    """What a worker says of a market beside its files: what to show, what to warn of, and where the time went."""

    tables: tuple[TableData, ...]
    warnings: tuple[str, ...]
    times: SearchTimes


def search_market(series: MarketSeries, argument: MarketSearch, folder: Path | None, tick: Tick) -> MarketFound:
    """Search one market and write what it found into ``folder``: what an executor hands to a worker."""
    assert folder is not None
    plan = argument.plan
    engine = OptimizationEngine(
        series.candles, plan.strategy, plan.selected.order_qty, opt_config=argument.optimization,
        execution=plan.execution, rules=plan.rules, seed=argument.seed, ledger_folder=folder, on_progress=tick,
        funding=series.funding, detail=series.detail, gpu_from=argument.gpu_from,
        threads=argument.threads,
    )  # fmt: skip
    winners: dict[Stage, StrategyConfig] = {}
    for stage, search in zip(STAGES, (engine.optimize_stage_7_1, engine.optimize_stage_7_2, engine.optimize_stage_7_3), strict=True):
        search()
        winners[stage] = engine.get_final_config()
    for stage, winner in winners.items():
        _write_best(folder / BEST[stage], winner, plan, series)
        write_table(folder / f"{stage}{SUFFIX}")
    engine.save_results(folder)
    summary, times = engine.summary(), SearchTimes.of(engine.times(stage) for stage in STAGES)
    tables = _tables(plan, summary, _note(times) if argument.timed else "")
    return MarketFound(tuple(tables), tuple(search_warnings(plan.selected.label, summary)), times)


def _write_best(start: Path, winner: StrategyConfig, plan: MarketPlan, series: MarketSeries) -> None:
    """Write equity and trades of ``winner`` on all candles into the files whose paths begin with ``start``."""
    best = BacktestEngine(
        series.candles,
        winner,
        plan.selected.order_qty,
        execution=plan.execution,
        rules=plan.rules,
        funding=series.funding,
        detail=series.detail,
    ).run()
    for name, frame in (("equity", best.equity), ("trades", best.trades)):
        write_parquet(start.with_name(f"{start.name}{name}.parquet"), frame)


def _tables(plan: MarketPlan, summary: OptimizationSummary, note: str) -> list[TableData]:
    stages = tuple(
        (
            stage, cell(result["num_trials"]), cell(result["states"].get("complete", 0)), cell(result["best_value"], 3),
            cell(result["metrics"].get("net_pnl")), cell(result["metrics"].get("total_trades")), _saved(result), _states(result["states"]),
        )
        for stage, result in summary.stages.items()
    )  # fmt: skip
    params = tuple(
        (stage, name, plain_number(value)) for stage, result in summary.stages.items() for name, value in result["best_params"].items()
    )
    heads = ("stage", "trials", "complete", "objective", "net P&L", "trades", "bars saved", "other trials")
    screened = [
        (
            stage, cell(found["screened"]), cell(found["compared"]), cell(found["equal"]), f"{found['largest_drift']:.1e}"
        )
        for stage, result in summary.stages.items() if (found := result.get("screening")) is not None
    ]  # fmt: skip
    heads_screened = ("stage", "screened trials", "scores compared with the CPU", "equal bit for bit", "largest drift")
    return [
        TableData(f"Optimization of {plan.selected.label}", heads, stages, (0, 7), note),
        TableData("Best parameters", ("stage", "parameter", "value"), params, (0, 1)),
        *search_tables(summary),
        *surroundings_tables(summary),
        *([TableData("Screening on the GPU", heads_screened, tuple(screened))] if screened else []),
    ]


def _saved(result: StageResult) -> str:
    """Return the share of the bars that trials stopped early did not need."""
    full = result["bars_full"]
    return f"{1 - result['bars_simulated'] / full:.0%}" if full else UNDEFINED


def _note(times: SearchTimes) -> str:
    if not times.total:
        return ""
    shares = ", ".join(f"{part} {times.share(part):.0%}" for part in PARTS)
    return f"{times.total:.2f} s of searching: {shares}."


def _states(states: dict[str, int]) -> str:
    others = [f"{count} {state.replace('_', ' ')}" for state, count in states.items() if state != "complete"]
    return ", ".join(others) or "none"


OPTIMIZE = StageWork(STAGE, _inputs, _run)
