"""What every exchange must do. A new one joins by adding its facts in tests/exchanges/test_exchange_contract.py."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.candles import Candles
from core.clock import now_ms
from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.timeframe import Timeframe
from exchanges.base import ConnectivityStatus, Exchange, VenueFees


@dataclass(frozen=True)
class ExchangeFacts:
    """A market of the exchange with bars in [start_ms, end_ms), both on the grid and at least ten bars apart."""

    exchange: Exchange
    symbol: str
    market_symbol: str
    timeframe: Timeframe
    start_ms: int
    end_ms: int
    unknown_symbol: str


class ExchangeContract:
    """Subclass it and give the fixture ``facts``."""

    def fetch(self, facts: ExchangeFacts, start_ms: int | None, end_ms: int | None) -> Candles:
        return facts.exchange.fetch(facts.symbol, facts.timeframe, start_ms, end_ms)

    def test_is_an_exchange(self, facts: ExchangeFacts) -> None:
        assert isinstance(facts.exchange, Exchange)
        assert facts.exchange.name == facts.exchange.name.upper()

    def test_fees_are_fractions_with_a_source(self, facts: ExchangeFacts) -> None:
        fees = facts.exchange.default_fees
        assert isinstance(fees, VenueFees)
        assert 0 <= fees.maker < 0.1
        assert 0 <= fees.taker < 0.1
        assert fees.source

    def test_answers_with_a_status(self, facts: ExchangeFacts) -> None:
        status = facts.exchange.check_connectivity()
        assert isinstance(status, ConnectivityStatus)
        assert (status.exchange, status.ok) == (facts.exchange.name, True)
        assert status.message

    def test_symbols_are_sorted_and_unique(self, facts: ExchangeFacts) -> None:
        symbols = facts.exchange.symbols()
        assert symbols == sorted(set(symbols))
        assert facts.market_symbol in symbols

    def test_rules_of_size_are_not_negative(self, facts: ExchangeFacts) -> None:
        rules = facts.exchange.market_rules(facts.symbol)
        assert isinstance(rules, MarketRules)
        assert rules.qty_step >= 0
        assert rules.min_qty >= 0

    def test_market_is_named_without_a_path(self, facts: ExchangeFacts) -> None:
        market = self.fetch(facts, facts.start_ms, facts.end_ms).market
        assert (market.exchange, market.symbol, market.timeframe) == (facts.exchange.name, facts.market_symbol, facts.timeframe)

    def test_end_is_exclusive_and_start_inclusive(self, facts: ExchangeFacts) -> None:
        candles = self.fetch(facts, facts.start_ms, facts.end_ms)
        assert candles.open_ms[0] == facts.start_ms
        assert candles.open_ms[-1] == facts.end_ms - facts.timeframe.ms

    def test_dates_between_two_bars_mean_the_bars_inside(self, facts: ExchangeFacts) -> None:
        step = facts.timeframe.ms
        candles = self.fetch(facts, facts.start_ms + 1, facts.start_ms + 3 * step + 1)
        assert candles.open_ms.tolist() == [facts.start_ms + k * step for k in (1, 2, 3)]

    def test_bars_are_the_same_whatever_range_is_asked(self, facts: ExchangeFacts) -> None:
        whole = self.fetch(facts, facts.start_ms, facts.end_ms)
        step = facts.timeframe.ms
        part = self.fetch(facts, facts.start_ms + 3 * step, facts.end_ms - 2 * step)
        for name in ("open_ms", "open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(getattr(whole, name)[3:-2], getattr(part, name))

    def test_the_same_bars_twice_have_the_same_digest(self, facts: ExchangeFacts) -> None:
        digests = {self.fetch(facts, facts.start_ms, facts.end_ms).digest for _ in range(2)}
        assert len(digests) == 1

    def test_bars_tell_whether_they_are_synthetic_and_have_volume(self, facts: ExchangeFacts) -> None:
        candles = self.fetch(facts, facts.start_ms, facts.end_ms)
        assert candles.synthetic is facts.exchange.synthetic
        assert candles.has_volume is facts.exchange.has_volume

    def test_only_closed_bars_leave(self, facts: ExchangeFacts) -> None:
        assert self.fetch(facts, facts.start_ms, None).end_ms <= now_ms()

    def test_open_range_is_the_available_span(self, facts: ExchangeFacts) -> None:
        span = facts.exchange.available_span(facts.symbol, facts.timeframe)
        assert span is not None
        assert span[0] <= facts.start_ms
        assert span[1] >= facts.end_ms
        assert self.fetch(facts, None, span[0] + 5 * facts.timeframe.ms).open_ms[0] == span[0]

    def test_dates_outside_name_the_span(self, facts: ExchangeFacts) -> None:
        future = now_ms() + 10 * 365 * 86_400_000
        with pytest.raises(DataError, match=r"no bars from .* there are bars from \d{4}-\d\d-\d\d .* to \d{4}-\d\d-\d\d"):
            self.fetch(facts, future, future + 100 * facts.timeframe.ms)

    def test_source_of_an_offered_timeframe_is_itself(self, facts: ExchangeFacts) -> None:
        assert facts.exchange.source_timeframe(facts.symbol, facts.timeframe) == facts.timeframe

    def test_unknown_symbol_is_a_config_error(self, facts: ExchangeFacts) -> None:
        with pytest.raises(ConfigError):
            facts.exchange.fetch(facts.unknown_symbol, facts.timeframe, None, None)
