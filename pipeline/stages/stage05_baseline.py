"""Stage 5: candles, their quality, and the backtest of the strategy as it was given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backtest_engine import BacktestEngine, BacktestResult, compare_with_coarse
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import digest, dump_bytes
from core.clock import format_utc
from core.errors import DataError
from core.parquet_files import write_parquet
from core.run_folder import stage_named
from market_data import QualityReport
from pipeline.context import RunContext
from pipeline.indicator_files import write_indicators
from pipeline.market_files import LoadedMarket, data_facts, load_market, write_market
from pipeline.metric_rows import metric_table
from pipeline.plan import load_plan, plan_hashes
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import UNDEFINED, TableData, cell
from pipeline.workers import trials_per_search
from pipeline.workload import early_choice
from reporting.finer_execution import finer_execution
from reporting.market_plan import MarketPlan
from strategies import get_strategy, resolve_params
from strategies.jit import cache_folder
from walkforward.evidence.provable import SHARPES, Provable, provable

STAGE = stage_named("baseline")


@dataclass(frozen=True, slots=True)
class Found:
    """One market's data, what the backtest of the strategy as given made of it, and what a search of it could prove."""

    plan: MarketPlan
    loaded: LoadedMarket
    result: BacktestResult
    provable: Provable


def _inputs(context: RunContext) -> dict[str, str]:
    trials = digest(trials_per_search(context.settings.optimization))
    return plan_hashes(context) | {"candles": context.part_hash("start", "end", "gaps"), "trials": trials}


def _run(context: RunContext) -> StageOutcome:
    """Load, judge and backtest every market; writes candles, quality and results of each."""
    outputs: list[Path] = []
    found: list[Found] = []
    plans = load_plan(context.run, context.settings)
    early = early_choice(context)
    if early is not None and early.executor == "ray":
        context.fleet.prepare(early, context.settings.optimization)
    sources = context.settings.all_markets or [plan.selected.as_setting() for plan in plans]
    for plan, source in zip(plans, sources, strict=True):
        loaded = load_market(context, plan, source)
        data = loaded.data
        require_warm_up(data.candles, plan)
        if not any(cache_folder().rglob("*.nbc")):
            context.screen.line("  compiling the kernels, once on this machine; this takes up to a minute ...")
        engine = BacktestEngine(
            data.candles,
            plan.strategy,
            plan.selected.order_qty,
            execution=plan.execution,
            rules=plan.rules,
            funding=data.funding,
            detail=data.detail,
        )
        result = engine.run()
        found.append(Found(plan, loaded, result, provable(data.candles, trials_per_search(context.settings.optimization))))
        outputs += _write(context.run.stage_market(STAGE, plan.selected.market), found[-1])
    warnings = tuple(text for each in found for text in (*each.loaded.warnings, *_liquidation_note(each)))
    tables = (_quality_table(found), *_funding_table(found), _result_table(found), *_finer_tables(found), _provable_table(found))
    return StageOutcome(tuple(outputs), tables, warnings)


def require_warm_up(candles: Candles, plan: MarketPlan) -> None:
    """Raise DataError unless the strategy's indicators are defined before the last candle."""
    strategy = get_strategy(plan.strategy.name)
    warmup = strategy.warmup(resolve_params(strategy, plan.strategy))
    needed = warmup + 2
    if len(candles) < needed:
        raise DataError(
            f"{plan.selected.label} has {len(candles):,} candles, from {format_utc(int(candles.open_ms[0]))} to "
            f"{format_utc(candles.end_ms)} UTC, but strategy {strategy.name} "
            f"needs at least {needed:,}: {warmup:,} to warm its indicators up, one to signal, one to trade. "
            "Choose an earlier start, a finer timeframe or shorter periods."
        )


