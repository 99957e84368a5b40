"""From the JSON of one page of candles to columns of numbers. What is not what the venue documents is refused, never converted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.candle_checks import Floats, Times
from core.errors import DataError

_SHOWN = 60
# No price, volume or turnover is beyond this; a float would not hold its units any more.
LARGEST = 1e18


def member(said: Any, name: str, kind: type, where: str) -> Any:
    """Return ``said[name]`` where ``said`` is a JSON object and the member is of ``kind``; DataError says what there is instead."""
    if not isinstance(said, dict):
        raise DataError(f"{where}: the answer is {_shown(said)}, not an object with {name!r}. Try again later.")
    value = said.get(name)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise DataError(f"{where}: {name!r} is {_shown(value)}, not a {kind.__name__}. Try again later.")
    return value


def objects_to_columns(rows: Sequence[Any], names: Sequence[str], where: str) -> list[list[Any]]:
    """Return one list per name out of a list of objects that all have those members."""
    for row, item in enumerate(rows):
        if not isinstance(item, dict) or not all(name in item for name in names):
            raise DataError(f"{where}: row {row} of {len(rows)} is {_shown(item)}, not an object with {', '.join(names)}. Try again later.")
    return [[item[name] for item in rows] for name in names]


def rows_to_columns(rows: Sequence[Any], widths: Sequence[int], where: str) -> list[list[Any]]:
    """Return the columns of a list of rows that all have the same length, one of ``widths``."""
    width = len(rows[0]) if rows and isinstance(rows[0], list) else widths[0]
    for row, item in enumerate(rows):
        if not isinstance(item, list) or len(item) != width or width not in widths:
            expected = " or ".join(map(str, widths))
            raise DataError(f"{where}: row {row} of {len(rows)} is {_shown(item)}, not a row of {expected} values. Try again later.")
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(widths[0])]


def numbers(values: Sequence[Any], name: str, where: str) -> Floats:
    """Return a column of JSON numbers as float64; a text, true, null, or what no float can hold is a DataError with its row."""
    for row, value in enumerate(values):
        if type(value) not in (int, float):
            raise _refused(values, row, name, where, "a number")
    try:
        column = np.array(values, np.float64)
    except OverflowError:
        row = next(row for row, value in enumerate(values) if abs(value) > LARGEST)
        raise _refused(values, row, name, where, "a number that can be a price or a volume") from None
    bad = ~(np.abs(column) <= LARGEST)
    if bad.any():
        raise _refused(values, int(np.argmax(bad)), name, where, "a number that can be a price or a volume")
    return column


def whole_seconds(values: Sequence[Any], name: str, where: str) -> Times:
    """Return a column of whole seconds since 1970, which JSON may spell 1.7e9 as well, in UTC milliseconds."""
    for row, value in enumerate(values):
        if type(value) not in (int, float) or not 0 <= value < 10**10 or value != int(value):
            raise _refused(values, row, name, where, "a time in whole seconds since 1970")
    return np.array(values, np.float64).astype(np.int64) * 1000


def _refused(values: Sequence[Any], row: int, name: str, where: str, expected: str) -> DataError:
    return DataError(f"{where}: {name} in row {row} of {len(values)} is {_shown(values[row])}, not {expected}. Try again later.")


def _shown(value: Any) -> str:
    """Return a short printable form of something out of JSON."""
    if isinstance(value, dict | list):
        return f"a {'list' if isinstance(value, list) else 'JSON object'} of {len(value)}"
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**20 else f"an integer of {value.bit_length()} bits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
