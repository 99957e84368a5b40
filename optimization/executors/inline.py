"""Studies one after the other, in this process."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from optimization.executors.studies import MarketSeries, Study
from optimization.executors.study_marks import at_work
from optimization.search import SearchProgress


class Inline:
    """No worker at all: the sampler runs here, and the kernel on this thread."""

    name = "inline"
    workers = 1

    def run(
        self,
        studies: Sequence[Study],
        series: Mapping[str, MarketSeries],
        on_done: Callable[[int], None],
        on_tick: Callable[[int, SearchProgress], None],
    ) -> list[Any]:
        """Return each study's result."""
        results = []
        for place, study in enumerate(studies):
            with at_work(study.folder):
                results.append(study.work(series[study.series], study.argument, study.folder, partial(on_tick, place)))
            on_done(place + 1)
        return results

    def close(self) -> None:
        """There is nothing to end."""
