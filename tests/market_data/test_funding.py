"""Funding rates: fetched once, kept like candles, and never missing without a word."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import CorruptFileError, DataError
from core.funding import FundingRates
from core.paths import Paths
from exchanges import ExchangeManager
from market_data import LoadedFunding, load_funding
from market_data.funding import find_funding_holes, judged
from market_data.store.funding_store import FundingStore
from tests.fakes.binance import HOUR_MS, FakeBinanceUsdm
from tests.fakes.clock import START_MS
from tests.pipeline.loopback import connect

EIGHT = 8 * HOUR_MS
DAYS = 24 * HOUR_MS


def every(count: int, step_ms: int = EIGHT, start_ms: int = START_MS) -> list[tuple[int, str]]:
    """Return ``count`` rates, each a few milliseconds late and different from the others, as the venue does it."""
    return [(start_ms + number * step_ms + number % 7, f"{(-1) ** number * (number + 1) * 1e-8:.8f}") for number in range(count)]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def load(paths: Paths, end_ms: int, start_ms: int = START_MS, rate: float = 0.0) -> LoadedFunding:
    found = load_funding("BINANCEUSDM", "btcusdt", start_ms, end_ms, paths=paths, assumed_rate=rate)
    assert found is not None
    return found


def test_rates_of_the_span_are_fetched_once_and_then_come_from_the_store(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    told = every(2400)
    with FakeBinanceUsdm(funding={"BTCUSDT": told}) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        first = load(paths, START_MS + 2000 * EIGHT)
        asked = venue.count("fundingRate")
        assert asked == 3
        assert load(paths, START_MS + 2000 * EIGHT).rates.digest == first.rates.digest
        assert venue.count("fundingRate") == asked
        load(paths, START_MS + 2400 * EIGHT)
        later = venue.requests[-1].params
        assert int(later["startTime"]) == START_MS + 2000 * EIGHT
    assert first.rates.time_ms.tolist() == [time for time, _ in told[:2000]]
    assert first.rates.rate.tolist() == [float(rate) for _, rate in told[:2000]]
    assert (first.holes, first.notes, first.assumed) == ((), (), 0)
    monkeypatch.setattr(ExchangeManager, "_shared", None)  # and the venue is gone
    assert load(paths, START_MS + 2400 * EIGHT).told == 2400


def test_order_of_asking_does_not_show_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for name, spans in (("one", [(0, 300)]), ("many", [(200, 300), (0, 100), (50, 250)])):
        own = Paths.under(tmp_path / name)
        with FakeBinanceUsdm(funding={"BTCUSDT": every(400)}) as venue:
            connect(monkeypatch, BINANCEUSDM=venue)
            for first, last in spans:
                load(own, START_MS + last * EIGHT, START_MS + first * EIGHT)
        files.append(FundingStore(own).path("BINANCEUSDM", "BTCUSDT").read_bytes())
    assert files[0] == files[1]


def test_every_answer_is_stored_before_the_next_question(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeBinanceUsdm(funding={"BTCUSDT": every(2400)}) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        end_ms = START_MS + 2400 * EIGHT
        pages = 0

        def count(done: int, _total: int) -> None:
            nonlocal pages
            pages += 1
            stored = FundingStore(paths).read("BINANCEUSDM", "BTCUSDT")
            assert len(stored.rates) == done
            if pages == 2:
                raise DataError("pulled plug")

        with pytest.raises(DataError, match="pulled plug"):
            load_funding("BINANCEUSDM", "BTCUSDT", START_MS, end_ms, paths=paths, on_rates=count)
        asked = venue.count("fundingRate")
        assert load(paths, end_ms).told == 2400
        assert venue.count("fundingRate") == asked + 1


def test_damaged_file_is_named_and_repair_lets_it_be_fetched_again(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FundingStore(paths)
    path = store.path("BINANCEUSDM", "BTCUSDT")
    with FakeBinanceUsdm(funding={"BTCUSDT": every(90)}) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        before = load(paths, START_MS + 90 * EIGHT).rates.digest
        assert store.verify() == ()
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        stranger = path.with_name("notes.txt")
        stranger.write_text("mine")
        with pytest.raises(CorruptFileError, match=r"funding\.json .*checksum differs.*data repair"):
            load(paths, START_MS + 90 * EIGHT)
        assert {damage.path for damage in store.verify()} == {path, stranger}
        aside = [place for _, place in store.repair(store.verify())]
        assert [place.exists() for place in aside] == [True, True]
        assert store.verify() == ()
        assert load(paths, START_MS + 90 * EIGHT).rates.digest == before


def test_file_of_another_market_is_not_taken(paths: Paths) -> None:
    store = FundingStore(paths)
    store.merge("BINANCEUSDM", "BTCUSDT", FundingRates(np.array([START_MS]), np.array([0.1])), (START_MS, START_MS + 1))
    other = store.path("BINANCEUSDM", "ETHUSDT")
    other.parent.mkdir(parents=True)
    store.path("BINANCEUSDM", "BTCUSDT").rename(other)
    with pytest.raises(CorruptFileError, match="another market"):
        store.read("BINANCEUSDM", "ETHUSDT")
    assert [damage.path for damage in store.verify()] == [other]
    assert store.all() == ()


def test_exchange_without_rates_has_none(paths: Paths) -> None:
    assert load_funding("SIMULATED", "BTCUSDT", START_MS, START_MS + DAYS, paths=paths) is None


STEPS: dict[str, tuple[Sequence[float], list[tuple[float, float]]]] = {
    "every eight hours": ((0, 8, 16, 24, 32, 40), []),
    "one is missing": ((0, 8, 24, 32, 40), [(8, 24)]),
    "a venue that changes to four hours": ((0, 8, 16, 20, 24, 28, 32, 36, 40, 44), []),
    "one of four hours is missing": ((0, 4, 8, 16, 20, 24, 28, 32, 36, 40, 44), [(8, 16)]),
    "history begins later": ((20, 28, 36, 44), [(0, 20)]),
    "listed within the first eight hours": ((5, 13, 21, 29, 37, 45), []),
    "history ends earlier": ((0, 8, 16), [(16, 48)]),
    "nothing at all": ((), [(0, 48)]),
}


@pytest.mark.parametrize(("hours", "holes"), STEPS.values(), ids=STEPS)
def test_missing_rates_are_found(hours: Sequence[float], holes: list[tuple[float, float]]) -> None:
    times = np.array([START_MS + hour * HOUR_MS for hour in hours], np.int64)
    found = find_funding_holes(times, START_MS, START_MS + 48 * HOUR_MS)
    assert [(round((start - START_MS) / HOUR_MS, 3), round((end - START_MS) / HOUR_MS, 3)) for start, end in found] == holes


def test_missing_rates_are_said_and_a_constant_stands_in_for_them() -> None:
    times = np.array([START_MS + hour * HOUR_MS + 5 for hour in (0, 8, 32, 40)], np.int64)
    told = FundingRates(times, np.array([0.001, 0.002, 0.003, 0.004]))
    silent = judged("BINANCEUSDM BTCUSDT", told, START_MS, START_MS + 48 * HOUR_MS, 0.0, 8)
    assert silent.rates.digest == told.digest
    assert "tells no funding rate for 1.0 days of the span" in silent.notes[0]
    assert "No funding is charged there" in silent.notes[0]
    assumed = judged("BINANCEUSDM BTCUSDT", told, START_MS, START_MS + 48 * HOUR_MS, 0.0001, 8)
    assert assumed.rates.rate.tolist() == [0.001, 0.002, 0.0001, 0.0001, 0.003, 0.004]  # at 16 and 24 h; 32 h is told, 5 ms late
    assert (assumed.told, assumed.assumed, assumed.assumed_rate) == (4, 2, 0.0001)
    assert "0.0100% every 8 h, is charged instead (2 times)" in assumed.notes[0]


@pytest.mark.parametrize(
    ("times", "rates", "problem"),
    [
        ([1, 2], [0.1], "one rate for each time"),
        ([2, 1], [0.1, 0.1], "do not rise"),
        ([1, 1], [0.1, 0.1], "do not rise"),
        ([1], [np.nan], "finite"),
    ],
)
def test_rates_that_cannot_be_charged_are_refused(times: list[int], rates: list[float], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        FundingRates(np.array(times, np.int64), np.array(rates, np.float64))
