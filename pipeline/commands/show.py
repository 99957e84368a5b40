"""``show``: the report of one run in the terminal."""

import click

from core.run_folder import RunFolder
from pipeline.app import App
from pipeline.run_report import show_run
from pipeline.screen import Screen


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--all", "whole", is_flag=True, help="Every metric, not only the main ones.")
@click.pass_obj
def show(app: App, /, run_id: str, whole: bool) -> None:
    """Show the report of RUN: stages side by side, walk-forward windows, gates and verdict."""
    show_run(Screen(), RunFolder.existing(app.paths, run_id), whole=whole)
