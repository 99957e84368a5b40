"""Binance spot: facts, requests and answers. Public data needs no key."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.secrets import Secrets
from core.errors import DataError
from core.market import MarketRules
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.base import AccountStatus, SymbolFacts, VenueFees
from exchanges.binance_klines import decimal_float, parse_klines
from exchanges.facts import Refusal, VenueFacts
from exchanges.http import HttpCore, Params
from exchanges.http_replies import VenueError, code_and_message
from exchanges.kline_pages import read_klines
from exchanges.paging import Columns
from exchanges.rest_exchange import RestExchange
from exchanges.signing import BinanceSigner
from exchanges.timing import ServerClock

# The code of a forbidden character in any parameter, and what it is called here where that is the symbol.
_BAD_CHARACTER, _BAD_SYMBOL = "-1100", "-1100, symbol"
# What Binance's error codes mean; those that are not here say that the request itself is wrong.
BINANCE_ERRORS: Mapping[str, Refusal] = {
    **dict.fromkeys(("-1000", "-1001", "-1006", "-1007", "-1008"), Refusal.RETRY),
    "-1003": Refusal.LIMIT,
    "-1021": Refusal.CLOCK,
    **dict.fromkeys((_BAD_SYMBOL, "-1121", "-1220"), Refusal.SYMBOL),
    **dict.fromkeys(("-1002", "-1022", "-2008", "-2014", "-2015"), Refusal.CREDENTIAL),
}
# What a key is allowed, as Binance writes it: to read, to trade, to move money to somebody else.
_READ = "enableReading"
_TRADE = ("enableSpotAndMarginTrading", "enableMargin", "enableFutures", "enableVanillaOptions", "enablePortfolioMarginTrading")
_TAKE_OUT = ("enableWithdrawals", "enableInternalTransfer")
_INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w")

SPOT = VenueFacts(
    name="BINANCE",
    base_url="https://data-api.binance.vision",
    account_url="https://api.binance.com",
    fees=VenueFees(0.001, 0.001, "Binance's spot fee schedule: regular user, no BNB discount", "2026-11-01"),
    is_spot=True,
    timeframes={name: name for name in _INTERVALS if name in TIMEFRAMES},
    page_bars=1000,
    weight_limit=6000,
    weight_window_s=60,
    candle_weight=2,
    required_keys=("BINANCE_API_KEY", "BINANCE_API_SECRET"),
    errors=BINANCE_ERRORS,
)


def binance_error(status: int, said: Any) -> VenueError | None:
    """Read an error of Binance's form; a forbidden character is one of the symbol only where the text says so."""
    found = code_and_message(status, said)
    if found is not None and found.code == _BAD_CHARACTER and "'symbol'" in found.text:
        return VenueError(_BAD_SYMBOL, found.text)
    return found


