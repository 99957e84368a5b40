"""The report of a run in the terminal, from what it published; of an unfinished run, how far it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.clock import format_utc
from core.run_folder import STAGES, RunFolder, RunLock
from pipeline.farewell import resume_command, saved_trials
from pipeline.report_view import comparison_table, gate_table, luck_table, show_verdict
from pipeline.screen import Screen
from pipeline.tables import TableData, cell
from pipeline.timings import read_timings
from pipeline.walkforward_tables import depth_tables
from reporting import format_metric, read_result, read_significance
from reporting.selection import load_selection

# As optimization.times names them; it is not imported for a report.
_PARTS = ("sampler", "engine", "ledger")


def show_run(screen: Screen, run: RunFolder, *, whole: bool = False) -> None:
    """Write the report of ``run``; ``whole`` adds every metric and every figure behind the gates."""
    if not (run.results / "report.json").is_file():
        _show_progress(screen, run)
        return
    significance = read_significance(run.results) if whole else {}
    report, walkforward, facts = (read_result(run.results, name) for name in ("report", "walkforward", "run"))
    spans = {market["slug"]: market for market in facts["markets"]}
    for market in load_selection(run):
        slug = market.slug
        span = spans[slug]
        screen.heading(f"{market.label}: {cell(span['bars'])} candles, {format_utc(span['start_ms'])} to {format_utc(span['end_ms'])} UTC")
        screen.table(comparison_table(market.label, report["markets"][slug], whole=whole))
        for table in (_window_table(walkforward["markets"][slug]), *depth_tables(walkforward["markets"][slug])):
            screen.table(table)
        if slug in significance:
            screen.table(luck_table(market.label, significance[slug]))
        screen.table(gate_table(market.label, report["markets"][slug]))
        show_verdict(screen, market, report["markets"][slug])
    for table in _time_tables(run):
        screen.table(table)


def _show_progress(screen: Screen, run: RunFolder) -> None:
    done = {stage for stage in STAGES if (run.stage(stage) / "stage.json").is_file()}
    rows = tuple((str(stage.number), stage.title, "ok, done" if stage in done else "not yet") for stage in STAGES)
    screen.table(TableData(f"Run {run.run_id}", ("stage", "", "state"), rows, (0, 1, 2)))
    if RunLock.is_held(run.checkpoints):
        screen.line(f"A process is working on it; {saved_trials(run):,} trials are saved so far.")
    else:
        screen.line(f"The run is not finished: {saved_trials(run):,} trials are saved. Continue with: {resume_command(run.run_id)}")


def _time_tables(run: RunFolder) -> Iterator[TableData]:
    """Yield where the time of the searches went, as the last attempt at each stage measured it; nothing where none did."""
    last = {entry.get("stage"): entry for entry in read_timings(run)}
    rows = tuple(
        (stage.title, *(f"{cell(seconds)} s ({seconds / total:.0%})" for seconds in spent))
        for stage in STAGES
        if (spent := _spent(last.get(stage.folder, {}))) and (total := sum(spent)) > 0
    )
    if rows:
        note = "Trials that an earlier attempt had saved are not in it."
        yield TableData("Where the time of the search went", ("", *_PARTS), rows, note=note)


def _spent(entry: Mapping[str, Any]) -> list[float]:
    seconds = [entry.get(f"{part}_seconds") for part in _PARTS]
    return [float(each) for each in seconds if isinstance(each, int | float)] if None not in seconds else []


def _window_table(content: Mapping[str, Any]) -> TableData:
    rows = tuple(_window_row(window) for window in content["windows"])
    heads = ("window", "tested from", "to", "Sharpe in sample", "out of sample", "net P&L", "trades", "scored")
    return TableData("Walk-forward windows", heads, rows, (0, 1, 2, 7))


def _window_row(window: Mapping[str, Any]) -> tuple[str, ...]:
    inside, outside = window["is_metrics"], window["oos_metrics"]
    return (
        str(window["index"]),
        format_utc(window["oos_start_ms"])[:10],
        format_utc(window["oos_end_ms"])[:10],
        format_metric("sharpe_ratio", inside.get("sharpe_ratio")),
        *(format_metric(name, outside.get(name)) for name in ("sharpe_ratio", "net_pnl", "total_trades")),
        "yes" if window["scored"] else f"no: {window['reason']}",
    )
