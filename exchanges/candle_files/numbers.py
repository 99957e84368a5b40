"""Columns of numbers: floats as they are, text only where it is a number, and nothing missing."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from core.candle_checks import Floats
from exchanges.candle_files.findings import Findings, Flags

_MISSING_TEXTS = ("", "null", "nan", "none", "n/a", "na", "-")


def read_numbers(names: Mapping[str, str], findings: Findings) -> dict[str, Floats]:
    """Return float64 columns under the keys of ``names`` (meaning -> the file's name); what is no number becomes nan and is noted."""
    numbers, missing, text = {}, {}, {}
    for meaning, name in names.items():
        numbers[meaning], missing[name], text[name] = _read(findings.table.frame[name])
    _note("hold nothing where a number must be", missing, findings)
    _note("hold text where a number must be", text, findings)
    return numbers


def _note(rule: str, flags: Mapping[str, Flags], findings: Findings) -> None:
    """Note rows once, however many of their cells are bad, and name the columns."""
    columns = [name for name, bad in flags.items() if bad.any()]
    if columns:
        findings.note(f"{rule} ({', '.join(columns)})", np.logical_or.reduce([flags[name] for name in columns]))


def _read(series: pl.Series) -> tuple[Floats, Flags, Flags]:
    """Return the values (nan where there is none), where nothing stands and where something stands that is no number."""
    nothing, text = np.zeros(len(series), np.bool_), np.zeros(len(series), np.bool_)
    if series.dtype == pl.String:
        stripped = series.str.strip_chars()
        nothing = stripped.is_null().to_numpy() | stripped.str.to_lowercase().is_in(_MISSING_TEXTS).fill_null(True).to_numpy()
        values = stripped.cast(pl.Float64, strict=False)
        text = values.is_null().to_numpy() & ~nothing
    elif series.dtype.is_numeric():
        values = series.cast(pl.Float64)
        nothing = values.is_null().to_numpy()
    else:
        values = pl.Series(series.name, [None] * len(series), dtype=pl.Float64)
        text = np.ones(len(series), np.bool_)
    array = values.fill_null(np.nan).to_numpy() if values.null_count() else values.to_numpy()
    return array, nothing | (np.isnan(array) & ~text), text
