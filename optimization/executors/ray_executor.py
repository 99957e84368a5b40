"""Studies on Ray: each one a chain of pure tasks, from the study's files so far to its files a second later."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import OptimizationError
from optimization.executors.ray_cluster import LocalRay, connect, join
from optimization.executors.slices import SLICE_SECONDS, Files, Slice, read_files, store_files, study_slice
from optimization.executors.studies import MarketSeries, PackedSeries, Patience, Study, Work
from optimization.executors.study_marks import settle
from optimization.executors.versions import differences, versions
from optimization.isolation import MARK, mark
from optimization.search import SearchProgress

_LOOK_UP_SECONDS = 0.2
_END_SECONDS = 10.0
# The series that a worker keeps open between tasks, the latest last. Nothing depends on it but time: a name stands for one content.
_KEPT = 4
_opened: dict[str, MarketSeries] = {}


class RayExecutor:
    """``workers`` studies at once on a Ray: that of ``local``, else the cluster at ``address``; it connects when it is made.

    RayUnavailable says why it cannot be used.
    """

    name = "ray"

    def __init__(self, workers: int, *, local: LocalRay | None = None, address: str | None = None) -> None:
        self._local, self._expected, self.wary = local, versions(), False
        options: dict[str, Any] = {}
        if local is not None:
            self._ray = connect(local.address(), local.access, own=True)
        else:
            self._ray, options = join(str(address))
            workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._workers = workers
        # Ray would begin a dead worker's task anew as it was; here it goes on from what the driver has kept of the study.
        self._task = self._ray.remote(num_cpus=1, max_retries=0, **options)(_task)

    @property
    def workers(self) -> int:
        """How many studies are worked on at once."""
        return self._workers

    def run(
        self,
        studies: Sequence[Study],
        series: Mapping[str, MarketSeries],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
    ) -> list[Any]:
        """Return each study's result, or Lost, in their order. An error of a study, or Ctrl-C, ends the others and is raised here."""
        sent = {name: _Sent(self._ray, each) for name, each in series.items()}
        courses = [_Course(study) for study in studies]
        waiting, at_work, done = deque(range(len(studies))), dict[Any, int](), 0
        try:
            while waiting or at_work:
                while waiting and len(at_work) < self._workers:
                    place = waiting.popleft()
                    at_work[self._submit(courses[place], sent)] = place
                # with a time limit, so that Ctrl-C is heard
                for reply in self._ray.wait(list(at_work), num_returns=1, timeout=_LOOK_UP_SECONDS)[0]:
                    place = at_work.pop(reply)
                    courses[place].hear(self._fetch(reply), partial(on_tick, place), wary=self.wary)
                    self.wary = self.wary or courses[place].isolated
                    if courses[place].ended:
                        settle(studies[place].folder, courses[place].result)
                        done += 1
                        on_done(done)
                    elif courses[place].troubled:
                        waiting.append(place)  # the others first: the worker in the dead one's place is still loading
                    else:
                        waiting.appendleft(place)
        except Exception:
            # They end by themselves in a moment, and their workers stay. To cancel a task whose worker is only just being started has once
            # left Ray with a place fewer for good.
            self._cancel(self._ray.wait(list(at_work), num_returns=len(at_work), timeout=_END_SECONDS)[1] if at_work else [])
            raise
        except BaseException:
            self._cancel(list(at_work))
            raise
        return [course.result for course in courses]

    def close(self) -> None:
        """Leave the cluster; one of our own ends."""
        self._ray.shutdown()
        if self._local is not None:
            self._local.close()

    def _cancel(self, replies: Sequence[Any]) -> None:
        for reply in replies:
            self._ray.cancel(reply, force=True)

    def _submit(self, course: "_Course", sent: Mapping[str, "_Sent"]) -> Any:
        study = course.study
        packed = sent[study.series]
        return self._task.remote(
            self._expected, study.work, packed.name, packed.packed, packed.arrays, study.argument, course.given, course.seconds
        )

    def _fetch(self, reply: Any) -> Slice | str:
        """Return what a task came to, or how its worker died."""
        errors = self._ray.exceptions
        try:
            found: Slice = self._ray.get(reply)
        except errors.RayTaskError as error:
            raise OptimizationError(f"a Ray worker failed: {' '.join(str(error).split())[-400:]}") from error
        except errors.RayError as error:
            if self._local is not None and not self._local.alive:
                raise OptimizationError("the Ray on this machine has ended. What was finished is kept: resume the run.") from error
            return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return found


class _Sent:
    """A series in the object store, put there once."""

    def __init__(self, ray: Any, series: MarketSeries) -> None:
        self.packed, arrays = series.packed()
        self.arrays = ray.put(arrays)
        self.name = self.arrays.hex()


class _Course:
    """A study on its way: its files so far, and how often a worker died over the slice at hand."""

    def __init__(self, study: Study) -> None:
        self.study, self.files = study, read_files(study.folder)
        self.ended = False
        self.result: Any = None
        self._patience = Patience.over(study.folder)

    @property
    def troubled(self) -> bool:
        """Whether a worker died over the slice at hand."""
        return self._patience.deaths > 0

    @property
    def isolated(self) -> bool:
        """Whether its trials are."""
        return self._patience.isolated

    @property
    def given(self) -> Files:
        """What the next task gets: the files, and where it is wanted the mark by which trials are isolated."""
        return {**self.files, MARK: b""} if self.isolated else self.files

    @property
    def seconds(self) -> float:
        """How long the next task may work: shorter after a death, so that where workers keep dying something is brought home."""
        return SLICE_SECONDS / 4 if self.troubled else SLICE_SECONDS

    def hear(self, answer: Slice | str, tick: Callable[[SearchProgress], None], *, wary: bool) -> None:
        if isinstance(answer, str):
            self.result = self._patience.died(answer, wary=wary)
            if self.isolated and self.study.folder is not None:
                mark(self.study.folder)
            self.ended = self.result is not None
            return
        self._patience.went_forward()
        self.files |= answer.changed
        if self.study.folder is not None:
            store_files(self.study.folder, answer.changed)
        if answer.progress is not None:
            tick(answer.progress)
        if answer.error is not None:
            raise answer.error
        self.ended, self.result = answer.finished, answer.result


def _task(
    expected: Mapping[str, str],
    work: Work,
    name: str,
    packed: PackedSeries,
    arrays: Mapping[str, NDArray[np.generic]],
    argument: Any,
    files: Files,
    seconds: float,
) -> Slice:
    """Do one slice in a worker; a node that joined late may have other versions, and must not compute."""
    if differing := differences(versions(), expected):
        error = OptimizationError(
            f"a Ray worker has other versions: {differing}. Every node needs this very program and the packages of requirements.lock; "
            "where the program was changed while the run was at work, resume the run."
        )
        return Slice({}, None, finished=True, error=error)
    if name not in _opened:
        while len(_opened) >= _KEPT:
            del _opened[next(iter(_opened))]
        _opened[name] = packed.unpacked(arrays)
    return study_slice(work, _opened[name], argument, files, seconds)
