"""What the brokers of the NSE have in common: fees and charges, keys of the day, Indian time, series whose ends are found by ranges."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from config.secrets import Secrets
from core.candle_checks import Times
from core.clock import utc_from_ms
from core.errors import ConfigError, CredentialError
from core.timeframe import DAY_MS, Timeframe
from exchanges.base import VenueFees
from exchanges.calendars import TradingCalendar
from exchanges.http import HttpCore
from exchanges.paging import Columns
from exchanges.series_ends import SeriesEnds

# Longer than any series: for timeframes whose range a broker does not limit.
_UNLIMITED_DAYS = 50_000


def intraday_fees(broker: str) -> VenueFees:
    """Return the brokerage that both take, with the charges of the state and the exchange stated beside it."""
    return VenueFees(
        maker=0.0003,
        taker=0.0003,
        source=(
            f"{broker}, intraday equity: 0.03 % of the notional or Rs 20 an order, whichever is lower. Not in it, and to be added for real "
            "trading: STT 0.025 % of sales, stamp duty 0.003 % of purchases, NSE and SEBI charges of some 0.003 %, and 18 % GST on "
            "brokerage and NSE and SEBI charges, together some 0.023 % an order; and for what is held over night STT 0.1 % of purchases "
            "and of sales and stamp duty 0.015 % of purchases instead, together some 0.11 % an order"
        ),
        as_of="2026-11-01",
    )


def customer_keys(secrets: Secrets, venue: str, names: Sequence[str]) -> list[str]:
    """Return the values of ``names``, without which ``venue`` shows nothing; CredentialError says which are not set."""
    values = {name: secrets.get(name) for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise CredentialError(
            f"{venue} gives candles to its customers only, and {', '.join(missing)} is set neither in config/.env nor in the environment."
        )
    return [value for value in values.values() if value]


class BrokerDialect(ABC):
    """The part of a dialect that is the same for every broker of the NSE; ``secrets`` is read at every request: tokens live for a day."""

    def __init__(self, secrets: Callable[[], Secrets], calendar: TradingCalendar) -> None:
        """Read keys with ``secrets``, and times by ``calendar``."""
        self._secrets, self._calendar = secrets, calendar
        self._day = calendar.timeframe(Timeframe.parse("1d"))

    @abstractmethod
    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return the bars of one range, which must not be longer than the broker allows."""

    def last_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, now_ms: int) -> int | None:
        """Return the open of the newest bar."""
        return self._ends(http, symbol).last(timeframe, http.venue.first_candle_ms or 0, now_ms)

    def volumes(self, http: HttpCore) -> Mapping[str, float]:
        """Raise ConfigError: a broker tells the traded value of a few instruments at a time, and only to quote."""
        raise ConfigError(f"{http.venue.name} does not tell the traded value of all its symbols. Choose symbols by name.")

    def _ends(self, http: HttpCore, symbol: str) -> SeriesEnds:
        def opens(timeframe: Timeframe, start_ms: int, end_ms: int) -> Times:
            return self.page(http, symbol, timeframe, start_ms, end_ms)["timestamp"].astype(np.int64, copy=False)

        spans = http.venue.max_span_days or {}
        return SeriesEnds(opens, self._day, lambda timeframe: spans.get(timeframe.name, _UNLIMITED_DAYS) * DAY_MS)

    def _local(self, ms: int) -> str:
        """Return the time in the exchange's own zone, as both brokers write it."""
        return f"{utc_from_ms(ms + self._calendar.zone_ms):%Y-%m-%d %H:%M:%S}"
