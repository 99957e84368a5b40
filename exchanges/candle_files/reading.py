"""A candle file as Candles, or one DataError with everything that is wrong with it."""

from pathlib import Path

import numpy as np

from core.candle_checks import PRICE_NAMES, Floats, Times, find_value_violations
from core.candles import Candles
from core.clock import format_utc, now_ms
from core.errors import DataError
from core.market import Market
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.calendars import venue_timeframe
from exchanges.candle_files.columns import Columns, find_columns
from exchanges.candle_files.findings import Findings
from exchanges.candle_files.numbers import read_numbers
from exchanges.candle_files.row_order import check_order
from exchanges.candle_files.tables import read_table
from exchanges.candle_files.time_column import TimeColumn, read_time_column
from exchanges.candle_files.time_units import most_frequent_step, timeframe_of_step, to_ms_each, unit_of_grid


def read_candles(path: Path, *, exchange: str, symbol: str | None = None, timeframe: Timeframe | None = None) -> Candles:
    """Return the candles in the Parquet, Feather or CSV file at ``path``, on the file's own grid.

    ``symbol`` is the file's stem unless given. The unit of numeric times (s, ms, us or ns) is the one in which the file's most
    frequent step is a timeframe; every row must agree. Texts and datetimes without a zone are UTC. Extra columns are ignored.
    ``timeframe`` says how long the bar of a file with a single row is; other files tell themselves. A last bar that is still open
    is left out. Raises DataError that counts and shows the first of every kind of bad row.
    """
    table = read_table(path)
    findings = Findings(table)
    columns = find_columns(table.frame.columns)
    findings.texts.extend(columns.troubles)
    numbers = read_numbers(_number_names(columns), findings)
    times = read_time_column(table.frame[columns.time], findings) if columns.time else None
    open_ms = None if times is None else _to_ms(times, findings)
    if open_ms is not None:
        _check_rows(open_ms, numbers, findings)
    found = None if open_ms is None else _own_timeframe(open_ms, exchange, timeframe, findings)
    findings.refuse_if_any()
    if open_ms is None or found is None:
        raise DataError(f"{path}: the times of the bars cannot be told. Write them as UTC milliseconds.")
    return _closed(Candles.from_arrays(Market(exchange, symbol or path.stem, found), {"timestamp": open_ms, **numbers}), path)


def _number_names(columns: Columns) -> dict[str, str]:
    named = columns.prices | {"volume": columns.volume, "quote_volume": columns.quote_volume}
    return {meaning: name for meaning, name in named.items() if name is not None}


def _to_ms(times: TimeColumn, findings: Findings) -> Times | None:
    before = len(findings.texts)
    unit = times.unit or unit_of_grid(times.values, findings)
    if unit is None:
        return None
    findings.note("have a time that is no whole millisecond", unit.sub_ms(times.values))
    return unit.to_ms(times.values) if len(findings.texts) == before else to_ms_each(times.values)


def _check_rows(open_ms: Times, numbers: dict[str, Floats], findings: Findings) -> None:
    prices = {name: numbers[name] for name in PRICE_NAMES if name in numbers}
    check_order(open_ms, prices, findings)
    if len(prices) == len(PRICE_NAMES) and not any(np.isnan(values).any() for values in numbers.values()):
        volume = numbers.get("volume", np.zeros(len(open_ms)))
        for violation in find_value_violations(open_ms, prices, volume):
            findings.note_row(violation.rule, violation.count, violation.row)
        quote = numbers.get("quote_volume", volume)
        findings.note("hold a quote volume that is negative or not finite", ~np.isfinite(quote) | (quote < 0))


def _own_timeframe(open_ms: Times, exchange: str, declared: Timeframe | None, findings: Findings) -> Timeframe | None:
    step_ms = most_frequent_step(open_ms)
    if step_ms is None:
        if declared is None:
            findings.say("a single time tells no timeframe: name it, or give at least two bars")
        return None if declared is None else venue_timeframe(exchange, declared)
    named = timeframe_of_step(step_ms)
    if named is None:
        findings.say(f"most bars are {step_ms / 60_000:g} minutes apart, which is none of {', '.join(TIMEFRAMES)}")
        return None
    found = venue_timeframe(exchange, named)
    off_grid = (open_ms - found.offset_ms) % found.ms != 0
    findings.note(f"open off the {found} grid, the distance of most rows", off_grid)
    return found


def _closed(candles: Candles, path: Path) -> Candles:
    """Leave the forming bar out; bars that have not even begun are an error of the file or of the clock."""
    now = now_ms()
    ahead = len(candles) - candles.index_of(now + 1)
    if ahead:
        first = format_utc(int(candles.open_ms[len(candles) - ahead]))
        raise DataError(
            f"{path}: {ahead} bar(s) open in the future, first {first} UTC; it is {format_utc(now)} UTC. Check the file and the clock."
        )
    if candles.end_ms <= now:
        return candles
    if len(candles) == 1:
        raise DataError(f"{path}: its only bar is still open until {format_utc(candles.end_ms)} UTC. Wait until it has closed.")
    return candles[:-1]
