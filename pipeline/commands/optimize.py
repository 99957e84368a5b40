"""``optimize``: baseline and search only."""

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.settings import resolve_settings
from pipeline.stages import OPTIMIZE, PREPARATION
from pipeline.whole_run import run_part


@click.command()
@options.market_options
@options.search_options
@options.executor_options
@options.config
@options.assignments
@options.quiet
@click.pass_obj
def optimize(app: App, /, config_file: Path | None, assignments: tuple[str, ...], quiet: bool, **values: Any) -> None:
    """Search the strategy's parameters (stages 7.1 to 7.3) after the baseline.

    What it finds was chosen on the very candles it is measured on: only walk-forward validation says what it is worth.
    """
    settings = resolve_settings(app.paths, config_file, assignments, options.overrides_of(values))
    run_part(app, Screen(quiet=quiet), settings, (*PREPARATION, OPTIMIZE))
