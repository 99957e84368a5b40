"""The interactive mode: what happens when no command is given on a terminal."""

import click

from pipeline import options
from pipeline.app import App
from pipeline.interactive import interactive_run
from pipeline.prompts import Prompter
from pipeline.screen import Screen
from pipeline.serving import Serving


@click.command()
@click.pass_obj
def interactive(app: App, /) -> None:
    """Go through all stages and ask what they need."""
    interactive_run(app, Screen(), Prompter(), Serving.on_port(True, options.DEFAULT_PORT))
