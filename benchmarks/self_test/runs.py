"""One series through the whole pipeline, as a user would run it, and what its verdict came to."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import dump_bytes

ROOT = Path(__file__).resolve().parents[2]
Launch = Callable[[Sequence[str], Path], None]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Series:
    """One series of a campaign: its ``group`` (a row of the table), its ``name`` (unique in its group), and how it is made."""

    group: str
    name: str
    make: Callable[[], Candles]


@dataclass(frozen=True)
class Outcome:
    """What the verdict on a series came to: whether it passed, each gate's value (None: not computed) and whether it held."""

    passed: bool
    values: Mapping[str, float | None]
    held: Mapping[str, bool]
    reasons: Mapping[str, str]

    @property
    def computed(self) -> bool:
        """Whether every gate had its number, and all that it also judges."""
        return not self.reasons


class SeriesFailedError(RuntimeError):
    """The pipeline ended with an error on a series; the message holds the end of what it printed."""


def in_process_of_its_own(arguments: Sequence[str], work: Path) -> None:
    """Run the pipeline's command line with data and logs under ``work``; SeriesFailedError when it ends with an error."""
    folders = {"PIPELINE_DATA_DIR": str(work / "data"), "PIPELINE_LOGS_DIR": str(work / "logs")}
    command = [sys.executable, "run_pipeline.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD | folders, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SeriesFailedError(f"exit status {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")


def run_series(series: Series, folder: Path, assignments: Sequence[str], launch: Launch = in_process_of_its_own) -> Outcome:
    """Return the outcome of ``series``, from the file it left in ``folder`` or by running it.

    ``launch`` runs the command line with its arguments in a folder for data and logs. A run works in a folder of its own, which is removed
    when its outcome is written; what an interrupted one left is begun anew. An outcome of other settings raises SeriesFailedError: two
    campaigns in one folder would be mixed.
    """
    place = folder / series.group / series.name
    kept = place / "outcome.json"
    if kept.is_file():
        return _kept(kept, assignments)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    candles = place / f"{series.name}.parquet"
    series.make().to_polars().write_parquet(candles)
    outcome = _run(candles, place / "work", assignments, launch)
    write_bytes(kept, dump_bytes({"settings": list(assignments), "outcome": asdict(outcome)}))
    shutil.rmtree(place / "work")
    candles.unlink()
    return outcome


def _kept(path: Path, assignments: Sequence[str]) -> Outcome:
    content = json.loads(path.read_bytes())
    if content["settings"] != list(assignments):
        raise SeriesFailedError(f"{path} is of other settings ({' '.join(content['settings'])}): take another folder.")
    return Outcome(**content["outcome"])


def _run(candles: Path, work: Path, assignments: Sequence[str], launch: Launch) -> Outcome:
    given = ["exchange=LOCAL", f"symbol={candles}", "timeframe=1h", "optimization.executor=inline", *assignments]
    try:
        launch(["run", "--no-serve", "--quiet", *(part for each in given for part in ("--set", each))], work)
    except SeriesFailedError as error:
        raise SeriesFailedError(f"{candles.stem}: {error}") from error
    reports = list((work / "data" / "results").glob("*/report.json"))
    if len(reports) != 1:
        raise SeriesFailedError(f"{candles.stem}: {len(reports)} reports where one was expected.")
    return outcome_of(json.loads(reports[0].read_bytes()))


def outcome_of(report: Mapping[str, Any]) -> Outcome:
    """Return the outcome in the content of a report.json of one market."""
    (market,) = report["markets"].values()
    gates = market["verdict"]["gates"]
    return Outcome(
        market["verdict"]["passed"],
        {gate["name"]: gate["value"] for gate in gates},
        {gate["name"]: gate["passed"] for gate in gates},
        {gate["name"]: gate["reason"] for gate in gates if gate["reason"] is not None},
    )
