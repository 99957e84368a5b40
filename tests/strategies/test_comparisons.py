"""Comparing lines into bits is comparing and packing, over every length and from before the first defined bar on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from strategies.indicators import ema
from strategies.kernels.comparisons import ABREAST, BLOCK, write_beyond, write_ema_sides
from tests.backtest_engine.markets import random_walk
from tests.strategies.test_starts import packed

LENGTHS = (1, 63, 64, 65, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 70)


def compared(closes: NDArray[np.float64], periods: list[int], pairs: list[tuple[int, int]], kept: list[int]) -> list[NDArray[np.generic]]:
    """Return the words of ``pairs`` of lines, two rows each, and the columns that were to be ``kept``."""
    words = np.zeros((2 * len(pairs), (len(closes) + 63) // 64), np.uint64)
    columns = np.zeros((max(kept) + 1, len(closes)))
    numbered = [(first, second, 2 * place) for place, (first, second) in enumerate(pairs)]
    write_ema_sides(closes, np.array(periods), np.array(numbered, np.int64).reshape(-1, 3), words, np.array(kept), columns)
    return [words, columns]


@pytest.mark.parametrize("bars", LENGTHS)
@pytest.mark.parametrize("periods", [[1, 2, 5, 30, 64, 99, 100, 400], [7] * 8, [*range(500, 532, 4)], [BLOCK, BLOCK + 1, 3000, 2] * 4])
def test_emas_side_by_side_are_those_one_by_one(bars: int, periods: list[int]) -> None:
    closes = random_walk(bars, 5).close
    pairs = [(0, 1), (1, 0), (2, len(periods)), (len(periods), 7), (5, 5), (3, 6)]
    words, columns = compared(closes, periods, pairs, kept=[3, -1, 0, -1, 2, -1, 1, 4] + [-1] * (len(periods) - ABREAST))
    lines = [ema(closes, period) for period in periods] + [closes]
    np.testing.assert_array_equal(columns, [lines[line] for line in (2, 6, 4, 0, 7)])
    for place, (first, second) in enumerate(pairs):
        np.testing.assert_array_equal(words[2 * place], packed(lines[first] > lines[second]))
        np.testing.assert_array_equal(words[2 * place + 1], packed(lines[first] < lines[second]))


def test_lines_without_pairs_are_columns_all_the_same() -> None:
    closes = random_walk(100, 6).close
    _, columns = compared(closes, [9] * ABREAST, [], [0] + [-1] * (ABREAST - 1))
    np.testing.assert_array_equal(columns[0], ema(closes, 9))


@pytest.mark.parametrize("bars", LENGTHS)
@pytest.mark.parametrize("above", [True, False])
def test_a_value_at_its_level_is_not_beyond_it_and_an_undefined_one_nowhere(bars: int, above: bool) -> None:
    rng = np.random.default_rng(bars)
    values, levels = rng.integers(-2, 3, bars).astype(float), np.array([-1.0, 0.0, 1.0, 5.0])
    values[rng.random(bars) < 0.2] = np.nan
    words = np.zeros((4, (bars + 63) // 64), np.uint64)
    write_beyond(values, levels, above, words)
    np.testing.assert_array_equal(words, [packed(values > level if above else values < level) for level in levels])
