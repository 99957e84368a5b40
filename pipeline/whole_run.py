"""A whole run from its settings to the verdict and the dashboard: what ``run``, ``demo`` and ``resume`` share."""

import sys
from collections.abc import Sequence

from config import RunConfig
from core.run_folder import RunFolder
from pipeline.app import App
from pipeline.context import RunContext
from pipeline.farewell import resume_command
from pipeline.opening import existing_run, new_run
from pipeline.preflight import check_names
from pipeline.program import command_to
from pipeline.report_view import show_verdict
from pipeline.runner import run_stages
from pipeline.screen import Screen
from pipeline.serving import Serving, serve_results
from pipeline.stage_work import StageWork
from pipeline.stages import ALL_STAGES
from reporting import read_result
from reporting.selection import load_selection


def start_run(app: App, screen: Screen, settings: RunConfig, serving: Serving) -> None:
    """Run all stages of a new run, show its verdict, then serve the dashboard if wanted."""
    check_names(app.paths, settings)
    with new_run(app, screen, settings) as context:
        announce(context, "Run")
        run_stages(context, ALL_STAGES)
    conclude(app, screen, context.run, serving)


def continue_run(app: App, screen: Screen, run_id: str | None, serving: Serving) -> None:
    """Take a run up where it stopped, in the middle of a stage too; one that is finished is shown."""
    with existing_run(app, screen, run_id) as context:
        announce(context, "Resuming run")
        run_stages(context, ALL_STAGES)
    conclude(app, screen, context.run, serving)


def run_part(app: App, screen: Screen, settings: RunConfig, works: Sequence[StageWork]) -> None:
    """Run some stages of a new run and say how to go on with the others."""
    check_names(app.paths, settings)
    with new_run(app, screen, settings) as context:
        announce(context, "Run")
        run_stages(context, works)
    screen.line(f"Saved as run {context.run.run_id}. The other stages follow with: {resume_command(context.run.run_id)}")


def announce(context: RunContext, verb: str) -> None:
    """Say which run this is."""
    settings = context.settings
    markets = ", ".join(f"{market.exchange} {market.symbol} {market.timeframe}" for market in settings.all_markets)
    context.screen.line(f"{verb} {context.run.run_id}: {markets or settings.top}")


def conclude(app: App, screen: Screen, run: RunFolder, serving: Serving) -> None:
    """Show the verdict of a finished run and serve the dashboard if wanted."""
    report = read_result(run.results, "report")["markets"]
    for market in load_selection(run):
        show_verdict(screen, market, report[market.slug])
    screen.line(f"Report: {run.exports / 'report.html'}")
    screen.line(f"Again in the terminal: {command_to('show', run.run_id)}")
    if serving.wanted and sys.stdout is not None and screen.console.is_terminal:
        serve_results(app, screen, serving, run.run_id)
    else:
        screen.line(f"Look at it in a browser: {command_to('dashboard')}")
