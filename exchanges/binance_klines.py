"""Binance's rows of candles, read strictly: nothing is guessed, and a row of another form stops everything."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import PRICE_NAMES
from core.clock import format_utc
from core.errors import DataError
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.kline_pages import KlineTable
from exchanges.page_columns import LARGEST
from exchanges.paging import Columns, no_rows

_ITEMS = 12
_OPENS, _CLOSES, _QUOTE_VOLUME, _TRADES = 0, 6, 7, 8
# More digits than any price or volume has; more would not fit into a float either.
_MOST_DIGITS = 40


def parse_klines(rows: Any, name: str, timeframe: Timeframe) -> Columns:
    """Return the columns of a klines answer in the venue's order, open bars included.

    A row is ``[open ms, "open", "high", "low", "close", "volume", close ms, "quote volume", trades, ".", ".", "."]``. Raises DataError
    for rows of any other form, prices that are no plain decimals, and times that are not those of ``timeframe`` in milliseconds. Rows
    that ``read_klines`` has read already are checked for their times and sizes only.
    """
    if isinstance(rows, KlineTable):
        _require_timeframe(rows.opens, rows.closes, name, timeframe)
        for column, values in rows.decimals.items():
            if values.max(initial=0.0) > LARGEST:
                raise _malformed(name, f"a {column} is {values.max():g}, too large")
        return {"timestamp": rows.opens, **rows.decimals}
    if not isinstance(rows, list):
        raise _malformed(name, f"a {type(rows).__name__} instead of a list of rows")
    if not rows:
        return no_rows(quote_volume=True)
    wrong = next((number for number, row in enumerate(rows) if type(row) is not list or len(row) != _ITEMS), None)
    if wrong is not None:
        raise _malformed(name, f"row {wrong} is no list of {_ITEMS} values")
    columns = list(zip(*rows, strict=True))
    opens, closes, _trades = (_whole_numbers(columns[at], name, at) for at in (_OPENS, _CLOSES, _TRADES))
    _require_timeframe(opens, closes, name, timeframe)
    found = {column: _decimals(columns[at], name, column) for at, column in enumerate((*PRICE_NAMES, "volume"), start=1)}
    return {"timestamp": opens, **found, "quote_volume": _decimals(columns[_QUOTE_VOLUME], name, "quote volume")}


def decimal_float(text: object) -> float:
    """Return the number that a plain decimal such as ``"0.00100000"`` means; ValueError for anything else, and for what is no text."""
    if not isinstance(text, str) or not _is_plain(text) or len(text) > _MOST_DIGITS:
        raise ValueError("a number that is no plain decimal")
    number = float(text)
    if number > LARGEST:
        raise ValueError("a number that is too large")
    return number


def _whole_numbers(values: Sequence[Any], name: str, at: int) -> NDArray[np.int64]:
    if set(map(type, values)) != {int}:
        raise _malformed(name, f"value {at} of a row is no whole number")
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        raise _malformed(name, f"value {at} of a row is too large") from None


def _decimals(texts: Sequence[Any], name: str, column: str) -> NDArray[np.float64]:
    """Return the numbers of a column of plain decimals: float() alone would also take nan, 1_000, 1e400 and blanks."""
    try:
        if not _is_plain("".join(texts)) or max(map(len, texts)) > _MOST_DIGITS:
            raise ValueError
        found = np.fromiter(map(float, texts), np.float64, len(texts))
        if found.max() > LARGEST:
            raise ValueError
        return found
    except (TypeError, ValueError):
        row = next(number for number, text in enumerate(texts) if not _reads(text))
        shown = repr(texts[row])[:40]
        raise _malformed(name, f"the {column} of row {row} is {shown}, no decimal number in quotes") from None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace(".", "").isdigit()


def _reads(text: object) -> bool:
    try:
        decimal_float(text)
    except ValueError:
        return False
    return True


def _require_timeframe(opens: NDArray[np.int64], closes: NDArray[np.int64], name: str, timeframe: Timeframe) -> None:
    """Raise DataError unless every bar opens on the grid and closes when bars of ``timeframe`` do.

    An outage of the venue may have cut a bar short, so an earlier close is accepted, unless it is that of another timeframe.
    """
    off_grid = (opens - timeframe.offset_ms) % timeframe.ms != 0
    lengths = closes - opens + 1
    if not off_grid.any() and (lengths == timeframe.ms).all():
        return
    shorter = [each.ms for each in TIMEFRAMES.values() if each.ms < timeframe.ms]
    foreign = (lengths > timeframe.ms) | (lengths <= 0) | np.isin(lengths, shorter)
    for bad, text in ((off_grid, f"open off the {timeframe} grid of milliseconds"), (foreign, f"do not last {timeframe}")):
        if bad.any():
            row = int(np.argmax(bad))
            times = f"{format_utc(int(opens[row]))} UTC for {int(lengths[row])} ms"
            raise _malformed(name, f"{int(bad.sum())} of {len(opens)} bars {text}, first row {row}: {times}")


def _malformed(name: str, what: str) -> DataError:
    return DataError(f"{name}: the answer is not what is documented: {what}. Nothing of it is used; try again later.")
