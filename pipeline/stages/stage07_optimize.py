"""Stage 7: the search, first integers (7.1), then floats (7.2), then timeouts (7.3), and the backtest of what it found."""

import math
from pathlib import Path

from backtest_engine import BacktestEngine
from config.objectives import objective_label
from core.parquet_files import write_parquet
from core.run_folder import stage_named
from optimization import STAGES, OptimizationEngine, OptimizationSummary, SearchProgress, StageResult
from optimization.times import PARTS, SearchTimes
from pipeline.context import RunContext
from pipeline.market_files import MarketData, data_hash, market_data
from pipeline.plan import MarketPlan, load_plan, plan_hashes
from pipeline.search_tables import search_tables, search_warnings
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.surroundings_tables import surroundings_tables
from pipeline.tables import UNDEFINED, TableData, cell, plain_number

STAGE = stage_named("optimize")


def _inputs(context: RunContext) -> dict[str, str]:
    return plan_hashes(context, "optimization") | {"data": data_hash(context), "seed": context.part_hash("seed")}


def _run(context: RunContext) -> StageOutcome:
    """Search every market, going on from whatever its ledgers already hold."""
    outputs: list[Path] = []
    tables: list[TableData] = []
    times = SearchTimes()
    warnings: list[str] = []
    for plan in load_plan(context.run, context.settings):
        folder = context.run.stage_market(STAGE, plan.selected.market)
        data = market_data(context.run, plan.selected)
        engine = _engine(context, plan, data, folder)
        for search in (engine.optimize_stage_7_1, engine.optimize_stage_7_2, engine.optimize_stage_7_3):
            search()
        outputs += _write(engine, plan, data, folder)
        spent = _times_of(engine)
        times.add(spent)
        tables += _tables(plan, engine.summary(), spent)
        warnings += search_warnings(plan.selected.label, engine.summary())
    spent_on = {f"{part}_seconds": round(times.seconds[part], 3) for part in PARTS}
    return StageOutcome(tuple(outputs), tuple(tables), tuple(warnings), timings=spent_on)


def _engine(context: RunContext, plan: MarketPlan, data: MarketData, folder: Path) -> OptimizationEngine:
    name = plan.selected.label if context.settings.has_several_markets else "search"
    aim = objective_label(context.settings.optimization.objectives[0])

    def report(progress: SearchProgress) -> None:
        best = "" if math.isnan(progress.best_value) else f"best {aim} {progress.best_value:.3f}"
        context.progress.report(f"{name} {progress.stage}", progress.done, progress.total, best)

    return OptimizationEngine(
        data.candles, plan.strategy, plan.selected.order_qty, opt_config=context.settings.optimization,
        execution=plan.execution, rules=plan.rules, seed=context.settings.seed, ledger_folder=folder, on_progress=report,
        funding=data.funding, detail=data.detail,
    )  # fmt: skip


def _write(engine: OptimizationEngine, plan: MarketPlan, data: MarketData, folder: Path) -> list[Path]:
    best = BacktestEngine(
        engine.candles,
        engine.get_final_config(),
        plan.selected.order_qty,
        execution=plan.execution,
        rules=plan.rules,
        funding=data.funding,
        detail=data.detail,
    ).run()
    ledgers = [folder / f"{stage}.{name}" for stage in STAGES for name in ("trials.log", "daily_returns.parquet")]
    return [
        *ledgers,
        engine.save_results(folder),
        write_parquet(folder / "best_equity.parquet", best.equity),
        write_parquet(folder / "best_trades.parquet", best.trades),
    ]


def _times_of(engine: OptimizationEngine) -> SearchTimes:
    """Return where the time of all stages went."""
    times = SearchTimes()
    for stage in STAGES:
        times.add(engine.times(stage))
    return times


def _tables(plan: MarketPlan, summary: OptimizationSummary, times: SearchTimes) -> list[TableData]:
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
        TableData(f"Optimization of {plan.selected.label}", heads, stages, (0, 7), _note(times)),
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
