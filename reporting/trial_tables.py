"""The trials of a run as tables, read from the ledgers while they grow or when they are done; nothing is ever written to them.

Columns: stage, window (null: the whole series), trial, state, value (the objective of a complete trial), score (the last one, at whatever
fidelity), fidelity (levels reached), bars, duplicate_of, error; ``score_<k>`` at each level; where there are several objectives
``value_<k>``, where there are constraints ``violation_<k>``, where a GPU took part ``screen_<k>``, its scores; ``param_<name>`` for every
parameter that was searched; then the metrics of the last level reached. What is undefined is null.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from core.checked_log import first_record, follow_checked_log
from core.errors import CorruptFileError, StorageError
from core.file_state import FileState, state_of_file
from core.parquet_files import write_parquet
from core.run_folder import RunFolder, stage_named
from reporting.trial_lines import KINDS, METRICS, TrialLine, metric_columns, study_of, trial_of

SUFFIX = ".trials.log"
# What stage 7 leaves beside the ledger of a search that is done: the same trials as a table.
TABLE_SUFFIX = ".trials.parquet"
PARAM = "param_"
_WINDOW_FOLDER = re.compile(r"window_(\d+)")
_CHUNK = 1024
_MARK_BYTES = 4096
# Field of a trial -> the columns that its numbers are spread over.
_SPREAD = {"scores": "score_", "values": "value_", "violations": "violation_", "screen": "screen_"}
_HEAD: dict[str, Any] = {
    "stage": pl.String, "window": pl.Int32, "trial": pl.Int32, "state": pl.String, "value": pl.Float64, "score": pl.Float64,
    "fidelity": pl.Int8, "bars": pl.Int64, "duplicate_of": pl.Int32, "error": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """One search of one market: its ``stage``, its walk-forward ``window`` (None: the whole series), and where its ledger lies."""

    stage: str
    window: int | None
    path: Path


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """What a ledger holds: the settings of the search (empty when not even its first line is whole) and its trials, in order."""

    study: dict[str, Any]
    trials: pl.DataFrame


def ledger_files(run: RunFolder, slug: str) -> list[LedgerFile]:
    """Return the ledgers that one market of ``run`` has so far: those of stage 7, then window by window."""
    found = [LedgerFile(_stage_of(path), None, path) for path in sorted((run.stage(stage_named("optimize")) / slug).glob(f"*{SUFFIX}"))]
    for folder in sorted((run.stage(stage_named("walkforward")) / slug).glob("window_*"), key=lambda each: (len(each.name), each.name)):
        number = _WINDOW_FOLDER.fullmatch(folder.name)
        if number is not None:
            found += [LedgerFile(_stage_of(path), int(number[1]), path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return found


def read_trials(file: LedgerFile) -> LedgerTable:
    """Return the trials of one ledger, a torn end left out; CorruptFileError when it holds something else."""
    return GrowingLedger(file).read()


def read_study(file: LedgerFile) -> dict[str, Any]:
    """Return the settings of a search, {} when not even its first line is whole; CorruptFileError when it holds something else."""
    return first_record(file.path, lambda text: study_of(text, str(file.path))) or {}


def write_table(ledger: Path) -> Path:
    """Write the trials of the ``ledger`` of a search that is done beside it and return where: a page of 100,000 reads the table in a tenth.

    Equal ledgers, equal bytes.
    """
    stage = _stage_of(ledger)
    return write_parquet(ledger.with_name(f"{stage}{TABLE_SUFFIX}"), read_trials(LedgerFile(stage, None, ledger)).trials)


def all_trials(files: Iterable[LedgerFile]) -> pl.DataFrame:
    """Return the trials of several ledgers below each other."""
    return stacked([read_trials(file).trials for file in files])


def best_first(trials: pl.DataFrame) -> pl.DataFrame:
    """Return ``trials`` sorted: complete ones by their value, others by how far they came and with what score; ties in trial order."""
    return trials.sort("value", "fidelity", "score", "stage", "trial", descending=[True, True, True, False, False], nulls_last=True)


def write_trials(folder: Path, run: RunFolder, slug: str) -> Path:
    """Write trials_<slug>.parquet, every trial of every stage and window of one market, and return its path; equal ledgers, equal bytes."""
    return write_parquet(folder / f"trials_{slug}.parquet", all_trials(ledger_files(run, slug)))


def _stage_of(path: Path) -> str:
    return path.name.removesuffix(SUFFIX)


class GrowingLedger:
    """The table of a ledger that grows: whole lines are read once, later calls of ``read`` go on where the last one ended.

    Not for two threads at a time. A file that was replaced or rewritten is read anew.
    """

    def __init__(self, file: LedgerFile) -> None:
        self.file = file
        self._state: FileState | None = None
        self._begin()

    def read(self) -> LedgerTable:
        """Return what the ledger holds by now, a torn end left out; CorruptFileError when it holds something else."""
        state = state_of_file(self.file.path)
        if state != self._state or state is None:
            if not self._has_grown(state):
                self._begin()
            try:
                self._go_on()
            except BaseException:
                self._begin()
                raise
            self._state = state
        return LedgerTable(self._lines.study or {}, self._table)

    def _begin(self) -> None:
        self._state = None
        self._lines, self._end, self._mark, self._table = _Lines(self.file.path), 0, b"", stacked([])

    def _go_on(self) -> None:
        end = follow_checked_log(self.file.path, self._lines, self._end)
        if end != self._end:
            self._table = stacked([*([self._table] if len(self._table) else []), *self._lines.frames()])
            self._end = end
            self._mark = self._last_bytes()

    def _has_grown(self, state: FileState | None) -> bool:
        """Return whether the file is the one that was read, with more at its end and the same last lines before that."""
        known = self._state
        same = known is not None and state is not None and state.inode == known.inode and state.size > known.size
        return same and self._last_bytes() == self._mark

    def _last_bytes(self) -> bytes:
        """Return the last bytes of what was read as the file has them now."""
        start = max(0, self._end - _MARK_BYTES)
        try:
            with self.file.path.open("rb") as stream:
                stream.seek(start)
                return stream.read(self._end - start)
        except OSError as error:
            raise StorageError(f"cannot read {self.file.path}: {error.strerror}. It must be a file that you may read.") from error


class _Lines:
    """Takes the lines of one ledger and makes frames of them, some thousand at a time: records take ten times the memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.study: dict[str, Any] | None = None
        self._rows: list[TrialLine] = []
        self._frames: list[pl.DataFrame] = []

    def __call__(self, text: bytes) -> bool:
        if self.study is None:
            self.study = study_of(text, str(self._path))
            return True
        self._rows.append(trial_of(text, str(self._path)))
        if len(self._rows) == _CHUNK:
            self._flush()
        return True

    def frames(self) -> list[pl.DataFrame]:
        """Hand over what came in since the last call, in order."""
        self._flush()
        frames, self._frames = self._frames, []
        return frames

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            try:
                self._frames.append(_frame(rows))
            except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
                why = str(error).split("\n", maxsplit=1)[0]
                raise CorruptFileError(f"{self._path} holds a line that is no trial ({why}). Remove it and resume the run.") from error


