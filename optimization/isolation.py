"""Trials that may end the process they run in: each runs in a process of its own first, and the one that does not outlive it has failed.

A fault in compiled code, or more memory than there is, ends a worker without a word, and its whole study with it. An executor whose
workers died over a study again and again leaves a mark in its folder, which stays; from then on the study finds out which trials do it. The
outcomes are those of the simulations in this process: a trial that goes well is simulated twice.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from core.atomic_files import make_folder, storage_errors
from core.child_process import die_with_parent, how_it_ended
from core.errors import OptimizationError
from optimization.fidelity import Evaluate, Heat, Outcome
from strategies.base import ParamValues

# In a study's folder. Like all that begins with a dot there it is no part of the study.
MARK = ".isolated"


def mark(folder: Path) -> None:
    """Have the trials of the study in ``folder`` isolated from its next start on. Raises StorageError."""
    make_folder(folder)
    with storage_errors(folder / MARK):
        (folder / MARK).touch()


def is_marked(folder: Path | None) -> bool:
    """Tell whether the trials of the study in ``folder`` shall be isolated."""
    return folder is not None and (folder / MARK).exists()


def has_isolated(folder: Path) -> bool:
    """Tell whether ``folder`` holds a study, at any depth, whose trials had to be isolated."""
    return next(folder.rglob(MARK), None) is not None


def isolated_where_marked(trials: Evaluate, folder: Path | None) -> Evaluate:
    """Return ``trials``, isolated where ``folder`` is marked and the system can copy a process."""
    return IsolatedTrials(trials) if is_marked(folder) and hasattr(os, "fork") else trials


class TrialDeath(OptimizationError):
    """A trial ended the process that ran nothing else."""


class IsolatedTrials:
    """The trials of ``trials``, each first in a process of its own; the outcome of one that ends it is a TrialDeath."""

    def __init__(self, trials: Evaluate) -> None:
        self._trials = trials

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        return self._trials.bars

    def start(self, points: Sequence[ParamValues]) -> "IsolatedHeat":
        """Return the trials of ``points`` before their first bar."""
        return IsolatedHeat(self._trials, points)


class IsolatedHeat:
    """The trials of one batch, those that have ended a process apart."""

    def __init__(self, trials: Evaluate, points: Sequence[ParamValues]) -> None:
        self._trials, self._points = trials, points
        self._deaths: dict[int, TrialDeath] = {}
        self._heat: Heat | None = None
        self._seats: dict[int, int] = {}

    def advance(self, places: Sequence[int], end: int) -> list[Outcome]:
        """Simulate the trials at ``places`` up to bar ``end``."""
        # what is begun together is prepared together: before the first stretch all of them have to pass
        doubtful = range(len(self._points)) if self._heat is None else places
        self._deaths |= deaths([place for place in doubtful if place not in self._deaths], lambda place: self._alone(place, end))
        if self._heat is None:
            alive = [place for place in range(len(self._points)) if place not in self._deaths]
            self._seats = {place: seat for seat, place in enumerate(alive)}
            self._heat = self._trials.start([self._points[place] for place in alive]) if alive else None
        running = [place for place in places if place not in self._deaths]
        outcomes: dict[int, Outcome] = dict(self._deaths)
        if self._heat is not None and running:
            outcomes |= dict(zip(running, self._heat.advance([self._seats[place] for place in running], end), strict=True))
        return [outcomes[place] for place in places]

    def _alone(self, place: int, end: int) -> None:
        self._trials.start([self._points[place]]).advance([0], end)


def deaths(places: Sequence[int], attempt: Callable[[int], object]) -> dict[int, TrialDeath]:
    """Call ``attempt`` with each of ``places`` in a child process and return those that ended it; a new child goes on behind them.

    What ``attempt`` raises is no death, but for a lack of memory.
    """
    found: dict[int, TrialDeath] = {}
    left = list(places)
    while left:
        begun, code = _in_a_child(left, attempt)
        if code == 0:
            break
        if not begun:
            raise OptimizationError(f"a process for trials of their own cannot be started: {how_it_ended(code)}.")
        found[left[begun - 1]] = TrialDeath(f"it ended its process, also one of its own: {how_it_ended(code)}")
        left = left[begun:]
    return found


def _in_a_child(places: Sequence[int], attempt: Callable[[int], object]) -> tuple[int, int]:
    """Return how many attempts were begun in a copy of this process, and its exit code (0: all were survived)."""
    reader, writer = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        # newer Pythons warn of copies of a process with threads: this copy computes, and takes no lock that another thread may hold
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reader)
        _be_the_child(places, attempt, writer, parent)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        begun = len(pipe.read())
    return begun, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be_the_child(places: Sequence[int], attempt: Callable[[int], object], writer: int, parent: int) -> None:
    code = 1
    try:
        die_with_parent(parent)
        for place in places:
            os.write(writer, b".")
            try:
                attempt(place)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - the parent comes to the same and keeps it
                continue
        code = 0
    finally:
        os._exit(code)
