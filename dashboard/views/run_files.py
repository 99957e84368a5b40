"""A run's stages, settings and report as plain content, checked against the shapes in which they were written."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from core.errors import CorruptFileError
from core.run_folder import STAGES
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run, short_name
from dashboard.reading.runs import state_of
from dashboard.views.progress import stage_views
from reporting.schema import RESULT_FILES
from reporting.shapes import Shape, require_shape


def stages_of(run: Run) -> dict[str, Any]:
    """Return the ten stages with their states and seconds. Raises CorruptFileError."""
    spent = _seconds(run)
    items = [
        {"number": view.number, "name": stage.name, "title": view.title, "state": view.state, "seconds": spent.get(stage.folder)}
        for view, stage in zip(stage_views(run), STAGES, strict=True)
    ]
    return {"state": state_of(run), "items": items}


def settings_of(run: Run) -> dict[str, Any]:
    """Return the settings as given and, once stage 4 is done, as resolved; every path cut to its name. Raises CorruptFileError."""
    return {"given": without_paths(run.head()["settings"]), "resolved": without_paths(run.stage_json("strategy", "strategy.json"))}


def report_of(run: Run) -> dict[str, Any] | None:
    """Return report.json of a run, None while there is none. Raises CorruptFileError."""
    slugs = [market.slug for market in run.markets()]
    found = {slug: report for slug in slugs if (report := run.report(slug)) is not None}
    if not found:
        return None
    published: dict[str, Any] = checked({"schema": 1, "markets": found}, RESULT_FILES["report"], "report.json")
    return published


def checked(content: Any, shape: Shape, name: str) -> Any:
    """Return ``content`` if it has ``shape``; CorruptFileError names the file and the place where it has not."""
    with expecting(name):
        require_shape(content, shape, Path(name))
        return content


def without_paths(value: Any) -> Any:
    """Return ``value`` with every text that is a path of the machine cut to the file's name."""
    if isinstance(value, dict):
        return {key: without_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_paths(item) for item in value]
    return short_name(value) if isinstance(value, str) else value


def _seconds(run: Run) -> dict[str, float]:
    """Return stage folder -> seconds of all attempts; nothing depends on the file, so a damaged one counts as empty."""
    try:
        content = run.files.mapping(run.folder.timings_file) or {}
    except CorruptFileError:
        return {}
    spent: dict[str, float] = defaultdict(float)
    entries = content.get("stages")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("seconds"), int | float):
            spent[str(entry.get("stage"))] += float(entry["seconds"])
    return spent
