"""Goes through the stages. A fresh run, a resumed one and a changed one take the same path: what is done and unchanged is passed over."""

import logging
import shutil
from collections.abc import Iterable

from core.atomic_files import make_folder, storage_errors, write_bytes
from core.canonical_json import dump_bytes
from core.clock import monotonic_seconds
from core.code_version import code_version
from core.run_folder import Stage, commit_stage, current_record
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.timings import record_timing

_log = logging.getLogger(__name__)


def run_stages(context: RunContext, works: Iterable[StageWork]) -> None:
    """Run ``works`` in order; a stage whose inputs are unchanged is not run again. The caller holds the run's lock."""
    for work in works:
        show_outcome(context, work.stage, run_stage(context, work))


def run_stage(context: RunContext, work: StageWork) -> StageOutcome | None:
    """Run one stage and commit it; None when its result of before still holds.

    Raises what the stage raises; its unfinished work (a ledger, say) stays and is continued by the next attempt.
    """
    folder = context.run.stage(work.stage)
    inputs = work.inputs(context)
    code = code_version()
    if current_record(folder, inputs, code) is not None and work.intact(context):
        return None
    if not context.screen.quiet:
        context.screen.heading(f"Stage {work.stage.number}: {work.stage.title}")
    _begin(context, work.stage, inputs, code)
    context.live.begin(work.stage)
    started = monotonic_seconds()
    with context.progress:
        outcome = work.run(context)
    commit_stage(folder, work.stage.name, inputs, outcome.outputs, code)
    seconds = monotonic_seconds() - started
    record_timing(context.run, work.stage, seconds, outcome.timings)
    _log.info("run %s: stage %s done in %.2f s", context.run.run_id, work.stage.folder, seconds)
    return outcome


def show_outcome(context: RunContext, stage: Stage, outcome: StageOutcome | None) -> None:
    """Show what a stage found, or that its result of before holds."""
    if outcome is None:
        context.screen.detail(f"Stage {stage.number}: {stage.title}: done before, unchanged")
        return
    for table in outcome.tables:
        context.screen.table(table)
    for warning in outcome.warnings:
        context.screen.warning(warning)
    if context.screen.quiet:
        context.screen.line(f"Stage {stage.number}: {stage.title}: done")


def _begin(context: RunContext, stage: Stage, inputs: dict[str, str], code: str) -> None:
    """Mark what the stage's unfinished files belong to; files begun with other inputs or other code are removed, never continued."""
    folder = context.run.stage(stage)
    marker = folder / "begun.json"
    wanted = dump_bytes({"inputs": inputs, "code": code})
    if marker.is_file() and marker.read_bytes() == wanted:
        return
    if folder.is_dir():
        context.screen.detail("  its settings or the program changed: it starts over")
        with storage_errors(folder):
            (folder / "stage.json").unlink(missing_ok=True)
            shutil.rmtree(folder)
    make_folder(folder)
    write_bytes(marker, wanted)
