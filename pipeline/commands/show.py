"""``show``: the report of one run in the terminal, or its trials."""

from typing import Any

import click

from core.errors import ConfigError
from core.run_folder import RunFolder
from pipeline.app import App
from pipeline.run_report import show_run
from pipeline.screen import Screen
from pipeline.trial_view import TrialQuery, show_trials

# As the ledger names them; it is not imported here, for that takes as long as the whole report.
STATES = ("complete", "infeasible", "pruned", "screened", "few_trades", "ruined", "undefined", "duplicate", "failed")


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--all", "whole", is_flag=True, help="Every metric and every figure behind the gates, not only the main ones.")
@click.option("--trials", is_flag=True, help="The trials instead of the report; also of a run at work.")
@click.option("--stage", type=click.Choice(["7.1", "7.2", "7.3"]), help="Trials of one search stage only.")
@click.option("--window", type=click.IntRange(0), help="Trials of one walk-forward window instead of the whole series.")
@click.option("--market", metavar="SLUG", help="Trials of one market of a run with several, e.g. binance_btcusdt_1h.")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Trials in one state only.")
@click.option("--sort", help="By objective (default), trial, or any metric such as net_pnl; the highest first.")
@click.option("--top", type=click.IntRange(1), help="How many trials to show (default 20).")
@click.pass_obj
def show(app: App, /, run_id: str, whole: bool, trials: bool, **query: Any) -> None:
    """Show the report of RUN: stages side by side, walk-forward windows, gates and verdict; with --trials what the search tried."""
    given = {name: value for name, value in query.items() if value is not None}
    run = RunFolder.existing(app.paths, run_id)
    if trials:
        show_trials(Screen(), run, TrialQuery(**given))
    elif given:
        raise ConfigError(f"--{next(iter(given))} belongs to --trials: show {run_id} --trials --{next(iter(given))} ...")
    else:
        show_run(Screen(), run, whole=whole)
