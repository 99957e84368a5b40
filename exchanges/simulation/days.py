"""The daily skeleton: the log price at every midnight and the volatility of every day, found without walking there from 1970.

Time is cut into blocks of 256 days and tiles of 128 blocks (90 years). The level at a block's border is a Brownian bridge
over its tile, built by midpoint displacement, so that it needs seven numbers and stays within plausible bounds for ever. Inside
a block, days are drawn one by one (volatility regimes, slow drifts) and bent so that they meet the borders.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import Floats
from exchanges.simulation.noise import Positions, Stream

BLOCK_DAYS = 256
_TILE_BLOCKS = 128
_TILE_LEVELS = 7  # 2**7 blocks

# Standard deviation of the level over one block. Less than what 256 free days would wander, so that decades do not
# multiply the price by thousands: at mid-tile one standard deviation is a factor of four.
_BLOCK_DEVIATION = 0.25

# Volatility regimes: the standard deviation of a day's log return and the chance to leave on any day.
# Calm and storm are left for the middle; the middle is left for calm in 60 % of the cases.
_DAY_DEVIATION = np.array([0.016, 0.030, 0.065])
_LEAVE = (0.03, 0.05, 0.12)
_TO_CALM = 0.6
# The share of days in each regime in the long run: the chance that a block begins in it.
_BEGIN_CALM, _BEGIN_STORM = 0.46, 0.08

_DRIFT_DAYS = 16
_DRIFT_DEVIATION = 0.0025


@dataclass(frozen=True, slots=True)
class Block:
    """256 days: ``levels`` float64[257], log price at each midnight, both borders included; ``deviations`` float64[256]."""

    levels: Floats
    deviations: Floats


class DaySkeleton:
    """Levels and volatilities of one symbol; ``temper`` scales all volatilities (1 = a large coin)."""

    def __init__(self, seed: int, symbol: str, temper: float) -> None:
        """Name the streams of ``symbol`` under the market's ``seed``."""
        self._temper = temper
        self._borders = Stream(seed, symbol, "border")
        self._regimes = Stream(seed, symbol, "regime")
        self._returns = Stream(seed, symbol, "day")
        self._drifts = Stream(seed, symbol, "drift")

    def days(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Return the levels at the midnights ``first``..``last`` (both included) and the deviations of the days between.

        Days count from 1970-01-01; ``last`` > ``first``. Shapes: [last - first + 1] and [last - first].
        """
        low, high = first // BLOCK_DAYS, (last - 1) // BLOCK_DAYS
        blocks = [self._block(number) for number in range(low, high + 1)]
        levels = np.concatenate([*(block.levels[:-1] for block in blocks), blocks[-1].levels[-1:]])
        deviations = np.concatenate([block.deviations for block in blocks])
        begin = first - low * BLOCK_DAYS
        return levels[begin : begin + last - first + 1], deviations[begin : begin + last - first]

    def _block(self, number: int) -> Block:
        days = number * BLOCK_DAYS + np.arange(BLOCK_DAYS)
        left, right = self._border(np.array([number, number + 1]))
        deviations = self._temper * _DAY_DEVIATION[self._regime_of(days)]
        steps = deviations * self._returns.normal(days) + _DRIFT_DEVIATION * self._drifts.normal(days // _DRIFT_DAYS)
        inner = bridge(steps[None, :], (deviations * deviations)[None, :], np.array([left]), np.array([right]))[0]
        return Block(np.concatenate(([left], inner)), deviations)

    def _border(self, blocks: Positions) -> Floats:
        """Return the level at the left border of each block: the hats of all levels of the bridge, added up."""
        tile, place = blocks // _TILE_BLOCKS, blocks % _TILE_BLOCKS
        level = np.zeros(len(blocks))
        for depth in range(_TILE_LEVELS):
            length = _TILE_BLOCKS >> depth
            hat = 1.0 - np.abs(2.0 * ((place % length) / length) - 1.0)
            noise = self._borders.normal(tile * _TILE_BLOCKS * 2 + (1 << depth) + place // length)
            level += hat * noise * (0.5 * np.sqrt(length) * _BLOCK_DEVIATION * self._temper)
        return level

    def _regime_of(self, days: Positions) -> NDArray[np.int64]:
        draws = self._regimes.uniform(days).tolist()
        regime = 0 if draws[0] < _BEGIN_CALM else 2 if draws[0] > 1.0 - _BEGIN_STORM else 1
        regimes = []
        for draw in draws:
            regimes.append(regime)
            if draw < _LEAVE[regime]:
                # What is left of the draw is as good as a new one.
                regime = 1 if regime != 1 else 0 if draw < _TO_CALM * _LEAVE[1] else 2
        return np.array(regimes)


def bridge(steps: Floats, variances: Floats, left: Floats, right: Floats) -> Floats:
    """Return the walks of ``steps`` [rows, n] bent to lead from ``left`` [rows] to ``right`` [rows]; column k is after step k.

    The correction is spread over the steps in proportion to their ``variances``; the last column is ``right`` exactly.
    """
    walk = np.cumsum(steps, axis=1)
    share = np.cumsum(variances, axis=1)
    share /= share[:, -1:]
    walk += (right - left - walk[:, -1])[:, None] * share
    walk += left[:, None]
    walk[:, -1] = right
    return walk
