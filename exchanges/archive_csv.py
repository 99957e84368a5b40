"""The candles inside a file of the archive."""

from io import BytesIO

import polars as pl

from core.candle_checks import Times
from core.candles import Candles
from core.clock import format_utc
from core.errors import DataError
from exchanges.archive_files import ArchiveFile

_NAMES = (
    "open_time", "open", "high", "low", "close", "volume",
    "close_time", "quote_volume", "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_TIMES = frozenset({"open_time", "close_time"})
_SCHEMA = {name: pl.Int64 if name in _TIMES else pl.Float64 for name in _NAMES}
_US_PER_MS = 1000


def parse_archive(file: ArchiveFile, text: bytes) -> Candles | None:
    """Return the bars that were asked for of the CSV ``text``, strictly checked; None when it holds none of them.

    Twelve columns, with or without the header row. Raises DataError for another layout, cells that are no numbers, times that are
    not what the file's date says (ms, or us in spot files since 2025) or lie outside the file's month or day, and unsound bars.
    """
    header = _header_length(file, text)
    if not text[header:].strip():
        return None
    frame = _read(file, text[header:])
    open_ms = _milliseconds(file, frame["open_time"].to_numpy())
    outside = (open_ms < file.start_ms) | (open_ms >= file.end_ms)
    if outside.any():
        unit = "microseconds" if file.in_microseconds else "milliseconds"
        raise DataError(
            f"{file.member}: {outside.sum()} of {len(outside)} times, read as {unit}, lie outside "
            f"{format_utc(file.start_ms)} to {format_utc(file.end_ms)} UTC, first {frame['open_time'][int(outside.argmax())]}. "
            "The file is not used: its unit or its name is wrong."
        )
    columns = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume", "quote_volume")}
    candles = Candles.from_arrays(file.market, {"timestamp": open_ms, **columns})
    first, last = candles.index_of(file.wanted_from_ms), candles.index_of(file.wanted_until_ms)
    return candles[first:last] if first < last else None


def _read(file: ArchiveFile, text: bytes) -> pl.DataFrame:
    try:
        frame = pl.read_csv(
            BytesIO(text),
            has_header=False,
            new_columns=list(_NAMES),
            schema_overrides=list(_SCHEMA.values()),
            quote_char=None,
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{file.member} is no CSV of {len(_NAMES)} numbers a row: {str(error).splitlines()[0][:200]}") from error
    empty = sum(frame.null_count().row(0))
    if empty:
        raise DataError(f"{file.member}: {empty} cell(s) are empty. The file is not used.")
    return frame


def _header_length(file: ArchiveFile, text: bytes) -> int:
    """Return how many bytes the header row takes, 0 where there is none."""
    row, newline, _ = text.partition(b"\n")
    line = row.strip()
    if not line or line[:1].isdigit():
        return 0
    names = tuple(line.decode("utf-8", errors="replace").split(","))
    # The last columns were renamed over the years; the ones that are read were not.
    if len(names) != len(_NAMES) or names[:6] != _NAMES[:6]:
        raise DataError(
            f"{file.member} begins with {line[:80]!r}, which is neither a candle nor the archive's header. The file is not used."
        )
    return len(row) + len(newline)


def _milliseconds(file: ArchiveFile, times: Times) -> Times:
    if not file.in_microseconds:
        return times
    odd = times % _US_PER_MS != 0
    if odd.any():
        raise DataError(f"{file.member}: {odd.sum()} time(s) in microseconds are no whole milliseconds, first {times[int(odd.argmax())]}.")
    return times // _US_PER_MS
