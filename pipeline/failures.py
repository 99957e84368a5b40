"""How a command ends when it does not end well: one clear line, an exit code, and the trace in logs/error.log."""

import contextlib
import logging
import os
import sys
from pathlib import Path

import click

from core.errors import PipelineError
from pipeline.app import App
from pipeline.log_files import redaction_for, start_logging
from pipeline.wrapping import wrapped

BROKEN_PIPE = 141  # 128 + SIGPIPE: what a shell reports for a program whose reader went away
_log = logging.getLogger("pipeline")


def exit_code_of(error: BaseException, app: App) -> int:
    """Show ``error`` as it deserves and return the exit code."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, BrokenPipeError):
        silence_stdout()
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _say_goodbye(app)
        return app.interrupts.exit_code(error)
    if isinstance(error, click.ClickException):
        _show_usage(error)
        return error.exit_code
    masked = redaction_for(app.paths).redact
    if isinstance(error, PipelineError):
        _write_trace(error, app)
        _say(masked(f"error: {error}"))
        return error.exit_code
    where = _write_trace(error, app)
    _say(masked(f"unexpected error: {type(error).__name__}: {' '.join(str(error).split())}. {where}"))
    return 1


def silence_stdout() -> None:
    """Send what is still buffered to nowhere, so that the interpreter does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _say_goodbye(app: App) -> None:
    text = app.interrupts.farewell()
    _say(text or "interrupted", colour="yellow")


def _show_usage(error: click.ClickException) -> None:
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context is not None:
        _echo(context.get_usage())
        _say(f"error: {error.format_message()}")
        _echo(f"Try '{context.command_path} --help'.")
    else:
        _say(f"error: {error.format_message()}")


def _say(text: str, *, colour: str = "red") -> None:
    _echo(click.style(wrapped(text, _columns()), fg=colour, bold=True))


def _columns() -> int:
    """Return the width of the terminal that shows errors; 0 where they go elsewhere and stay in one line."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return 0


def _echo(text: str) -> None:
    """Write to stderr; click drops the colours where it is no terminal."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def _write_trace(error: BaseException, app: App) -> str:
    """Log the whole trace and return the sentence that says where it is."""
    try:
        if not _log.handlers:
            start_logging(app.paths)
        _log.error("%s: %s", type(error).__name__, error, exc_info=error)
    except (PipelineError, OSError) as trouble:
        return f"The trace could not be written to {_shown(app.paths.logs)}: {trouble}"
    return f"The trace is in {_shown(app.paths.logs / 'error.log')}."


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError, OSError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
