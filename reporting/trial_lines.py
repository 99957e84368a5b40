"""The lines of a trial ledger as typed records: what a table needs of a hundred thousand of them is read in about a second.

Fields that a line may lack are those that older ledgers do not have; numbers that are null are undefined.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import polars as pl
from msgspec import DecodeError, Struct, ValidationError, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from backtest_engine.metrics import Metrics
from core.errors import CorruptFileError

Scores = tuple[float | None, ...]

KINDS: dict[Any, Any] = {int: pl.Int64, bool: pl.Boolean, float: pl.Float64}
METRICS: dict[str, Any] = {field.name: KINDS[field.type] for field in fields(Metrics)}
_MetricsLine = defstruct("_MetricsLine", [(field.name, field.type | None, None) for field in fields(Metrics)], gc=False)  # type: ignore[operator]


class TrialLine(Struct, gc=False):
    """One trial as its line has it."""

    trial: int
    state: str
    scores: Scores
    params: dict[str, bool | int | float | None]
    metrics: _MetricsLine  # type: ignore[valid-type]
    stage: str | None = None
    window: int | None = None
    fidelity: int | None = None
    bars: int | None = None
    duplicate_of: int | None = None
    error: str | None = None
    screen: Scores = ()
    values: Scores = ()
    violations: Scores = ()


_head = Decoder().decode
_trial = Decoder(TrialLine).decode


def study_of(text: bytes, name: str) -> dict[str, Any]:
    """Return the settings of the search in the first line of the ledger ``name``; ValueError when it is no JSON, else CorruptFileError."""
    try:
        line = _head(text)
    except DecodeError as error:
        raise ValueError(str(error)) from None
    study = line.get("study") if isinstance(line, dict) else None
    if not isinstance(study, dict):
        raise CorruptFileError(f"{name} does not begin with the settings of its search. Remove it and resume the run.")
    return study


def trial_of(text: bytes, name: str) -> TrialLine:
    """Return the trial in a line of the ledger ``name``; ValueError when it is no JSON, CorruptFileError when it is no trial."""
    try:
        return _trial(text)
    except ValidationError as error:
        raise CorruptFileError(f"{name} holds a line that is no trial ({error}). Remove it and resume the run.") from error
    except DecodeError as error:
        raise ValueError(str(error)) from None


def metric_columns(lines: Sequence[TrialLine]) -> list[pl.Series]:
    """Return a column for every metric; what a trial has no metrics of is null."""
    columns = zip(*(astuple(line.metrics) for line in lines), strict=True)
    return [pl.Series(name, values, kind) for (name, kind), values in zip(METRICS.items(), columns, strict=True)]
