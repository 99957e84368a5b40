"""The conditions of many runs, planned first and then worked out all at once: every line made and compared once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from strategies.columns import Columns
from strategies.kernels.comparisons import ABREAST, write_beyond, write_ema_sides
from strategies.shared import atr_column
from strategies.sparse import ConditionTable, Words

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Value = TypeVar("Value")
Indicator = Callable[[Columns, int], Floats]
Piece = Callable[[], object]
Run = Callable[[Sequence[Piece]], None]
CLOSES = 0  # stands for the closes themselves among the periods of EMAs
# A piece of work has so many pairs of lines: it makes all the EMAs that it needs, 8 of which take as long as comparing 16 pairs.
_PAIRS_IN_A_PIECE = 64
_MOST_PIECES = 8


def run_in_turn(pieces: Sequence[Piece]) -> None:
    """Call one piece of work after the other."""
    for piece in pieces:
        piece()


class ConditionPlan:
    """When many runs over the candles of ``columns`` want to be long and short: what is compared with what, nothing worked out yet.

    A condition is a number: runs that ask for the same comparison in one call get the same one. ``of_runs`` says which conditions each run
    needs, and completes the plan.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._conditions = 0
        self._pairs: dict[tuple[int, int], int] = {}
        self._levels: dict[tuple[Indicator, int], list[Callable[[Floats, Words], None]]] = {}

    def emas_apart(self, firsts: Numbers, seconds: Numbers) -> tuple[Numbers, Numbers]:
        """Return the conditions of each run that the EMA of its first period is above that of its second one, and that it is below.

        ``CLOSES`` in place of a period stands for the closes.
        """
        above = np.empty(len(firsts), np.int64)
        for run, pair in enumerate(zip(firsts.tolist(), seconds.tolist(), strict=True)):
            if pair not in self._pairs:
                self._pairs[pair] = self._new(2)
            above[run] = self._pairs[pair]
        return above, above + 1

    def beyond(self, indicator: Indicator, periods: Numbers, levels: Floats, *, above: bool) -> Numbers:
        """Return the condition of each run that ``indicator`` of its period is above its level, or below it."""
        found = np.empty(len(periods), np.int64)
        for period in set(periods.tolist()):
            runs = periods == period
            known, which = _numbered(levels[runs].tolist())
            begin = self._new(len(known))
            self._levels.setdefault((indicator, period), []).append(partial(_write_levels, np.array(known), above, begin))
            found[runs] = begin + which
        return found

    def of_runs(
        self, longs: Sequence[Numbers], shorts: Sequence[Numbers], touch: Numbers, atrs: Numbers, firsts: Numbers
    ) -> "ConditionPlan":
        """Say of every run which conditions it needs all of to be long, and to be short; of which period the EMA is that it enters at, and
        the ATR; and from which bar on it signals.
        """
        self._longs, self._shorts, self._firsts = np.stack(longs, axis=1), np.stack(shorts, axis=1), firsts
        self._touch, self._which_touch = _numbered(touch.tolist())
        self._atrs, self._which_atr = _numbered(atrs.tolist())
        return self

    @property
    def nbytes(self) -> int:
        """How many bytes the columns and conditions take."""
        return len(self._columns.candles) * (8 * (len(self._touch) + len(self._atrs)) + self._conditions // 8 + 1)

    def table(self, run: Run = run_in_turn, *, touched: bool = True) -> ConditionTable:
        """Work all of it out; ``run`` calls the pieces of the work, on several threads perhaps.

        ``touched`` False: nobody will ask for a touch level.
        """
        bars = len(self._columns.candles)
        levels = np.empty((len(self._touch), bars)) if touched else np.empty((1, 0))
        words = np.empty((self._conditions, (bars + 63) // 64), np.uint64)
        made: dict[int, Floats] = {}
        run([
            *(partial(self._compare_with_levels, words, *key) for key in self._levels),
            *self._comparisons(words, self._touch if touched else [], levels),
            *(partial(self._make_atr, made, period) for period in self._atrs),
        ])  # fmt: skip
        atrs = _stacked([made[period] for period in self._atrs])
        levels.flags.writeable = atrs.flags.writeable = False
        # each value of an EMA and an ATR is made of the one before: what is no number stays none to the last bar
        sound = bool(np.isfinite(levels[:, -1:]).all() and np.isfinite(atrs[:, -1]).all())
        touch = self._which_touch if touched else np.zeros_like(self._which_atr)
        return ConditionTable(levels, atrs, touch, self._which_atr, words, self._longs, self._shorts, self._firsts, sound)

    def _new(self, count: int) -> int:
        """Return the first of ``count`` numbers for conditions."""
        self._conditions += count
        return self._conditions - count

    def _make_atr(self, made: dict[int, Floats], period: int) -> None:
        made[period] = atr_column(self._columns, period)

    def _compare_with_levels(self, words: Words, indicator: Indicator, period: int) -> None:
        """One piece of work for all levels of an indicator: of two pieces the one would wait for what the other makes."""
        values = indicator(self._columns, period)
        for write in self._levels[indicator, period]:
            write(values, words)

    def _comparisons(self, words: Words, touch: Sequence[int], levels: Floats) -> list[partial[None]]:
        """Return what makes and compares EMAs; those of the periods ``touch`` become ``levels``.

        A piece makes all that it needs, and the first that has one of ``touch`` keeps it.
        """
        row_of = {period: row for row, period in enumerate(touch)}
        pairs = sorted(self._pairs)  # those of one period are neighbours
        size = max(1, -(-len(pairs) // max(1, min(_MOST_PIECES, len(pairs) // _PAIRS_IN_A_PIECE))))
        parts = [pairs[start : start + size] for start in range(0, len(pairs), size)] or [[]]
        pieces = []
        for part in parts:
            periods = {period for pair in part for period in pair} - {CLOSES}
            if part is parts[-1]:
                periods |= row_of.keys()
            if not periods and not part:
                continue
            lines = sorted(periods)
            lines += [1] * (-len(lines) % ABREAST)
            kept = [row_of.pop(period, -1) for period in lines]
            line_of = {period: line for line, period in reversed(list(enumerate(lines)))} | {CLOSES: len(lines)}
            compared = [(line_of[first], line_of[second], self._pairs[first, second]) for first, second in part]
            numbers = np.array(lines, np.int64), np.array(compared, np.int64).reshape(-1, 3)
            pieces.append(partial(write_ema_sides, self._columns.candles.close, *numbers, words, np.array(kept, np.int64), levels))
        return pieces


def _numbered(values: Sequence[Value]) -> tuple[list[Value], Numbers]:
    """Return the different ones among ``values``, and which of them each is."""
    known: dict[Value, int] = {}
    which = [known.setdefault(value, len(known)) for value in values]
    return list(known), np.array(which)


def _stacked(columns: Sequence[Floats]) -> Floats:
    """Return ``columns`` as one array, a single one as it is: all memory that a batch touches for the first time costs it time."""
    return columns[0][np.newaxis] if len(columns) == 1 else np.stack(columns)


def _write_levels(levels: Floats, above: bool, begin: int, values: Floats, words: Words) -> None:
    write_beyond(values, levels, above, words[begin : begin + len(levels)])
