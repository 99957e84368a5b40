"""SIMULATED: the same for everyone, seamless at every border, and shaped like a market."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.candles import Candles
from core.clock import ms_from_datetime, now_ms
from core.errors import DataError
from core.timeframe import DAY_MS, MINUTE_MS, TIMEFRAMES, Timeframe
from exchanges.simulated import SimulatedExchange
from tests.conftest import ROOT

COLUMNS = ("open_ms", "open", "high", "low", "close", "volume")
DIGEST_SCRIPT = """
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
print(SimulatedExchange().fetch("ETHUSDT", Timeframe.parse("5m"), 1_717_200_000_000, 1_719_792_000_000).digest)
"""


def ms(*date: int) -> int:
    return ms_from_datetime(datetime(*date, tzinfo=UTC))  # type: ignore[arg-type, misc]


def fetch(timeframe: str, start_ms: int, end_ms: int, symbol: str = "BTCUSDT", exchange: SimulatedExchange | None = None) -> Candles:
    return (exchange or SimulatedExchange()).fetch(symbol, Timeframe.parse(timeframe), start_ms, end_ms)


def assert_same_bars(left: Candles, right: Candles) -> None:
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


def aggregated(minutes: Candles, timeframe: Timeframe) -> dict[str, list[float]]:
    """Build coarser bars one by one: the slow twin of the exchange's own aggregation."""
    bars: dict[int, list[float]] = {}
    for k in range(len(minutes)):
        begin = timeframe.floor(int(minutes.open_ms[k]))
        values = [float(getattr(minutes, name)[k]) for name in COLUMNS[1:]]
        if begin not in bars:
            bars[begin] = values
        else:
            bar = bars[begin]
            bars[begin] = [bar[0], max(bar[1], values[1]), min(bar[2], values[2]), values[3], bar[4] + values[4]]
    return {name: [bar[k] for bar in bars.values()] for k, name in enumerate(COLUMNS[1:])}


@pytest.fixture(scope="module")
def year() -> Candles:
    return fetch("1h", ms(2024, 1, 1), ms(2025, 1, 1))


@pytest.mark.parametrize("timeframe", ["5m", "15m", "1h", "4h", "1d", "1w"])
def test_coarser_bar_equals_its_minutes(timeframe: str) -> None:
    wanted = Timeframe.parse(timeframe)
    start_ms = wanted.floor(ms(2024, 5, 13))
    end_ms = start_ms + max(wanted.ms, 2 * DAY_MS)
    coarse = fetch(timeframe, start_ms, end_ms)
    for name, values in aggregated(fetch("1m", start_ms, end_ms), wanted).items():
        assert getattr(coarse, name).tolist() == values, name


@given(st.integers(0, 40), st.integers(0, 29), st.integers(1, 30), st.sampled_from(sorted(TIMEFRAMES)))
def test_bars_do_not_depend_on_the_range_asked(shift: int, first: int, count: int, name: str) -> None:
    timeframe = Timeframe.parse(name)
    start_ms = timeframe.floor(ms(2019, 3, 1)) + shift * timeframe.ms
    whole = fetch(name, start_ms, start_ms + 30 * timeframe.ms)
    last = min(first + count, 30)
    assert_same_bars(whole[first:last], fetch(name, start_ms + first * timeframe.ms, start_ms + last * timeframe.ms))


