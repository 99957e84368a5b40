"""Every timeframe made of every finer one equals what a slow oracle makes with the calendar of Python's standard library."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.calendars import venue_timeframe
from market_data.resample import resample

MINUTE_MS = 60_000
IST = timezone(timedelta(hours=5, minutes=30))
PAIRS = [
    (fine.name, coarse.name)
    for fine in TIMEFRAMES.values()
    for coarse in TIMEFRAMES.values()
    if coarse.ms > fine.ms and coarse.ms % fine.ms == 0
]
LENGTHS = {name: timedelta(milliseconds=timeframe.ms) for name, timeframe in TIMEFRAMES.items()}
# Sessions by local date: the whole days of a week, the evening of Diwali on a holiday, a Saturday, and a day that went on until 17:00.
MUHURAT, SATURDAY, LATE = date(2024, 11, 1), date(2024, 3, 2), date(2021, 2, 24)
Bar = tuple[float, float, float, float, float]


def bars_at(moments: list[datetime], exchange: str, name: str, seed: int) -> Candles:
    """Return bars with whole numbers that open at these moments."""
    draw = np.random.default_rng(seed)
    low = draw.integers(50, 100, len(moments))
    high = low + draw.integers(1, 50, len(moments))
    columns = {
        "timestamp": np.array([round(moment.timestamp() * 1000) for moment in moments], np.int64),
        "open": draw.integers(low, high + 1),
        "high": high,
        "low": low,
        "close": draw.integers(low, high + 1),
        "volume": draw.integers(0, 9, len(moments)),
    }
    return Candles.from_arrays(Market(exchange, "X", venue_timeframe(exchange, name)), columns)


def around_the_clock(moment: datetime, name: str) -> datetime:
    """Return the open of the bar that holds ``moment``: weeks from Monday, all in UTC."""
    midnight = moment.replace(hour=0, minute=0)
    if name == "1w":
        return midnight - timedelta(days=moment.weekday())
    return midnight + (moment - midnight) // LENGTHS[name] * LENGTHS[name]


def in_sessions(moment: datetime, name: str) -> datetime:
    """Return the same for a venue that opens at 09:15 in India: hours count from then, days and weeks from local midnight."""
    local = moment.astimezone(IST)
    if name in ("1d", "1w"):
        return around_the_clock(local, name)
    opening = local.replace(hour=9, minute=15)
    return opening + (local - opening) // LENGTHS[name] * LENGTHS[name]


def oracle(candles: Candles, name: str, begin: Callable[[datetime, str], datetime]) -> dict[int, Bar]:
    """Return {open: (open, high, low, close, volume)} of all bars, complete or not, one source bar after the other."""
    made: dict[int, Bar] = {}
    for row, ms in enumerate(candles.open_ms.tolist()):
        open_, high, low, close, volume = (float(getattr(candles, column)[row]) for column in ("open", "high", "low", "close", "volume"))
        key = round(begin(datetime.fromtimestamp(ms / 1000, UTC), name).timestamp() * 1000)
        old = made.get(key)
        made[key] = (open_, high, low, close, volume) if old is None else (
            old[0], max(old[1], high), min(old[2], low), close, old[4] + volume,
        )  # fmt: skip
    return made


def made_by_us(candles: Candles, name: str) -> dict[int, Bar]:
    frame = resample(candles, TIMEFRAMES[name]).to_polars()
    return {row[0]: tuple(row[1:6]) for row in frame.rows()}


@settings(max_examples=60)
@given(
    pair=st.sampled_from(PAIRS),
    shift=st.integers(0, 3_000),
    coarse_bars=st.integers(1, 4),
    extra=st.integers(0, 40),
    seed=st.integers(0, 99),
)
def test_closed_bars_equal_the_oracle_for_every_pair_of_timeframes(
    pair: tuple[str, str], shift: int, coarse_bars: int, extra: int, seed: int
) -> None:
    fine, coarse = pair
    step = LENGTHS[fine]
    # Long ratios (a week of minutes) are tried with a piece that ends and begins inside a bar.
    count = min(int(LENGTHS[coarse] / step) * coarse_bars + extra, 11_000)
    begin = around_the_clock(datetime(2024, 12, 28, tzinfo=UTC) + shift * step, fine)
    candles = bars_at([begin + step * k for k in range(count)], "TEST", fine, seed)
    end = begin + step * count
    whole = {
        key: bar
        for key, bar in oracle(candles, coarse, around_the_clock).items()
        if key >= begin.timestamp() * 1000 and key + TIMEFRAMES[coarse].ms <= end.timestamp() * 1000
    }
    if whole:
        assert made_by_us(candles, coarse) == whole
    else:
        with pytest.raises(DataError, match="hold no complete"):
            resample(candles, TIMEFRAMES[coarse])


@pytest.mark.parametrize("day", ["2025-03-09", "2025-11-02", "2025-03-30", "2025-10-26", "2024-02-29", "2038-01-19", "1970-01-05"])
@pytest.mark.parametrize("name", ["1h", "4h", "1d", "1w"])
def test_days_on_which_clocks_are_changed_are_days_like_others(day: str, name: str) -> None:
    monday = around_the_clock(datetime.fromisoformat(day).replace(tzinfo=UTC), "1w")
    candles = bars_at([monday + timedelta(minutes=15 * k) for k in range(14 * 96)], "TEST", "15m", 1)
    made = made_by_us(candles, name)
    assert made == oracle(candles, name, around_the_clock)
    assert len(made) == timedelta(days=14) // LENGTHS[name]
    assert min(made) == round(monday.timestamp() * 1000)


def session(day: date, first: str, last: str, step: timedelta) -> list[datetime]:
    """Return the opens of a session's bars in India, from ``first`` up to ``last``, exclusive."""
    opens, closes = (datetime.fromisoformat(f"{day} {moment}").replace(tzinfo=IST) for moment in (first, last))
    return [opens + step * k for k in range(-(-(closes - opens) // step))]


@pytest.mark.parametrize("fine", ["1m", "5m", "15m"])
@pytest.mark.parametrize("special", [MUHURAT, SATURDAY, LATE])
@pytest.mark.parametrize("name", ["15m", "1h", "4h", "1d", "1w"])
def test_sessions_of_india_equal_the_oracle(special: date, fine: str, name: str) -> None:
    if LENGTHS[name] <= LENGTHS[fine]:
        return
    step, monday = LENGTHS[fine], special - timedelta(days=special.weekday())
    hours = {MUHURAT: ("18:00", "19:00"), SATURDAY: ("09:15", "12:30"), LATE: ("09:15", "17:00")}
    moments: list[datetime] = []
    for day in (monday + timedelta(days=number) for number in range(7)):
        if day == special:
            moments += session(day, *hours[special], step)
        elif day.weekday() < 5:
            moments += session(day, "09:15", "15:30", step)
    candles = bars_at(moments, "ZERODHA", fine, 5)
    assert made_by_us(candles, name) == oracle(candles, name, in_sessions)


def test_the_list_of_timeframes_is_the_one_that_is_tried() -> None:
    assert [*TIMEFRAMES] == ["1m", "5m", "15m", "1h", "4h", "1d", "1w"]
    assert len(PAIRS) == 21
    assert Timeframe.parse("1w").floor(0) == -3 * 86_400_000, "1970-01-01 was a Thursday"
