"""Temporary files that a killed process left beside the files it was writing."""

from collections.abc import Iterator
from pathlib import Path

from core.atomic_files import storage_errors
from core.run_folder import RunFolder


def remove_leftovers(run: RunFolder) -> None:
    """Remove what was never renamed to its final name; the caller holds the run's lock, so nobody is writing."""
    for path in list(_leftovers(run)):
        with storage_errors(path):
            path.unlink(missing_ok=True)


def _leftovers(run: RunFolder) -> Iterator[Path]:
    for folder in (run.checkpoints, run.results, run.exports):
        yield from folder.rglob(".*.tmp.*")
    yield from run.paths.raw_logs.glob(f"*/.{run.run_id}.jsonl.tmp.*")
