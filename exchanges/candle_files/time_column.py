"""The column of opening times: numbers of one unit, or datetimes, or ISO texts of one form, turned into UTC milliseconds."""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.candle_checks import Times
from exchanges.candle_files.findings import Findings
from exchanges.candle_files.time_units import EPOCH_UNITS, TimeUnit

_EPOCH_NUMBER = re.compile(r"[+-]?\d{6,}(\.0*)?")
_ISO_FORMS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_MS = EPOCH_UNITS["milliseconds"]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Times as int64: numbers of a unit still to be found (``unit`` None), or UTC counts of ``unit``."""

    values: Times
    unit: TimeUnit | None


def read_time_column(series: pl.Series, findings: Findings) -> TimeColumn | None:
    """Return the times of ``series``; None, with the reason noted, when some rows have none that can be read."""
    before = len(findings.texts)
    column = _by_type(series, findings)
    return column if len(findings.texts) == before else None


def _by_type(series: pl.Series, findings: Findings) -> TimeColumn | None:
    findings.note("have no time", series.is_null().to_numpy())
    if series.dtype == pl.Date or isinstance(series.dtype, pl.Datetime):
        return _datetimes(series)
    if series.dtype.is_integer():
        return TimeColumn(_integers(series), None)
    if series.dtype.is_float():
        return _whole_numbers(series, findings)
    if series.dtype == pl.String:
        return _texts(series.str.strip_chars(), findings)
    findings.say(f"the times are of type {series.dtype}: write them as UTC milliseconds or ISO texts")
    return None


def _datetimes(series: pl.Series) -> TimeColumn:
    """Times without a zone are UTC; those with one are stored in UTC already."""
    unit = "ms" if series.dtype == pl.Date else getattr(series.dtype, "time_unit", "ms")
    values = _integers(series.cast(pl.Datetime("ms")) if series.dtype == pl.Date else series.to_physical())
    return TimeColumn(values, {"ms": _MS, "us": EPOCH_UNITS["microseconds"], "ns": EPOCH_UNITS["nanoseconds"]}[unit])


def _integers(series: pl.Series) -> Times:
    return series.cast(pl.Int64, strict=False).fill_null(0).to_numpy().astype(np.int64, copy=False)


def _whole_numbers(series: pl.Series, findings: Findings) -> TimeColumn:
    values: NDArray[np.float64] = series.cast(pl.Float64).fill_null(0).to_numpy()
    whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53)
    findings.note("have a time that is no whole number", ~whole & series.is_not_null().to_numpy())
    return TimeColumn(np.where(whole, values, 0).astype(np.int64), None)


def _texts(texts: pl.Series, findings: Findings) -> TimeColumn | None:
    first = next((text for text in texts.head(100) if text), "")
    if _EPOCH_NUMBER.fullmatch(first):
        exact = texts.cast(pl.Int64, strict=False)
        # "1605855600.0" is a whole number too, as tables saved with an empty cell write it.
        numbers = exact if not exact.null_count() else texts.cast(pl.Float64, strict=False)
        findings.note("have a time that is no number, unlike the first row", (numbers.is_null() & texts.is_not_null()).to_numpy())
        return TimeColumn(_integers(numbers), None) if numbers.dtype == pl.Int64 else _whole_numbers(numbers, findings)
    return _iso_texts(texts, first, findings)


def _iso_texts(texts: pl.Series, first: str, findings: Findings) -> TimeColumn | None:
    """All rows must be of the form of the first, zone included; texts without a zone are UTC."""
    position = int((texts == first).arg_max() or 0)
    plain = texts.str.replace(r"^(\d{4}-\d\d-\d\d)T", "$1 ").str.replace(r"(Z| ?UTC)$", "+00:00")
    zoned = "%z" if re.search(r"(Z|UTC|[+-]\d\d:?\d\d)$", first) else ""
    for form in _ISO_FORMS:
        moments = plain.str.to_datetime(f"{form}{zoned}", time_unit="ns", time_zone="UTC" if zoned else None, strict=False)
        if moments[position] is not None:
            unlike = (moments.is_null() & texts.is_not_null()).to_numpy()
            findings.note(f"have a time that is not written like the first row's ('{first}')", unlike)
            return TimeColumn(_integers(moments.to_physical()), EPOCH_UNITS["nanoseconds"])
    findings.note("have a time that is neither a number nor like 2024-01-31 12:00:00", texts.is_not_null().to_numpy())
    return None
