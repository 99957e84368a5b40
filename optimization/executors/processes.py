"""Kept worker processes on this machine: the sampler holds the interpreter, so whole studies need processes of their own."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from core.child_process import how_it_ended
from core.clock import monotonic_seconds
from core.errors import OptimizationError
from optimization.executors.children import as_children_should_start, die_with, without_keys
from optimization.executors.mapped import MappedSeries, SeriesFile
from optimization.executors.studies import RETRIES, MarketSeries, Patience, Study
from optimization.executors.study_marks import settle
from optimization.isolation import mark
from optimization.search import SearchProgress

_LOOK_UP_SECONDS = 0.2
_LEAVE_SECONDS = 0.5
# A process whose pipe has ended is dead but for the system's last strokes, which take a busy machine its time.
_DEAD_SECONDS = 60.0
_TELL_EVERY_SECONDS = 0.25


@dataclass(eq=False)
class _Worker:
    """One process, the pipe to it, the study it is at, the series it holds, and whether it has said that it is there."""

    process: SpawnProcess
    pipe: Connection
    place: int | None = None
    holds: set[str] = field(default_factory=set)
    ready: bool = False

    @property
    def end(self) -> str:
        """How the process ended, in words."""
        self.process.join(_DEAD_SECONDS)
        return how_it_ended(self.process.exitcode)


class Processes:
    """``workers`` fresh processes, started at the first study or by ``start`` and kept until ``close``; they end with this process.

    ``wary``: trials are known to end their processes, so that a study is isolated after the first death and not the fourth.
    """

    name = "processes"

    def __init__(self, workers: int) -> None:
        self._limit, self._team = workers, list[_Worker]()
        self._files: dict[str, SeriesFile] = {}
        self._stillborn = 0
        self.wary = False

    @property
    def workers(self) -> int:
        """How many studies are worked on at once."""
        return self._limit

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.process.pid or 0 for worker in self._team]

    def start(self, count: int | None = None) -> None:
        """Begin to start workers, all or ``count`` of them, without waiting until they are there."""
        while len(self._team) < min(self._limit, count or self._limit):
            self._team.append(_begin())

    def run(
        self,
        studies: Sequence[Study],
        series: Mapping[str, MarketSeries],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
    ) -> list[Any]:
        """Return each study's result, or Lost, in their order. An error of a study ends the workers and is raised here, as is Ctrl-C."""
        if not studies:
            return []
        shift = _Shift(studies, on_done, on_tick, wary=self.wary)
        self._files = {name: SeriesFile(each) for name, each in series.items()}
        try:
            self.start(len(studies))
            while shift.pending:
                for worker in self._team:
                    self._hand_out(worker, shift)
                pipes = {worker.pipe: worker for worker in self._team}
                # with a time limit: polars catches SIGINT in a way that restarts waits, and an endless one would never see Ctrl-C
                for ready in connection.wait(list(pipes), _LOOK_UP_SECONDS):
                    self._hear(pipes[ready], shift)  # type: ignore[index]
        except BaseException:
            self.close()
            raise
        finally:
            for file in self._files.values():
                file.close()
            for worker in self._team:
                worker.holds.clear()
        self.wary = shift.wary
        return shift.results

    def close(self) -> None:
        """End the workers at once: first asked to, then killed."""
        team, self._team = self._team, []
        for worker in team:
            worker.process.terminate()
        for worker in team:
            worker.process.join(_LEAVE_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()
            worker.process.close()

    def _hand_out(self, worker: _Worker, shift: "_Shift") -> None:
        if worker.place is not None or not shift.queue:
            return
        worker.place = shift.queue.popleft()
        study = shift.studies[worker.place]
        try:
            if study.series not in worker.holds:
                worker.pipe.send((study.series, self._files[study.series].mapped))
                worker.holds.add(study.series)
            worker.pipe.send((worker.place, study))
        except OSError:  # it died: its end of the pipe is read next, and says so
            return

    def _hear(self, worker: _Worker, shift: "_Shift") -> None:
        try:
            kind, place, content = worker.pipe.recv()
        except (EOFError, OSError):
            self._replace(worker, shift)
            return
        worker.ready, self._stillborn = True, 0
        if kind == "tick":
            shift.on_tick(place, content)
        elif kind == "error":
            raise content
        elif kind == "done":
            worker.place = None
            shift.settle(place, content)

    def _replace(self, worker: _Worker, shift: "_Shift") -> None:
        self._stillborn += not worker.ready
        if self._stillborn > RETRIES:
            raise OptimizationError(
                f"worker processes end before they can begin ({worker.end}). "
                "A script that starts workers needs its code under: if __name__ == '__main__'."
            )
        self._team.remove(worker)
        worker.pipe.close()
        if worker.place is not None:
            shift.died(worker.place, worker.end)
        if shift.pending:
            self._team.append(_begin())


class _Shift:
    """The studies of one call: which wait, which were tried how often, and what came of them. It is wary once one had to be isolated."""

    def __init__(
        self,
        studies: Sequence[Study],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
        *,
        wary: bool,
    ) -> None:
        self.studies, self.on_tick, self._on_done, self.wary = studies, on_tick, on_done, wary
        self.queue = deque(range(len(studies)))
        self.results: list[Any] = [None] * len(studies)
        self.pending = set(self.queue)
        self._patience = [Patience.over(study.folder) for study in studies]
        self._extents = [0] * len(studies)

    def settle(self, place: int, result: Any) -> None:
        """Keep the result of a study, or that it is lost."""
        self.results[place] = result
        self.pending.discard(place)
        settle(self.studies[place].folder, result)
        self._on_done(len(self.studies) - len(self.pending))

    def died(self, place: int, how: str) -> None:
        """Try a study whose worker died once more, or give it up."""
        patience, folder = self._patience[place], self.studies[place].folder
        extent = _extent(folder)
        if extent > self._extents[place]:
            patience.went_forward()
        self._extents[place] = extent
        if lost := patience.died(how, wary=self.wary):
            self.settle(place, lost)
        else:
            if patience.isolated and folder is not None:
                self.wary = True
                mark(folder)
            self.queue.appendleft(place)


def _extent(folder: Path | None) -> int:
    """Return how many bytes a study has written: it has gone forward when they are more."""
    return 0 if folder is None else sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _begin() -> _Worker:
    with without_keys():
        resource_tracker.ensure_running()  # it resets the signal mask of this thread when it is started below
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    with as_children_should_start():
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection, driver: int) -> None:
    """Work on what comes through ``pipe`` until it is closed: a worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with(driver)
    pipe.send(("ready", None, None))
    mapped: dict[str, MappedSeries] = {}
    opened: dict[str, MarketSeries] = {}
    while True:
        try:
            key, content = pipe.recv()
        except EOFError:
            return
        if isinstance(content, MappedSeries):
            mapped[key] = content
            opened = {key: content.opened()}  # the studies of a market come one after the other: no more than one is held
            continue
        if content.series not in opened:
            opened = {content.series: mapped[content.series].opened()}
        _work(pipe, key, content, opened[content.series])


def _work(pipe: Connection, place: int, study: Study, series: MarketSeries) -> None:
    told = monotonic_seconds()

    def tick(progress: SearchProgress) -> None:
        nonlocal told
        if monotonic_seconds() - told >= _TELL_EVERY_SECONDS:
            told = monotonic_seconds()
            pipe.send(("tick", place, progress))

    try:
        answer = ("done", place, study.work(series, study.argument, study.folder, tick))
    except Exception as error:  # noqa: BLE001 - whatever a study raises is raised by the driver
        answer = ("error", place, error)
    try:
        pipe.send(answer)
    except Exception as error:  # noqa: BLE001 - what cannot be sent is said in words; nothing of it was sent
        text = f"{answer[2]}" if answer[0] == "error" else f"the result of {study.name} cannot be sent"
        pipe.send(("error", place, OptimizationError(f"{text} ({type(error).__name__}: {error})")))
