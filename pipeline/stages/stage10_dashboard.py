"""Stage 10: the results are published and can be looked at; serving them is the command's last act, after the run's lock is free."""

from pathlib import Path

from core.errors import CorruptFileError
from core.run_folder import stage_named
from pipeline.context import RunContext
from pipeline.program import command_to
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import facts
from reporting import read_result

STAGE = stage_named("dashboard")


def _inputs(context: RunContext) -> dict[str, str]:
    return {"report": context.record_hash("report")}


def _run(context: RunContext) -> StageOutcome:
    """Check that the published run can be read again and say where it is."""
    published = read_result(context.run.results, "run")
    report = context.run.exports / "report.html"
    if not report.is_file():
        raise CorruptFileError(f"{report} is missing although the report was published. Resume the run: it is published again.")
    rows = (
        ("markets", ", ".join(market["slug"] for market in published["markets"])),
        ("results", _shown(context.run.results)),
        ("exports, report.html", _shown(context.run.exports)),
        ("look at it", command_to("dashboard")),
    )
    return StageOutcome(tables=(facts("Published", rows),))


def _shown(path: Path) -> str:
    """Return where a folder really is: seen from the current folder where it lies in it, else in full."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


DASHBOARD = StageWork(STAGE, _inputs, _run)
