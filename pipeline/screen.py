"""The terminal: headings, lines, warnings, tables. The only place that writes to standard output."""

import logging
import os
from typing import NoReturn

from rich.console import Console
from rich.logging import RichHandler

from pipeline.failures import BROKEN_PIPE, silence_stdout
from pipeline.tables import TableData, render
from pipeline.wrapping import wrapped

PIPED_WIDTH = 140  # where nobody said how wide the paper is


# What these log is said on the screen in better words.
_SHOWN_ANYWAY = ("pipeline", "dashboard")


class _StdoutConsole(Console):
    """A console that ends the program like any other filter when its reader goes away."""

    def on_broken_pipe(self) -> NoReturn:
        """Leave with the shell's code for a broken pipe."""
        self.quiet = True
        silence_stdout()
        raise SystemExit(BROKEN_PIPE)


class Screen:
    """Writes for people. ``quiet`` leaves out tables and details; without a terminal the same text comes without colours."""

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self.quiet = quiet
        self.console = console or _stdout_console()

    @property
    def live(self) -> bool:
        """True where bars may move: on a terminal and not quiet."""
        return self.console.is_terminal and not self.quiet

    def heading(self, text: str) -> None:
        """Write the title of a stage or report."""
        self._write(text, "bold cyan")

    def line(self, text: str = "") -> None:
        """Write one line, whatever the mode."""
        self._write(text, "")

    def detail(self, text: str) -> None:
        """Write a line that quiet mode leaves out."""
        if not self.quiet:
            self._write(text, "dim")

    def good(self, text: str) -> None:
        """Write something that went well."""
        self._write(text, "bold green")

    def bad(self, text: str) -> None:
        """Write something that did not."""
        self._write(text, "bold red")

    def warning(self, text: str) -> None:
        """Write a warning, named as one."""
        self._write(f"warning: {text}", "yellow")

    def table(self, data: TableData) -> None:
        """Write a table and its note, but in quiet mode."""
        if not self.quiet:
            self.console.print(render(data))
            if data.note:
                self._write(f"{data.note}\n", "")

    def log_handler(self) -> logging.Handler | None:
        """Return a handler that shows the log records of the other packages here; None in quiet mode."""
        if self.quiet:
            return None
        handler = RichHandler(console=self.console, show_time=False, show_path=False, markup=False, rich_tracebacks=False)
        handler.addFilter(lambda record: not record.name.startswith(_SHOWN_ANYWAY))
        return handler

    def _write(self, text: str, style: str) -> None:
        """Write text that a terminal shows in lines broken between words; elsewhere it stays whole."""
        shown = wrapped(text, self.console.width) if self.console.is_terminal else text
        self.console.print(shown, style=style, markup=False, highlight=False, soft_wrap=True)


def _stdout_console() -> Console:
    console = _StdoutConsole()
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console = _StdoutConsole(width=PIPED_WIDTH)
    return console
