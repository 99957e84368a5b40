"""The probability of backtest overfitting by combinatorially symmetric cross-validation (CSCV).

Source: Bailey, Borwein, Lopez de Prado, Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance 20(4), 2017
(SSRN 2326253, 2015).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StatisticsError
from walkforward.significance.block_sharpe import BlockSharpe
from walkforward.significance.dominance import Dominance, dominance_of
from walkforward.significance.inputs import Floats, comparable_trials

_CELLS = 1 << 15  # Sharpe ratios at a time: what the processor's cache holds
_MOST_BLOCKS = 24  # 2.7 million ways to halve them
_POOLED = 1_000_000  # out-of-sample Sharpe ratios of all trials that stand for "any trial"


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What choosing the best trial on one half of the time is worth on the other half, over every way to halve it.

    ``value``: the probability of backtest overfitting, 0..1: the share of splits in which the trial chosen in sample is in the worse half
    out of sample (logit <= 0). ``slope`` and ``r_squared``: the least-squares line of the chosen trial's Sharpe ratio out of sample over
    in sample (nan where all splits chose the same in-sample ratio). It is pulled to -1 whenever one trial is chosen again and again,
    luck or not: what its better half holds, its other half lacks. ``skill_slope``, -1..1: the slope of out-of-sample over in-sample
    ratios across the trials within each split, pooled over the splits: near 0 (as often below as above) for trials without skill, 1 where
    all of a trial's lead over the others carries over, nan where none ever leads.
    ``probability_of_loss``: 0..1, the share of splits in which the chosen trial's mean return out of sample is negative.
    ``logits``, ``in_sample``, ``out_of_sample``: float64[splits], in one order; Sharpe ratios per period.
    ``dominance``: whether the chosen trials' out-of-sample ratios dominate those of any trial.
    """

    value: float
    slope: float
    r_squared: float
    skill_slope: float
    probability_of_loss: float
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats
    dominance: Dominance
    splits: int
    trials: int
    blocks: int

    def logit_histogram(self, bins: int = 24) -> list[tuple[float, int]]:
        """Return (left edge, count) of ``bins`` equal bins over the logits, symmetric about 0 so that an edge lies there.

        A bin holds its right edge, not its left one: with an even number of them, those up to 0 count what ``value`` does.
        """
        reach = math.log(self.trials)  # the logit of the best rank, N / (N + 1); minus that of the worst
        edges = reach * np.arange(-bins, bins + 1, 2) / bins
        counts, _ = np.histogram(-np.clip(self.logits, -reach, reach), edges)
        return [(float(edge), int(count)) for edge, count in zip(edges[:-1], counts[::-1], strict=True)]

    def as_dict(self) -> dict[str, float | int | bool]:
        """Return the plain numbers (without the values of each split)."""
        return {
            "value": self.value, "slope": self.slope, "r_squared": self.r_squared, "skill_slope": self.skill_slope,
            "probability_of_loss": self.probability_of_loss, "splits": self.splits, "trials": self.trials, "blocks": self.blocks,
            **self.dominance.as_dict(),
        }  # fmt: skip


