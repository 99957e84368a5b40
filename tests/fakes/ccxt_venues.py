"""Bybit, OKX, KuCoin and Coinbase on the loopback interface: so much of their protocols as ccxt needs for candles."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exchanges.ccxt_bridge import CcxtExchange, ccxt_exchange
from exchanges.http import HttpPolicy
from exchanges.limits import Limiter
from exchanges.timing import Clock
from tests.fakes.bars import Bar, between, saw
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
NOW_MS = START_MS + 400 * DAY_MS
STEPS: Mapping[str, int] = {"1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS, "4h": 4 * HOUR_MS, "1d": DAY_MS}


def history(hours: int = 2500, *, begin_ms: int = START_MS) -> dict[str, list[Bar]]:
    """Return hours from ``begin_ms`` on, and the days that they lie in."""
    return {
        "1h": saw(begin_ms + k * HOUR_MS for k in range(hours)),
        "1d": saw(begin_ms - begin_ms % DAY_MS + k * DAY_MS for k in range(-(-hours // 24))),
    }


class CcxtVenue(FakeVenue):
    """What the four have in common: one market, ``candles`` by timeframe, and a clock.

    Answers hold at most ``most_bars``, the newest first. ``ignores_start`` makes it answer with its newest bars whatever is asked.
    """

    exchange = ""
    symbol = "BTC/USDT"
    market_id = "BTC-USDT"
    most_bars = 300
    spellings: Mapping[str, str] = {}

    def __init__(
        self,
        candles: Mapping[str, Sequence[Bar]] | None = None,
        *,
        now_ms: Callable[[], int] = lambda: NOW_MS,
        faults: FaultPlan | None = None,
        most_bars: int | None = None,
    ) -> None:
        super().__init__(faults=faults)
        self.candles = {name: list(bars) for name, bars in (candles or history()).items()}
        self.now_ms = now_ms
        self.most_bars = most_bars or self.most_bars
        self.ignores_start = False
        self.shift_ms = 0

    def handle(self, request: Request) -> Reply:
        said = self.answer_to(request)
        return said if isinstance(said, Reply) else Reply.json(said)

    def answer_to(self, request: Request) -> Any:
        """Return the answer, which is JSON unless it is a whole reply."""
        raise NotImplementedError

    def newest_first(self, spelled: str, start_ms: int, end_ms: int, limit: int) -> list[Bar] | None:
        """Return the bars in a range with both ends, at most ``limit`` of them, or None for a timeframe that the venue has not."""
        name = next((name for name, spelling in self.spellings.items() if spelling == spelled), None)
        if name is None:
            return None
        begin = 0 if self.ignores_start else start_ms
        end = min(self.now_ms(), 1 << 60 if self.ignores_start else end_ms)
        found = between(self.candles.get(name, []), begin, end + 1)[::-1][: min(limit, self.most_bars)]
        return [(time + self.shift_ms, *values) for time, *values in found]  # type: ignore[misc]


class FakeBybit(CcxtVenue):
    """Bybit v5: milliseconds, texts, errors with HTTP 200."""

    exchange, market_id, most_bars = "CCXT:BYBIT", "BTCUSDT", 1000
    spellings: Mapping[str, str] = {"1m": "1", "5m": "5", "15m": "15", "1h": "60", "4h": "240", "1d": "D"}

    def answer_to(self, request: Request) -> Any:
        params = request.params
        if request.path == "/v5/market/time":
            return self.said({"timeSecond": str(self.now_ms() // 1000), "timeNano": f"{self.now_ms()}000000"})
        if request.path == "/v5/market/instruments-info":
            listed = {"spot": [self.spot()], "linear": [self.swap()]}.get(params["category"], [])
            return self.said({"category": params["category"], "list": listed, "nextPageCursor": ""})
        if request.path == "/v5/market/tickers":
            ticker = {
                "symbol": self.market_id,
                "lastPrice": "100.5",
                "turnover24h": "123456.5",
                "volume24h": "1234",
                "price24hPcnt": "0.01",
            }
            return self.said({"category": "spot", "list": [ticker]})
        if request.path == "/v5/market/kline":
            if params["symbol"] != self.market_id:
                return {"retCode": 10001, "retMsg": "Not supported symbols", "result": {}, "retExtInfo": {}, "time": self.now_ms()}
            start, end = int(params.get("start", 0)), int(params.get("end", 1 << 60))
            bars = self.newest_first(params["interval"], start, end, int(params.get("limit", 200)))
            rows = [[str(time), *map(repr, prices), "1000.5"] for time, *prices in bars or []]
            return self.said({"symbol": self.market_id, "category": params["category"], "list": rows})
        return Reply(404, b"404 page not found")

    def said(self, result: Any) -> Any:
        return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": self.now_ms()}

    def spot(self) -> Any:
        return {
            "symbol": self.market_id, "baseCoin": "BTC", "quoteCoin": "USDT", "innovation": "0", "status": "Trading",
            "lotSizeFilter": {"basePrecision": "0.000001", "quotePrecision": "0.00000001", "minOrderQty": "0.000048", "maxOrderQty": "71.7",
                              "minOrderAmt": "1", "maxOrderAmt": "2000000"},
            "priceFilter": {"tickSize": "0.01"},
        }  # fmt: skip

    def swap(self) -> Any:
        return {
            "symbol": self.market_id, "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": "BTC", "quoteCoin": "USDT",
            "launchTime": "1585526400000", "deliveryTime": "0", "deliveryFeeRate": "", "priceScale": "2", "settleCoin": "USDT",
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
            "priceFilter": {"minPrice": "0.50", "maxPrice": "999999.00", "tickSize": "0.50"},
            "lotSizeFilter": {"maxOrderQty": "100.000", "minOrderQty": "0.001", "qtyStep": "0.001", "minNotionalValue": "5"},
            "unifiedMarginTrade": True, "fundingInterval": 480,
        }  # fmt: skip


class FakeOkx(CcxtVenue):
    """OKX v5: ``before`` is exclusive and means newer, ``after`` older; the last column says whether a bar is closed."""

    exchange, most_bars = "CCXT:OKX", 300
    spellings: Mapping[str, str] = {"1m": "1m", "5m": "5m", "15m": "15m", "1h": "1H", "4h": "4H", "1d": "1Dutc"}

    def answer_to(self, request: Request) -> Any:
        params = request.params
        if request.path == "/api/v5/public/time":
            return self.said([{"ts": str(self.now_ms())}])
        if request.path == "/api/v5/public/instruments":
            return self.said([self.spot()] if params["instType"] == "SPOT" else [])
        if request.path == "/api/v5/market/tickers":
            times = {"ts": str(self.now_ms()), "instType": "SPOT", "instId": self.market_id}
            return self.said([{**times, "last": "100.5", "open24h": "99", "vol24h": "1234", "volCcy24h": "123456.5"}])
        if request.path in ("/api/v5/market/candles", "/api/v5/market/history-candles"):
            if params["instId"] != self.market_id:
                return {"code": "51001", "msg": "Instrument ID does not exist", "data": []}
            start, end = int(params.get("before", -1)) + 1, int(params.get("after", 1 << 60)) - 1
            bars = self.newest_first(params["bar"], start, end, int(params.get("limit", 100)))
            if bars is None:
                return {"code": "51000", "msg": "Parameter bar error", "data": []}
            step = STEPS[next(name for name, spelled in self.spellings.items() if spelled == params["bar"])]
            return self.said([[str(bar[0]), *map(repr, bar[1:]), "1", "1", "1" if bar[0] + step <= self.now_ms() else "0"] for bar in bars])
        return Reply.json({"code": "404", "msg": "not found", "data": []}, 404)

    def said(self, data: Any) -> Any:
        return {"code": "0", "msg": "", "data": data}

    def spot(self) -> Any:
        return {
            "alias": "", "baseCcy": "BTC", "category": "1", "ctMult": "", "ctType": "", "ctVal": "", "ctValCcy": "", "expTime": "",
            "instId": self.market_id, "instType": "SPOT", "lever": "10", "listTime": "1548133413000", "lotSz": "0.00000001",
            "maxIcebergSz": "9999999999", "maxLmtSz": "9999999999", "maxMktSz": "1000000", "maxStopSz": "1000000", "minSz": "0.00001",
            "optType": "", "quoteCcy": "USDT", "settleCcy": "", "state": "live", "stk": "", "tickSz": "0.1", "uly": "",
        }  # fmt: skip


class FakeKucoin(CcxtVenue):
    """KuCoin spot: seconds, and rows in the order open, close, high, low."""

    exchange, most_bars = "CCXT:KUCOIN", 1500
    spellings: Mapping[str, str] = {"1m": "1min", "5m": "5min", "15m": "15min", "1h": "1hour", "4h": "4hour", "1d": "1day"}

    def answer_to(self, request: Request) -> Any:
        params = request.params
        if request.path == "/api/v1/timestamp":
            return self.said(self.now_ms())
        if request.path == "/api/v2/symbols":
            return self.said([self.spot()])
        if request.path == "/api/v1/contracts/active":
            return self.said([])
        if request.path == "/api/v1/market/allTickers":
            ticker = {"symbol": self.market_id, "symbolName": self.market_id, "last": "100.5", "vol": "1234", "volValue": "123456.5",
                      "takerFeeRate": "0.001", "makerFeeRate": "0.001", "takerCoefficient": "1", "makerCoefficient": "1"}  # fmt: skip
            return self.said({"time": self.now_ms(), "ticker": [ticker]})
        if request.path == "/api/v1/market/candles":
            if params["symbol"] != self.market_id:
                return Reply.json({"code": "400100", "msg": "This pair is not provided at present"}, 400)
            start, end = int(params.get("startAt", 0)) * 1000, int(params.get("endAt", 1 << 40)) * 1000
            bars = self.newest_first(params["type"], start, end - 1, self.most_bars) or []
            rows = [[time // 1000, open_, close, high, low, volume, 1.5] for time, open_, high, low, close, volume in bars]
            return self.said([[str(value) for value in row] for row in rows])
        return Reply.json({"code": "404000", "msg": "URL Not Found"}, 404)

    def said(self, data: Any) -> Any:
        return {"code": "200000", "data": data}

    def spot(self) -> Any:
        return {
            "symbol": self.market_id, "name": self.market_id, "baseCurrency": "BTC", "quoteCurrency": "USDT", "feeCurrency": "USDT",
            "market": "USDS", "baseMinSize": "0.00001", "quoteMinSize": "0.1", "baseMaxSize": "10000000000", "quoteMaxSize": "99999999",
            "baseIncrement": "0.00000001", "quoteIncrement": "0.000001", "priceIncrement": "0.1", "priceLimitRate": "0.1",
            "minFunds": "0.1", "isMarginEnabled": True, "enableTrading": True, "feeCategory": 1, "makerFeeCoefficient": "1.00",
            "takerFeeCoefficient": "1.00", "st": False,
        }  # fmt: skip


class FakeCoinbase(CcxtVenue):
    """Coinbase Advanced: seconds, objects of texts, and no bars for buckets without trades."""

    exchange, symbol, market_id, most_bars = "CCXT:COINBASE", "BTC/USD", "BTC-USD", 350
    spellings: Mapping[str, str] = {"1m": "ONE_MINUTE", "5m": "FIVE_MINUTE", "15m": "FIFTEEN_MINUTE", "1h": "ONE_HOUR", "1d": "ONE_DAY"}

    def answer_to(self, request: Request) -> Any:
        root = "/api/v3/brokerage/market/products"
        if request.path == "/v2/time":
            return {"data": {"iso": "2025-06-05T00:00:00Z", "epoch": self.now_ms() // 1000}}
        if request.path == root:
            spot = request.params.get("product_type", "SPOT") == "SPOT"
            return {"products": [self.spot()] if spot else [], "num_products": int(spot)}
        if request.path == f"{root}/{self.market_id}/candles":
            params = request.params
            start, end = int(params["start"]) * 1000, int(params["end"]) * 1000
            bars = self.newest_first(params["granularity"], start, end, self.most_bars)
            if bars is None:
                return Reply.json({"error": "INVALID_ARGUMENT", "error_details": "granularity", "message": "invalid granularity"}, 400)
            names = ("open", "high", "low", "close", "volume")
            return {
                "candles": [{"start": str(bar[0] // 1000), **{name: repr(bar[at]) for at, name in enumerate(names, 1)}} for bar in bars]
            }
        return Reply.json({"error": "NOT_FOUND", "error_details": "no product", "message": "no product"}, 404)

    def spot(self) -> Any:
        return {
            "product_id": self.market_id, "price": "100.5", "volume_24h": "1234", "approximate_quote_24h_volume": "124017",
            "base_increment": "0.00000001", "quote_increment": "0.01", "quote_min_size": "1", "quote_max_size": "150000000",
            "base_min_size": "0.00000001", "base_max_size": "3400", "base_name": "Bitcoin", "quote_name": "US Dollar", "is_disabled": False,
            "status": "online", "cancel_only": False, "limit_only": False, "post_only": False, "trading_disabled": False,
            "auction_mode": False, "product_type": "SPOT", "quote_currency_id": "USD", "base_currency_id": "BTC", "alias": "",
            "alias_to": [], "base_display_symbol": "BTC", "quote_display_symbol": "USD", "view_only": False, "price_increment": "0.01",
        }  # fmt: skip


VENUES: tuple[type[CcxtVenue], ...] = (FakeBybit, FakeOkx, FakeKucoin, FakeCoinbase)


def adapter(venue: CcxtVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> CcxtExchange:
    """Return the exchange behind ccxt, on a clock on which waiting takes no time; its address must be set to that of ``venue``."""
    clock = clock or FakeClock(NOW_MS)
    return ccxt_exchange(venue.exchange, Limiter(None, clock), clock, policy)
