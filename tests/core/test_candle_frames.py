"""Candles come from polars and pandas frames, whatever the kind of their times, and go back unchanged."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import TIMEFRAMES, Timeframe
from tests.core.bars import START_MS, candles, columns

Frame = pl.DataFrame | pd.DataFrame


def read(frame: Frame, timeframe: str = "1h") -> Candles:
    return Candles.from_frame(frame, "BINANCE", "BTCUSDT", timeframe)


def polars_frame(times: Callable[[pl.Expr], pl.Expr] = lambda times: times) -> pl.DataFrame:
    return pl.DataFrame(columns()).with_columns(times(pl.col("timestamp")))


def pandas_frame(times: Callable[[pd.Series], Any] = lambda times: times) -> pd.DataFrame:
    frame = pd.DataFrame(columns())
    return frame.assign(timestamp=times(frame["timestamp"]))


def pandas_times(**options: Any) -> Callable[[pd.Series], Any]:
    return lambda times: pd.to_datetime(times, unit="ms", **options)


def in_kolkata(times: pd.Series) -> Any:
    return pd.to_datetime(times, unit="ms", utc=True).dt.tz_convert("Asia/Kolkata")


FRAMES: dict[str, Frame] = {
    "polars whole ms": polars_frame(),
    "polars naive": polars_frame(lambda t: pl.from_epoch(t, "ms")),
    "polars naive in ns": polars_frame(lambda t: pl.from_epoch(t, "ms").dt.cast_time_unit("ns")),
    "polars utc": polars_frame(lambda t: pl.from_epoch(t, "ms").dt.replace_time_zone("UTC")),
    "polars zone": polars_frame(lambda t: pl.from_epoch(t, "ms").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Kolkata")),
    "pandas whole ms": pandas_frame(),
    "pandas ms as floats": pandas_frame(lambda t: t.astype(float)),
    "pandas ms as objects": pandas_frame(lambda t: t.astype(object)),
    "pandas naive": pandas_frame(pandas_times()),
    "pandas naive in ns": pandas_frame(lambda t: pd.to_datetime(t, unit="ms").astype("datetime64[ns]")),
    "pandas utc": pandas_frame(pandas_times(utc=True)),
    "pandas zone": pandas_frame(in_kolkata),
    "pandas text": pandas_frame(lambda t: pd.to_datetime(t, unit="ms").astype(str)),
    "pandas index reset": candles().to_pandas().reset_index(),
    "shuffled columns": polars_frame().select(
        "volume", "close", "timestamp", "low", "high", "open", "quote_volume", pl.lit(1).alias("other")
    ),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_every_kind_of_frame_gives_the_same_candles(frame: Frame) -> None:
    assert read(frame).digest == candles().digest


def test_dates_are_days() -> None:
    frame = pl.DataFrame(columns(2, timestamp=[date(2024, 1, 1), date(2024, 1, 2)]))
    assert list(read(frame, "1d").open_ms) == [START_MS, START_MS + TIMEFRAMES["1d"].ms]
    assert read(frame.to_pandas(), "1d").digest == read(frame, "1d").digest


def test_quote_volume_is_optional() -> None:
    assert read(polars_frame().drop("quote_volume")).quote_volume is None


def test_whether_volume_counts_is_the_callers_word() -> None:
    assert not Candles.from_frame(polars_frame(), "X", "Y", Timeframe.parse("1h"), has_volume=False).has_volume


def test_later_changes_of_a_frame_do_not_reach_the_candles() -> None:
    pandas, polars = pandas_frame(), polars_frame()
    found = (read(pandas), read(polars))
    pandas.loc[0, "close"] = 102.5
    pandas.iloc[1, 1] = 102.5
    polars[0, "close"] = 102.5
    assert {one.digest for one in found} == {candles().digest}
    assert [read(pandas).close[0], read(polars).close[0]] == [102.5, 102.5]


def test_making_candles_leaves_the_frame_changeable() -> None:
    frame = pandas_frame()
    read(frame)
    frame["close"] += 1.0
    frame.loc[0, "open"] = 99.0
    assert frame.loc[0, "open"] == 99.0


def without_some(times: pd.Series) -> Any:
    return pd.to_datetime(times, unit="ms").where(times > START_MS)


BAD_FRAMES: dict[str, tuple[Frame, str]] = {
    "no close": (polars_frame().drop("close", "low"), "the frame has no column low, close; it has timestamp, open, high, volume"),
    "times in the index": (candles().to_pandas(), "the frame has no column timestamp"),
    "null price": (pl.DataFrame(columns(3, close=[101.0, None, None])), "column close is empty in 2 row.s., first at row 1"),
    "null time": (pl.DataFrame(columns(3, timestamp=[None, 1, 2])), "column timestamp is empty in 1 row.s., first at row 0"),
    "missing time": (pandas_frame(without_some), "column timestamp is empty in 1 row.s., first at row 0"),
    "pandas nan": (pandas_frame().assign(close=np.nan), "6 bar.s. hold a price that is missing"),
    "text for times": (pandas_frame(lambda t: ["soon"] * len(t)), "column timestamp holds something that is no time"),
    "dates of another form": (pandas_frame(lambda t: ["01/02/2024"] * len(t)), "holds something that is no time: Time data 01/02/2024"),
    "text for prices": (polars_frame().with_columns(close=pl.lit("high")), "holds something that is no number"),
    "seconds": (polars_frame(lambda t: t // 1000), "6 bar.s. are off the 1h grid"),
    "nanoseconds": (polars_frame(lambda t: t * 1_000_000), "6 bar.s. lie outside the years 1970 to 2199"),
    "no rows": (polars_frame().clear(), "the series has no bars"),
}


@pytest.mark.parametrize(("frame", "message"), BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_bad_frame_is_refused_with_the_reason(frame: Frame, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(frame)


prices = st.floats(1e-8, 1e9)


@st.composite
def any_candles(draw: st.DrawFn) -> Candles:
    timeframe = draw(st.sampled_from(list(TIMEFRAMES.values())))
    bars = draw(st.lists(st.tuples(prices, prices, prices, prices, st.floats(0, 1e12)), min_size=1, max_size=5))
    steps = np.cumsum(draw(st.lists(st.integers(1, 50), min_size=len(bars), max_size=len(bars))))
    table = np.array(bars)
    given_columns = {
        "timestamp": timeframe.floor(START_MS) + timeframe.ms * steps,
        "open": table[:, 0],
        "high": table[:, :4].max(axis=1),
        "low": table[:, :4].min(axis=1),
        "close": table[:, 1],
        "volume": table[:, 4],
    }
    if draw(st.booleans()):
        given_columns["quote_volume"] = table[:, 4] * 2
    return Candles.from_arrays(Market("BINANCE", "BTCUSDT", timeframe), given_columns)


@given(any_candles())
@settings(max_examples=40)
def test_frames_bring_back_the_same_candles(own: Candles) -> None:
    for frame in (
        own.to_polars(),
        own.to_pandas().reset_index(),
        own.to_polars().to_pandas(),
        pl.from_pandas(own.to_pandas().reset_index()),
    ):
        assert read(frame, own.timeframe.name).digest == own.digest


def test_pandas_frame_is_indexed_by_utc_time() -> None:
    index = candles().to_pandas().index
    assert (index.name, str(index[0])) == ("timestamp", "2024-01-01 00:00:00+00:00")
