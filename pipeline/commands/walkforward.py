"""``walkforward``: baseline and walk-forward validation only."""

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.settings import resolve_settings
from pipeline.stages import PREPARATION, WALKFORWARD
from pipeline.whole_run import run_part


@click.command()
@options.market_options
@options.search_options
@options.executor_options
@options.window_options
@options.config
@options.assignments
@options.quiet
@click.pass_obj
def walkforward(app: App, /, config_file: Path | None, assignments: tuple[str, ...], quiet: bool, **values: Any) -> None:
    """Re-optimize on each window's past and test on the days after it (stage 8), after the baseline."""
    settings = resolve_settings(app.paths, config_file, assignments, options.overrides_of(values))
    run_part(app, Screen(quiet=quiet), settings, (*PREPARATION, WALKFORWARD))
