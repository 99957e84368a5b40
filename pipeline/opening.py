"""Opening a run: a new one under a fresh id or one that exists, locked, logged, and with its farewell arranged."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from config import RunConfig
from core.clock import new_run_id, now_ms
from core.cores import usable_cores
from core.errors import ConfigError, CorruptFileError, DataError, RunNotFoundError
from core.run_folder import RunFolder, RunLock, list_run_ids, stage_named
from pipeline.app import App
from pipeline.context import RunContext
from pipeline.farewell import farewell, resume_command
from pipeline.fleet import Fleet
from pipeline.leftovers import remove_husks, remove_leftovers
from pipeline.live_file import LiveFile, Recorded
from pipeline.log_files import start_logging
from pipeline.pauses import sleep
from pipeline.program import command_to
from pipeline.progress import progress_on
from pipeline.screen import Screen
from pipeline.settings import load_settings, save_settings


@contextmanager
def new_run(app: App, screen: Screen, settings: RunConfig) -> Iterator[RunContext]:
    """Create a run of ``settings`` and hold its lock."""
    run = RunFolder(app.paths, new_run_id())
    while run.checkpoints.exists():  # another process took the same id in the same second
        run = RunFolder(app.paths, new_run_id())
    with _at_work(app, screen, run, settings) as context:
        save_settings(run, settings, now_ms())
        try:
            yield context
        except (ConfigError, DataError):
            _discard_unless_useful(run)
            raise


@contextmanager
def existing_run(app: App, screen: Screen, run_id: str | None) -> Iterator[RunContext]:
    """Open the run called ``run_id`` (None: the latest) and hold its lock; LockedError when another process works on it."""
    run = RunFolder.existing(app.paths, run_id or latest_run_id(app))
    settings, _ = load_settings(run)
    with _at_work(app, screen, run, settings, exists=True) as context:
        yield context


def latest_run_id(app: App) -> str:
    """Return the id of the latest run; RunNotFoundError when there is none."""
    ids = list_run_ids(app.paths)
    if not ids:
        raise RunNotFoundError(f"there is no run in {app.paths.checkpoints} yet. Start one: {command_to('demo')}")
    return ids[-1]


@contextmanager
def _at_work(app: App, screen: Screen, run: RunFolder, settings: RunConfig, *, exists: bool = False) -> Iterator[RunContext]:
    secrets = start_logging(app.paths, console=screen.log_handler(), levels=settings.log_levels)
    remove_husks(app.paths)
    with RunLock(run.checkpoints, new=not exists):
        if exists:
            RunFolder.existing(app.paths, run.run_id)  # whoever had the lock before may have deleted the run
        remove_leftovers(run)
        app.interrupts.farewell = lambda: farewell(run)
        fleet, live = Fleet(), LiveFile(run.checkpoints / "progress.json")
        report = Recorded(progress_on(screen), live)
        try:
            with live.telling():
                yield RunContext(app.paths, run, settings, screen, report, secrets, sleep, usable_cores(), app.interrupts, fleet, live)
        except KeyboardInterrupt:
            fleet.close(at_once=True)
            raise
        except Exception as error:
            if isinstance(error, CorruptFileError) or not isinstance(error, ConfigError | DataError):
                screen.warning(f"the run stopped; what was finished is saved. Continue with: {resume_command(run.run_id)}")
            raise
        finally:
            fleet.close()
    app.interrupts.farewell = str


def _discard_unless_useful(run: RunFolder) -> None:
    """Remove a new run that failed on its settings or candles before its baseline: nothing in it is worth resuming."""
    if not (run.stage(stage_named("baseline")) / "stage.json").is_file():
        shutil.rmtree(run.checkpoints, ignore_errors=True)
