"""Stage 9's work: from checkpoint files to published results, exports and raw logs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config import VerdictConfig
from core.atomic_files import storage_errors, write_bytes
from core.canonical_json import dump_bytes
from core.run_folder import RunFolder
from exchanges.calendars import venue_timeframe
from reporting.checkpoints import MarketReport, RunReport, read_run
from reporting.comparison import Comparison, compare
from reporting.evidence_exports import write_evidence
from reporting.exports import write_comparison, write_trades, write_windows
from reporting.gates import Evidence
from reporting.html_report import render_html
from reporting.performance_columns import MarketPerformance, market_performance
from reporting.performance_exports import write_performance
from reporting.raw_log import write_raw_logs
from reporting.schema import RESULT_SCHEMA
from reporting.summary_markdown import render_summary
from reporting.trial_tables import write_trials
from reporting.verdict import Verdict, judge
from strategies import strategy_label

# How the tables begin of which every market has its own.
_PER_MARKET = ("trades", "windows", "drawdowns", "months", "splits", "significance", "stress", "regimes")


def publish_report(run: RunFolder) -> list[Path]:
    """Write ``results/RUN/*.json``, ``exports/RUN/*`` and the raw logs of ``run``, and return every path.

    Everything follows from the checkpoint files of stages 3, 4, 5, 7 and 8, so that equal checkpoints give equal bytes. Exports and raw
    logs of markets that the run no longer has are removed. Raises CorruptFileError for a checkpoint file that is missing or damaged,
    StorageError when the disk refuses.
    """
    report = read_run(run)
    performances = {market.slug: market_performance(market, report.strategy["execution"]) for market in report.markets}
    comparisons = {market.slug: _compare(market, performances[market.slug]) for market in report.markets}
    verdicts = {market.slug: _judge(market, report.config.verdict) for market in report.markets}
    settings = resolved_settings(report)
    written = [
        *write_raw_logs(run.paths.raw_logs, run.run_id, report.markets),
        *_write_exports(run.exports, report.markets, comparisons),
        *(write_trials(run.exports, run, market.slug) for market in report.markets),
        *write_performance(run.exports, performances),
        *write_evidence(run.exports, report.markets, verdicts),
        _write_html(run.exports, report.markets, comparisons, performances, verdicts, settings),
        _write_text(run.exports / "summary.md", render_summary(report.markets, comparisons, verdicts)),
        *_write_results(run.results, report, comparisons, performances, verdicts, settings),
    ]
    _remove_stale(run, written)
    return written


def _compare(market: MarketReport, performance: MarketPerformance) -> Comparison:
    periods_per_year = venue_timeframe(market.exchange, market.timeframe).periods_per_year
    return compare(market.baseline, market.optimization, market.walkforward, performance, periods_per_year)


def _judge(market: MarketReport, limits: VerdictConfig) -> Verdict:
    evidence = Evidence(market.walkforward, market.optimization, market.significance)
    return judge(evidence, limits, synthetic=market.synthetic, cautions=market.cautions)


def resolved_settings(report: RunReport) -> dict[str, Any]:
    """Return the settings that made the result, as stage 4 resolved them: no paths, and nothing that may differ between equal runs."""
    config, resolved = report.config, report.strategy
    strategy = dict(resolved["strategy"])
    return {
        "strategy": strategy | {"name": strategy_label(str(strategy.get("name", config.strategy.name)))},
        "execution": resolved["execution"],
        "fees": resolved["fees"],
        "funding": resolved["funding"],
        "rules": resolved["rules"],
        "optimization": {name: value for name, value in resolved["optimization"].items() if name not in ("executor", "ray_address")},
        "walkforward": resolved["walkforward"],
        "significance": config.significance.model_dump(mode="json"),
        "verdict": config.verdict.model_dump(mode="json"),
        "gaps": config.gaps.value,
        "start_ms": config.start_ms,
        "end_ms": config.end_ms,
    }


def _write_results(
    folder: Path,
    report: RunReport,
    comparisons: Mapping[str, Comparison],
    performances: Mapping[str, MarketPerformance],
    verdicts: Mapping[str, Verdict],
    settings: Mapping[str, Any],
) -> list[Path]:
    per_market: dict[str, dict[str, Any]] = {
        "quality": {market.slug: market.quality for market in report.markets},
        "baseline": {market.slug: market.baseline for market in report.markets},
        "optimization": {market.slug: market.optimization for market in report.markets},
        "walkforward": {market.slug: market.walkforward for market in report.markets},
        "significance": {market.slug: market.significance for market in report.markets if market.significance is not None},
        "performance": {slug: each.as_dict() for slug, each in performances.items()},
        "report": {slug: {"verdict": verdicts[slug].as_dict(), "comparison": comparisons[slug].as_dict()} for slug in verdicts},
    }
    contents: dict[str, dict[str, Any]] = {name: {"schema": RESULT_SCHEMA, "markets": markets} for name, markets in per_market.items()}
    contents["run"] = {
        "schema": RESULT_SCHEMA,
        "mode": report.config.mode.value,
        "seed": report.config.seed,
        "settings": settings,
        "markets": [_market_facts(market) for market in report.markets],
    }
    return [_write_json(folder / f"{name}.json", content) for name, content in contents.items()]


def _write_json(path: Path, content: Mapping[str, Any]) -> Path:
    write_bytes(path, dump_bytes(content))
    return path


def _market_facts(market: MarketReport) -> dict[str, Any]:
    facts = {name: getattr(market, name) for name in ("exchange", "symbol", "timeframe", "order_qty", "slug", "synthetic")}
    return facts | {name: market.baseline[name] for name in ("bars", "start_ms", "end_ms", "candles_digest")}


def _write_exports(folder: Path, markets: Sequence[MarketReport], comparisons: Mapping[str, Comparison]) -> list[Path]:
    tables = [write(folder, market) for market in markets for write in (write_trades, write_windows)]
    return [write_comparison(folder, comparisons), *tables]


def _write_html(
    folder: Path,
    markets: Sequence[MarketReport],
    comparisons: Mapping[str, Comparison],
    performances: Mapping[str, MarketPerformance],
    verdicts: Mapping[str, Verdict],
    settings: Mapping[str, Any],
) -> Path:
    return _write_text(folder / "report.html", render_html(markets, comparisons, performances, verdicts, settings))


def _write_text(path: Path, text: str) -> Path:
    write_bytes(path, text.encode())
    return path


def _remove_stale(run: RunFolder, written: Sequence[Path]) -> None:
    found = [
        *(path for name in _PER_MARKET for path in run.exports.glob(f"{name}_*.csv")),
        *run.exports.glob("trials_*.parquet"),
        *run.paths.raw_logs.glob(f"*/{run.run_id}.jsonl"),
    ]
    for path in set(found) - set(written):
        with storage_errors(path):
            path.unlink(missing_ok=True)
