"""Holes at a venue that leaves out bars without trades: kept with a note while they are short, missing data when they are long."""

from dataclasses import replace

import pytest

from config.run import GapPolicy
from core.candles import Candles
from core.errors import DataError
from market_data.gaps import apply_gap_policy, find_holes
from market_data.quality import assess
from tests.market_data.series import series


def thin(exchange: str, *, missing: range, bars: int = 10_000) -> Candles:
    """Return minutes of ``exchange`` without those numbered in ``missing``."""
    minutes = series(bars, "1m", missing=missing)
    columns = {"timestamp": minutes.open_ms, **{name: getattr(minutes, name) for name in ("open", "high", "low", "close", "volume")}}
    return Candles.from_arrays(replace(minutes.market, exchange=exchange), columns)


def test_minutes_without_trades_are_kept_and_said() -> None:
    candles = thin("DELTA", missing=range(5, 9995, 3))
    assert apply_gap_policy(candles, GapPolicy.AUTO) is candles
    (warning,) = assess(candles, GapPolicy.AUTO).warnings
    assert "left as they are. DELTA leaves out bars without trades: holes shorter than a day count as such." in warning
    assert len(find_holes(candles)) == 3330


def test_a_day_without_a_bar_is_missing_data_there_too() -> None:
    assert apply_gap_policy(thin("DELTA", missing=range(100, 100 + 1439)), GapPolicy.AUTO)
    with pytest.raises(DataError, match="more than the 0.1% that are kept"):
        apply_gap_policy(thin("DELTA", missing=range(100, 100 + 1440)), GapPolicy.AUTO)


@pytest.mark.parametrize("exchange", ["BINANCE", "BINANCEUSDM", "LOCAL"])
def test_elsewhere_a_missing_minute_is_missing(exchange: str) -> None:
    with pytest.raises(DataError, match="more than the 0.1% that are kept"):
        apply_gap_policy(thin(exchange, missing=range(5, 100)), GapPolicy.AUTO)
    assert "count as such" not in "".join(assess(thin(exchange, missing=range(5, 100)), GapPolicy.KEEP).warnings)


def test_who_wants_no_hole_gets_none() -> None:
    candles = thin("DELTA", missing=range(5, 9995, 3))
    with pytest.raises(DataError, match="policy refuse allows none"):
        apply_gap_policy(candles, GapPolicy.REFUSE)
    assert len(apply_gap_policy(candles, GapPolicy.FILL)) == 10_000
