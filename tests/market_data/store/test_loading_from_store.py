"""Candles of a real venue come from the store, are made of finer stored ones, or are fetched once."""

from pathlib import Path

import pytest

from config.run import GapPolicy
from core.candles import Candles
from core.errors import CorruptFileError, NoCandlesError
from core.paths import Paths
from exchanges import manager
from market_data import load_candles, loading
from market_data.fetching import SETTLED_AFTER_MS
from market_data.resample import resample
from market_data.store import CandleStore
from market_data.stored_source import revisions_within
from tests.market_data.store.fake_exchange import PagedVenue
from tests.market_data.store.stores import HOUR, MARKET, changed, history, hours

DAY_BARS = 24
LATER = SETTLED_AFTER_MS // HOUR.ms


class Desk:
    """A venue, a store and the time of day."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, candles: Candles) -> None:
        self.venue = PagedVenue(candles, timeframes=["1d"], page_bars=100)
        self.paths = Paths.under(folder)
        self.store = CandleStore(self.paths)
        patch.setattr(manager, "_FACTORIES", {"VENUE": lambda paths: self.venue})
        patch.setattr(manager.ExchangeManager, "_shared", None)
        patch.setattr(loading, "now_ms", lambda: self.venue.now_ms)

    def load(
        self, timeframe: str = "1h", start: int | None = None, end: int | None = None, gaps: GapPolicy = GapPolicy.AUTO
    ) -> loading.LoadedCandles:
        """Load a range given in numbers of hours."""
        first, last = (None if each is None else hours(each, 0)[0] for each in (start, end))
        return load_candles("venue", "btcusdt", timeframe, first, last, gaps=gaps, paths=self.paths)

    def asked(self) -> list[str]:
        """Return the timeframes of the requests since the last look."""
        names = [name for name, _, _ in self.venue.requests]
        self.venue.requests.clear()
        return names


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch, history(24 * 20))


def test_a_second_load_asks_nothing(desk: Desk) -> None:
    first = desk.load(start=5, end=300)
    assert desk.asked() == ["1h"] * 3
    again = desk.load(start=5, end=300)
    assert desk.asked() == []
    assert first.candles.digest == again.candles.digest == desk.venue.candles[5:300].digest
    assert again.quality == first.quality
    assert again.candles.market == MARKET


def test_a_longer_range_asks_only_for_the_rest(desk: Desk) -> None:
    desk.load(start=100, end=200)
    desk.asked()
    loaded = desk.load(start=50, end=250)
    assert [(start, end) for _, start, end in desk.venue.requests] == [hours(50, 100), hours(200, 250)]
    assert loaded.candles.digest == desk.venue.candles[50:250].digest


def test_open_dates_are_all_there_is(desk: Desk) -> None:
    assert desk.load().candles.digest == desk.venue.candles.digest
    desk.asked()
    assert desk.load().candles.digest == desk.venue.candles.digest
    assert desk.asked() == []


def test_time_goes_on(desk: Desk) -> None:
    desk.venue.now_ms = hours(200, 0)[0] + HOUR.ms // 3
    assert len(desk.load(start=0).candles) == 200
    desk.asked()
    desk.venue.now_ms = hours(203, 0)[0]
    assert len(desk.load(start=0).candles) == 203
    assert [(start, end) for _, start, end in desk.venue.requests] == [hours(200, 203)]


def test_coarser_bars_are_made_of_stored_finer_ones(desk: Desk) -> None:
    desk.load("1h", 0, 10 * DAY_BARS)
    desk.asked()
    loaded = desk.load("1d", DAY_BARS, 9 * DAY_BARS)
    assert desk.asked() == []
    assert loaded.candles.digest == resample(desk.venue.candles[DAY_BARS : 9 * DAY_BARS], loaded.candles.timeframe).digest
    assert str(loaded.candles.market) == "VENUE BTCUSDT 1d"


def test_the_coarsest_that_is_stored_whole_is_taken(desk: Desk) -> None:
    desk.load("1h", 0, 14 * DAY_BARS)
    desk.load("1d", 0, 14 * DAY_BARS)
    assert set(desk.asked()) == {"1h"}, "days come from the hours"
    desk.load("1w", 0, 14 * DAY_BARS)
    assert desk.asked() == []


def test_coarser_bars_are_fetched_where_finer_ones_do_not_reach(desk: Desk) -> None:
    desk.load("1h", 5, 10 * DAY_BARS)
    desk.asked()
    assert desk.load("1d", 0, 10 * DAY_BARS).quality.bars == 10
    assert set(desk.asked()) == {"1d"}


def test_coarser_bars_are_fetched_where_the_finer_ones_lack_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, monkeypatch, history(24 * 20, missing=[2 * DAY_BARS]))
    desk.load("1h", 0, 20 * DAY_BARS, GapPolicy.KEEP)
    desk.asked()
    desk.load("1d", 2 * DAY_BARS, 4 * DAY_BARS)
    assert desk.asked() == ["1d"]


def test_coarser_bars_are_fetched_where_the_finer_ones_are_too_few_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, none = range(2 * DAY_BARS + 1, 3 * DAY_BARS), range(6 * DAY_BARS, 7 * DAY_BARS)
    desk = Desk(tmp_path, monkeypatch, history(24 * 20, missing=[*few, *none]))
    desk.load("1h", 0, 20 * DAY_BARS, GapPolicy.KEEP)
    desk.asked()
    assert len(desk.load("1d", 4 * DAY_BARS, 9 * DAY_BARS, GapPolicy.KEEP).candles) == 4
    assert desk.asked() == [], "a day without any trade is no bar of the venue either"
    desk.load("1d", 0, 4 * DAY_BARS, GapPolicy.KEEP)
    assert desk.asked() == ["1d"]


def test_coarser_bars_are_fetched_where_the_finer_ones_have_holes_that_are_not_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, monkeypatch, history(24 * 20, missing=[30, 31]))
    desk.load("1h", 0, 20 * DAY_BARS, GapPolicy.KEEP)
    desk.asked()
    desk.load("1d", 0, 20 * DAY_BARS, GapPolicy.KEEP)
    assert desk.asked() == []
    assert desk.load("1d", 0, 20 * DAY_BARS, GapPolicy.REFUSE).quality.missing_bars == 0
    assert desk.asked() == ["1d"]


def test_a_venue_with_finer_bars_only_is_stored_as_it_is(desk: Desk) -> None:
    loaded = desk.load("4h", 0, 5 * DAY_BARS)
    assert set(desk.asked()) == {"1h"}
    assert loaded.quality.bars == 30
    assert desk.store.markets() == (MARKET,)
    assert desk.load("4h", 0, 5 * DAY_BARS).candles.digest == loaded.candles.digest
    assert desk.asked() == []


def test_nothing_fetched_is_lost_by_an_interruption(desk: Desk) -> None:
    desk.venue.fail_at = {3}
    with pytest.raises(KeyboardInterrupt):
        desk.load(start=0, end=400)
    desk.asked()
    desk.venue.fail_at.clear()
    desk.load(start=0, end=400)
    assert len(desk.asked()) == 2


def test_dates_without_bars_name_the_span_there_is(desk: Desk) -> None:
    desk.load(start=0, end=10)
    with pytest.raises(NoCandlesError, match="there are bars from 2024-01-01 00:00 to 2024-01-01 10:00 UTC"):
        desk.load(start=-100, end=-50)
    with pytest.raises(NoCandlesError):
        desk.load(start=5_000, end=5_010)


def test_a_series_without_any_bars_is_said(desk: Desk) -> None:
    with pytest.raises(NoCandlesError, match="VENUE BTCUSDT 1h: the venue has no closed bars from .* Choose other dates"):
        desk.load(start=-100, end=-50)


def test_a_revised_bar_is_reported_by_every_load_that_holds_it(desk: Desk) -> None:
    desk.load(start=0, end=100)
    desk.store.merge(MARKET, changed(desk.venue.candles, 7, volume=77.0)[:100], source="rest")
    for _ in range(2):
        (warning,) = desk.load(start=0, end=100).quality.warnings
        assert "VENUE BTCUSDT 1h: the venue changed 1 closed bar: 2024-01-01 07:00 UTC (volume" in warning
    assert desk.load(start=8, end=100).quality.warnings == ()


def test_a_revision_that_came_after_the_bars_were_read_is_none_of_theirs(desk: Desk) -> None:
    before = desk.load(start=0, end=100).candles
    desk.store.merge(MARKET, changed(desk.venue.candles, 7, volume=77.0)[:100], source="rest")
    after = desk.store.read(MARKET)
    assert after is not None
    assert revisions_within(desk.store, before) == ()
    assert [revision.open_ms for revision in revisions_within(desk.store, after)] == [hours(7, 8)[0]]


def test_a_damaged_part_is_named_never_skipped(desk: Desk) -> None:
    desk.load(start=0, end=100)
    (part,) = desk.store.folder(MARKET).glob("*.parquet")
    part.write_bytes(b"")
    with pytest.raises(CorruptFileError, match=part.name):
        desk.load(start=0, end=100)
    desk.store.repair(MARKET)
    assert desk.load(start=0, end=100).candles.digest == desk.venue.candles[:100].digest


def test_normal_holes_are_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, monkeypatch, history(1_000, missing=[500]))
    desk.venue.now_ms = hours(1_000 + LATER, 0)[0]
    desk.load(start=0, end=1_000)
    desk.asked()
    loaded = desk.load(start=0, end=1_000)
    assert desk.asked() == []
    assert loaded.quality.missing_bars == 1


def test_local_and_simulated_markets_are_not_stored(tmp_path: Path) -> None:
    load_candles("SIMULATED", "BTCUSDT", "1h", *hours(0, 48), paths=Paths.under(tmp_path))
    assert not Paths.under(tmp_path).candle_cache.exists()
