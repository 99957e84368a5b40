"""Combinatorial purged cross-validation (CPCV): not one history out of sample but many, from the same days.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (Wiley, 2018), chapter 12; purging and embargo: chapter 7.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats, comparable_trials
from walkforward.significance.running_sharpe import RunningSharpe

Numbers = NDArray[np.int64]
_MOST_CELLS = 1 << 27  # numbers in all paths together: one GiB


@dataclass(frozen=True, slots=True, eq=False)
class CombinatorialSplit:
    """One split: ``train`` int64[n], the days to choose on, ascending; ``tested``: the numbers of the groups that are tested."""

    train: Numbers
    tested: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PathSharpes:
    """Sharpe ratios per period of every path: ``sharpes`` float64[paths], in order of the paths; their ``median``, and the share (0..1)
    that is above 0. ``chosen`` int64[splits]: the trial chosen in each split. ``purge`` and ``embargo`` in days, as they were used."""

    median: float
    share_positive: float
    sharpes: Floats
    chosen: Numbers
    groups: int
    tested: int
    purge: int
    embargo: int

    def as_dict(self) -> dict[str, float | int | list[float]]:
        return {
            "value": self.median, "share_positive": self.share_positive, "sharpes": self.sharpes.tolist(), "groups": self.groups,
            "tested": self.tested, "purge_days": self.purge, "embargo_days": self.embargo,
        }  # fmt: skip


def path_count(groups: int, tested: int) -> int:
    """Return the number of paths, tested / groups * C(groups, tested): so often each group is tested."""
    return math.comb(groups - 1, tested - 1)


def group_edges(days: int, groups: int) -> Numbers:
    """Return int64[groups + 1]: the first day of each group and the end; all are days // groups long, the last also has what is over."""
    edges = np.arange(groups + 1, dtype=np.int64) * (days // groups)
    edges[-1] = days
    return edges


def combinatorial_splits(days: int, groups: int, tested: int, purge: int = 0, embargo: int = 0) -> list[CombinatorialSplit]:
    """Return the C(groups, tested) splits of ``days`` days, in the lexicographic order of the groups tested.

    A day trains when it is in no tested group, more than ``purge`` days before the next tested day, and more than ``purge`` + ``embargo``
    days after the last one: what is held over the border of a tested group (``purge``: the longest holding time), and what its echo still
    reaches (``embargo``), teaches nothing. Raises StatisticsError for numbers that make no split, and when purge and embargo leave a split
    without two days to train on.
    """
    _require(days, groups, tested, purge, embargo)
    group = np.minimum(np.arange(days) // (days // groups), groups - 1)
    splits = []
    for chosen in itertools.combinations(range(groups), tested):
        train = _train(np.isin(group, chosen), purge, embargo)
        if len(train) < 2:
            raise StatisticsError(
                f"of {days} days in {groups} groups, {tested} tested, a purge of {purge} and an embargo of {embargo} day(s) leave "
                f"{len(train)} to choose on when the groups {', '.join(map(str, chosen))} are tested."
            )
        splits.append(CombinatorialSplit(train, chosen))
    return splits


def _require(days: int, groups: int, tested: int, purge: int, embargo: int) -> None:
    if not 1 <= tested < groups:
        raise StatisticsError(f"{tested} of {groups} groups cannot be tested: at least one is, and at least one is chosen on.")
    if days < groups:
        raise StatisticsError(f"there are {days} days for {groups} groups: each needs at least one day.")
    if purge < 0 or embargo < 0:
        raise StatisticsError(f"a purge of {purge} and an embargo of {embargo} days: neither can be negative.")
    if path_count(groups, tested) * days > _MOST_CELLS:
        raise StatisticsError(f"{path_count(groups, tested)} paths of {days} days are more than fit: take fewer groups.")


def _train(test: NDArray[np.bool_], purge: int, embargo: int) -> Numbers:
    days = np.arange(len(test))
    last = np.maximum.accumulate(np.where(test, days, -len(test) - purge - embargo))
    following = np.minimum.accumulate(np.where(test, days, 2 * len(test) + purge)[::-1])[::-1]
    return np.flatnonzero(~test & (following - days > purge) & (days - last > purge + embargo))


def path_sharpes(matrix: ArrayLike, groups: int = 6, tested: int = 2, purge: int = 0, embargo: int = 0) -> PathSharpes:
    """Return the Sharpe ratios of all paths of ``matrix``: float64[T, N], returns per day of N trials on T days.

    In each split the trial with the best Sharpe ratio (mean over deviation, ddof 1; 0 for one that earned nothing on every day) on the
    training days is taken, the first of equals, and its returns on the tested groups kept. The k-th time that a group is tested belongs
    to path k, so that each path is a whole history of T days, none of them chosen on. ``purge`` is the longest holding time in days.

    The trials are taken as given: where a search has found them on the same days, each path flatters itself by that (it chooses honestly,
    but among candidates that have seen everything). Positions are not carried over the border of two groups.
    Raises StatisticsError for what ``comparable_trials`` and ``combinatorial_splits`` refuse, and for a path that never wins or loses.
    """
    table = comparable_trials(matrix)
    days = len(table)
    splits = combinatorial_splits(days, groups, tested, purge, embargo)
    running = RunningSharpe(table)
    chosen = np.array([np.argmax(running.on(split.train)) for split in splits], dtype=np.int64)
    paths = _joined(table, splits, chosen, groups)
    deviations = paths.std(axis=1, ddof=1)
    still = paths.min(axis=1) == paths.max(axis=1)
    if still.any():
        raise StatisticsError(f"path {int(still.argmax())} of {len(paths)} earned the same on every day: its trials did nothing there.")
    sharpes = paths.mean(axis=1) / deviations
    return PathSharpes(float(np.median(sharpes)), float(np.mean(sharpes > 0)), sharpes, chosen, groups, tested, purge, embargo)


def _joined(table: Floats, splits: Sequence[CombinatorialSplit], chosen: Numbers, groups: int) -> Floats:
    """Return float64[paths, T]: the returns of each path."""
    edges = group_edges(len(table), groups)
    paths = np.empty((path_count(groups, len(splits[0].tested)), len(table)))
    seen = [0] * groups
    for split, trial in zip(splits, chosen, strict=True):
        for group in split.tested:
            days = slice(edges[group], edges[group + 1])
            paths[seen[group], days] = table[days, trial]
            seen[group] += 1
    return paths
