"""The trial ledger: every trial of one search in order, appended batch by batch; the truth from which a search is resumed."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.canonical_json import plain
from core.checked_log import CheckedLog, checked_line, read_checked_log
from core.errors import CorruptFileError, OptimizationError
from optimization.ledger_lines import record_of, text_of
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
        self._log: CheckedLog | None = None
        if path is not None:
            header = {"schema": SCHEMA, "study": plain(identity)}
            lines = _Lines(path, header)
            with _collector_paused():
                self._log = CheckedLog(path, lines)
            self.records = lines.records
            if not self._log.records:
                self._log.append([header])

    def append(self, batch: Iterable[TrialRecord]) -> list[TrialRecord]:
        """Add the finished ``batch`` with one sync and return it as the file holds it (nan where a metric has no value).

        Trials of the batch that an interrupted run had already written must be the same again: OptimizationError otherwise.
        """
        kept: list[TrialRecord] = []
        known = len(self.records)

        def lines() -> Iterator[bytes]:
            for record in batch:
                text = text_of(record)
                kept.append(record_of(text))
                if record.trial >= known:
                    yield checked_line(text)
                elif text != text_of(self.records[record.trial]):
                    raise _changed(self.records[record.trial], kept[-1])

        if self._log is None:
            for _line in lines():
                pass
        else:
            self._log.append_lines(lines())
        self.records += [record for record in kept if record.trial >= known]
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
    lines = _Lines(path)
    with _collector_paused():
        read_checked_log(path, lines)
    return ({} if lines.header is None else lines.header["study"]), lines.records


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cycle collector from looking through the same growing list again and again: half the time of reading, and no cycle found."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


class _Lines:
    """Takes the lines of the ledger at ``path`` one by one: its header, which must be ``wanted`` if that is given, then its trials."""

    def __init__(self, path: Path, wanted: dict[str, Any] | None = None) -> None:
        self._path, self._wanted = path, wanted
        self.header: dict[str, Any] | None = None
        self.records: list[TrialRecord] = []

    def __call__(self, text: bytes) -> bool:
        """Keep what the JSON of a line says; the log itself has nothing to remember but that there was one."""
        if self.header is None:
            self.header = self._checked_header(json.loads(text))
        else:
            self.records.append(self._checked_record(text))
        return True

    def _checked_header(self, line: Any) -> dict[str, Any]:
        if not isinstance(line, dict) or not isinstance(line.get("study"), dict):
            raise CorruptFileError(f"{self._path} does not begin with the settings of its search. {_REMEDY}")
        difference = None if self._wanted is None else next(_differences(line, self._wanted), None)
        if difference is not None:
            name, theirs, ours = difference
            raise OptimizationError(
                f"{self._path} holds the trials of another search: its {name} is {_shown(theirs)}, this one's is {_shown(ours)}. {_REMEDY}"
            )
        return line

    def _checked_record(self, text: bytes) -> TrialRecord:
        number = len(self.records)
        try:
            record = record_of(text)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise CorruptFileError(f"{self._path}: line {number + 2} is no trial ({error}). {_REMEDY}") from error
        if record.trial != number:
            raise CorruptFileError(f"{self._path}: line {number + 2} holds trial {record.trial} where trial {number} belongs. {_REMEDY}")
        return record


def _changed(before: TrialRecord, now: TrialRecord) -> OptimizationError:
    name, theirs, ours = next(_differences(before.as_dict(), now.as_dict()))
    return OptimizationError(
        f"trial {now.trial} of stage {now.stage} came out differently when it was repeated: {name} was {_shown(theirs)} "
        f"and is now {_shown(ours)}. The strategy must give the same signals every time. {_REMEDY}"
    )


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
