"""Several runs side by side: verdicts, figures, and the settings in which they differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from core.errors import CorruptFileError
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run
from dashboard.reading.runs import RunSummary
from dashboard.reading.sources import equity_of
from dashboard.views.comparison import Cell, Comparison, comparison_view
from dashboard.views.settings import SECTION_TITLES, flat_settings, setting_text
from reporting.comparison import COLUMN_LABELS, COLUMNS

MAX_RUNS = 5
_MISSING = Cell("", "")


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """A metric with its value in each run, empty where a run does not have it."""

    label: str
    unit: str
    definition: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ComparedMarket:
    """The metrics of one market in each run that has it."""

    slug: str
    title: str
    rows: tuple[ComparedMetric, ...]


@dataclass(frozen=True, slots=True)
class ComparedSetting:
    """A setting that is not the same in all runs."""

    section: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run and what is wrong with the files that were asked, if anything."""

    run: RunSummary
    problem: str


def columns() -> tuple[tuple[str, str], ...]:
    """Return the backtests whose figures can be compared: name and label."""
    return tuple((name, COLUMN_LABELS[name]) for name in COLUMNS)


def compared_markets(runs: Sequence[Run], column: str) -> tuple[ComparedMarket, ...]:
    """Return the metrics of ``column`` for every market that any of the runs has; a damaged report counts as missing here."""
    markets = {market.slug: f"{market.symbol} {market.exchange} {market.timeframe}" for run in runs for market in _markets(run)}
    return tuple(ComparedMarket(slug, title, _metrics(runs, slug, column)) for slug, title in markets.items())


def problem_of(run: Run) -> str:
    """Return what is wrong with the files that are compared, "" where nothing is."""
    try:
        for market in run.markets():
            comparison_view(run.report(market.slug))
        _settings_of(run)
    except CorruptFileError as error:
        return str(error)
    return ""


def _metrics(runs: Sequence[Run], slug: str, column: str) -> tuple[ComparedMetric, ...]:
    place = COLUMN_LABELS[column]
    found: dict[str, ComparedMetric] = {}
    cells: dict[str, list[Cell]] = {}
    for number, run in enumerate(runs):
        view = _readable(partial(_comparison, run, slug))
        if view is None or place not in view.columns:
            continue
        at = view.columns.index(place)
        for row in view.rows:
            found.setdefault(row.label, ComparedMetric(row.label, row.unit, row.definition, ()))
            cells.setdefault(row.label, [_MISSING] * len(runs))[number] = row.cells[at]
    return tuple(ComparedMetric(each.label, each.unit, each.definition, tuple(cells[label])) for label, each in found.items())


def differing_settings(runs: Sequence[Run]) -> tuple[ComparedSetting, ...]:
    """Return the settings in which the runs differ, in the order of the sections; a run whose settings are damaged counts as without."""
    flat = [dict(_readable(partial(_settings_of, run)) or []) for run in runs]
    names = dict.fromkeys(name for each in flat for name in each)
    rows = []
    for section, name in names:
        values = [each.get((section, name)) for each in flat]
        if any(value != values[0] for value in values[1:]):
            rows.append(ComparedSetting(section, name, tuple("not set" if value is None else setting_text(value) for value in values)))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class ComparedCurves:
    """The equity of several runs: ``curves``, label -> time, equity, drawdown_pct; ``damaged``, label -> why it cannot be read."""

    curves: dict[str, pl.DataFrame]
    damaged: dict[str, CorruptFileError]


def compared_curves(runs: Sequence[Run], source: str) -> ComparedCurves:
    """Return the equity of every market of every run that has one."""
    found = ComparedCurves({}, {})
    for run in runs:
        for market in _markets(run):
            label = f"{run.run_id} {market.symbol} {market.exchange} {market.timeframe}"
            try:
                frame = equity_of(run, market.slug, source)
                if frame is not None and not frame.is_empty():
                    with expecting("a table of equity"):
                        found.curves[label] = frame.select("time", "equity", "drawdown_pct")
            except CorruptFileError as error:
                found.damaged[label] = error
    return found


def _markets(run: Run) -> Sequence[Any]:
    return _readable(run.markets) or ()


def _readable(read: Callable[[], Any]) -> Any:
    """Return what ``read`` returns, None for a damaged file, which the page tells of elsewhere."""
    try:
        return read()
    except CorruptFileError:
        return None


def _comparison(run: Run, slug: str) -> Comparison | None:
    return comparison_view(run.report(slug))


def _settings_of(run: Run) -> list[tuple[tuple[str, str], Any]]:
    return list(_settings(run))


def _settings(run: Run) -> Iterator[tuple[tuple[str, str], Any]]:
    given = run.head()["settings"]
    resolved = run.stage_json("strategy", "strategy.json") or {}
    with expecting("run.json or strategy.json"):
        for name, value in given.items():
            if name not in SECTION_TITLES and name != "log_levels":
                yield ("Run", name), _plain(value)
        for section, title in SECTION_TITLES.items():
            for name, value in flat_settings(resolved.get(section, given.get(section)) or {}):
                yield (title, name), value
        for market in run.markets():
            yield ("Candles", market.slug), _candles(run, market.slug)


def _candles(run: Run, slug: str) -> str:
    """Return what tells one stretch of candles from another."""
    content = run.market_json("baseline", slug, "baseline.json")
    return "not loaded yet" if content is None else f"{content['bars']:,} bars, {str(content['candles_digest'])[:12]}"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(" ".join(map(str, each.values())) if isinstance(each, dict) else str(each) for each in value)
    return " ".join(map(str, value.values())) if isinstance(value, dict) else value
