"""The trial ledger: every trial of one search in order, appended batch by batch; the truth from which a search is resumed."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.canonical_json import plain
from core.checked_log import CheckedLog, read_checked_log
from core.errors import CorruptFileError, OptimizationError
from optimization.trial_record import TrialRecord

SCHEMA = 1
_REMEDY = "Remove the file to search again, or start a new run."


class TrialLedger:
    """The records of the search with this ``identity``, in memory and, when ``path`` is given, in that file.

    The file's first line holds the identity, every other line one trial. Opening a file that another search wrote raises
    OptimizationError naming the first setting that differs; a damaged one raises CorruptFileError; a torn end is cut off.
    """

    def __init__(self, identity: Mapping[str, Any], path: Path | None = None) -> None:
        self.records: list[TrialRecord] = []
        self._log = None if path is None else CheckedLog(path)
        if self._log is not None:
            try:
                self._load(self._log, {"schema": SCHEMA, "study": plain(identity)})
            except BaseException:
                self._log.close()
                raise

    def _load(self, log: CheckedLog, header: dict[str, Any]) -> None:
        if not log.records:
            log.append([header])
            return
        difference = next(_differences(_header(log.path, log.records[0]), header), None)
        if difference is not None:
            name, theirs, ours = difference
            raise OptimizationError(
                f"{log.path} holds the trials of another search: its {name} is {_shown(theirs)}, this one's is {_shown(ours)}. {_REMEDY}"
            )
        self.records = _records(log.path, log.records[1:])

    def append(self, batch: Iterable[TrialRecord]) -> list[TrialRecord]:
        """Add the finished ``batch`` with one sync and return it as the file holds it (nan where a metric has no value).

        Trials of the batch that an interrupted run had already written must be the same again: OptimizationError otherwise.
        """
        kept = [TrialRecord.from_dict(record.as_dict()) for record in batch]
        for record in kept:
            if record.trial < len(self.records) and record.as_dict() != self.records[record.trial].as_dict():
                name, theirs, ours = next(_differences(self.records[record.trial].as_dict(), record.as_dict()))
                raise OptimizationError(
                    f"trial {record.trial} of stage {record.stage} came out differently when it was repeated: {name} was {_shown(theirs)} "
                    f"and is now {_shown(ours)}. The strategy must give the same signals every time. {_REMEDY}"
                )
        fresh = kept[max(0, len(self.records) - kept[0].trial) :] if kept else []
        if self._log is not None:
            self._log.append(record.as_dict() for record in fresh)
        self.records += fresh
        return kept

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._log is not None:
            self._log.close()


def read_ledger(path: Path) -> tuple[dict[str, Any], list[TrialRecord]]:
    """Return the identity and the trials in a ledger file, a torn end left out, without changing it.

    Both are empty when the file is absent or empty; CorruptFileError when it holds something else.
    """
    lines = read_checked_log(path)
    if not lines:
        return {}, []
    study: dict[str, Any] = _header(path, lines[0])["study"]
    return study, _records(path, lines[1:])


def _header(path: Path, line: Any) -> dict[str, Any]:
    if not isinstance(line, dict) or not isinstance(line.get("study"), dict):
        raise CorruptFileError(f"{path} does not begin with the settings of its search. {_REMEDY}")
    return line


def _records(path: Path, lines: Iterable[Any]) -> list[TrialRecord]:
    records: list[TrialRecord] = []
    for number, line in enumerate(lines):
        try:
            record = TrialRecord.from_dict(line)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise CorruptFileError(f"{path}: line {number + 2} is no trial ({error}). {_REMEDY}") from error
        if record.trial != number:
            raise CorruptFileError(f"{path}: line {number + 2} holds trial {record.trial} where trial {number} belongs. {_REMEDY}")
        records.append(record)
    return records


def _differences(theirs: Any, ours: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (dotted name, stored value, wanted value) for every leaf that differs."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in (*ours, *(key for key in theirs if key not in ours)):
            yield from _differences(theirs.get(key), ours.get(key), f"{name}.{key}".removeprefix(".").removeprefix("study."))
    elif theirs != ours:
        yield name, theirs, ours


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
