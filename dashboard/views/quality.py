"""The quality of the candles: where they come from, what was checked, what is missing or odd, and the exact ranges of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import polars as pl

from core.errors import ConfigError
from dashboard.formatting import number, utc
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import MarketView
from dashboard.views.data_checks import Check, data_checks
from dashboard.views.ranges import KINDS, kinds_of

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class RangesQuery:
    """Which ranges are wanted: of one ``kind`` (empty: of all), and which page of them; ConfigError for a kind that there is not."""

    kind: str = ""
    page: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.kind and self.kind not in KINDS:
            raise ConfigError(f"there is no such kind of range: use one of {', '.join(KINDS)}.")


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One range as it is written, with its times for scripts."""

    label: str
    definition: str
    start_ms: int
    end_ms: int
    bars: str
    move: str


@dataclass(frozen=True, slots=True)
class RangesView:
    """One page of the ranges: ``kinds`` are name, label and count of each kind there is, ``total`` counts those of the chosen kind."""

    rows: tuple[RangeRow, ...]
    kinds: tuple[tuple[str, str, int], ...]
    kind: str
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class QualityView:
    """Facts as label and text, what was checked, and the warnings."""

    facts: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, str], ...]
    more: tuple[tuple[str, str], ...]
    digest: str
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]


def quality_view(
    quality: dict[str, Any] | None, baseline: dict[str, Any] | None, market: MarketView, *, sealed: bool = False
) -> QualityView | None:
    """Return the view of quality.json with source, span and digest from baseline.json; None before stage 5. Raises CorruptFileError.

    ``sealed``: the stage that wrote the candles is done, so that its files are compared with their SHA-256 whenever they are read.
    """
    if quality is None:
        return None
    summary = baseline or {}
    with expecting("quality.json"):
        return QualityView(
            facts=(*_source(market, summary), *_span(summary)),
            counts=_counts(quality),
            more=tuple(_more_data(summary)),
            digest=str(summary.get("candles_digest", "")),
            checks=data_checks(quality, summary, synthetic=market.synthetic, sealed=sealed),
            warnings=tuple(str(warning) for warning in (*quality["warnings"], *_more_warnings(summary))),
        )


def ranges_view(ranges: pl.DataFrame, query: RangesQuery) -> RangesView:
    """Return the page of the table of exact ranges that ``query`` asks for."""
    chosen = ranges.filter(pl.col("kind") == query.kind) if query.kind else ranges
    pages = max(1, ceil(len(chosen) / PAGE_SIZE))
    page = min(max(query.page, 1), pages)
    return RangesView(
        rows=tuple(_range_row(row) for row in chosen.slice((page - 1) * PAGE_SIZE, PAGE_SIZE).iter_rows(named=True)),
        kinds=tuple((kind, KINDS[kind][0], count) for kind, count in kinds_of(ranges).items()),
        kind=query.kind,
        total=len(chosen),
        page=page,
        pages=pages,
    )


def _range_row(row: Mapping[str, Any]) -> RangeRow:
    label, definition = KINDS[row["kind"]]
    bars = "" if row["bars"] is None else number(row["bars"], 0)
    move = "" if row["move"] is None else f"{number(row['move'] * 100)} %"
    return RangeRow(label, definition, row["start_ms"], row["end_ms"], bars, move)


def _source(market: MarketView, baseline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    made = {"SIMULATED": "generated from a seed", "LOCAL": "a file of yours"}.get(
        market.exchange, f"the candle store, from {market.exchange}"
    )
    yield "Source", made
    yield "Market", f"{market.symbol}, {market.timeframe} bars"
    if detail := baseline.get("detail"):
        yield "Orders fill on", f"{number(detail['bars'], 0)} {detail['timeframe']} candles"


def _span(baseline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "start_ms" in baseline:
        yield "First bar opens", f"{utc(baseline['start_ms'])} UTC"
        yield "Last bar closes", f"{utc(baseline['end_ms'])} UTC"
        yield "Length", f"{number((baseline['end_ms'] - baseline['start_ms']) / 86_400_000, 1)} days"


def _more_data(baseline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is known of funding rates, where the run has any."""
    if funding := baseline.get("funding"):
        yield "Funding", str(funding["source"])
        yield "Funding rates told", number(funding["told"], 0)
        yield "Stretches without a rate", number(len(funding["holes"]), 0)
        if funding["assumed"]:
            yield "Rates assumed there", f"{number(funding['assumed'], 0)} of {number(funding['assumed_rate'] * 100, 4)} %"


def _more_warnings(baseline: Mapping[str, Any]) -> Iterator[str]:
    for name in ("detail", "funding"):
        yield from (baseline.get(name) or {"warnings": ()})["warnings"]


def _counts(quality: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("Bars", number(quality["bars"], 0)),
        ("Bars the grid has room for", number(quality["expected_bars"], 0)),
        ("Missing bars", f"{number(quality['missing_bars'], 0)} ({number(quality['missing_share'] * 100, 3)} %)"),
        ("Bars filled in", number(quality["filled_bars"], 0)),
        ("Policy for gaps", str(quality["policy"])),
        ("Bars without volume", f"{number(quality['zero_volume_bars'], 0)} in {number(_count(quality['zero_volume_runs']), 0)} runs"),
        ("Longest stretch without volume", f"{number(quality.get('longest_zero_volume_run'), 0)} bars"),
        ("Price spikes", number(len(quality["spikes"]), 0)),
    )


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value)
