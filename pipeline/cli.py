"""The command table. Commands are loaded when they are called, so that ``--help`` needs none of what they need."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

import click

from core.paths import Paths
from pipeline.app import App
from pipeline.interrupts import Interrupts
from pipeline.lazy_group import Entry, LazyGroup

# One thread per process for linear algebra: the samplers' matrices are small, and threads of several workers only wait for each other.
_ONE_THREAD_EACH = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


COMMANDS: Mapping[str, Entry] = {
    "run": Entry("pipeline.commands.run:run", "Go through all stages unattended, with the settings of a run file."),
    "demo": Entry("pipeline.commands.demo:demo", "A whole run on the embedded simulated market: no network, no keys, no questions."),
    "resume": Entry("pipeline.commands.resume:resume", "Continue the latest run, or the one named, where it stopped."),
    "runs": Entry("pipeline.commands.runs:runs", "List all runs."),
    "show": Entry("pipeline.commands.show:show", "Show the report of a run."),
    "compare": Entry("pipeline.commands.compare:compare", "Show two runs side by side."),
    "dashboard": Entry("pipeline.commands.dashboard:dashboard", "Serve the results on this machine."),
    "backtest": Entry("pipeline.commands.backtest:backtest", "Load candles and run the baseline backtest only."),
    "optimize": Entry("pipeline.commands.optimize:optimize", "Baseline and optimization (stages 7.1 to 7.3) only."),
    "walkforward": Entry("pipeline.commands.walkforward:walkforward", "Baseline and walk-forward validation only."),
    "data": Entry("pipeline.commands.data.group:data", "The stored candles: fetch, top, info, verify, repair, import, update ..."),
    "explain": Entry("pipeline.commands.explain:explain", "Tell one trade or missed entry bar by bar."),
    "audit": Entry("pipeline.commands.audit:audit", "Check that a strategy does not look ahead."),
    "doctor": Entry("pipeline.commands.doctor:doctor", "Check this machine: versions, memory, write access, clock, keys."),
}
INTERACTIVE = Entry("pipeline.commands.interactive:interactive", "Go stage by stage and ask.")
# It needs the settings and the keys. A command has it loaded before it starts: once it has failed, there may be no file left to open.
FAILED = Entry("pipeline.failures:exit_code_of", "Say how a command failed and return its exit code.")


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    beside=FAILED,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated.",
)
@click.pass_context
def command_line(ctx: click.Context) -> None:
    """Test a trading strategy honestly: backtest, staged optimization, walk-forward validation, verdict.

    Without a command, on a terminal, it goes stage by stage and asks what it needs.
    """
    if ctx.obj is None:
        ctx.obj = App(Paths.default(), Interrupts())
    if ctx.invoked_subcommand is not None:
        return
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
    FAILED.load()
    ctx.invoke(INTERACTIVE.load())


def run_command_line(arguments: Sequence[str], app: App) -> int:
    """Run one command and return its exit code; every failure becomes a message, never a traceback."""
    try:
        with command_line.make_context("run_pipeline.py", list(arguments), obj=app) as ctx:
            command_line.invoke(ctx)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except BaseException as error:  # noqa: BLE001 - the last line of defence: an unknown error is logged whole and shown in one line
        code: int = FAILED.load()(error, app)
        return code
    return 0


def main() -> NoReturn:
    """Run the command in ``sys.argv`` and leave with its exit code."""
    _open_standard_streams()
    for name in _ONE_THREAD_EACH:
        os.environ.setdefault(name, "1")
    logging.raiseExceptions = False  # a log that cannot be written (full disk) must not fill the terminal with traces
    app = App(Paths.default(), Interrupts())
    app.interrupts.install()
    sys.exit(run_command_line(sys.argv[1:], app))


def _open_standard_streams() -> None:
    """Fill closed descriptors 0 to 2, or the next file opened would become the program's output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
