"""The list of runs as a table."""

from core.clock import format_utc
from core.paths import Paths
from dashboard.reading.files import FileReader
from dashboard.reading.run_reader import MarketView
from dashboard.reading.runs import RunIndex, RunSummary
from pipeline.tables import TableData


def list_runs(paths: Paths) -> tuple[TableData, int]:
    """Return the table of all runs, newest first, and how many there are."""
    summaries = RunIndex(paths, FileReader(paths.data)).summaries()
    heads = ("run", "created (UTC)", "mode", "markets", "state", "verdict")
    return TableData("Runs", heads, tuple(_row(summary) for summary in summaries), (0, 1, 2, 3, 4, 5)), len(summaries)


def _row(summary: RunSummary) -> tuple[str, ...]:
    created = "n/a" if summary.created_ms is None else format_utc(summary.created_ms - summary.created_ms % 60_000)
    markets = ", ".join(_market(item.market) for item in summary.markets)
    return summary.run_id, created, summary.mode, markets, _state(summary), _verdict(summary)


def _market(market: MarketView) -> str:
    return f"{market.exchange} {market.symbol} {market.timeframe}{' (synthetic)' if market.synthetic else ''}"


def _state(summary: RunSummary) -> str:
    if summary.state == "damaged":
        return f"damaged: {summary.problem}"
    if summary.state == "finished" or summary.next_stage is None:
        return "finished"
    return f"{summary.state}, next is stage {summary.next_stage.number} ({summary.next_stage.name})"


def _verdict(summary: RunSummary) -> str:
    headlines = {item.headline for item in summary.markets if item.verdict != "open"}
    return "; ".join(sorted(headlines)) or "none yet"
