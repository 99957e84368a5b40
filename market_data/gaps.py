"""Missing bars: where they are, and what each policy does about them. Where a venue is closed, nothing is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from config.run import GapPolicy
from core.candle_checks import PRICE_NAMES, Floats, Times
from core.candles import Candles
from core.clock import format_utc
from core.errors import DataError
from core.timeframe import DAY_MS
from exchanges.calendars import calendar_of
from exchanges.venues import VENUES

# Policy auto keeps up to this share of missing bars, with a warning.
KEPT_SHARE = 0.001
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Hole:
    """``bars`` missing bars, the first opening at ``start_ms``, the last closing at ``end_ms``."""

    start_ms: int
    end_ms: int
    bars: int

    def __str__(self) -> str:
        return f"{format_utc(self.start_ms)} to {format_utc(self.end_ms)} ({self.bars:,} bar{'' if self.bars == 1 else 's'})"


def find_holes(candles: Candles) -> list[Hole]:
    """Return the missing bars between the first and the last one, oldest first; nights and holidays of a venue may lie inside a hole."""
    step = candles.timeframe.ms
    expected = _session_opens(candles)
    if expected is not None:
        return _holes_in_sessions(expected, candles.open_ms, step)
    before = np.flatnonzero(np.diff(candles.open_ms) != step)
    starts = candles.open_ms[before] + step
    ends = candles.open_ms[before + 1]
    return [Hole(start, end, (end - start) // step) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def expected_bars(candles: Candles) -> int:
    """Return how many bars there are from the first to the last one, missing ones included."""
    expected = _session_opens(candles)
    if expected is not None:
        return len(candles) + int((~np.isin(expected, candles.open_ms, assume_unique=True)).sum())
    return (candles.end_ms - int(candles.open_ms[0])) // candles.timeframe.ms


def apply_gap_policy(candles: Candles, policy: GapPolicy) -> Candles:
    """Return ``candles`` as they are (refuse, keep, auto) or without holes (fill).

    Raises DataError with the total, the share and the exact ranges of the first holes: under refuse for any hole, under auto
    when more than 0.1 % of the bars are missing. Where the venue leaves out bars without trades, holes shorter than a day are kept
    under auto whatever their number.
    """
    holes = find_holes(candles)
    if policy is GapPolicy.FILL:
        return fill_holes(candles)
    counted = holes if policy is not GapPolicy.AUTO else [hole for hole in holes if not _is_normal(candles, hole)]
    missing = sum(hole.bars for hole in counted)
    allowed = {GapPolicy.REFUSE: 0.0, GapPolicy.AUTO: KEPT_SHARE * expected_bars(candles)}.get(policy, float("inf"))
    if missing > allowed:
        limit = "policy refuse allows none" if policy is GapPolicy.REFUSE else f"more than the {KEPT_SHARE:.1%} that are kept"
        raise DataError(
            f"{describe_holes(candles, holes)}: {limit}. Set gaps to fill (bars without trades) or keep (leave the holes), "
            "choose dates without them, or replace the source."
        )
    return candles


def describe_holes(candles: Candles, holes: Sequence[Hole]) -> str:
    """Return the total, the share and the exact ranges (UTC) of the first holes in one sentence without its full stop."""
    missing, expected = sum(hole.bars for hole in holes), expected_bars(candles)
    listed = "; ".join(str(hole) for hole in holes[:_LISTED])
    more = f"; and {len(holes) - _LISTED:,} more" if len(holes) > _LISTED else ""
    count = f"{len(holes):,} hole{'' if len(holes) == 1 else 's'}"
    return f"{candles.market}: {missing:,} of {expected:,} bars are missing ({missing / expected:.3%}) in {count}, UTC: {listed}{more}"


def hole_note(candles: Candles, holes: Sequence[Hole]) -> str:
    """Return a sentence, with a blank before it, on holes that are no missing data where this venue makes such; "" elsewhere."""
    if not any(_is_normal(candles, hole) for hole in holes):
        return ""
    return f" {candles.market.exchange} leaves out bars without trades: holes shorter than a day count as such."


def _is_normal(candles: Candles, hole: Hole) -> bool:
    """Return whether nothing needs to be missing there: nobody may have traded for so long."""
    facts = VENUES.get(candles.market.exchange)
    return facts is not None and facts.gaps_are_normal and hole.end_ms - hole.start_ms < DAY_MS


def fill_holes(candles: Candles) -> Candles:
    """Return ``candles`` with bars without trades in every hole: all prices the close before it, volume 0."""
    expected = expected_bars(candles)
    if expected == len(candles):
        return candles
    open_ms = _full_grid(candles, expected)
    # For every bar of the full grid, the last real bar at or before it.
    source = np.searchsorted(candles.open_ms, open_ms, side="right") - 1
    real = candles.open_ms[source] == open_ms
    flat = candles.close[source]
    prices: dict[str, Floats] = {name: np.where(real, getattr(candles, name)[source], flat) for name in PRICE_NAMES}
    columns = {"timestamp": open_ms, **prices, "volume": np.where(real, candles.volume[source], 0.0)}
    if candles.quote_volume is not None:
        columns["quote_volume"] = np.where(real, candles.quote_volume[source], 0.0)
    return Candles.from_arrays(candles.market, columns, has_volume=candles.has_volume, synthetic=candles.synthetic)


def _full_grid(candles: Candles, bars: int) -> Times:
    """Return the opens of all ``bars`` from the first to the last one, missing ones included."""
    expected = _session_opens(candles)
    if expected is not None:
        return np.union1d(expected, candles.open_ms)
    return int(candles.open_ms[0]) + candles.timeframe.ms * np.arange(bars, dtype=np.int64)


def _session_opens(candles: Candles) -> Times | None:
    """Return the opens of the bars that the venue's regular sessions have from the first to the last bar; None for a venue without."""
    calendar = calendar_of(candles.market.exchange)
    return None if calendar is None else calendar.expected_opens(candles.timeframe, int(candles.open_ms[0]), candles.end_ms)


def _holes_in_sessions(expected: Times, present: Times, step_ms: int) -> list[Hole]:
    """Return one hole for every run of expected bars that are not there."""
    edges = np.diff(np.concatenate(([0], (~np.isin(expected, present, assume_unique=True)).astype(np.int8), [0])))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [
        Hole(int(expected[first]), int(expected[end - 1]) + step_ms, end - first)
        for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)
    ]
