"""What jobs do: their states, and that their output grew."""

from collections.abc import Callable
from pathlib import Path

from core.errors import CorruptFileError
from core.paths import Paths
from dashboard.events.hub import Event
from dashboard.jobs.states import Job, read_job
from dashboard.jobs.view import job_row
from dashboard.reading.masking import PathCutter
from dashboard.reading.small_files import Stamp, stamp_of

# Every how many looks dead processes are searched for.
_TEND_EVERY = 20


class JobsSource:
    """Watches ``state.json`` and ``output.log`` of every job; ``tend`` notices jobs whose process died."""

    def __init__(self, paths: Paths, tend: Callable[[], None]) -> None:
        self._folder, self._tend = paths.jobs, tend
        self._cut = PathCutter(paths)
        self._states: dict[str, Stamp | None] = {}
        self._outputs: dict[str, Stamp | None] = {}
        self._looks = 0

    def prime(self) -> None:
        """Take in how the jobs stand."""
        self._states, self._outputs, self._looks = {}, {}, 0
        for folder in self._folders():
            self._states[folder.name] = stamp_of(folder / "state.json")
            self._outputs[folder.name] = stamp_of(folder / "output.log")

    def poll(self) -> list[Event]:
        """Return ``job`` for each job that came or changed its state, and ``log`` with the new size of each output."""
        self._looks += 1
        if self._looks % _TEND_EVERY == 0:
            self._tend()
        return [event for folder in self._folders() for event in self._news(folder)]

    def _news(self, folder: Path) -> list[Event]:
        name, state, output = folder.name, stamp_of(folder / "state.json"), stamp_of(folder / "output.log")
        if state == self._states.get(name) and output == self._outputs.get(name):
            return []
        job = _job(folder)
        if job is None:
            return []
        events = []
        if state != self._states.get(name):
            row = job_row(job)
            events.append(Event("job", row | {"message": self._cut(row["message"]), "label": self._cut(row["label"])}, job.run_id))
        if output is not None and output != self._outputs.get(name):
            events.append(Event("log", {"job": name, "bytes": output[2]}, job.run_id))
        self._states[name], self._outputs[name] = state, output
        return events

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(entry for entry in self._folder.iterdir() if stamp_of(entry / "job.json") is not None and not entry.is_symlink())


def _job(folder: Path) -> Job | None:
    try:
        return read_job(folder)
    except CorruptFileError:
        return None
