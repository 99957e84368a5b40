"""What else the same days could have brought: a cone of equity, its drawdowns and the risk of ruin, by the stationary bootstrap.

Histories of as many days are drawn in stretches of the real one and compounded. The cone shows how wide the ways of one and the same
edge spread; that the edge is real, it takes for granted.

Trades in another order are shown for the drawdown only: every order ends at the same profit, since a sum does not depend on it.

Sources: Politis & Romano 1994 (the draws); Aronson 2007, "Evidence-Based Technical Analysis" (why an order of trades proves nothing).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core.errors import StatisticsError
from walkforward.significance.drawdowns import equity_of, running_drawdowns
from walkforward.significance.inputs import Floats
from walkforward.significance.stationary_bootstrap import BATCH, Integers, check_block, check_periods, common_block, stationary_indices

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
DEPTHS = (0.5, 0.95, 0.99)
RUIN_LEVELS = (0.9, 0.75, 0.5, 0.25)
MOST_POINTS = 200
MOST_CELLS = 20_000_000  # of equity kept at once, 160 MB: more than 100,000 histories show fewer days
_ROUNDING = 1e-12  # the same trades added in another order end a few last digits apart
SENTENCE = (
    "The same trades in any other order end at the same profit: shuffling them says nothing about whether there is an edge, "
    "only how deep the drawdown on the way could have been."
)


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """The drawn histories, equity as a multiple of the start, drawdowns as fractions in [-1, 0].

    ``days``: at most 200 day numbers from 0 (the start) to T. ``cone``: quantile of the equity -> its value on each of them.
    ``depth_cone``: share of histories -> the drawdown that so many of them have not exceeded by that day; ``drawdown``: by the end.
    ``ruin``: equity level -> share of histories that were at or below it at the end of some day. ``final_return``: median, a fraction.
    ``block``: mean block length in days. ``paths``: how many histories.
    """

    days: tuple[int, ...]
    cone: dict[float, tuple[float, ...]]
    depth_cone: dict[float, tuple[float, ...]]
    drawdown: dict[float, float]
    ruin: dict[float, float]
    final_return: float
    block: float
    paths: int

    def as_dict(self) -> dict[str, object]:
        """Return the parts as a report keeps them: names and plain numbers only."""
        return {
            "cone": {"days": list(self.days), "quantiles": _listed(self.cone), "drawdowns": _listed(self.depth_cone)},
            "drawdown": {str(share): value for share, value in self.drawdown.items()},
            "ruin": [{"level": level, "probability": probability} for level, probability in self.ruin.items()],
            "final_return": self.final_return,
            "block": self.block,
            "paths": self.paths,
        }


@dataclass(frozen=True, slots=True)
class ShuffledDrawdown:
    """The deepest drawdown of the trades: as they came (``actual``), and ``drawdown``: share of orders -> what so many did not exceed.

    Fractions in [-1, 0]. ``deeper``: share of orders whose drawdown is deeper than the actual one. ``shuffles``: how many orders.
    """

    actual: float
    drawdown: dict[float, float]
    deeper: float
    shuffles: int

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name, and the sentence that says what they are good for."""
        return asdict(self) | {"drawdown": {str(share): value for share, value in self.drawdown.items()}, "sentence": SENTENCE}


def equity_cone(
    returns: Floats, paths: int, seed: int, block: float | None = None, ruin_levels: Sequence[float] = RUIN_LEVELS
) -> MonteCarlo:
    """Draw ``paths`` histories of ``returns`` (float64[T], simple, per day) and say where they lead.

    ``block``: mean block length in days, by default the best for these returns. Raises StatisticsError below 20 days, for returns that
    never change, and for a level of ruin that is not between 0 and 1.
    """
    check_periods(returns, 1)
    if not all(0.0 < level < 1.0 for level in ruin_levels):
        raise StatisticsError(f"Levels of ruin are shares of the start, between 0 and 1; these are {list(ruin_levels)}.")
    best = common_block(returns[:, None])  # also refuses returns that never change
    length = best if block is None else check_block(block, len(returns))
    points = max(2, min(len(returns) + 1, MOST_POINTS, MOST_CELLS // max(paths, 1)))
    days = np.unique(np.linspace(0, len(returns), points).round().astype(np.int64))
    equity, depths, lowest = _drawn(returns, length, paths, seed, days)
    return MonteCarlo(
        tuple(days.tolist()),
        _quantiles(equity, QUANTILES),
        _depths(depths),
        {share: values[-1] for share, values in _depths(depths[:, -1:]).items()},
        {float(level): float(np.mean(lowest <= level)) for level in ruin_levels},
        float(np.median(equity[:, -1])) - 1.0,
        length,
        paths,
    )


def shuffled_drawdown(pnls: Floats, capital: float, shuffles: int, seed: int) -> ShuffledDrawdown:
    """Return the drawdowns of the trades' net P&L ``pnls`` (float64[K], quote) in ``shuffles`` random orders, on ``capital`` (quote).

    Raises StatisticsError below two trades and for capital that is not positive.
    """
    if len(pnls) < 2 or not np.isfinite(pnls).all():
        raise StatisticsError(f"{len(pnls)} trade(s) have only one order: a shuffle needs two or more, with a finite P&L each.")
    if not capital > 0 or shuffles < 1:
        raise StatisticsError(f"Shuffling needs capital above 0 and at least one shuffle: these are {capital} and {shuffles}.")
    actual = float(_order_drawdowns(pnls[None], capital)[0])
    generator = np.random.Generator(np.random.PCG64(seed))
    found = []
    for first in range(0, shuffles, BATCH):
        rows = np.tile(pnls, (min(BATCH, shuffles - first), 1))
        found.append(_order_drawdowns(generator.permuted(rows, axis=1), capital))
    drawdowns = np.concatenate(found)
    quantiles = {share: values[0] for share, values in _depths(drawdowns[:, None]).items()}
    deeper = float(np.mean(drawdowns < actual - _ROUNDING))
    return ShuffledDrawdown(actual, quantiles, deeper, shuffles)


def _drawn(returns: Floats, block: float, paths: int, seed: int, days: Integers) -> tuple[Floats, ...]:
    """Return of each history: equity and deepest drawdown so far on ``days``, both [paths, P], and its lowest equity [paths]."""
    equities, depths, lowest = [], [], []
    for indices in stationary_indices(len(returns), block, paths, seed):
        equity = np.concatenate([np.ones((len(indices), 1)), equity_of(returns[indices])], axis=1)
        equities.append(equity[:, days])
        depths.append(np.minimum.accumulate(running_drawdowns(equity), axis=1)[:, days])
        lowest.append(equity.min(axis=1))
    return np.concatenate(equities), np.concatenate(depths), np.concatenate(lowest)


def _order_drawdowns(rows: Floats, capital: float) -> Floats:
    return np.asarray(running_drawdowns(capital + np.cumsum(rows, axis=1), capital).min(axis=1))


def _quantiles(columns: Floats, shares: Sequence[float]) -> dict[float, tuple[float, ...]]:
    found = np.quantile(columns, shares, axis=0)
    return {share: tuple(values.tolist()) for share, values in zip(shares, found, strict=True)}


def _depths(columns: Floats) -> dict[float, tuple[float, ...]]:
    """Return share -> the drawdown that so large a share of the histories does not exceed: the quantile from below of 1 - share."""
    found = _quantiles(columns, [1.0 - share for share in DEPTHS])
    return dict(zip(DEPTHS, found.values(), strict=True))


def _listed(table: dict[float, tuple[float, ...]]) -> dict[str, list[float]]:
    return {str(share): list(values) for share, values in table.items()}
