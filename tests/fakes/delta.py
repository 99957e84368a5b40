"""Delta Exchange on the loopback interface: its REST protocol over bars that a test chooses."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from exchanges.delta import DELTA, delta, delta_error
from exchanges.http import HttpCore, HttpPolicy
from exchanges.rest_exchange import RestExchange
from exchanges.timing import Clock
from tests.fakes.bars import Bar, between, date_header, saw
from tests.fakes.clock import START_MS, FakeClock, NoJitter
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

HOUR_MS = 3_600_000
SECONDS = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14400,
    "6h": 21600,
    "1d": 86400,
    "1w": 604800,
}
API_KEY, API_SECRET = "canary-delta-key-5f2b0c9a71", "7b6f39dcf660ec1c7c664f612c60410a2bd0c258416b498bf0311f94228f"
_MOST_BARS = 2000


def product(symbol: str = "BTCUSD", number: int = 27, **changes: Any) -> dict[str, Any]:
    """Return a perpetual future as Delta lists it."""
    base = symbol.removesuffix("USD")
    return {
        "id": number, "symbol": symbol, "contract_type": "perpetual_futures", "state": "live", "trading_status": "operational",
        "description": f"{base} perpetual", "tick_size": "0.5", "contract_value": "0.001", "contract_unit_currency": base,
        "notional_type": "vanilla", "is_quanto": False, "taker_commission_rate": "0.0005", "maker_commission_rate": "0.0002",
        "initial_margin": "0.5", "maintenance_margin": "0.25", "position_size_limit": 229167, "launch_time": None,
        "settlement_time": None, "strike_price": None, "underlying_asset": {"id": 2, "symbol": base, "precision": 8},
        "quoting_asset": {"id": 3, "symbol": "USD", "precision": 2}, "settling_asset": {"id": 3, "symbol": "USD", "precision": 2},
        "spot_index": {"symbol": f".DE{base}USD"}, "ui_config": {}, "product_specs": {}, **changes,
    }  # fmt: skip


class FakeDelta(FakeVenue):
    """Delta with ``candles`` by (symbol, resolution), their volume in contracts; ``now_ms`` is the venue's clock.

    ``order`` says how the bars of an answer follow each other. More than 2000 are cut at their beginning. Requests without User-Agent
    are blocked as by its CDN; signed ones are checked: key, time stamp, signature.
    """

    def __init__(
        self,
        candles: Mapping[tuple[str, str], Sequence[Bar]] | None = None,
        *,
        products: Sequence[Mapping[str, Any]] | None = None,
        now_ms: Callable[[], int] = lambda: START_MS + 400 * 86_400_000,
        order: Callable[[list[Bar]], list[Bar]] = list,
        page_size: int = 100,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(faults=faults)
        self.candles = {
            key: list(bars) for key, bars in (candles or {("BTCUSD", "1h"): saw(START_MS + k * HOUR_MS for k in range(2500))}).items()
        }
        self.products = list(products or [product(symbol, 27 + k) for k, symbol in enumerate(sorted({key[0] for key in self.candles}))])
        self.now_ms, self.order, self.page_size = now_ms, order, page_size

    def handle(self, request: Request) -> Reply:
        reply = self._answer_to(request)
        return replace(reply, headers={**date_header(self.now_ms()), **reply.headers})

    def _answer_to(self, request: Request) -> Reply:
        if not request.headers.get("user-agent"):
            return Reply.json({"error": "Forbidden", "message": "Request blocked by CDN"}, 403)
        answers = {
            "/v2/assets": lambda _request: _success(
                [{"id": 2, "symbol": "BTC", "precision": 8, "minimum_precision": 4, "name": "Bitcoin", "networks": []}]
            ),
            "/v2/products": self._products,
            "/v2/tickers": self._tickers,
            "/v2/history/candles": self._candles,
            "/v2/profile": self._profile,
        }
        answer = answers.get(request.path)
        return refusal("not_found", 404) if answer is None else answer(request)

    def _products(self, request: Request) -> Reply:
        types = request.params.get("contract_types")
        found = [each for each in self.products if types is None or each["contract_type"] in types.split(",")]
        size, begin = min(int(request.params.get("page_size", self.page_size)), self.page_size), int(request.params.get("after", "c0")[1:])
        after = f"c{begin + size}" if begin + size < len(found) else None
        meta = {"after": after, "before": None, "limit": size, "total_count": len(found)}
        return Reply.json({"meta": meta, "result": found[begin : begin + size], "success": True})

    def _tickers(self, _request: Request) -> Reply:
        rows = [{"symbol": each["symbol"], "turnover_usd": 1000.5 * (number + 1), "close": 1} for number, each in enumerate(self.products)]
        return _success(rows)

    def _candles(self, request: Request) -> Reply:
        params = request.params
        symbol, resolution = params.get("symbol", ""), params.get("resolution", "")
        if symbol not in {each["symbol"] for each in self.products}:
            return refusal("invalid_contract", 400)
        if resolution not in SECONDS or not params.get("start", "").isdigit() or not params.get("end", "").isdigit():
            return Reply.json(
                {"success": False, "error": {"code": "bad_schema", "context": {"schema_errors": [{"param": "resolution"}]}}}, 400
            )
        bars = between(self.candles.get((symbol, resolution), []), int(params["start"]) * 1000, int(params["end"]) * 1000 + 1)
        started = [bar for bar in bars if bar[0] <= self.now_ms()]
        names = ("open", "high", "low", "close", "volume")
        return _success([{"time": bar[0] // 1000, **dict(zip(names, bar[1:], strict=True))} for bar in self.order(started[-_MOST_BARS:])])

    def _profile(self, request: Request) -> Reply:
        headers = request.headers
        if headers.get("api-key") != API_KEY:
            return refusal("invalid_api_key", 401)
        said = (
            f"{request.method}{headers.get('timestamp')}{request.path}{'?' if request.query else ''}{request.query}".encode() + request.body
        )
        if hmac.new(API_SECRET.encode(), said, hashlib.sha256).hexdigest() != headers.get("signature"):
            return Reply.json({"success": False, "error": {"code": "Signature Mismatch"}}, 401)
        if not abs(self.now_ms() // 1000 - int(headers["timestamp"])) <= 5:
            return Reply.json({"error": "SignatureExpired", "message": "your signature has expired"}, 401)
        return _success({"id": "57354187", "email": "canary@example.com", "first_name": "Canary"})


def refusal(code: str, status: int = 400) -> Reply:
    """Return an error in Delta's usual form."""
    return Reply.json({"success": False, "error": {"code": code, "context": {}}}, status)


def http_core(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> HttpCore:
    """Return an HTTP core that talks to ``venue`` on a clock on which waiting takes no time."""
    return HttpCore(
        replace(DELTA, base_url=venue.url),
        clock or FakeClock(START_MS + 400 * 86_400_000),
        jitter=NoJitter(),
        policy=policy,
        read_error=delta_error,
    )


def adapter(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> RestExchange:
    """Return the DELTA adapter, talking to ``venue``."""
    return delta(http_core(venue, clock, policy))


def _success(result: Any) -> Reply:
    return Reply.json({"success": True, "result": result})
