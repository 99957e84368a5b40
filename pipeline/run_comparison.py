"""Two runs side by side: what was set differently, and what came of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.clock import format_utc
from core.errors import DataError
from core.run_folder import RunFolder
from pipeline.farewell import resume_command
from pipeline.metric_rows import metric_table
from pipeline.screen import Screen
from pipeline.tables import TableData, plain_number
from reporting import read_result


def compare_runs(screen: Screen, first: RunFolder, second: RunFolder) -> None:
    """Write the settings that differ, then baseline, optimized and walk-forward results of each market that a run has."""
    runs = (first, second)
    for run in runs:
        if not (run.results / "report.json").is_file():
            raise DataError(f"run {run.run_id} has no report yet. Finish it: {resume_command(run.run_id)}")
    screen.table(_differences(runs))
    markets = list(dict.fromkeys(slug for run in runs for slug in read_result(run.results, "report")["markets"]))
    for slug in markets:
        columns = [column for run in runs for column in _columns(run, slug)]
        screen.table(metric_table(slug, columns))
        for run in runs:
            market = read_result(run.results, "report")["markets"].get(slug)
            screen.line(f"{run.run_id}: {market['verdict']['headline'] if market else 'does not have this market'}")


def _columns(run: RunFolder, slug: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (head, metrics) of one run: its baseline, its best parameters and its out-of-sample result."""
    baseline = read_result(run.results, "baseline")["markets"].get(slug)
    if baseline is None:
        return
    stages = read_result(run.results, "optimization")["markets"][slug]["stages"]
    walkforward = read_result(run.results, "walkforward")["markets"][slug]
    yield f"{run.run_id}\nbaseline", baseline["metrics"]
    yield "\noptimized", stages["7.3"]["metrics"]
    yield "\nwalk-forward", walkforward["stitched"]


def _differences(runs: tuple[RunFolder, RunFolder]) -> TableData:
    flat = [dict(_flattened(_facts(run))) for run in runs]
    keys = sorted(set(flat[0]) | set(flat[1]))
    rows = tuple(
        (key, *(plain_number(each.get(key, "not set")) for each in flat))
        for key in keys
        if flat[0].get(key, "not set") != flat[1].get(key, "not set")
    )
    shown = rows or (("no setting differs", "", ""),)
    return TableData("What differs", ("setting", *(run.run_id for run in runs)), shown, (0, 1, 2))


def _facts(run: RunFolder) -> dict[str, Any]:
    content = read_result(run.results, "run")
    markets = {market["slug"]: {name: market[name] for name in ("order_qty", "bars", "candles_digest")} for market in content["markets"]}
    return {**content["settings"], "seed": content["seed"], "markets": markets}


def _flattened(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            yield from _flattened(item, f"{name}.")
        else:
            yield name, "none" if item is None else f"{format_utc(item)} UTC" if key.endswith("_ms") else item
