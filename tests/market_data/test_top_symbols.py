"""The ranking by traded value: kept for a quarter of an hour, and never old without saying so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import APIError, ConfigError
from core.paths import Paths
from exchanges.simulated import SimulatedExchange
from market_data.symbol_ranks import ranks_file
from market_data.top_symbols import FRESH_MS, TopSymbols, age_text, top_symbols
from tests.fakes import faults
from tests.fakes.binance import FakeBinance, Listed, spot
from tests.fakes.clock import START_MS
from tests.fakes.server import FaultPlan

NOW = START_MS
HOUR = 3_600_000


@dataclass
class Ranked:
    """A venue with four markets, and the folder in which its list is kept."""

    venue: FakeBinance
    paths: Paths
    exchanges: list[object] = field(default_factory=list)

    def top(self, now_ms: int = NOW, limit: int = 10, quote: str = "USDT", *, refresh: bool = False, stale_ok: bool = False) -> TopSymbols:
        # An adapter of its own for every call, as every command has one: nothing is remembered but the file.
        return top_symbols(spot(self.venue), quote, limit, self.paths, refresh=refresh, stale_ok=stale_ok, now_ms=now_ms)

    @property
    def asked(self) -> int:
        return self.venue.count("ticker")

    @property
    def file(self) -> Path:
        return ranks_file(self.paths.symbol_ranks, "BINANCE", "USDT")


@pytest.fixture
def ranked(tmp_path: Path) -> Iterator[Ranked]:
    listed = {
        "AUSDT": Listed("A", quote_volume="5.0"),
        "BUSDT": Listed("B", quote_volume="70.5"),
        "CUSDT": Listed("C", quote_volume="900.0", status="BREAK"),
        "ABTC": Listed("A", "BTC", quote_volume="1000000000.0"),
    }
    with FakeBinance(listed=listed) as venue:
        yield Ranked(venue, Paths.under(tmp_path))


def symbols(found: TopSymbols) -> list[str]:
    return [each.symbol for each in found.symbols]


def test_largest_value_comes_first_with_the_smallest_order(ranked: Ranked) -> None:
    found = ranked.top()
    assert [(each.symbol, each.quote_volume, each.min_notional) for each in found.symbols] == [("BUSDT", 70.5, 5.0), ("AUSDT", 5.0, 5.0)]
    assert (found.exchange, found.quote, found.listed, found.age_ms, found.trouble) == ("BINANCE", "USDT", 2, 0, "")


def test_a_fresh_list_is_not_asked_for_again_whatever_the_limit(ranked: Ranked) -> None:
    first = ranked.top()
    again = ranked.top(NOW + FRESH_MS - 1, limit=1, quote=" usdt ")
    assert symbols(again) == symbols(first)[:1]
    assert (again.listed, again.age_ms, again.as_of_ms) == (2, FRESH_MS - 1, NOW)
    assert ranked.asked == 1


@pytest.mark.parametrize(("later_ms", "refresh"), [(FRESH_MS, False), (-1, False), (0, True)], ids=["old", "from the future", "refresh"])
def test_an_old_list_is_asked_for_again(ranked: Ranked, later_ms: int, refresh: bool) -> None:
    ranked.top()
    ranked.venue.listed["AUSDT"].quote_volume = "99.0"
    assert symbols(ranked.top(NOW + later_ms, refresh=refresh)) == ["AUSDT", "BUSDT"]
    assert ranked.asked == 2


def test_when_the_venue_fails_an_old_list_is_named_but_not_shown(ranked: Ranked) -> None:
    ranked.top()
    ranked.venue.faults = FaultPlan.always(faults.status(503))
    with pytest.raises(APIError, match=r"There is a list as of 2024-05-01 00:00 UTC \(3 h old\): --stale-ok shows it\."):
        ranked.top(NOW + 3 * HOUR)


def test_an_old_list_is_shown_on_demand_and_says_why(ranked: Ranked) -> None:
    fresh = ranked.top()
    ranked.venue.faults = FaultPlan.always(faults.status(503))
    found = ranked.top(NOW + 3 * HOUR, stale_ok=True)
    assert symbols(found) == symbols(fresh)
    assert found.age_ms == 3 * HOUR
    assert "503" in found.trouble


def test_when_the_venue_fails_and_there_is_no_list_its_error_is_all_there_is(ranked: Ranked) -> None:
    ranked.venue.faults = FaultPlan.always(faults.status(503))
    with pytest.raises(APIError) as caught:
        ranked.top(stale_ok=True)
    assert "list" not in str(caught.value)


def test_the_list_of_one_address_is_not_that_of_another(ranked: Ranked) -> None:
    ranked.top()
    with FakeBinance(listed={"ZUSDT": Listed("Z")}) as other:
        assert symbols(top_symbols(spot(other), "USDT", 5, ranked.paths, now_ms=NOW)) == ["ZUSDT"]


@pytest.mark.parametrize("spoil", [lambda raw: raw.replace(b"70.5", b"99.5"), lambda raw: raw[:40], lambda raw: b"[]", lambda raw: b""])
def test_a_file_that_is_not_what_was_written_is_never_shown(ranked: Ranked, spoil: object) -> None:
    ranked.top()
    ranked.file.write_bytes(spoil(ranked.file.read_bytes()))  # type: ignore[operator]
    assert [each.quote_volume for each in ranked.top(NOW + 1).symbols] == [70.5, 5.0]
    assert ranked.asked == 2


def test_a_folder_in_the_place_of_the_file_stands_in_nobodys_way(ranked: Ranked) -> None:
    ranked.file.mkdir(parents=True)
    assert symbols(ranked.top()) == ["BUSDT", "AUSDT"]


def test_an_unknown_currency_is_answered_with_the_nearest(ranked: Ranked) -> None:
    with pytest.raises(ConfigError, match="trades nothing against 'USTD'. Did you mean 'USDT'"):
        ranked.top(quote="USTD")
    with pytest.raises(ConfigError, match="is no currency"):
        ranked.top(quote="\x00")


def test_an_exchange_without_a_ranking_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SIMULATED does not tell what is traded"):
        top_symbols(SimulatedExchange(), "USDT", 5, Paths.under(tmp_path))


def test_ages_are_told_as_people_say_them() -> None:
    minute = 60_000
    told = [age_text(each) for each in (0, minute, 7 * minute, 119 * minute, 120 * minute, 48 * 60 * minute)]
    assert told == ["under a minute", "1 minute", "7 minutes", "119 minutes", "2 h", "2 days"]
