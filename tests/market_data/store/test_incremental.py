"""The files depend on what is stored, never on the order in which it came; and one more bar costs what one bar costs."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe
from market_data.store import CandleStore
from market_data.store.layout import PART_BARS, TAIL_BARS
from tests.market_data.store.stores import HOUR, MARKET, files_of, history, hours, store_in

SPLITS, GROUPS = 1_000, 20


def piece(candles: Candles, start_ms: int, end_ms: int) -> Candles | None:
    first, last = candles.index_of(start_ms), candles.index_of(end_ms)
    return candles[first:last] if last > first else None


def full_download(folder: Path, candles: Candles, span: tuple[int, int]) -> dict[str, bytes]:
    store = store_in(folder)
    store.merge(MARKET, candles, source="rest", covered=span)
    return files_of(store)


@pytest.mark.usefixtures("small", "unsynced")
@pytest.mark.parametrize("group", range(GROUPS))
def test_any_split_in_any_order_gives_the_bytes_of_one_download(tmp_path: Path, group: int) -> None:
    draw = random.Random(group)
    bars = draw.randint(1, 330)
    candles = history(bars, missing=draw.sample(range(1, bars), draw.randint(0, (bars - 1) // 2)), seed=group)
    span = hours(-draw.randint(0, 50), bars + draw.randint(0, 50))
    expected = full_download(tmp_path / "full", candles, span)
    for number in range(SPLITS // GROUPS):
        store = store_in(tmp_path / str(number))
        cuts = sorted({*span, *(hours(draw.randint(-50, bars + 50), 0)[0] for _ in range(draw.randint(0, 4)))})
        pieces = [(max(start, span[0]), min(end, span[1])) for start, end in pairwise(cuts)]
        pieces += [(start - HOUR.ms * draw.randint(0, 9), end) for start, end in pieces[:1] if draw.random() < 0.5]
        draw.shuffle(pieces)
        for start, end in ((max(start, span[0]), end) for start, end in pieces if start < end):
            store.merge(MARKET, piece(candles, start, end), source="rest", covered=(start, end))
        assert files_of(store) == expected
        assert number % 10 or store.verify(MARKET) == ()


@pytest.mark.usefixtures("small", "unsynced")
def test_bar_by_bar_gives_the_bytes_of_one_download(tmp_path: Path) -> None:
    candles, store = history(200), store_in(tmp_path / "grown")
    for row in range(len(candles)):
        store.merge(MARKET, candles[row : row + 1], source="rest")
    assert files_of(store) == full_download(tmp_path / "full", candles, hours(0, 200))


def test_minus_zero_is_zero(tmp_path: Path) -> None:
    candles = history(3)
    volume = candles.volume * 0.0
    columns = {"timestamp": candles.open_ms, "volume": volume} | {name: getattr(candles, name) for name in ("open", "high", "low", "close")}
    zero, minus = (Candles.from_arrays(MARKET, columns | {"volume": sign * volume}) for sign in (1.0, -1.0))
    assert full_download(tmp_path / "zero", zero, hours(0, 3)) == full_download(tmp_path / "minus", minus, hours(0, 3))


def test_one_bar_writes_only_the_tail(store: CandleStore) -> None:
    candles = history(3 * PART_BARS)
    market = candles.market
    last_whole = (int(candles.open_ms[-1]) // (PART_BARS * HOUR.ms)) * PART_BARS * HOUR.ms
    full = candles.index_of(last_whole)
    store.merge(market, candles[: full + TAIL_BARS + 5], source="rest")
    before = files_of(store)
    report = store.merge(market, candles[full + TAIL_BARS + 5 : full + TAIL_BARS + 6], source="rest")
    after = files_of(store)
    assert len(before.keys() - after.keys()) == 1, "one part and the manifest are replaced"
    assert report.written_bytes == sum(len(content) for name, content in after.items() if before.get(name) != content)
    assert report.written_bytes < 40_000


def test_a_bar_that_begins_a_new_period_folds_the_old_tail_within_a_megabyte(store: CandleStore) -> None:
    minute = Market("VENUE", "BTCUSDT", Timeframe.parse("1m"))
    start = 100 * PART_BARS * minute.timeframe.ms
    candles = history(PART_BARS + 1, market=minute, start_ms=start)
    store.merge(minute, candles[:PART_BARS], source="rest")
    info = store.info(minute)
    assert info is not None
    assert info.parts == PART_BARS // TAIL_BARS
    report = store.merge(minute, candles[PART_BARS:], source="rest")
    info = store.info(minute)
    assert info is not None
    assert info.parts == 2
    assert report.written_bytes <= 1_000_000
