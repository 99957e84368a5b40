"""Kite Connect on the loopback interface: its REST protocol over bars that a test chooses."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.secrets import Secrets
from exchanges.http import HttpCore, HttpPolicy
from exchanges.session_exchange import SessionExchange
from exchanges.timing import Clock
from exchanges.zerodha import ZERODHA, kite_error, zerodha
from tests.fakes.bars import Bar, between, date_header, session_bars
from tests.fakes.clock import START_MS, FakeClock, NoJitter
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

IST_MS = 19_800_000
DAY_MS = 86_400_000
API_KEY, ACCESS_TOKEN = "canarykitekey9x7q", "canaryKiteToken4Zb8mJ2wLrT6yVc1"
TOKENS = {"INFY": 408065, "RELIANCE": 738561}
# The most days one request may span.
SPANS = {"minute": 60, "3minute": 100, "5minute": 100, "10minute": 100, "15minute": 200, "30minute": 200, "60minute": 400, "day": 2000}
_HEADER = "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange"


class FakeKite(FakeVenue):
    """Kite with ``candles`` by (symbol, interval); ``now_ms`` is the venue's clock, ``token`` the access token of the day."""

    def __init__(
        self,
        candles: Mapping[tuple[str, str], Sequence[Bar]] | None = None,
        *,
        now_ms: Callable[[], int] = lambda: START_MS + 400 * DAY_MS,
        instruments: str | None = None,
        tokens: Mapping[str, int] = TOKENS,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(faults=faults)
        default = {
            ("INFY", "minute"): session_bars("1m", START_MS, START_MS + 8 * DAY_MS),
            ("INFY", "day"): session_bars("1d", START_MS, START_MS + 8 * DAY_MS),
        }
        self.candles = {key: list(bars) for key, bars in (candles or default).items()}
        self.now_ms, self.token = now_ms, ACCESS_TOKEN
        self.instruments, self._tokens = instruments or instrument_list(), tokens

    def handle(self, request: Request) -> Reply:
        reply = self._answer_to(request)
        return replace(reply, headers={**date_header(self.now_ms()), **reply.headers})

    def _answer_to(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        if parts[0] == "instruments" and len(parts) <= 2:
            return self._instruments()
        if request.headers.get("authorization") != f"token {API_KEY}:{self.token}":
            return refusal("TokenException", "Incorrect `api_key` or `access_token`.", 403)
        if request.path == "/user/profile":
            profile = {
                "user_id": "CNR428",
                "email": "canary@example.com",
                "user_name": "Canary Name",
                "order_types": ["MARKET"],
                "broker": "ZERODHA",
            }
            return _success(profile)
        if parts[:2] == ["instruments", "historical"] and len(parts) == 4:
            return self._historical(parts[2], parts[3], request.params)
        return refusal("GeneralException", "Route not found", 404)

    def _instruments(self) -> Reply:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        packed = packer.compress(self.instruments.encode()) + packer.flush()
        return Reply(200, packed, {"Content-Type": "text/csv", "Content-Encoding": "gzip"})

    def _historical(self, token: str, interval: str, params: Mapping[str, str]) -> Reply:
        symbol = next((name for name, number in self._tokens.items() if str(number) == token), None)
        if symbol is None:
            return refusal("InputException", "invalid token", 400)
        if interval not in SPANS:
            return refusal("InputException", "invalid interval", 400)
        start_ms, end_ms = (_from_local(params[name]) for name in ("from", "to"))
        if end_ms - start_ms > SPANS[interval] * DAY_MS:
            return refusal("InputException", f"interval exceeds max limit: {SPANS[interval]} days", 400)
        bars = between(self.candles.get((symbol, interval), []), start_ms, min(end_ms, self.now_ms()) + 1)
        return _success({"candles": [kite_row(bar) for bar in bars]})


def kite_row(bar: Bar) -> list[Any]:
    """Return a bar as Kite writes it."""
    return [f"{datetime.fromtimestamp((bar[0] + IST_MS) / 1000, UTC):%Y-%m-%dT%H:%M:%S}+0530", *bar[1:5], int(bar[5])]


def instrument_list(symbols: Mapping[str, int] = TOKENS) -> str:
    """Return the list of the NSE's instruments: the ``symbols`` by token, an index, and shares of another series."""
    rows = [f"{token},{token // 256},{symbol},{symbol} LTD,0,,0,0.05,1,EQ,NSE,NSE" for symbol, token in symbols.items()]
    return "\n".join(
        [
            _HEADER,
            *rows,
            "256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE",
            '3813889,14898,CENTRALBK-BE,"CENTRAL BANK, INDIA",0,,0,0.05,1,EQ,NSE,NSE',
            "",
        ]
    )


def refusal(kind: str, message: str, status: int) -> Reply:
    """Return an error in Kite's envelope."""
    return Reply.json({"status": "error", "message": message, "error_type": kind, "data": None}, status)


def secrets(**values: str) -> Secrets:
    """Return the secrets of a customer; ``values`` replace or, being empty, remove some."""
    known = {"ZERODHA_API_KEY": API_KEY, "ZERODHA_API_SECRET": "canary-kite-secret", "ZERODHA_ACCESS_TOKEN": ACCESS_TOKEN}
    return Secrets(Path("config/.env"), True, False, known | values)


def http_core(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> HttpCore:
    """Return an HTTP core that talks to ``venue`` on a clock on which waiting takes no time."""
    return HttpCore(
        replace(ZERODHA, base_url=venue.url),
        clock or FakeClock(START_MS + 400 * DAY_MS),
        jitter=NoJitter(),
        policy=policy,
        read_error=kite_error,
    )


def adapter(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None, keys: Secrets | None = None) -> SessionExchange:
    """Return the ZERODHA adapter, talking to ``venue``."""
    return zerodha(http_core(venue, clock, policy), lambda: keys or secrets())


def _success(data: Any) -> Reply:
    return Reply.json({"status": "success", "data": data})


def _from_local(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp() * 1000) - IST_MS
