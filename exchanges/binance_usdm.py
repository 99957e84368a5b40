"""Binance USDT-M perpetual futures: candles as on spot, and funding rates."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.secrets import Secrets
from core.errors import DataError
from exchanges.base import AccountStatus, FundingPage, SymbolFacts, VenueFees
from exchanges.binance import SPOT, BinanceDialect, account_status, filter_rules
from exchanges.binance_klines import decimal_float
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore
from exchanges.limits import Limit
from exchanges.rest_exchange import RestExchange
from exchanges.signing import BinanceSigner
from exchanges.span import require_forward
from exchanges.timing import ServerClock

FUNDING_GROUP = "funding"
_FUNDING_PAGE = 1000

USDM = VenueFacts(
    name="BINANCEUSDM",
    base_url="https://fapi.binance.com",
    fees=VenueFees(0.0002, 0.0005, "Binance's USDT-M futures fee schedule: regular user, no BNB discount", "2026-11-01"),
    is_spot=False,
    timeframes=SPOT.timeframes,
    # Up to 1500 are allowed, but a page of 1000 costs half as much.
    page_bars=1000,
    weight_limit=2400,
    weight_window_s=60,
    candle_weight=5,
    more_limits=(Limit(500, 300, FUNDING_GROUP),),
    required_keys=SPOT.required_keys,
    errors=SPOT.errors,
)


class UsdmDialect(BinanceDialect):
    """Requests and answers of Binance's USDT-M futures API."""

    root = "/fapi/v1"
    listing_weight, tickers_weight = 1, 40

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask what the key may do on the futures account."""
        key, secret = (secrets.get(name) or "" for name in self._facts.required_keys)
        signer = BinanceSigner(key, secret, server_clock)
        return account_status(self._facts.name, http.get("/fapi/v2/account", weight=5, signed=signer).json)

    def _market(self, listed: Mapping[str, Any]) -> SymbolFacts:
        status = str(listed["status"])
        trading = status == "TRADING" and listed.get("contractType") == "PERPETUAL"
        rules = filter_rules(listed)
        return SymbolFacts(str(listed["symbol"]), rules, str(listed["baseAsset"]), str(listed["quoteAsset"]), trading, status)


class BinanceUsdm(RestExchange):
    """USDT-M perpetuals; long and short positions pay or receive funding, usually every eight hours."""

    def __init__(self, http: HttpCore) -> None:
        """Talk to the venue through ``http``."""
        super().__init__(USDM, UsdmDialect(USDM), http)

    def funding_rates(self, symbol: str, start_ms: int, end_ms: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (times int64 UTC ms, rates float64 as fractions of the notional), ``start_ms <= time < end_ms``, in order of time.

        A positive rate is paid by long positions to short ones. Both are empty when there was none. Raises ConfigError for an unknown
        symbol and DataError for an answer that is not as documented.
        """
        require_forward(start_ms, end_ms)
        pages = list(self.funding_pages(symbol, start_ms, end_ms))
        times = [page.time_ms for page in pages] or [np.zeros(0, np.int64)]
        rates = [page.rate for page in pages] or [np.zeros(0)]
        return np.concatenate(times), np.concatenate(rates)

    def funding_pages(self, symbol: str, start_ms: int, end_ms: int) -> Iterator[FundingPage]:
        """Yield the rates of ``funding_rates`` answer by answer, oldest first; together the answers cover the range."""
        spelled, begin = self.spelling(symbol), start_ms
        while begin < end_ms:
            page = self._funding_page(symbol, spelled, begin, end_ms)
            full = len(page) >= _FUNDING_PAGE
            until = page[-1][0] + 1 if full else end_ms
            times, rates = [time for time, _rate in page], [rate for _time, rate in page]
            yield FundingPage(begin, until, np.array(times, np.int64), np.array(rates, np.float64))
            begin = until

    def _funding_page(self, symbol: str, spelled: str, begin: int, end_ms: int) -> list[tuple[int, float]]:
        params = (("symbol", spelled), ("startTime", begin), ("endTime", end_ms - 1), ("limit", _FUNDING_PAGE))
        with self._asking(symbol):
            rows = self.http.get("/fapi/v1/fundingRate", params, group=FUNDING_GROUP).json
        name = f"{self.name} {spelled}: the funding rates"
        if not isinstance(rows, list):
            raise DataError(f"{name} are no list. Try again later.")
        try:
            page = [(_whole(row["fundingTime"]), _signed(row["fundingRate"])) for row in rows]
            symbols = {row["symbol"] for row in rows}
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{name} are not of the documented form ({type(error).__name__}). Try again later.") from None
        outside = [time for time, _rate in page if not begin <= time < end_ms]
        disorder = any(later[0] <= earlier[0] for earlier, later in pairwise(page))
        if outside or disorder or symbols - {spelled}:
            raise DataError(f"{name} are out of order, of another market or outside what was asked for. Try again later.")
        return page


def binance_usdm(http: HttpCore) -> BinanceUsdm:
    """Return the USDT-M perpetuals behind ``http``."""
    return BinanceUsdm(http)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError("a time that is no whole number")
    return value


def _signed(text: object) -> float:
    """Return a rate, which may be negative; beyond +-100 % it is none."""
    if not isinstance(text, str):
        raise ValueError("a rate that is no text")
    rate = -decimal_float(text[1:]) if text.startswith("-") else decimal_float(text)
    if abs(rate) > 1.0:
        raise ValueError("a rate beyond 100 %")
    return rate