def overfitting_probability(matrix: ArrayLike, blocks: int = 16) -> Overfitting:
    """Return the probability of backtest overfitting of ``matrix``: float64[T, N], returns per period of N trials on T days.

    The T mod S first days are dropped, the others cut into S = ``blocks`` (even) stretches of equal length. For each of the C(S, S/2)
    ways to take half of them in time order as J and the others as J': with R the Sharpe ratios (mean over deviation, ddof 1) on J and R'
    on J', n* = argmax R, w = rank of R'[n*] in ascending order (ties: average rank) / (N + 1), logit = ln(w / (1 - w)).
    The probability is the share of splits with logit <= 0. A trial that earned nothing on every day of a half has the ratio 0 there.

    Raises StatisticsError for what ``comparable_trials`` refuses, an odd or too small number of blocks, fewer days than blocks, and a trial
    that earned one same amount other than nothing on every day of a half (its ratio has no value).
    """
    table = comparable_trials(matrix)
    rows = _rows_per_block(len(table), blocks)
    sharpe = BlockSharpe(table[len(table) % blocks :], blocks, rows)
    trials, splits = table.shape[1], math.comb(blocks, blocks // 2)
    walk = _Walk(sharpe, trials, splits)
    for first in range(0, splits // 2, walk.step):
        walk.visit(first, min(first + walk.step, splits // 2))
    slope, r_squared = _line(walk.in_sample, walk.out_of_sample)
    shares = walk.ranks / (trials + 1)
    logits = np.log(shares / (1 - shares))
    return Overfitting(
        float(np.mean(walk.ranks * 2 <= trials + 1)), slope, r_squared, walk.skill_slope, float(np.mean(walk.out_of_sample < 0)),
        logits, walk.in_sample, walk.out_of_sample, walk.dominance(), splits, trials, blocks,
    )  # fmt: skip


def _rows_per_block(days: int, blocks: int) -> int:
    if not 2 <= blocks <= _MOST_BLOCKS or blocks % 2:
        raise StatisticsError(f"{blocks} blocks cannot be halved: their number is even, from 2 to {_MOST_BLOCKS}.")
    rows = days // blocks
    if not rows:
        raise StatisticsError(f"there are {days} days for {blocks} blocks: each block needs at least one day.")
    if rows * blocks < 4:
        raise StatisticsError(f"{days} days make halves of {rows * blocks // 2}: a deviation needs at least two days.")
    return rows


class _Walk:
    """Visits the splits a chunk at a time, each with its mirror: what is in sample in the one is out of sample in the other."""

    def __init__(self, sharpe: BlockSharpe, trials: int, splits: int) -> None:
        self.sharpe, self.splits = sharpe, splits
        self.step = max(1, _CELLS // trials)
        self.ranks, self.in_sample, self.out_of_sample = np.empty(splits), np.empty(splits), np.empty(splits)
        self.stride = max(1, -(-splits * trials // _POOLED))
        self.together, self.alone = 0.0, 0.0  # sums of covariances and of variances across trials
        self.pooled: list[Floats] = []
        self.pooled_splits: list[NDArray[np.int64]] = []

    def visit(self, first: int, end: int) -> None:
        """Judge the splits [first, end) and their mirrors."""
        numbers = np.arange(first, end)
        mirrors = self.splits - 1 - numbers
        one, other = self.sharpe.of(numbers), self.sharpe.of(mirrors)
        self._judge(numbers, one, other)
        self._judge(mirrors, other, one)
        one -= one.mean(axis=1, keepdims=True)
        other -= other.mean(axis=1, keepdims=True)
        self.together += 2 * float(np.sum(one * other))
        self.alone += float(np.sum(np.square(one, out=one))) + float(np.sum(np.square(other, out=other)))

    def _judge(self, numbers: NDArray[np.int64], inside: Floats, outside: Floats) -> None:
        rows = np.arange(len(numbers))
        chosen = inside.argmax(axis=1)
        found = outside[rows, chosen]
        lower = np.count_nonzero(outside < found[:, None], axis=1)
        equal = np.count_nonzero(outside == found[:, None], axis=1)
        self.ranks[numbers] = lower + (equal + 1) / 2
        self.in_sample[numbers], self.out_of_sample[numbers] = inside[rows, chosen], found
        kept = numbers % self.stride == 0
        if kept.any():
            self.pooled.append(outside[kept].ravel())
            self.pooled_splits.append(numbers[kept])

    @property
    def skill_slope(self) -> float:
        """The pooled slope; nan where the trials have one and the same ratio in every half, as multiples of each other do."""
        return self.together / self.alone if self.alone > 0 else math.nan

    def dominance(self) -> Dominance:
        """Compare the chosen trials with all trials, in the same splits: every one, or every k-th where that would be too many."""
        return dominance_of(self.out_of_sample[np.concatenate(self.pooled_splits)], np.concatenate(self.pooled))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and R squared of the least-squares line of y over x; nan where x, or y, does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    xx, yy, xy = float(np.sum(dx * dx)), float(np.sum(dy * dy)), float(np.sum(dx * dy))
    if x.min() == x.max():
        return math.nan, math.nan
    return xy / xx, (xy * xy / (xx * yy) if y.min() < y.max() else math.nan)
