"""The lower quartile over time blocks: one simulation, scored anew from each block border on.

The run itself goes through the blocks unchanged: positions and orders are carried over. Only what the figures are made of starts again, so
a block's figures are those of its own stretch of the equity curve, from the last close before it to its own last close, and of the trades
that were closed in it. One state, one score and the blocks' values are kept per trial.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest_engine import BatchSimulation
from backtest_engine.kernels.rows import figures_of_rows
from backtest_engine.metrics import empty_figures
from backtest_engine.records import RecordArray
from backtest_engine.scores import fresh_scores, put, taken
from core.errors import ConfigError
from optimization.objectives.metric import figures_of, finite

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
_QUARTILE = 0.25


@dataclass(frozen=True, slots=True)
class Cut:
    """The figures that a simulation cut into ``blocks`` of equal length gives beside its metrics: ``figures`` name -> metric."""

    figures: Mapping[str, str]
    blocks: int

    def borders(self, bars: int) -> tuple[int, ...]:
        """Return the bar at which each block ends: ``floor(number * bars / blocks)``; ConfigError where a block has fewer than 2 bars."""
        if bars < 2 * self.blocks:
            most = bars // 2
            remedy = f"Use {most} blocks at most" if most >= 4 else "Use an objective without _quartile"
            raise ConfigError(
                f"objective_blocks = {self.blocks} cuts {bars} bars into blocks of less than 2 bars. {remedy}, or longer candles."
            )
        return tuple(number * bars // self.blocks for number in range(1, self.blocks + 1))


def cut_of(names: Iterable[str], blocks: int) -> Cut | None:
    """Return the cut that the objectives called ``names`` need, None when none of them is a quartile."""
    figures = figures_of(names, "quartile")
    return Cut(figures, blocks) if figures else None


def lower_quartile(values: Sequence[float]) -> float:
    """Return the 25 % quantile of ``values``, with straight lines between them; nan counts as lower than every number.

    So an undefined block is a bad one, and where the quantile falls on one there is none. nan for no values.
    """
    if not values:
        return math.nan
    ranked = sorted(-math.inf if math.isnan(value) else value for value in values)
    position = _QUARTILE * (len(ranked) - 1)
    low, share = ranked[math.floor(position)], position - math.floor(position)
    if low == -math.inf:
        return math.nan
    return low if share == 0.0 else low + (ranked[math.floor(position) + 1] - low) * share


class BlockSimulation(BatchSimulation):
    """Runs whose score begins anew when asked: the figures since then, not since the first bar."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._first_equity = self._rules["initial_capital"].copy()
        self._begun = np.zeros(self.rows, np.int64)

    def block_figures(self, rows: Rows) -> RecordArray:
        """Return the figures of ``rows``, which have come to the same bar, since their block began; records of ``METRICS_DTYPE``.

        ``exposure`` alone is that of the whole run. A ruined account has no figures: zeros.
        """
        figures = empty_figures(len(rows))
        alive = self._first_equity[rows] > 0.0
        chosen = rows[alive]
        if len(chosen):
            rules, states, scores = taken(self._rules, chosen), taken(self._states, chosen), taken(self._scores, chosen)
            rules["initial_capital"] = self._first_equity[chosen]
            begun = int(self._begun[chosen[0]])
            # The first block's first return is that of its second bar, as in a whole run; later ones begin at the close before them.
            closes = int(self._done[chosen[0]]) - begun + (1 if begun else 0)
            found = empty_figures(len(chosen))
            figures_of_rows(rules, states, scores, closes, self._periods_per_year, found)
            figures[alive] = found
        return figures

    def ruined(self, rows: Rows) -> list[bool]:
        """Return for each of ``rows`` whether its account is ruined."""
        return [bool(state) for state in self._states["ruined"][rows].tolist()]

    def begin_block(self, rows: Rows) -> None:
        """Score ``rows`` from here on only."""
        equity = self._states["equity"][rows]
        scores = fresh_scores(len(rows), 0.0)
        scores["peak"] = equity
        put(self._scores, rows, scores)
        self._first_equity[rows], self._begun[rows] = equity, self._done[rows]


class BlockRuns:
    """The blocks of some trials, each of which goes on from where it is."""

    def __init__(self, simulation: BlockSimulation, cut: Cut) -> None:
        self._simulation, self._cut = simulation, cut
        self._borders = cut.borders(simulation.bars)
        self._values: list[list[dict[str, float]]] = [[] for _ in range(simulation.rows)]

    def advance(self, places: Sequence[int], end: int) -> list[dict[str, float]]:
        """Return for the trials at ``places``, which have come equally far, the lower quartiles over the blocks that end by bar ``end``.

        Before the first of them ends, what it has come to is all there is.
        """
        rows = np.array(places, dtype=np.int64)
        known = len(self._values[places[0]])
        for border in self._borders[known:]:
            if border > end:
                break
            self._simulation.advance(border, rows)
            self._keep(rows)
            self._simulation.begin_block(rows)
        if self._values[places[0]]:
            return [self._quartiles(self._values[place]) for place in places]
        self._simulation.advance(end, rows)
        return [self._quartiles([found]) for found in self._figures(rows)]

    def _keep(self, rows: Rows) -> None:
        for row, found in zip(rows.tolist(), self._figures(rows), strict=True):
            self._values[row].append(found)

    def _figures(self, rows: Rows) -> list[dict[str, float]]:
        """Return figure -> value of the block at work; nan once the account is ruined."""
        figures, ruined = self._simulation.block_figures(rows), self._simulation.ruined(rows)
        return [
            {
                name: math.nan if gone else finite(float(record[metric]))
                for name, metric in self._cut.figures.items()
            }
            for record, gone in zip(figures, ruined, strict=True)
        ]  # fmt: skip

    def _quartiles(self, blocks: Sequence[Mapping[str, float]]) -> dict[str, float]:
        return {name: lower_quartile([block[name] for block in blocks]) for name in self._cut.figures}