class BinanceDialect:
    """Requests and answers of Binance's spot API; the futures API differs in paths and weights only."""

    root = "/api/v3"
    listing_weight, tickers_weight = 20, 80

    def __init__(self, facts: VenueFacts) -> None:
        """Speak as ``facts`` say."""
        self._facts = facts

    def server_time(self, http: HttpCore) -> int:
        """Return the venue's time in UTC ms."""
        said = http.get(f"{self.root}/time").json
        told = said.get("serverTime") if isinstance(said, dict) else None
        if type(told) is not int or not 0 < told < 7_258_118_400_000:
            raise DataError(f"{self._facts.name} tells no time in milliseconds. Try again later.")
        return told

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return every market with its rules; takes over the weight limit that the venue states."""
        said = http.get(f"{self.root}/exchangeInfo", weight=self.listing_weight).json
        try:
            markets = [self._market(each) for each in said["symbols"]]
            limits = [row for row in said["rateLimits"] if row["rateLimitType"] == "REQUEST_WEIGHT"]
            minute = next((row["limit"] for row in limits if row["interval"] == "MINUTE" and row["intervalNum"] == 1), None)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(f"{self._facts.name}: the list of symbols is not of the documented form ({type(error).__name__}).") from None
        if type(minute) is int and minute > 0:
            http.set_weight_limit(minute)
        return markets

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return one page of klines."""
        params = self._kline_params(symbol, timeframe, self._facts.page_bars)
        times = (("startTime", start_ms), ("endTime", end_ms - 1))
        return self._klines(http, (*params, *times), symbol, timeframe)

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the first bar at or after ``from_ms``."""
        params = (*self._kline_params(symbol, timeframe, 1), ("startTime", from_ms))
        found = self._klines(http, params, symbol, timeframe)["timestamp"]
        return int(found[0]) if len(found) else None

    def last_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, _now_ms: int) -> int | None:
        """Return the open of the newest bar, closed or not."""
        found = self._klines(http, self._kline_params(symbol, timeframe, 1), symbol, timeframe)["timestamp"]
        return int(found[-1]) if len(found) else None

    def volumes(self, http: HttpCore) -> Mapping[str, float]:
        """Return the value traded in 24 hours by symbol."""
        said = http.get(f"{self.root}/ticker/24hr", weight=self.tickers_weight).json
        try:
            volumes = {str(row["symbol"]): decimal_float(row["quoteVolume"]) for row in said}
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self._facts.name}: the 24 h tickers are not of the documented form ({type(error).__name__}).") from None
        return volumes

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask what the key may do, or, where the address does not tell, the account; the answer's balances are not kept."""
        key, secret = (secrets.get(name) or "" for name in self._facts.required_keys)
        signer = BinanceSigner(key, secret, server_clock)
        # Test networks, and those who speak like Binance, do not have this one.
        told = http.get("/sapi/v1/account/apiRestrictions", signed=signer, absent=404)
        if told.status != 404:
            return key_status(self._facts.name, told.json)
        said = http.get(f"{self.root}/account", (("omitZeroBalances", "true"),), weight=20, signed=signer).json
        return account_status(self._facts.name, said)

    def _kline_params(self, symbol: str, timeframe: Timeframe, limit: int) -> tuple[tuple[str, str | int], ...]:
        return ("symbol", symbol), ("interval", self._facts.timeframes[timeframe.name]), ("limit", limit)

    def _klines(self, http: HttpCore, params: Params, symbol: str, timeframe: Timeframe) -> Columns:
        rows = http.get(f"{self.root}/klines", params, weight=self._facts.candle_weight, parse=read_klines).json
        return parse_klines(rows, f"{self._facts.name} {symbol} {timeframe}", timeframe)

    def _market(self, listed: Mapping[str, Any]) -> SymbolFacts:
        status = str(listed["status"])
        trading = status == "TRADING" and listed.get("isSpotTradingAllowed", True) is True
        base, quote = str(listed["baseAsset"]), str(listed["quoteAsset"])
        return SymbolFacts(str(listed["symbol"]), filter_rules(listed), base, quote, trading, status)


def binance(http: HttpCore) -> RestExchange:
    """Return Binance spot behind ``http``."""
    return RestExchange(SPOT, BinanceDialect(SPOT), http)


def filter_rules(listed: Mapping[str, Any]) -> MarketRules:
    """Return the rules in a market's filters, each of which may be absent; of the two notional filters a market has one."""
    filters = {each["filterType"]: each for each in listed["filters"]}
    lot, price = filters.get("LOT_SIZE", {}), filters.get("PRICE_FILTER", {})
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    return MarketRules(
        qty_step=_size(lot.get("stepSize")),
        min_qty=_size(lot.get("minQty")),
        min_notional=_size(notional.get("minNotional", notional.get("notional"))),
        price_step=_size(price.get("tickSize")),
    )


def account_status(name: str, said: Any) -> AccountStatus:
    """Return what an account answer says about the key, with a warning where the key may do more than read."""
    if not isinstance(said, dict) or type(said.get("canTrade")) is not bool or type(said.get("canWithdraw")) is not bool:
        raise DataError(f"{name}: the answer about the account does not say what the key may do. Try again later.")
    can_trade, can_withdraw = said["canTrade"], said["canWithdraw"]
    if can_withdraw:
        message = "WARNING: this account can withdraw. Make sure that the key itself has no other permission than reading."
    elif can_trade:
        message = "the key works; this account can trade. A key with no other permission than reading is enough."
    else:
        message = "the key works and can only read"
    return AccountStatus(name, can_trade, can_withdraw, message)


def key_status(name: str, rights: Any) -> AccountStatus:
    """Return what the key itself may do: most accounts can trade and withdraw, whatever their keys are allowed."""
    told = {each: rights.get(each) if isinstance(rights, dict) else None for each in (_READ, *_TRADE, *_TAKE_OUT)}
    if type(told[_READ]) is not bool or any(type(told[each]) is not bool for each in (_TRADE[0], _TAKE_OUT[0])):
        raise DataError(f"{name}: the answer does not say what the key may do. Try again later.")
    can_trade, can_withdraw = (any(told[each] is True for each in names) for names in (_TRADE, _TAKE_OUT))
    may = [word for word, granted in (("withdraw", can_withdraw), ("trade", can_trade)) if granted]
    if not may:
        return AccountStatus(name, False, False, "the key works and can only read")
    warning = "WARNING: " if can_withdraw else ""
    return AccountStatus(name, can_trade, can_withdraw, f"{warning}this key can {' and '.join(may)}. One that can only read is enough.")


def _size(text: object) -> float:
    """Return a filter's number; 0, no rule, where the filter is absent."""
    return 0.0 if text is None else decimal_float(text)
