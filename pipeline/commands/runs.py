"""``runs``: the list of runs."""

import click

from pipeline.app import App
from pipeline.program import command_to
from pipeline.run_list import list_runs
from pipeline.screen import Screen


@click.command()
@click.pass_obj
def runs(app: App, /) -> None:
    """List all runs, the newest first."""
    screen = Screen()
    table, count = list_runs(app.paths)
    if count:
        screen.table(table)
    else:
        screen.line(f"There is no run in {app.paths.checkpoints} yet. Start one: {command_to('demo')}")
