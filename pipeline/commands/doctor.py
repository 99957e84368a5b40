"""``doctor``: is this machine ready."""

import click

from pipeline.app import App
from pipeline.health import examine
from pipeline.screen import Screen
from pipeline.tables import TableData


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check versions, cores, memory, GPU, Ray, write access, the clock, and which keys are set (never their values).

    Exit code 1 when something must be repaired before a run can work.
    """
    app: App = ctx.obj
    screen = Screen()
    findings = examine(app.paths)
    rows = tuple((finding.state, finding.subject, finding.text) for finding in findings)
    screen.table(TableData("Doctor", ("", "what", "found"), rows, (0, 1, 2)))
    failed = [finding for finding in findings if finding.state == "failed"]
    if failed:
        screen.bad(f"{len(failed)} thing(s) must be repaired: {', '.join(finding.subject for finding in failed)}")
        ctx.exit(1)
    screen.good("Everything needed is in place.")
