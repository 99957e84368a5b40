"""Binance on the loopback interface: its REST protocol over candles that a test chooses."""

import hashlib
import hmac
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from exchanges.binance import SPOT, binance, binance_error
from exchanges.binance_usdm import USDM, BinanceUsdm
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore, HttpPolicy
from exchanges.rest_exchange import RestExchange
from exchanges.timing import Clock
from tests.fakes.clock import START_MS, FakeClock, NoJitter
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# The official list, with calendar months left out: they have no fixed length.
INTERVALS: Mapping[str, int] = {
    "1m": MINUTE_MS, "3m": 3 * MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS, "2h": 2 * HOUR_MS, "4h": 4 * HOUR_MS, "6h": 6 * HOUR_MS, "8h": 8 * HOUR_MS, "12h": 12 * HOUR_MS,
    "1d": DAY_MS, "3d": 3 * DAY_MS, "1w": 7 * DAY_MS,
}  # fmt: skip
API_KEY = "canary-api-key-vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
API_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
Row = list[Any]


def kline_rows(start_ms: int, bars: int, step_ms: int = HOUR_MS, *, scale: float = 100.0) -> list[Row]:
    """Return rows as Binance sends them: a saw of prices that tells every bar from every other."""
    rows: list[Row] = []
    for bar in range(bars):
        opens = start_ms + bar * step_ms
        close = scale + (bar * 37 % 101) / 10
        open_ = scale + ((bar - 1) * 37 % 101) / 10
        volume = 10 + bar % 7
        prices = (open_, max(open_, close) + 0.5, min(open_, close) - 0.5, close, volume)
        quote = volume * (open_ + close) / 2
        rows.append(
            [
                opens,
                *(f"{each:.8f}" for each in prices),
                opens + step_ms - 1,
                f"{quote:.8f}",
                5 + bar % 3,
                "1.00000000",
                "100.00000000",
                "0",
            ]
        )
    return rows


