"""Splicing: what is left out is gone without a trace, and what is kept earns what it earned."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.candles import Candles
from core.funding import FundingRates
from core.timeframe import DAY_MS
from tests.walkforward.markets import HOUR, START, candles, four_hours, poisoned
from walkforward.account import Series
from walkforward.splicing import searched
from walkforward.windows import Window

DAYS = [START + k * DAY_MS for k in range(41)]
LEFT_OUT = ((DAYS[5], DAYS[10]), (DAYS[20], DAYS[30]))


def window(left_out: tuple[tuple[int, int], ...], days: int = 40) -> Window:
    bars = days * 24
    return Window(0, 0, bars, 0, bars, DAYS[0], DAYS[days], DAYS[0], DAYS[days], left_out, 0)


def kept_of(market: Candles) -> NDArray[np.int64]:
    return np.flatnonzero([not any(start <= time < end for start, end in LEFT_OUT) for time in market.open_ms])


def test_times_close_up_and_keep_their_hour() -> None:
    spliced = searched(Series(candles()), window(LEFT_OUT), None)[0].candles
    assert spliced.open_ms.tolist() == (START + np.arange(25 * 24) * HOUR).tolist()
    assert (spliced.open_ms % DAY_MS).tolist() == (candles().open_ms[kept_of(candles())] % DAY_MS).tolist()


def test_returns_stay_and_the_joint_has_none() -> None:
    market = candles()
    kept = kept_of(market)
    spliced = searched(Series(market), window(LEFT_OUT), None)[0].candles
    joints = [5 * 24, 15 * 24]
    for name in ("open", "high", "low"):
        assert getattr(spliced, name) / spliced.close == pytest.approx(getattr(market, name)[kept] / market.close[kept], rel=1e-12)
    inside = np.delete(np.arange(1, len(kept)), np.array(joints) - 1)
    assert np.diff(np.log(spliced.close))[inside - 1] == pytest.approx(np.diff(np.log(market.close[kept]))[inside - 1], abs=1e-12)
    assert spliced.open[joints] == pytest.approx(spliced.close[np.array(joints) - 1], rel=1e-12)
    assert spliced.volume.tolist() == market.volume[kept].tolist()
    assert spliced.close[: joints[0]].tolist() == market.close[: joints[0]].tolist()


def test_nothing_of_what_is_left_out_is_left() -> None:
    market = candles()
    other = {"timestamp": market.open_ms, **{name: getattr(market, name).copy() for name in ("open", "high", "low", "close", "volume")}}
    gone = np.setdiff1d(np.arange(len(market)), kept_of(market))
    for name in ("open", "high", "low", "close", "volume"):
        other[name][gone] *= 3.7
    changed = Candles.from_arrays(market.market, other)
    assert searched(Series(changed), window(LEFT_OUT), None)[0].candles.digest == (
        searched(Series(market), window(LEFT_OUT), None)[0].candles.digest
    )


def test_data_may_begin_and_end_with_what_is_left_out() -> None:
    ends = ((DAYS[0], DAYS[5]), (DAYS[35], DAYS[40]))
    spliced = searched(Series(candles()), window(ends), None)[0].candles
    assert len(spliced) == 30 * 24
    assert spliced.open_ms[0] == START
    assert spliced.close.tolist() == candles().close[5 * 24 : 35 * 24].tolist()


def test_finer_candles_are_joined_at_the_same_places_by_the_same_factors() -> None:
    fine = candles()
    decided = four_hours(fine)
    whole = Window(0, 0, len(decided), 0, len(decided), DAYS[0], DAYS[40], DAYS[0], DAYS[40], LEFT_OUT, 0)
    spliced, _ = searched(Series(decided, fine), whole, None)
    assert spliced.detail is not None
    again = four_hours(spliced.detail)
    assert again.open_ms.tolist() == spliced.candles.open_ms.tolist()
    for name in ("open", "high", "low", "close"):
        assert getattr(again, name).tolist() == getattr(spliced.candles, name).tolist()


def test_funding_of_days_that_are_not_there_is_not_due() -> None:
    times = START + np.arange(40 * 3, dtype=np.int64) * 8 * HOUR
    rates = FundingRates(times, np.arange(120) / 1e6)
    spliced, funding = searched(Series(candles()), window(LEFT_OUT), rates)
    assert funding is not None
    due = np.concatenate((np.arange(0, 15), np.arange(30, 60), np.arange(90, 120)))
    assert (funding.rate * 1e6).round().tolist() == due.tolist()
    assert funding.time_ms.tolist() == (START + np.arange(75) * 8 * HOUR).tolist()
    assert funding.per_bar(spliced.candles).sum() == pytest.approx(funding.rate.sum())


def test_other_windows_are_handed_what_came_before() -> None:
    market = candles()
    rolling = Window(0, 24, 240, 240, 480, DAYS[1], DAYS[10], DAYS[10], DAYS[20])
    series, funding = searched(Series(market), rolling, None)
    assert funding is None
    assert series.candles.digest == market[:240].digest == searched(Series(poisoned(market, 240)), rolling, None)[0].candles.digest
