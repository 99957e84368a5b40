"""Dhan on the loopback interface: its REST protocol over bars that a test chooses."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.secrets import Secrets
from exchanges.dhan import DHAN, dhan, dhan_error
from exchanges.http import HttpCore, HttpPolicy
from exchanges.session_exchange import SessionExchange
from exchanges.timing import Clock
from tests.fakes.bars import Bar, between, date_header, session_bars
from tests.fakes.clock import START_MS, FakeClock, NoJitter
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

IST_MS = 19_800_000
DAY_MS = 86_400_000
CLIENT_ID, ACCESS_TOKEN = "1100432871", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.canary-dhan-token.k3Vw9"
SECURITY_IDS = {"INFY": "1594", "HDFCBANK": "1333"}
INTERVALS = ("1", "5", "15", "25", "60")
# The list of one segment has this header, which ends in a comma like every row.
_HEADER = (
    "EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,INSTRUMENT_TYPE,"
    "SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,"
)
_COMPACT_HEADER = (
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,"
    "SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,"
    "SEM_SERIES,SM_SYMBOL_NAME"
)


class FakeDhan(FakeVenue):
    """Dhan with ``candles`` by (symbol, interval in minutes or "day"); ``now_ms`` is the venue's clock.

    ``empty_is_error`` says which of its two ways to say "no data" it takes; ``plan`` is the state of the data plan.
    """

    def __init__(
        self,
        candles: Mapping[tuple[str, str], Sequence[Bar]] | None = None,
        *,
        now_ms: Callable[[], int] = lambda: START_MS + 400 * DAY_MS,
        instruments: str | None = None,
        ids: Mapping[str, str] = SECURITY_IDS,
        empty_is_error: bool = False,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(faults=faults)
        default = {
            ("INFY", "1"): session_bars("1m", START_MS, START_MS + 8 * DAY_MS),
            ("INFY", "day"): session_bars("1d", START_MS, START_MS + 8 * DAY_MS),
        }
        self.candles = {key: list(bars) for key, bars in (candles or default).items()}
        self.now_ms, self.plan, self.empty_is_error = now_ms, "Active", empty_is_error
        self.instruments, self._ids = instruments or instrument_list(), ids

    def handle(self, request: Request) -> Reply:
        reply = self._answer_to(request)
        return replace(reply, headers={**date_header(self.now_ms()), **reply.headers})

    def _answer_to(self, request: Request) -> Reply:
        if request.path.startswith("/instrument/"):
            return Reply(200, self.instruments.encode(), {"Content-Type": "text/csv"})
        if (request.headers.get("access-token"), request.headers.get("client-id")) != (ACCESS_TOKEN, CLIENT_ID):
            return refusal("DH-901", "Client ID or user generated access token is invalid or expired.", 401)
        if request.path == "/profile":
            profile = {
                "dhanClientId": CLIENT_ID,
                "tokenValidity": "30/03/2026 15:37",
                "activeSegment": "Equity",
                "ddpi": "Active",
                "mtf": "Active",
            }
            return Reply.json(profile | {"dataPlan": self.plan, "dataValidity": "2026-12-05 09:37:52.0"})
        if request.method == "POST" and request.path in ("/charts/historical", "/charts/intraday"):
            return self._charts(request.path.endswith("intraday"), json.loads(request.body))
        return refusal("DH-910", "no such route", 404)

    def _charts(self, intraday: bool, asked: Mapping[str, Any]) -> Reply:
        symbol = next((name for name, number in self._ids.items() if number == asked.get("securityId")), None)
        if symbol is None or asked.get("exchangeSegment") != "NSE_EQ" or asked.get("instrument") != "EQUITY":
            return refusal("DH-905", "Invalid SecurityId", 400)
        interval = str(asked.get("interval", "1")) if intraday else "day"
        if intraday and interval not in INTERVALS:
            return refusal("DH-905", "interval must be one of 1, 5, 15, 25, 60", 400)
        pattern = "%Y-%m-%d %H:%M:%S" if intraday else "%Y-%m-%d"
        start_ms, end_ms = (_from_local(asked[name], pattern) for name in ("fromDate", "toDate"))
        if intraday and end_ms - start_ms > 90 * DAY_MS:
            return refusal("DH-905", "the range is longer than 90 days", 400)
        # Daily ranges end before their last date, intraday ones with their last second.
        end_ms = min(end_ms + (1 if intraday else 0), self.now_ms() + 1)
        bars = between(self.candles.get((symbol, interval), []), start_ms, end_ms)
        if not bars and self.empty_is_error:
            return refusal("DH-905", "System is unable to fetch data due to incorrect parameters or no data present", 400)
        return Reply.json(columns(bars))


def columns(bars: Sequence[Bar]) -> dict[str, list[float]]:
    """Return bars as Dhan writes them."""
    named = {name: [bar[at] for bar in bars] for at, name in enumerate(("open", "high", "low", "close", "volume"), 1)}
    return named | {"timestamp": [bar[0] // 1000 for bar in bars], "open_interest": [0 for _ in bars]}


def instrument_list(ids: Mapping[str, str] = SECURITY_IDS) -> str:
    """Return the list of the NSE's equities: the ``ids``, and shares of another series."""
    rows = [f"NSE,E,{number},INE0,EQUITY,,{symbol},{symbol} LTD,{symbol.title()},ES,EQ,1,,,,5.0000," for symbol, number in ids.items()]
    return "\n".join(
        [
            _HEADER,
            *rows,
            "NSE,E,9999,INE1,EQUITY,,INFY,INFY LTD,Infy,ES,BE,1,,,,5.0000,",
            "NSE,I,13,NA,INDEX,,NIFTY,NIFTY,Nifty 50,INDEX,X,1,,,,5.0000,",
            "",
        ]
    )


def compact_list(ids: Mapping[str, str] = SECURITY_IDS) -> str:
    """Return the same list in its compact form."""
    rows = [f"NSE,E,{number},EQUITY,0,{symbol},1.0,{symbol.title()},,,,5.0000,NA,ES,EQ,{symbol} LTD" for symbol, number in ids.items()]
    return "\n".join([_COMPACT_HEADER, *rows, ""])


def refusal(code: str, message: str, status: int) -> Reply:
    """Return an error as Dhan writes it."""
    return Reply.json({"errorType": "Input_Exception", "errorCode": code, "errorMessage": message}, status)


def secrets(**values: str) -> Secrets:
    """Return the secrets of a customer; ``values`` replace or, being empty, remove some."""
    return Secrets(Path("config/.env"), True, False, {"DHAN_CLIENT_ID": CLIENT_ID, "DHAN_ACCESS_TOKEN": ACCESS_TOKEN} | values)


def http_core(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None) -> HttpCore:
    """Return an HTTP core that talks to ``venue`` on a clock on which waiting takes no time."""
    return HttpCore(
        replace(DHAN, base_url=venue.url),
        clock or FakeClock(START_MS + 400 * DAY_MS),
        jitter=NoJitter(),
        policy=policy,
        read_error=dhan_error,
    )


def adapter(venue: FakeVenue, clock: Clock | None = None, policy: HttpPolicy | None = None, keys: Secrets | None = None) -> SessionExchange:
    """Return the DHAN adapter, talking to ``venue``."""
    return dhan(http_core(venue, clock, policy), lambda: keys or secrets())


def _from_local(text: str, pattern: str) -> int:
    return int(datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp() * 1000) - IST_MS