def _frame(rows: Sequence[TrialLine]) -> pl.DataFrame:
    last = [row.scores[-1] if row.scores else None for row in rows]
    value = [score if row.state == "complete" else None for row, score in zip(rows, last, strict=True)]
    head: dict[str, Any] = {"score": last, "value": value}
    params = [row.params for row in rows]
    columns = [pl.Series(name, head.get(name) or [getattr(row, name) for row in rows], kind) for name, kind in _HEAD.items()]
    columns += [column for name, prefix in _SPREAD.items() for column in _spread(prefix, [getattr(row, name) for row in rows])]
    columns += [_param(name, params) for name in sorted({name for point in params for name in point})]
    return pl.DataFrame([*columns, *metric_columns(rows)])


def _spread(prefix: str, rows: Sequence[Sequence[float | None]]) -> list[pl.Series]:
    width = max(map(len, rows))
    return [
        pl.Series(f"{prefix}{place + 1}", [row[place] if place < len(row) else None for row in rows], pl.Float64) for place in range(width)
    ]


def _param(name: str, points: Sequence[dict[str, Any]]) -> pl.Series:
    values = [point.get(name) for point in points]
    kinds = {type(value) for value in values if value is not None}
    return pl.Series(f"{PARAM}{name}", values, KINDS.get(next(iter(kinds)), pl.Float64) if len(kinds) == 1 else pl.Float64)


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return ``frames`` below each other; what only some searches have stands between the head and the metrics."""
    if not frames:
        return pl.DataFrame(schema=_HEAD | METRICS)
    whole = pl.concat(frames, how="diagonal_relaxed")
    spread = [name for prefix in _SPREAD.values() for name in whole.columns if re.fullmatch(rf"{prefix}\d+", name)]
    params = sorted(name for name in whole.columns if name.startswith(PARAM))
    return whole.select(*_HEAD, *spread, *params, *METRICS).rechunk()