def test_long_range_equals_its_parts() -> None:
    borders = [ms(2023, 11, 3, 7), ms(2024, 1, 1), ms(2024, 2, 29, 23), ms(2024, 7, 1, 1)]
    whole = fetch("1h", borders[0], borders[-1])
    parts = [fetch("1h", left, right) for left, right in pairwise(borders)]
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts]))


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_another_process_with_another_hash_seed_gives_the_same_bytes(hash_seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    output = subprocess.run([sys.executable, "-c", DIGEST_SCRIPT], env=environment, capture_output=True, text=True, check=True).stdout
    assert output.strip() == fetch("5m", 1_717_200_000_000, 1_719_792_000_000, "ETHUSDT").digest


def test_bars_are_those_of_every_earlier_version(year: Candles) -> None:
    # Stored results and worked examples name this market: a change here changes all of them.
    assert year.digest == "f2804f2f9183fa834a4142fd52577d679943dc25b0b36e8214ea081cc06a46c5"


def test_every_bar_is_there(year: Candles) -> None:
    assert len(year) == 366 * 24
    assert (np.diff(year.open_ms) == 3_600_000).all()
    assert (year.volume > 0).all()


def test_bars_join_without_gaps_in_price() -> None:
    minutes = fetch("1m", ms(2024, 3, 1), ms(2024, 4, 1))
    np.testing.assert_array_equal(minutes.open[1:], minutes.close[:-1])


def test_bars_are_marked_as_synthetic(year: Candles) -> None:
    assert year.synthetic
    assert str(year.market) == "SIMULATED BTCUSDT 1h"


def test_symbols_and_seeds_are_different_worlds(year: Candles) -> None:
    start, end = ms(2024, 1, 1), ms(2025, 1, 1)
    returns = np.diff(np.log(year.close))
    for other in (fetch("1h", start, end, "ETHUSDT"), fetch("1h", start, end, exchange=SimulatedExchange(seed=7))):
        assert abs(np.corrcoef(returns, np.diff(np.log(other.close)))[0, 1]) < 0.1


def test_symbol_is_read_in_capitals() -> None:
    assert fetch("1d", ms(2024, 1, 1), ms(2024, 2, 1), " btcusdt ").digest == fetch("1d", ms(2024, 1, 1), ms(2024, 2, 1)).digest


@pytest.mark.parametrize("symbol", ["BTCUSDT", "XRPUSDT", "WHATEVER", "1INCH-PERP", "Ω"])
def test_prices_stay_positive_and_plausible_for_decades(symbol: str) -> None:
    months = [fetch("1d", ms(date, 1, 1), ms(date, 2, 1), symbol) for date in range(1970, 2025, 2)]
    lowest, highest = min(month.low.min() for month in months), max(month.high.max() for month in months)
    assert 0 < lowest < highest < 1_000 * lowest
    assert all((month.high > month.low).all() for month in months)


def test_history_begins_in_1970() -> None:
    assert fetch("1d", -DAY_MS, 2 * DAY_MS).open_ms.tolist() == [0, DAY_MS]


def test_returns_have_fat_tails(year: Candles) -> None:
    returns = np.diff(np.log(year.close))
    centred = returns - returns.mean()
    assert (centred**4).mean() / (centred**2).mean() ** 2 > 4


def test_volatility_comes_in_clusters(year: Candles) -> None:
    size = np.abs(np.diff(np.log(year.close)))
    size -= size.mean()
    for lag in (1, 6, 24, 72):
        assert (size[lag:] * size[:-lag]).mean() / (size * size).mean() > 0.05, lag


def test_direction_has_no_memory(year: Candles) -> None:
    returns = np.diff(np.log(year.close))
    assert abs(np.corrcoef(returns[1:], returns[:-1])[0, 1]) < 0.05


def test_volatility_is_that_of_a_coin() -> None:
    hourly = fetch("1h", ms(2017, 1, 1), ms(2025, 1, 1))
    yearly = np.diff(np.log(hourly.close)).std() * np.sqrt(hourly.timeframe.periods_per_year)
    assert 0.3 < yearly < 1.0


def test_afternoon_is_busier_than_the_night(year: Candles) -> None:
    hours = year.open_ms // 3_600_000 % 24
    for column in (year.volume, (year.high - year.low) / year.open):
        assert column[hours == 14].mean() > 1.2 * column[hours == 4].mean()


def test_volume_rises_with_the_move(year: Candles) -> None:
    assert np.corrcoef(year.volume[1:], np.abs(np.diff(np.log(year.close))))[0, 1] > 0.2


def test_forming_bar_is_not_handed_out() -> None:
    candles = fetch("1m", now_ms() - 10 * MINUTE_MS, now_ms() + DAY_MS)
    assert candles.end_ms <= now_ms()
    assert len(candles) >= 9


def test_dates_in_the_future_name_the_span() -> None:
    with pytest.raises(DataError, match=r"SIMULATED BTCUSDT 1h: no bars from .* there are bars from 2017-01-01 00:00 to"):
        fetch("1h", now_ms() + DAY_MS, now_ms() + 2 * DAY_MS)
