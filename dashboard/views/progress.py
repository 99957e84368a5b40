"""How far a run has come: its ten stages and how much of the long ones is done."""

from dataclasses import dataclass
from typing import Any, Literal

from core.run_folder import STAGES
from dashboard.events.runs_source import progress_content
from dashboard.reading.run_reader import SEARCH_STAGES, Run
from dashboard.reading.runs import State, state_of
from dashboard.reading.small_files import small_json


@dataclass(frozen=True, slots=True)
class StageView:
    """One of the ten stages: done, the one at work (or to be resumed), or still to come."""

    number: int
    title: str
    state: Literal["done", "current", "waiting"]


def stage_views(run: Run) -> tuple[StageView, ...]:
    """Return the ten stages with their states."""
    done = {stage.number for stage in run.done_stages()}
    current = next((stage.number for stage in STAGES if stage.number not in done), 0)
    return tuple(
        StageView(stage.number, stage.title, "done" if stage.number in done else "current" if stage.number == current else "waiting")
        for stage in STAGES
    )


def progress(run: Run) -> dict[str, Any]:
    """Return what a page polls while a run is at work; it changes when there is something new to show."""
    state: State = state_of(run)
    markets = [
        {
            "slug": market.slug,
            "trials": _trials(run, market.slug),
            "windows": run.windows_begun(market.slug),
        }
        for market in run.markets()
    ]
    return {"state": state, "stages_done": [stage.number for stage in run.done_stages()], "markets": markets, "live": _live(run)}


def _trials(run: Run, slug: str) -> dict[str, int]:
    """Return how many trials each search over all candles has so far."""
    counts = dict.fromkeys(SEARCH_STAGES, 0)
    return counts | {file.stage: len(run.search(file).trials) for file in run.ledgers(slug) if file.window is None}


def _live(run: Run) -> dict[str, Any] | None:
    """Return what the run at work said last; None where it never said anything."""
    return progress_content(small_json(run.folder.checkpoints / "progress.json")) or None
