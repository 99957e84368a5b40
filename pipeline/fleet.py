"""The executors of one run: chosen once, started in the background, kept from stage to stage, ended with the run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config import OptimizationConfig
from optimization.executors import Executor, Inline, MarketSeries, Processes, RayUnavailable, Study
from optimization.executors.ray_cluster import LocalRay, require_listener, require_ray
from optimization.executors.ray_executor import RayExecutor
from optimization.executors.study_marks import broke_off
from optimization.search import SearchProgress
from pipeline.workers import Choice, ExecutorName

_BROKE_OFF = (
    "{}: the program that was at it ended without a word (killed, out of memory, or by a fault in compiled code). "
    "It goes on in a worker process; a trial that ends that one again and again is failed."
)


@dataclass(eq=False)
class Fleet:
    """Workers of one run. ``choice`` is what stage 6 chose, None before it."""

    choice: Choice | None = None
    _local: LocalRay | None = None
    _kept: dict[str, Executor] = field(default_factory=dict)
    _refused: str | None = None

    def prepare(self, choice: Choice, optimization: OptimizationConfig) -> None:
        """Begin to start what ``choice`` needs, without waiting; what another choice had started ends."""
        if choice.executor != "ray" and self._local is not None:
            self._local.close(at_once=True)
            self._local = None
        if choice.executor == "processes":
            self._processes(choice).start()
        elif choice.executor == "ray" and "ray" not in self._kept and self._local is None:
            try:
                self._prepare_ray(choice, optimization.ray_address)
            except RayUnavailable as error:
                if choice.insisted:
                    raise
                self._refused = str(error)

    def _prepare_ray(self, choice: Choice, address: str | None) -> None:
        """Begin to start a Ray of our own, or see that one answers at ``address``: before the work that would be lost, not after it."""
        if address is None:
            self._local = LocalRay(choice.workers)
        else:
            require_ray()
            require_listener(address)

    def run(
        self,
        choice: Choice,
        optimization: OptimizationConfig,
        studies: Sequence[Study],
        series: Mapping[str, MarketSeries],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
        say: Callable[[str], None],
    ) -> list[Any]:
        """Compute ``studies`` as ``choice`` says; where a program ended without a word over one of them, in workers from now on.

        ``say`` hears of that, and of a Ray that cannot be used. Raises RayUnavailable when the user insists on such a Ray, and what a
        study raises.
        """
        broken = [study.name for study in studies if broke_off(study.folder)]
        if broken and choice.for_studies(len(studies)) == "inline":
            say(_BROKE_OFF.format(", ".join(broken)))
            choice = self.choice = Choice.rescue(choice.workers)
        executor = self._executor(choice.for_studies(len(studies)), choice, optimization, say)
        return executor.run(studies, series, on_done, on_tick)

    def close(self, *, at_once: bool = False) -> None:
        """End all workers."""
        kept, self._kept = self._kept, {}
        local, self._local = self._local, None
        if local is not None and at_once:
            local.close(at_once=True)
        for executor in kept.values():
            executor.close()
        if local is not None:
            local.close(at_once=at_once)

    def _executor(self, wanted: ExecutorName, choice: Choice, optimization: OptimizationConfig, say: Callable[[str], None]) -> Executor:
        if wanted == "inline":
            return Inline()
        if wanted == "ray":
            try:
                return self._ray(choice, optimization)
            except RayUnavailable as error:
                if choice.insisted:
                    raise
                if self._refused != "":
                    say(f"{error} The run goes on with processes of this machine.")
                self._refused = ""
        return self._processes(choice)

    def _processes(self, choice: Choice) -> Processes:
        kept = self._kept.get("processes")
        if kept is not None and kept.workers < choice.workers:  # the one worker of a study that its program did not outlive
            kept.close()
            kept = None
        kept = kept or Processes(choice.workers)
        assert isinstance(kept, Processes)
        kept.wary = kept.wary or choice.wary
        self._kept["processes"] = kept
        return kept

    def _ray(self, choice: Choice, optimization: OptimizationConfig) -> Executor:
        if "ray" not in self._kept:
            if self._refused is not None:
                raise RayUnavailable(self._refused)
            if optimization.ray_address is None and self._local is None:
                self._local = LocalRay(choice.workers)
            try:
                self._kept["ray"] = RayExecutor(choice.workers, local=self._local, address=optimization.ray_address)
            except RayUnavailable as error:
                self._refused, self._local = str(error), None
                raise
        return self._kept["ray"]
