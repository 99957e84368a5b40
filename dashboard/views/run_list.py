"""The list of runs as the page shows it: each with its tags, and what the filters can choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.reading.runs import RunSummary, State, Verdict

STATES: tuple[State, ...] = ("running", "finished", "unfinished", "damaged")
VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "open")


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One line: the run, its tags, its verdicts without repeats, and the text that a search looks through besides the tags."""

    run: RunSummary
    tags: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    text: str

    @property
    def deletable(self) -> bool:
        """Whether it may be deleted: it is a run, and nothing works on it."""
        return self.run.state in ("finished", "unfinished") or (self.run.state == "damaged" and self.run.is_run)

    @property
    def comparable(self) -> bool:
        """Whether there is anything to compare."""
        return self.run.state != "damaged"


@dataclass(frozen=True, slots=True)
class RunList:
    """The lines, the newest first, and the states, verdicts and tags that there are among them."""

    rows: tuple[ListedRun, ...]
    states: tuple[State, ...]
    verdicts: tuple[Verdict, ...]
    tags: tuple[str, ...]


def run_list(runs: Sequence[RunSummary], tags: Mapping[str, tuple[str, ...]]) -> RunList:
    """Return the list of ``runs`` with the ``tags`` of each by its id."""
    rows = tuple(_listed(run, tags.get(run.run_id, ())) for run in runs)
    used = {tag for row in rows for tag in row.tags}
    return RunList(
        rows,
        tuple(state for state in STATES if any(row.run.state == state for row in rows)),
        tuple(verdict for verdict in VERDICTS if any(verdict in row.verdicts for row in rows)),
        tuple(sorted(used, key=lambda tag: (tag.casefold(), tag))),
    )


def _listed(run: RunSummary, tags: tuple[str, ...]) -> ListedRun:
    verdicts = tuple(verdict for verdict in VERDICTS if any(item.verdict == verdict for item in run.markets))
    facts = [f"{item.market.symbol} {item.market.exchange} {item.market.timeframe} {item.headline}" for item in run.markets]
    return ListedRun(run, tags, verdicts, " ".join([run.run_id, run.mode, run.problem, *facts]).lower())
