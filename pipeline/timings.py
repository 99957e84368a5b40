"""timings.json: durations, rates and whatever else may differ between equal runs. It is no input of anything."""

from collections.abc import Mapping
from typing import Any

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, read_json
from core.clock import now_ms
from core.errors import CorruptFileError
from core.run_folder import SCHEMA_VERSION, RunFolder, Stage


def record_timing(run: RunFolder, stage: Stage, seconds: float, details: Mapping[str, float | int | str | None]) -> None:
    """Add one finished stage to the run's timings; a stage that ran several times is listed several times."""
    entry = {"stage": stage.folder, "finished_ms": now_ms(), "seconds": round(seconds, 3), **details}
    write_bytes(run.timings_file, dump_bytes({"schema": SCHEMA_VERSION, "stages": [*read_timings(run), entry]}))


def read_timings(run: RunFolder) -> list[dict[str, Any]]:
    """Return the entries so far; a damaged file counts as empty, for nothing depends on it."""
    if not run.timings_file.is_file():
        return []
    try:
        content = read_json(run.timings_file)
    except CorruptFileError:
        return []
    stages = content.get("stages") if isinstance(content, dict) else None
    return [entry for entry in stages if isinstance(entry, dict)] if isinstance(stages, list) else []
