"""Stage 5: candles, their quality, and the backtest of the strategy as it was given."""

from pathlib import Path

from backtest_engine import BacktestEngine, BacktestResult
from config import MarketConfig
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import dump_bytes
from core.clock import format_utc
from core.errors import DataError
from core.parquet_files import write_parquet
from core.run_folder import stage_named
from market_data import LoadedCandles, QualityReport, load_candles
from pipeline.context import RunContext
from pipeline.fetch_view import fetch_progress
from pipeline.frames import write_candles
from pipeline.metric_rows import HEADLINE, metric_table
from pipeline.plan import MarketPlan, load_plan, plan_hashes
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData, cell
from strategies import get_strategy, resolve_params
from strategies.jit import cache_folder

STAGE = stage_named("baseline")


def _inputs(context: RunContext) -> dict[str, str]:
    return plan_hashes(context) | {"candles": context.part_hash("start", "end", "gaps")}


def _run(context: RunContext) -> StageOutcome:
    """Load, judge and backtest every market; writes candles, quality and results of each."""
    outputs: list[Path] = []
    found: list[tuple[MarketPlan, QualityReport, BacktestResult]] = []
    plans = load_plan(context.run, context.settings)
    sources = context.settings.all_markets or [plan.selected.as_setting() for plan in plans]
    for plan, source in zip(plans, sources, strict=True):
        loaded = _load(context, source)
        candles = loaded.candles
        require_warm_up(candles, plan)
        if not any(cache_folder().rglob("*.nbi")):
            context.screen.line("  compiling the kernels, once on this machine; this takes up to a minute ...")
        engine = BacktestEngine(candles, plan.strategy, plan.selected.order_qty, execution=plan.execution, rules=plan.rules)
        result = engine.run()
        found.append((plan, loaded.quality, result))
        outputs += _write(context.run.stage_market(STAGE, plan.selected.market), candles, loaded.quality, result)
    warnings = tuple(text for _, quality, _ in found for text in quality.warnings)
    return StageOutcome(tuple(outputs), (_quality_table(found), _result_table(found)), warnings)


def _load(context: RunContext, market: MarketConfig) -> LoadedCandles:
    """Load the candles of one market, with a bar for what has to be fetched; Ctrl-C stores what came first."""
    name = f"fetching {market.exchange} {market.symbol} {market.timeframe}"
    with context.interrupts.gently() as stop:
        return load_candles(
            market.exchange, market.symbol, market.timeframe, context.settings.start_ms, context.settings.end_ms,
            gaps=context.settings.gaps, paths=context.paths, on_progress=fetch_progress(context.progress, name), stop=stop,
        )  # fmt: skip


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


def _write(folder: Path, candles: Candles, quality: QualityReport, result: BacktestResult) -> list[Path]:
    summary = {
        "metrics": result.metrics.as_dict(),
        "digest": result.digest,
        "candles_digest": candles.digest,
        "synthetic": candles.synthetic,
        "has_volume": candles.has_volume,
        "bars": len(candles),
        "start_ms": int(candles.open_ms[0]),
        "end_ms": candles.end_ms,
    }
    written = [
        write_candles(folder / "candles.parquet", candles),
        write_parquet(folder / "equity.parquet", result.equity),
        write_parquet(folder / "trades.parquet", result.trades),
        write_parquet(folder / "entries.parquet", result.entries),
    ]
    for name, content in (("quality.json", quality.as_dict()), ("baseline.json", summary)):
        write_bytes(folder / name, dump_bytes(content))
        written.append(folder / name)
    return written


def _quality_table(found: list[tuple[MarketPlan, QualityReport, BacktestResult]]) -> TableData:
    rows = tuple(
        (
            plan.selected.label, cell(quality.bars), f"{cell(quality.missing_bars)} ({quality.missing_share:.3%})",
            cell(len(quality.holes)), cell(quality.zero_volume_bars), cell(len(quality.spikes)), quality.policy,
        )
        for plan, quality, _ in found
    )  # fmt: skip
    return TableData("Candles", ("market", "bars", "missing", "holes", "without volume", "spikes", "gap policy"), rows, (0, 6))


def _result_table(found: list[tuple[MarketPlan, QualityReport, BacktestResult]]) -> TableData:
    columns = [(plan.selected.label, result.metrics.as_dict()) for plan, _, result in found]
    return metric_table("Baseline backtest", columns, HEADLINE)


BASELINE = StageWork(STAGE, _inputs, _run)
