"""What an interrupted run says: how much is saved and the command that continues it."""

from core.run_folder import STAGES, RunFolder, stage_named
from pipeline.program import command_to

_LEDGER_STAGES = ("optimize", "walkforward")


def farewell(run: RunFolder) -> str:
    """Return one line; it reads files only, so that it can be called at any moment of a run."""
    if not run.settings_file.is_file():
        return "Interrupted before anything was begun."
    finished = [stage for stage in STAGES if (run.stage(stage) / "stage.json").is_file()]
    stages = f"{len(finished)} of {len(STAGES)} stages"
    return f"Interrupted. Saved: {stages}, {saved_trials(run):,} trials. Continue with: {resume_command(run.run_id)}"


def saved_trials(run: RunFolder) -> int:
    """Return how many trials are in the run's ledgers."""
    folders = [run.stage(stage_named(name)) for name in _LEDGER_STAGES]
    lines = (path.read_bytes().count(b"\n") for folder in folders for path in sorted(folder.rglob("*.trials.log")))
    return sum(max(count - 1, 0) for count in lines)  # the first line of a ledger names the search


def resume_command(run_id: str) -> str:
    """Return the command that continues a run."""
    return command_to("resume", run_id)
