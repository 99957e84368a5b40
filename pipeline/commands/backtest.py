"""``backtest``: candles and baseline only."""

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.settings import resolve_settings
from pipeline.stages import PREPARATION
from pipeline.whole_run import run_part


@click.command()
@options.market_options
@options.config
@options.assignments
@options.quiet
@click.pass_obj
def backtest(app: App, /, config_file: Path | None, assignments: tuple[str, ...], quiet: bool, **values: Any) -> None:
    """Load candles, judge their quality and backtest the strategy as it is set: stages 1 to 5.

    The result is kept as a run, so that explain can tell its trades and resume can go on with the other stages.
    """
    settings = resolve_settings(app.paths, config_file, assignments, options.overrides_of(values))
    run_part(app, Screen(quiet=quiet), settings, PREPARATION)