def _write(folder: Path, found: Found) -> list[Path]:
    loaded, result, summary = found.loaded, found.result, _summary(found)
    written = [
        *write_market(folder, loaded),
        *write_indicators(folder, found.plan.strategy, loaded.data.candles),
        write_parquet(folder / "equity.parquet", result.equity),
        write_parquet(folder / "trades.parquet", result.trades),
        write_parquet(folder / "entries.parquet", result.entries),
    ]
    for name, content in (("quality.json", loaded.candles.quality.as_dict()), ("baseline.json", summary)):
        write_bytes(folder / name, dump_bytes(content))
        written.append(folder / name)
    return written


def _summary(found: Found) -> dict[str, Any]:
    """Return what baseline.json holds; ``compared`` sets a run on detail candles beside one without."""
    result = found.result
    return {
        "metrics": result.metrics.as_dict(),
        "digest": result.digest,
        "ambiguous_exits": result.ambiguous_exits,
        "compared": [each.as_dict() for each in compare_with_coarse(result)],
        "provable": found.provable.as_dict(),
    } | data_facts(found.loaded)


def _quality_table(found: list[Found]) -> TableData:
    rows = [_quality_row(each.plan.selected.label, each.loaded.candles.quality) for each in found]
    rows += [
        _quality_row(f"{each.plan.selected.label}: fills on {detail.candles.timeframe}", detail.quality)
        for each in found
        if (detail := each.loaded.detail) is not None
    ]
    return TableData("Candles", ("market", "bars", "missing", "holes", "without volume", "spikes", "gap policy"), tuple(rows), (0, 6))


def _quality_row(name: str, quality: QualityReport) -> tuple[str, ...]:
    return (
        name, cell(quality.bars), f"{cell(quality.missing_bars)} ({quality.missing_share:.3%})", cell(len(quality.holes)),
        cell(quality.zero_volume_bars), cell(len(quality.spikes)), quality.policy,
    )  # fmt: skip


def _funding_table(found: list[Found]) -> tuple[TableData, ...]:
    """Return what was told of funding, and what the baseline paid; nothing for markets without rates."""
    rows = tuple(
        (
            each.plan.selected.label, cell(funding.told), cell(len(funding.holes)), cell(funding.assumed),
            f"{funding.rates.rate.mean():.4%}" if len(funding.rates) else UNDEFINED, cell(each.result.metrics.funding),
        )
        for each in found
        if (funding := each.loaded.funding) is not None
    )  # fmt: skip
    heads = ("market", "rates told", "holes", "assumed", "mean rate", "paid by the baseline")
    return (TableData("Funding", heads, rows, (0,)),) if rows else ()


def _result_table(found: list[Found]) -> TableData:
    columns = [(each.plan.selected.label, each.result.metrics.as_dict()) for each in found]
    return metric_table("Baseline backtest", columns)


def _provable_table(found: list[Found]) -> TableData:
    rows = tuple(
        (
            each.plan.selected.label, cell(each.provable.days), cell(each.provable.trials), cell(each.provable.noise_sharpe),
            *(cell(each.provable.years_for[sharpe]) for sharpe in SHARPES),
        )
        for each in found
    )  # fmt: skip
    needed = (f"years, Sharpe {sharpe:g}" for sharpe in SHARPES)
    heads = ("market", "days", "trials", "Sharpe of noise", *needed)
    return TableData("What these settings can prove", heads, rows, (0,), found[0].provable.sentence if len(found) == 1 else "")


def _liquidation_note(found: Found) -> tuple[str, ...]:
    """Say how many trades of the baseline the venue would have ended; nothing where none."""
    reasons = found.result.trades["exit_reason"]
    count = int((reasons == "liquidation").sum())
    if not count:
        return ()
    return (f"{found.plan.selected.label}: {count:,} of {len(reasons):,} trades of the baseline ended in a liquidation.",)


def _finer_tables(found: list[Found]) -> list[TableData]:
    tables = []
    for each in found:
        finer = finer_execution(_summary(each), each.plan.selected.timeframe)
        if finer is not None:
            heads = ("metric", f"fills on {finer.detail}", f"on {finer.coarse} alone", "difference")
            tables.append(TableData(f"Finer execution of {each.plan.selected.label}", heads, finer.rows, note=finer.sentence))
    return tables


BASELINE = StageWork(STAGE, _inputs, _run)
