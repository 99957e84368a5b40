"""What is remarkable about a sound series: holes, bars without trades, spikes. Everything is reported, nothing is removed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.run import GapPolicy
from core.candle_checks import Floats
from core.candles import Candles
from core.clock import format_utc
from market_data.gaps import Hole, describe_holes, expected_bars, find_holes, hole_note

# A spike moves at least this much, and more than so many deviations of the bars around it.
SPIKE_MOVE = 0.05
SPIKE_DEVIATIONS = 20.0
_WINDOW_BARS = 500
# The median absolute deviation of a normal distribution is this part of its standard deviation.
_MAD_OF_NORMAL = 0.6745


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The quality of one series as it is handed out.

    ``duplicate_bars`` counts times that come more than once: none, for candles with such are refused, and a venue's bar that comes twice
    with equal values is kept once, and logged. ``missing_share`` is in [0, 1]; ``holes`` holds (start_ms, end_ms, bars) of each, the end
    exclusive; ``zero_volume_runs`` counts groups of neighbouring bars without volume; ``spikes`` holds (open_ms, move), the bar's farthest
    price against the close before as a fraction; ``filled_bars`` were missing and are now bars without trades, in the ranges ``filled``,
    which are written like ``holes`` and count bars as they were fetched.
    """

    bars: int
    expected_bars: int
    missing_bars: int
    missing_share: float
    holes: tuple[tuple[int, int, int], ...]
    duplicate_bars: int
    zero_volume_bars: int
    zero_volume_runs: int
    longest_zero_volume_run: int
    spikes: tuple[tuple[int, float], ...]
    filled_bars: int
    policy: str
    warnings: tuple[str, ...]
    filled: tuple[tuple[int, int, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        return asdict(self)


def assess(candles: Candles, policy: GapPolicy, *, filled: Sequence[Hole] = (), notes: Sequence[str] = ()) -> QualityReport:
    """Return the report on ``candles`` after ``policy`` was applied.

    ``filled`` are the holes that it filled, ``notes`` warnings that the making of the candles gave, put first.
    """
    holes, spikes = find_holes(candles), find_spikes(candles)
    missing, expected = sum(hole.bars for hole in holes), expected_bars(candles)
    filled_bars = sum(hole.bars for hole in filled)
    runs = _zero_runs(candles.volume) if candles.has_volume else np.zeros(0, np.int64)
    warnings = [*notes]
    if holes:
        warnings.append(f"{describe_holes(candles, holes)}. They are left as they are.{hole_note(candles, holes)}")
    if filled_bars:
        warnings.append(f"{candles.market}: {filled_bars:,} missing bars were filled with bars without trades.")
    if spikes:
        warnings.append(_describe_spikes(candles, spikes))
    return QualityReport(
        bars=len(candles),
        expected_bars=expected,
        missing_bars=missing,
        missing_share=missing / expected,
        holes=tuple((hole.start_ms, hole.end_ms, hole.bars) for hole in holes),
        duplicate_bars=len(candles) - len(np.unique(candles.open_ms)),
        zero_volume_bars=int(runs.sum()),
        zero_volume_runs=len(runs),
        longest_zero_volume_run=int(runs.max(initial=0)),
        spikes=tuple(spikes),
        filled_bars=filled_bars,
        policy=policy.value,
        warnings=tuple(warnings),
        filled=tuple((hole.start_ms, hole.end_ms, hole.bars) for hole in filled),
    )


def find_spikes(candles: Candles) -> list[tuple[int, float]]:
    """Return (open_ms, move) of every bar that reaches far from the close before it, oldest first.

    The move is that of the high or the low, whichever is farther, as a fraction. Far is 5 % or more, and more than 20 robust standard
    deviations (from the median absolute close-to-close return) of the 500 bars of its part of the series. Bars after a hole are skipped.
    """
    if len(candles) < 2:
        return []
    previous = candles.close[:-1]
    up, down = candles.high[1:] / previous - 1.0, candles.low[1:] / previous - 1.0
    moves = np.where(up >= -down, up, down)
    neighbours = np.diff(candles.open_ms) == candles.timeframe.ms
    far = neighbours & (np.abs(moves) >= SPIKE_MOVE) & (np.abs(moves) > SPIKE_DEVIATIONS * _deviations(candles.close))
    at = np.flatnonzero(far)
    return list(zip(candles.open_ms[at + 1].tolist(), moves[at].tolist(), strict=True))


def _deviations(closes: Floats) -> Floats:
    """Return the robust standard deviation of returns around each return [len - 1], one value per window."""
    returns = np.abs(closes[1:] / closes[:-1] - 1.0)
    deviations = np.empty_like(returns)
    for begin in range(0, len(returns), _WINDOW_BARS):
        # The last window reaches back, so that a short rest is not judged by itself.
        window = returns[max(0, min(begin, len(returns) - _WINDOW_BARS)) : begin + _WINDOW_BARS]
        deviations[begin : begin + _WINDOW_BARS] = np.median(window) / _MAD_OF_NORMAL
    return deviations


def _zero_runs(volume: Floats) -> NDArray[np.int64]:
    """Return the length of every group of neighbouring zeros."""
    edges = np.diff(np.concatenate(([0], (volume == 0).astype(np.int8), [0])))
    return np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)


def _describe_spikes(candles: Candles, spikes: Sequence[tuple[int, float]]) -> str:
    open_ms, move = max(spikes, key=lambda spike: abs(spike[1]))
    return (
        f"{candles.market}: {len(spikes):,} bar(s) move {SPIKE_MOVE:.0%} or more, far beyond their neighbours; "
        f"the largest, {move:+.1%}, at {format_utc(open_ms)} UTC. They are kept: check whether they are real."
    )
