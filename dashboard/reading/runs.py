"""The list of runs: every folder under the checkpoints, the sound ones with what they say, the others with what is wrong."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config import SizingMethod
from core.errors import ConfigError, CorruptFileError, PipelineError, RunNotFoundError
from core.paths import Paths
from core.run_folder import STAGES, RunFolder, RunLock, Stage, validate_run_id
from dashboard.reading.files import FileReader, expecting
from dashboard.reading.run_reader import MarketView, Run

log = logging.getLogger(__name__)

State = Literal["finished", "running", "unfinished", "damaged"]
Verdict = Literal["passed", "failed", "open"]


@dataclass(frozen=True, slots=True)
class MarketVerdict:
    """The verdict of one market at a glance; ``open`` until the report is there."""

    market: MarketView
    verdict: Verdict
    headline: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the run list. ``problem`` says what is wrong with a damaged run and is empty otherwise.

    ``is_run`` is False for a folder that is none. ``sizing`` is the method that sizes entries; only with "fixed" the quantity of a market
    means anything.
    """

    run_id: str
    state: State
    created_ms: int | None = None
    mode: str = ""
    markets: tuple[MarketVerdict, ...] = ()
    stages_done: int = 0
    next_stage: Stage | None = None
    problem: str = ""
    sizing: str = SizingMethod.FIXED
    is_run: bool = True

    @property
    def synthetic(self) -> bool:
        """Whether any of the run's markets has generated prices."""
        return any(item.market.synthetic for item in self.markets)


class RunIndex:
    """All runs of one installation."""

    def __init__(self, paths: Paths, files: FileReader) -> None:
        self._paths = paths
        self._files = files

    def open(self, run_id: str) -> Run:
        """Return the run called ``run_id``; RunNotFoundError when the id is no harmless name, not listed or leads elsewhere."""
        try:
            folder = RunFolder(self._paths, validate_run_id(run_id))
        except ConfigError:
            raise RunNotFoundError("there is no run of that name.") from None
        if not _is_own(folder.checkpoints, self._paths.checkpoints) or not folder.settings_file.is_file():
            raise RunNotFoundError("there is no run of that name.")
        return Run(folder, self._files)

    def run_ids(self) -> list[str]:
        """Return the ids of all runs, in the reverse order of the alphabet, which is the newest first of those named by their time."""
        return sorted(filter(self._is_run, self._names()), reverse=True)

    def summaries(self) -> list[RunSummary]:
        """Return all runs, the newest first; what cannot be read is listed with its problem, after those that can be dated."""
        rows = [self.summary(name) for name in self._names()]
        return sorted(rows, key=lambda row: (row.created_ms or 0, row.run_id), reverse=True)

    def summary(self, name: str) -> RunSummary:
        """Return the line of one folder; never raises for what the folder holds."""
        try:
            run = self.open(name)
        except RunNotFoundError:
            return RunSummary(name, "damaged", problem=self._why_no_run(name), is_run=False)
        try:
            return _summarize(run)
        except PipelineError as error:
            log.warning("run %s cannot be read: %s", name, error)
            return RunSummary(name, "damaged", _created_ms(run), problem=str(error))

    def _names(self) -> Iterator[str]:
        """Yield the names of all folders that stand where runs do."""
        if self._paths.checkpoints.is_dir():
            yield from (entry.name for entry in self._paths.checkpoints.iterdir() if not entry.name.startswith(".") and entry.is_dir())

    def _is_run(self, name: str) -> bool:
        try:
            self.open(name)
        except RunNotFoundError:
            return False
        return True

    def _why_no_run(self, name: str) -> str:
        folder = self._paths.checkpoints / name
        try:
            validate_run_id(name)
        except ConfigError:
            return "The folder's name is no run id."
        if not _is_own(folder, self._paths.checkpoints):
            return "The folder is a link; runs are folders of their own, right in this place."
        return "The folder holds no run.json: a run writes it first, so this is none, or it lost its settings."


def _is_own(folder: Path, root: Path) -> bool:
    """Return whether ``folder``, links followed, is the folder of that name right under ``root``."""
    try:
        return folder.resolve() == root.resolve() / folder.name
    except (OSError, RuntimeError):
        return False


def state_of(run: Run) -> State:
    """Return what a readable run is doing: finished, being worked on, or waiting to be resumed."""
    if (run.folder.results / "report.json").is_file() and any(stage.name == "report" for stage in run.done_stages()):
        return "finished"
    return "running" if RunLock.is_held(run.folder.checkpoints) else "unfinished"


def _summarize(run: Run) -> RunSummary:
    head = run.head()
    done = run.done_stages()
    finished = {stage.number for stage in done}
    pending = next((stage for stage in STAGES if stage.number not in finished), None)
    with expecting("run.json"):
        created, mode = int(head["created_ms"]), str(head["settings"].get("mode", "SINGLE"))
        sizing = str(head["settings"].get("execution", {}).get("sizing", SizingMethod.FIXED)).lower()
    verdicts = tuple(_verdict_of(run, market) for market in run.markets())
    return RunSummary(run.run_id, state_of(run), created, mode, verdicts, len(done), pending, sizing=sizing)


def _verdict_of(run: Run, market: MarketView) -> MarketVerdict:
    report = run.report(market.slug)
    if report is None:
        return MarketVerdict(market, "open", "")
    with expecting("report.json"):
        verdict = report["verdict"]
        return MarketVerdict(market, "passed" if verdict["passed"] is True else "failed", str(verdict["headline"]))


def _created_ms(run: Run) -> int | None:
    """Return when a damaged run was created, if that much can still be told."""
    try:
        created: Any = run.head().get("created_ms")
    except CorruptFileError:
        return None
    return created if isinstance(created, int) and re.fullmatch(r"\d{1,14}", str(created)) else None