@dataclass
class Listed:
    """A market of the fake: its filters as Binance writes them, and its traded value of 24 hours."""

    base: str = "BTC"
    quote: str = "USDT"
    status: str = "TRADING"
    quote_volume: str = "1000000.00000000"
    filters: Sequence[Mapping[str, Any]] = field(
        default_factory=lambda: (
            {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.00000000", "tickSize": "0.01000000"},
            {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True, "maxNotional": "9000000.00000000",
             "applyMaxToMarket": False, "avgPriceMins": 5},
        )
    )  # fmt: skip


class FakeBinance(FakeVenue):
    """Binance spot with the rows in ``candles`` by (symbol, interval); ``now_ms`` is the venue's clock.

    Weights are counted like the venue does it, per minute of its clock, and told in headers; ``permissions`` is what the account
    answer says. Signed requests are checked: key, signature, time stamp.
    """

    root, max_limit, weights = "/api/v3", 1000, {"exchangeInfo": 20, "klines": 2, "ticker/24hr": 80, "account": 20}
    account_path, rights_path = "/api/v3/account", "/sapi/v1/account/apiRestrictions"

    def __init__(
        self,
        candles: Mapping[tuple[str, str], list[Row]] | None = None,
        *,
        now_ms: Callable[[], int] = lambda: START_MS + 400 * DAY_MS,
        listed: Mapping[str, Listed] | None = None,
        faults: FaultPlan | None = None,
        weight_limit: int = 6000,
    ) -> None:
        super().__init__(faults=faults)
        self.candles = dict(candles or {("BTCUSDT", "1h"): kline_rows(START_MS, 2500)})
        self.listed = dict(listed or {symbol: Listed() for symbol, _interval in self.candles})
        self.now_ms, self.weight_limit = now_ms, weight_limit
        self.permissions = {"canTrade": False, "canWithdraw": False, "canDeposit": False}
        # Test networks do not tell what a key may do.
        self.tells_key_rights = True
        self._minute, self._used = -1, 0
        self.most_used = 0

    def handle(self, request: Request) -> Reply:
        used = self._charge(request)
        headers = {"X-MBX-USED-WEIGHT": str(used), "X-MBX-USED-WEIGHT-1M": str(used)}
        if used > self.weight_limit:
            wait_s = 60 - self.now_ms() // 1000 % 60
            return error(-1003, "Too much request weight used.", 429, headers | {"Retry-After": str(wait_s)})
        said = self._answer_to(request)
        if isinstance(said, Reply):
            return said
        # Without blanks, as the venue spells it: its pages have a reader of their own.
        written = json.dumps(said, separators=(",", ":")).encode()
        return Reply(200, written, {"Content-Type": "application/json;charset=UTF-8", **headers})

    def _answer_to(self, request: Request) -> Any:
        if request.path == self.account_path:
            return self._account(request)
        if request.path == self.rights_path and self.tells_key_rights:
            return self.refusal(request) or self.key_rights()
        if not request.path.startswith(self.root + "/"):
            return Reply.json({}, 404)
        answers: dict[str, Callable[[Request], Any]] = {
            "ping": lambda _request: {},
            "time": lambda _request: {"serverTime": self.now_ms()},
            "exchangeInfo": self._exchange_info,
            "klines": self._klines,
            "ticker/24hr": self._tickers,
            **self.more_answers(),
        }
        answer = answers.get(request.path.removeprefix(self.root + "/"))
        return Reply.json({}, 404) if answer is None else answer(request)

    def more_answers(self) -> Mapping[str, Callable[[Request], Any]]:
        """Return the end points that only this API has."""
        return {}

    def _charge(self, request: Request) -> int:
        minute = self.now_ms() // MINUTE_MS
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += self.weights.get(request.path.removeprefix(self.root + "/"), 1)
        self.most_used = max(self.most_used, self._used)
        return self._used

    def _exchange_info(self, request: Request) -> Any:
        wanted = request.params.get("symbol")
        if wanted is not None and wanted not in self.listed:
            return error(-1121, "Invalid symbol.")
        limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": self.weight_limit}
        markets = [self.market(symbol, facts) for symbol, facts in self.listed.items() if wanted in (None, symbol)]
        return {"timezone": "UTC", "serverTime": self.now_ms(), "rateLimits": [limit], "exchangeFilters": [], "symbols": markets}

    def market(self, symbol: str, facts: Listed) -> Mapping[str, Any]:
        """Return a market as exchangeInfo lists it."""
        return {
            "symbol": symbol, "status": facts.status, "baseAsset": facts.base, "baseAssetPrecision": 8, "quoteAsset": facts.quote,
            "quotePrecision": 8, "quoteAssetPrecision": 8, "orderTypes": ["LIMIT", "MARKET"], "icebergAllowed": True,
            "isSpotTradingAllowed": True, "isMarginTradingAllowed": False, "filters": list(facts.filters), "permissions": [],
            "permissionSets": [["SPOT"]],
        }  # fmt: skip

    def _klines(self, request: Request) -> Any:
        params = request.params
        symbol, interval = params.get("symbol", ""), params.get("interval", "")
        if symbol not in self.listed:
            return error(-1121, "Invalid symbol.")
        if interval not in INTERVALS:
            return error(-1120, "Invalid interval.")
        limit = min(int(params.get("limit", 500)), self.max_limit)
        rows = self.candles.get((symbol, interval), [])
        start, end = params.get("startTime"), min(int(params.get("endTime", 1 << 60)), self.now_ms())
        last = bisect_right(rows, end, key=_opens)
        if start is None:
            return rows[max(last - limit, 0) : last]
        first = bisect_left(rows, int(start), key=_opens)
        return rows[first : min(first + limit, last)]

    def _tickers(self, _request: Request) -> Any:
        return [
            {"symbol": symbol, "lastPrice": "100.00000000", "volume": "1.00000000", "quoteVolume": facts.quote_volume, "count": 1,
             "openTime": self.now_ms() - DAY_MS, "closeTime": self.now_ms()}
            for symbol, facts in self.listed.items()
        ]  # fmt: skip

    def _account(self, request: Request) -> Any:
        refused = self.refusal(request)
        balances = [{"asset": "BTC", "free": "4723846.89208129", "locked": "0.00000000"}]
        return refused or {
            **self.permissions,
            "accountType": "SPOT",
            "makerCommission": 10,
            "balances": balances,
            "permissions": ["SPOT"],
            "uid": 1,
        }

    def key_rights(self) -> Mapping[str, Any]:
        """Return what the key may do, which here is what the account may."""
        names = ("enableInternalTransfer", "permitsUniversalTransfer", "enableMargin", "enableFutures", "enableVanillaOptions")
        return {
            "ipRestrict": False, "createTime": START_MS, "enableReading": True, **dict.fromkeys(names, False),
            "enableSpotAndMarginTrading": self.permissions["canTrade"], "enableWithdrawals": self.permissions["canWithdraw"],
            "enablePortfolioMarginTrading": False,
        }  # fmt: skip

    def refusal(self, request: Request) -> Reply | None:
        """Return what a signed request is refused with, as the venue checks it."""
        if request.headers.get("x-mbx-apikey") != API_KEY:
            return error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        signed, _separator, signature = request.query.rpartition("&signature=")
        if hmac.new(API_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest() != signature:
            return error(-1022, "Signature for this request is not valid.")
        stamp, window = int(request.params["timestamp"]), float(request.params.get("recvWindow", 5000))
        if not (stamp < self.now_ms() + 1000 and self.now_ms() - stamp <= window):
            return error(-1021, "Timestamp for this request is outside of the recvWindow.")
        return None


class FakeBinanceUsdm(FakeBinance):
    """Binance's USDT-M futures; ``funding`` holds (time ms, rate text) by symbol."""

    root, max_limit, weights = "/fapi/v1", 1500, {"exchangeInfo": 1, "klines": 5, "ticker/24hr": 40, "fundingRate": 0}
    account_path = "/fapi/v2/account"

    def __init__(self, *arguments: Any, funding: Mapping[str, Sequence[tuple[int, str]]] | None = None, **named: Any) -> None:
        super().__init__(*arguments, **{"weight_limit": 2400, **named})
        self.funding = dict(funding or {})

    def market(self, symbol: str, facts: Listed) -> Mapping[str, Any]:
        filters = [{"filterType": "MIN_NOTIONAL", "notional": "5"} if each["filterType"] == "NOTIONAL" else each for each in facts.filters]
        listed = {
            **super().market(symbol, facts),
            "contractType": "PERPETUAL",
            "pair": symbol,
            "marginAsset": facts.quote,
            "filters": filters,
        }
        return {name: value for name, value in listed.items() if not name.startswith("is")}

    def more_answers(self) -> Mapping[str, Callable[[Request], Any]]:
        return {"fundingRate": self._funding}

    def _funding(self, request: Request) -> Any:
        symbol = request.params.get("symbol", "")
        if symbol not in self.listed:
            return error(-1121, "Invalid symbol.")
        start, end = int(request.params.get("startTime", 0)), int(request.params.get("endTime", 1 << 60))
        limit = min(int(request.params.get("limit", 100)), 1000)
        rows = [(time, rate) for time, rate in self.funding.get(symbol, ()) if start <= time <= end][:limit]
        return [{"symbol": symbol, "fundingTime": time, "fundingRate": rate, "markPrice": "100.00000000"} for time, rate in rows]


def error(code: int, text: str, status: int = 400, headers: Mapping[str, str | None] | None = None) -> Reply:
    """Return an error as Binance writes it."""
    return Reply.json({"code": code, "msg": text}, status, headers)


def at(venue: FakeVenue, facts: VenueFacts) -> VenueFacts:
    """Return ``facts`` with the address of a fake."""
    return replace(facts, base_url=venue.url, account_url=None)


def http_core(venue: FakeVenue, facts: VenueFacts = SPOT, clock: Clock | None = None, policy: HttpPolicy | None = None) -> HttpCore:
    """Return an HTTP core that talks to ``venue``, by default on a clock on which waiting takes no time."""
    return HttpCore(at(venue, facts), clock or FakeClock(), jitter=NoJitter(), policy=policy, read_error=binance_error)


def spot(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> RestExchange:
    """Return the BINANCE adapter, talking to ``venue``."""
    return binance(http_core(venue, SPOT, clock, policy))


def usdm(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> BinanceUsdm:
    """Return the BINANCEUSDM adapter, talking to ``venue``."""
    return BinanceUsdm(http_core(venue, USDM, clock, policy))


def _opens(row: Row) -> int:
    return int(row[0])
