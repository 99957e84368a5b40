"""Only what is missing is asked for, every answer is stored at once, and an empty answer of today is no knowledge."""

from collections.abc import Callable

import numpy as np
import pytest

from core.candles import Candles
from core.market import Market
from core.timeframe import DAY_MS, MINUTE_MS
from exchanges.calendars import venue_timeframe
from market_data.fetching import BATCH_BARS, SETTLED_AFTER_MS, FetchReport, fetch_missing, market_of, missing_ranges, update_series
from market_data.store import CandleStore
from market_data.store.columns import columns_of
from tests.fakes.bars import session_bars
from tests.market_data.store.fake_exchange import PagedVenue, PlainVenue
from tests.market_data.store.stores import HOUR, MARKET, changed, files_of, history, hours, store_in

LATER = SETTLED_AFTER_MS // HOUR.ms


def asked(venue: PlainVenue) -> list[tuple[int, int]]:
    """Return the requests since the last look as bar numbers."""
    zero = hours(0, 0)[0]
    spans = [((start or 0) - zero, (end or 0) - zero) for _, start, end in venue.requests]
    venue.requests.clear()
    return [(start // HOUR.ms, end // HOUR.ms) for start, end in spans]


def fetch(venue: PlainVenue, store: CandleStore, start: int, end: int, *, now: int | None = None, again: bool = False) -> FetchReport:
    now_ms = venue.now_ms if now is None else hours(now, now)[0]
    return fetch_missing(venue, store, MARKET, *hours(start, end), now_ms=now_ms, again=again)


def is_stored(store: CandleStore, candles: Candles) -> bool:
    found = store.read(MARKET)
    return found is not None and found.digest == candles.digest


@pytest.mark.parametrize("kind", [PlainVenue, PagedVenue])
def test_head_hole_and_tail_are_asked_for_and_nothing_else(store: CandleStore, kind: Callable[[Candles], PlainVenue]) -> None:
    candles = history(60)
    venue = kind(candles)
    for start, end in ((10, 20), (30, 40)):
        store.merge(MARKET, candles[start:end], source="rest")
    report = fetch(venue, store, 5, 45)
    assert asked(venue) == [(5, 10), (20, 30), (40, 45)]
    assert report.missing == (hours(5, 10), hours(20, 30), hours(40, 45))
    assert report.added == 20
    assert is_stored(store, candles[5:45])
    assert fetch(venue, store, 5, 45).missing == ()
    assert asked(venue) == []


def test_every_page_is_stored_before_the_next_is_asked_for(store: CandleStore) -> None:
    candles = history(60)
    venue = PagedVenue(candles)
    venue.fail_at = {4}
    with pytest.raises(KeyboardInterrupt):
        fetch(venue, store, 0, 60)
    assert is_stored(store, candles[:30])
    asked(venue)
    venue.fail_at.clear()
    fetch(venue, store, 0, 60)
    assert asked(venue) == [(30, 40), (40, 50), (50, 60)]
    assert is_stored(store, candles)


def test_an_interrupted_download_ends_in_the_bytes_of_an_uninterrupted_one(
    store: CandleStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    candles = history(60, missing=range(12, 24))
    other, now = store_in(tmp_path_factory.mktemp("other")), 60 + 2 * LATER
    fetch(PagedVenue(candles), other, -10, 60, now=now)
    for number in range(1, 8):
        venue = PagedVenue(candles, page_bars=number)
        venue.fail_at = {number}
        try:
            fetch(venue, store, -10, 60, now=now)
        except KeyboardInterrupt:
            continue
    fetch(PagedVenue(candles), store, -10, 60, now=now)
    assert files_of(store) == files_of(other)


def test_exchanges_without_pages_are_asked_in_batches(store: CandleStore) -> None:
    candles = history(2 * BATCH_BARS + 5)
    venue = PlainVenue(candles)
    fetch(venue, store, 0, 2 * BATCH_BARS + 5)
    assert asked(venue) == [(0, BATCH_BARS), (BATCH_BARS, 2 * BATCH_BARS), (2 * BATCH_BARS, 2 * BATCH_BARS + 5)]
    assert is_stored(store, candles)


@pytest.mark.parametrize("kind", [PlainVenue, PagedVenue])
def test_old_holes_are_not_asked_for_again(store: CandleStore, kind: Callable[[Candles], PlainVenue]) -> None:
    venue = kind(history(100, missing=range(20, 50)))
    fetch(venue, store, 0, 100, now=100 + LATER)
    asked(venue)
    assert fetch(venue, store, 0, 100, now=100 + LATER).missing == ()
    assert fetch(venue, store, 22, 40, now=100 + LATER).missing == ()
    assert asked(venue) == []


def test_an_empty_answer_of_today_is_asked_for_again(store: CandleStore) -> None:
    candles = history(60)
    venue = PagedVenue(candles[:50])
    fetch(venue, store, 0, 60, now=60)
    assert store.missing(MARKET, *hours(0, 60)) == (hours(50, 60),)
    fetch(venue, store, 50, 60, now=60)
    fetch(venue, store, 0, 60, now=60)
    assert store.missing(MARKET, *hours(0, 60)) == (hours(50, 60),), "empty answers do not move on what is known"
    late = PagedVenue(candles)
    fetch(late, store, 0, 60, now=60)
    assert is_stored(store, candles)


def test_bars_that_come_late_between_others_are_found(store: CandleStore) -> None:
    candles = history(60)
    fetch(PagedVenue(history(60, missing=range(40, 50))), store, 0, 60)
    assert store.missing(MARKET, *hours(0, 60)) == (hours(40, 50),), "a whole page without bars, today"
    fetch(PagedVenue(candles), store, 0, 60)
    assert is_stored(store, candles)


def test_a_late_bar_inside_an_answer_of_today_is_found_and_an_old_hole_is_settled(store: CandleStore) -> None:
    candles = history(100)
    fetch(PagedVenue(history(100, missing=[5, 93])), store, 0, 100, now=100)
    assert store.missing(MARKET, *hours(0, 100)) == (hours(93, 94),)
    late = PagedVenue(candles)
    fetch(late, store, 0, 100, now=100)
    assert asked(late) == [(93, 94)]


def test_many_holes_of_today_are_one_question(store: CandleStore) -> None:
    quiet = PagedVenue(history(100, missing=range(71, 99, 2)), page_bars=100)
    for _ in range(2):
        fetch(quiet, store, 0, 100, now=100)
    assert asked(quiet) == [(0, 100), (71, 98)]
    fetch(quiet, store, 0, 100, now=100 + LATER)
    asked(quiet)
    assert fetch(quiet, store, 0, 100, now=100 + LATER).missing == ()


def test_nights_of_the_last_days_are_not_asked_for_but_a_late_bar_is(store: CandleStore) -> None:
    monday_ms = 1_704_047_400_000  # 2024-01-01 00:00 IST
    bars = session_bars("1m", monday_ms, monday_ms + 3 * DAY_MS)
    names = ("timestamp", "open", "high", "low", "close", "volume")
    market = Market("ZERODHA", "INFY", venue_timeframe("ZERODHA", "1m"))
    whole = Candles.from_arrays(market, dict(zip(names, zip(*bars, strict=True), strict=True)))
    late = Candles.from_arrays(market, {name: np.delete(values, 500) for name, values in columns_of(whole).items()})
    first, end, missed = int(whole.open_ms[0]), whole.end_ms, int(whole.open_ms[500])
    for candles, wanted in ((late, ((first, end),)), (whole, ((missed, missed + MINUTE_MS),)), (whole, ())):
        venue = PagedVenue(candles, page_bars=5_000)
        assert fetch_missing(venue, store, market, first, end, now_ms=end).missing == wanted
    amid_the_first_night = monday_ms + 18 * 3_600_000 + SETTLED_AFTER_MS
    assert missing_ranges(store, market, first, end, amid_the_first_night) == ()
    stored = store.read(market)
    assert stored is not None
    assert stored.digest == whole.digest


def test_an_empty_answer_is_believed_after_some_days(store: CandleStore) -> None:
    venue = PagedVenue(history(50))
    fetch(venue, store, 0, 60, now=60)
    venue.now_ms = hours(60 + LATER, 0)[0]
    fetch(venue, store, 0, 60, now=60 + LATER)
    asked(venue)
    assert fetch(venue, store, 0, 60, now=60 + LATER).missing == ()
    assert asked(venue) == []


def test_the_time_before_the_first_bar_is_not_asked_for_twice(store: CandleStore) -> None:
    venue = PagedVenue(history(50))
    fetch(venue, store, -500, 50, now=50 + LATER)
    assert asked(venue)[0] == (0, 10), "the venue knows where its bars begin"
    assert fetch(venue, store, -500, 50, now=50 + LATER).missing == ()
    assert asked(venue) == []


def test_open_bars_are_not_asked_for(store: CandleStore) -> None:
    venue = PagedVenue(history(100))
    now_ms = hours(30, 0)[0] + HOUR.ms // 2
    fetch_missing(venue, store, MARKET, *hours(20, 100), now_ms=now_ms)
    assert asked(venue) == [(20, 30)]
    assert fetch_missing(venue, store, MARKET, *hours(40, 100), now_ms=now_ms).missing == ()


def test_an_update_gets_the_new_bars_only(store: CandleStore) -> None:
    candles = history(60)
    venue = PagedVenue(candles)
    fetch(venue, store, 0, 40)
    asked(venue)
    report = update_series(venue, store, MARKET, now_ms=venue.now_ms)
    assert asked(venue) == [(40, 50), (50, 60)]
    assert report.added == 20
    assert update_series(venue, store, MARKET, now_ms=venue.now_ms) == FetchReport((), 0, ())
    other = market_of(venue, "ethusdt", HOUR)
    assert update_series(venue, store, other, now_ms=venue.now_ms).missing == ()


def test_asking_again_finds_what_the_venue_has_revised(store: CandleStore) -> None:
    candles = history(60)
    fetch(PagedVenue(candles), store, 0, 60)
    revised = changed(candles, 33, volume=5.5)
    assert fetch(PagedVenue(revised), store, 0, 60).revisions == ()
    report = fetch(PagedVenue(revised), store, 0, 60, again=True)
    assert [(revision.open_ms, revision.new["volume"]) for revision in report.revisions] == [(hours(33, 0)[0], 5.5)]
    assert is_stored(store, revised)


def test_markets_are_stored_as_the_venue_spells_them() -> None:
    assert market_of(PagedVenue(history(5)), "btcusdt", HOUR) == MARKET
    assert market_of(PlainVenue(history(5)), "btcusdt", HOUR).symbol == "btcusdt"
