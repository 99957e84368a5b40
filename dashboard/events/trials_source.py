"""Trials of runs at work: at most one event a look for each ledger, with the newest trial and how many came with it."""

import json
from pathlib import Path
from typing import Any

from core.paths import Paths
from core.run_folder import RunFolder, stage_named
from dashboard.events.hub import Event
from dashboard.events.runs_source import RunsSource
from dashboard.reading.small_files import Tail

_PATTERNS = {stage_named("optimize"): "*/7.*.trials.log", stage_named("walkforward"): "*/window_*/7.*.trials.log"}
_FIELDS = ("trial", "stage", "window", "state", "bars", "params")


class TrialsSource:
    """Watches the ledgers of the stage that each run of ``runs`` is in."""

    def __init__(self, paths: Paths, runs: RunsSource) -> None:
        self._paths, self._runs = paths, runs
        self._tails: dict[tuple[str, Path], Tail] = {}

    def prime(self) -> None:
        """Take in how far the ledgers are."""
        self._tails = {}
        self._follow(from_the_end=True)

    def poll(self) -> list[Event]:
        """Return the newest trial of every ledger that grew."""
        self._follow(from_the_end=False)
        return [event for (run_id, path), tail in self._tails.items() if (event := _news(run_id, path, tail.lines(1 << 20))) is not None]

    def _follow(self, *, from_the_end: bool) -> None:
        wanted = {(run_id, path) for run_id, stage in self._runs.live.items() for path in self._ledgers(run_id, stage)}
        self._tails = {key: self._tails.get(key) or Tail(key[1], from_the_end=from_the_end) for key in sorted(wanted)}

    def _ledgers(self, run_id: str, number: int) -> list[Path]:
        folder = RunFolder(self._paths, run_id)
        return [path for stage, pattern in _PATTERNS.items() if stage.number == number for path in folder.stage(stage).glob(pattern)]


def _news(run_id: str, path: Path, lines: list[bytes]) -> Event | None:
    records = [line for line in lines if b'"trial":' in line]
    record = _record(records[-1]) if records else {}
    if not record:
        return None
    walkforward = path.parent.name.startswith("window_")
    market = path.parent.parent.name if walkforward else path.parent.name
    scores = record.get("scores")
    score = scores[-1] if isinstance(scores, list) and scores and isinstance(scores[-1], int | float) else None
    data = {"run": run_id, "market": market, "added": len(records), "score": score} | {name: record.get(name) for name in _FIELDS}
    return Event("trial", data, run_id)


def _record(line: bytes) -> dict[str, Any]:
    """Return the record in a checked line, {} for anything else: this is for looking on, and the ledger's readers check."""
    try:
        record = json.loads(line[9:])
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
