"""Detail candles: each lies in a decision bar, each decision bar has some, and what does not fit is said or refused."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from config.run import GapPolicy
from core.candles import Candles
from core.errors import DataError
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
from market_data import load_candles, load_detail
from market_data.detail import align

HOUR_MS = 3_600_000
START_MS = 1_704_067_200_000
END_MS = START_MS + 200 * HOUR_MS


def simulated(timeframe: str) -> Candles:
    return SimulatedExchange().fetch("BTCUSDT", Timeframe.parse(timeframe), START_MS, END_MS)


def without(candles: Candles, gone: range) -> Candles:
    kept = np.setdiff1d(np.arange(len(candles)), np.array(gone))
    frame = candles.to_polars()[kept.tolist()]
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    return Candles.from_arrays(candles.market, columns, synthetic=candles.synthetic)


@pytest.mark.parametrize("timeframe", ["1m", "5m", "15m", "1h"])
def test_simulated_market_is_one_and_the_same_on_every_timeframe(timeframe: str) -> None:
    decision = simulated("1h")
    found = load_detail(decision, "BTCUSDT", timeframe)
    assert found.notes == ()
    assert len(found.candles) * Timeframe.parse(timeframe).ms == len(decision) * HOUR_MS
    assert found.candles.digest == simulated(timeframe).digest


def test_hole_inside_a_decision_bar_is_kept_and_a_bar_without_any_is_refused() -> None:
    decision, detail = simulated("1h"), simulated("15m")
    fitting, notes = align(decision, without(detail, range(41, 43)))
    assert len(fitting) == len(detail) - 2
    assert all("another open, high, low or close" in note for note in notes)
    with pytest.raises(DataError, match=r"1 of 200 1h bars have no 15m candle, the first at 2024-01-01 10:00 UTC"):
        align(decision, without(detail, range(40, 44)))


def test_detail_without_its_decision_bar_is_left_out_and_said() -> None:
    decision, detail = simulated("1h"), simulated("15m")
    fitting, notes = align(without(decision, range(10, 12)), detail)
    assert len(fitting) == len(detail) - 8
    assert notes == ("SIMULATED BTCUSDT 15m: 8 candles lie where there is no 1h bar; they are left out.",)


def test_candles_that_tell_other_prices_are_said() -> None:
    decision, detail = simulated("1h"), simulated("15m")
    frame = detail.to_polars().with_columns(high=pl.when(pl.int_range(pl.len()) == 7).then(pl.col("high") * 1.5).otherwise("high"))
    other = Candles.from_arrays(detail.market, {name: frame[name].to_numpy() for name in frame.columns}, synthetic=True)
    _, notes = align(decision, other)
    assert len(notes) == 1
    assert "in 1 of 200 1h bars" in notes[0]


def test_file_of_fine_candles_serves_decisions_and_fills(tmp_path: Path) -> None:
    path = tmp_path / "BTC.parquet"
    simulated("15m").to_polars().write_parquet(path)
    paths = Paths.under(tmp_path)
    decision = load_candles("LOCAL", str(path), "1h", paths=paths).candles
    found = load_detail(decision, str(path), "15m", paths=paths)
    assert (len(decision), len(found.candles), found.notes) == (200, 800, ())
    simulated("1h").to_polars().write_parquet(path)
    with pytest.raises(DataError, match="of which no 15m candles can be made"):
        load_detail(decision, str(path), "15m", paths=paths)


def test_gap_policy_holds_for_detail_candles_too(tmp_path: Path) -> None:
    path, paths = tmp_path / "BTC.parquet", Paths.under(tmp_path)
    without(simulated("15m"), range(41, 42)).to_polars().write_parquet(path)
    for policy, bars in ((GapPolicy.FILL, 800), (GapPolicy.KEEP, 799)):
        decision = load_candles("LOCAL", str(path), "1h", gaps=policy, paths=paths).candles
        found = load_detail(decision, str(path), "15m", gaps=policy, paths=paths)
        assert (len(found.candles), found.quality.policy) == (bars, policy.value)
    with pytest.raises(DataError, match="1 of 800 bars are missing"):
        load_detail(decision, str(path), "15m", gaps=GapPolicy.REFUSE, paths=paths)
