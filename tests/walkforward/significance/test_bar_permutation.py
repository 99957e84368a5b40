"""Permuted candles are candles: the same bars in another order, between the same two prices."""

import numpy as np
import pytest

from core.candles import Candles
from core.errors import StatisticsError
from tests.walkforward.markets import candles
from walkforward.significance.bar_permutation import permute_bars

PRICES = ("open", "high", "low", "close")


def shapes(series: Candles) -> np.ndarray:
    """Return high, low and close relative to the open, and the volume: one row per bar."""
    return np.column_stack([series.high / series.open, series.low / series.open, series.close / series.open, series.volume])


def gaps(series: Candles) -> np.ndarray:
    return series.open[1:] / series.close[:-1]


def sorted_rows(rows: np.ndarray) -> np.ndarray:
    return rows[np.argsort(rows[:, -1])]  # volumes differ from bar to bar


def gapped(days: int = 10, *, quote: bool = True) -> Candles:
    """Return candles with gaps between bars and, on request, a quote volume."""
    plain = candles(days)
    jumps = np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.004, len(plain))))
    columns = {"timestamp": plain.open_ms, "volume": plain.volume} | {name: getattr(plain, name) * jumps for name in PRICES}
    if quote:
        columns["quote_volume"] = columns["volume"] * (0.3 * columns["low"] + 0.7 * columns["high"])
    return Candles.from_arrays(plain.market, columns, has_volume=True)


def test_equal_seeds_give_equal_bytes_and_others_do_not() -> None:
    series = gapped()
    assert permute_bars(series, 7).digest == permute_bars(series, 7).digest
    assert len({permute_bars(series, seed).digest for seed in range(20)} | {series.digest}) == 21


@pytest.mark.parametrize("block", [1, 24])
@pytest.mark.parametrize("first", [0, 1, 60])
def test_start_and_end_price_and_all_times_stay(first: int, block: int) -> None:
    series = gapped()
    for seed in range(10):
        permuted = permute_bars(series, seed, first=first, block=block)
        assert permuted.open[0] == series.open[0]
        assert permuted.close[-1] == pytest.approx(series.close[-1], rel=1e-9)
        assert np.array_equal(permuted.open_ms, series.open_ms)
        assert permuted.market == series.market
        assert permuted.synthetic


@pytest.mark.parametrize("first", [0, 60])
def test_every_shape_with_its_volume_and_every_gap_is_used_once(first: int) -> None:
    series = gapped()
    permuted = permute_bars(series, 3, first=first)
    assert not np.array_equal(permuted.volume, series.volume)
    np.testing.assert_allclose(sorted_rows(shapes(permuted[first:])), sorted_rows(shapes(series[first:])), rtol=1e-12)
    np.testing.assert_allclose(np.sort(gaps(permuted)), np.sort(gaps(series)), rtol=1e-12)


def test_gaps_and_shapes_move_apart() -> None:
    series = gapped()
    permuted = permute_bars(series, 3)
    came_from = np.searchsorted(np.sort(series.volume), permuted.volume)
    place = np.argsort(series.volume)[came_from]  # of each shape in the real candles
    own_gap = np.isclose(gaps(permuted), gaps(series)[place[1:] - 1], rtol=1e-12)
    assert own_gap.mean() < 0.1


def test_every_order_of_few_bars_is_as_likely_as_any_other() -> None:
    series = gapped()[:4]
    orders: dict[tuple[float, ...], int] = {}
    fallen: dict[tuple[float, ...], int] = {}
    draws = 2400
    for seed in range(draws):
        permuted = permute_bars(series, seed)
        order = tuple(np.round(permuted.volume, 6))
        orders[order] = orders.get(order, 0) + 1
        gap = tuple(np.round(gaps(permuted), 9))
        fallen[gap] = fallen.get(gap, 0) + 1
    for found, count in ((orders, 24), (fallen, 6)):  # the first bar has no gap to reorder
        assert len(found) == count
        expected = draws / count
        assert sum((n - expected) ** 2 / expected for n in found.values()) < {24: 49.7, 6: 20.5}[count]  # chi-square at 0.1 %


def test_bars_before_the_first_stay_as_they_are() -> None:
    series = gapped()
    permuted = permute_bars(series, 3, first=60)
    for name in ("open_ms", *PRICES, "volume", "quote_volume"):
        assert np.array_equal(getattr(permuted, name)[:60], getattr(series, name)[:60]), name
    assert not np.array_equal(permuted.close[60:], series.close[60:])


def test_average_price_of_a_bar_stays_where_it_was_between_low_and_high() -> None:
    series = gapped()
    permuted = permute_bars(series, 3)
    assert permuted.quote_volume is not None
    average = permuted.quote_volume / permuted.volume
    np.testing.assert_allclose(average, 0.3 * permuted.low + 0.7 * permuted.high, rtol=1e-12)
    assert permute_bars(gapped(quote=False), 3).quote_volume is None


def test_blocks_keep_the_hour_of_the_day_and_the_rest_its_place() -> None:
    series = gapped()[:100]  # four days and four hours
    permuted = permute_bars(series, 3, block=24)
    place = np.argsort(series.volume)[np.searchsorted(np.sort(series.volume), permuted.volume)]
    assert np.array_equal(place % 24, np.arange(100) % 24)
    assert np.array_equal(place[96:], np.arange(96, 100))
    assert not np.array_equal(place, np.arange(100))
    assert set(np.diff(place)[np.arange(99) % 24 != 23].tolist()) == {1}


def test_a_bar_without_room_above_its_close_keeps_none() -> None:
    plain = candles(20)
    low, high = np.minimum(plain.open, plain.close), np.maximum(plain.open, plain.close)
    columns = {"timestamp": plain.open_ms, "open": plain.open, "high": high, "low": low, "close": plain.close, "volume": plain.volume}
    series = Candles.from_arrays(plain.market, columns, has_volume=False)
    permuted = permute_bars(series, 3)  # from_arrays would refuse a close that rounding has put above the high
    np.testing.assert_allclose(permuted.high, np.maximum(permuted.open, permuted.close), rtol=1e-14)
    assert not permuted.has_volume


@pytest.mark.parametrize(("first", "block"), [(99, 1), (100, 1), (101, 1), (-1, 1), (0, 0), (0, 51), (60, 21)])
def test_what_has_no_two_blocks_is_refused(first: int, block: int) -> None:
    with pytest.raises(StatisticsError, match="two blocks are needed"):
        permute_bars(gapped()[:100], 1, first=first, block=block)


def test_prices_beyond_all_numbers_are_refused() -> None:
    plain = candles(20)[:6]
    price = np.array([1e-300, 1e-150, 1.0, 1e150, 1e300, 1e300])
    after = np.array([1e-150, 1.0, 1e150, 1e300, 1e300, 1e-300])
    columns = {
        "timestamp": plain.open_ms, "open": price, "high": np.maximum(price, after), "low": np.minimum(price, after), "close": after,
        "volume": plain.volume,
    }  # fmt: skip
    series = Candles.from_arrays(plain.market, columns)
    with pytest.raises(StatisticsError, match="no number can hold"):
        permute_bars(series, 0)
