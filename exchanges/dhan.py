"""DHAN: Indian equities of the NSE through Dhan's data interface, version 2. Candles need an account with a data plan."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from config.secrets import Secrets
from core.errors import ConfigError, CredentialError, DataError
from core.market import MarketRules
from core.timeframe import DAY_MS, YEAR_MS, Timeframe
from exchanges.bar_requests import in_sessions, login_advice, masked, told_time, whole_bars
from exchanges.base import AccountStatus, SymbolFacts
from exchanges.broker_dialect import BrokerDialect, customer_keys, intraday_fees
from exchanges.calendars import TradingCalendar, nse_calendar
from exchanges.facts import Refusal, VenueFacts
from exchanges.http import HttpCore, Signed
from exchanges.http_replies import VenueError, strict_json
from exchanges.instrument_tables import read_table, table_size
from exchanges.limits import Limit
from exchanges.page_columns import member, numbers, whole_seconds
from exchanges.paging import Columns, no_rows
from exchanges.session_exchange import SessionExchange
from exchanges.timing import ServerClock

_DATA = "data"
_CLIENT, _TOKEN = "DHAN_CLIENT_ID", "DHAN_ACCESS_TOKEN"
_ADVICE = f"Dhan's tokens live for 24 hours: make a new one at https://web.dhan.co and write it into {_TOKEN}."
_INTRADAY_YEARS = 5
_NO_DATA = "no data"
_ARRAYS = ("timestamp", "open", "high", "low", "close", "volume")
# The list per segment and the compact list of all have other names for the same columns.
_INSTRUMENT_COLUMNS = [
    ("SECURITY_ID", "SEM_SMST_SECURITY_ID"),
    ("UNDERLYING_SYMBOL", "SEM_TRADING_SYMBOL"),
    ("SERIES", "SEM_SERIES"),
    ("LOT_SIZE", "SEM_LOT_UNITS"),
    ("INSTRUMENT", "SEM_INSTRUMENT_NAME"),
    ("EXCH_ID", "SEM_EXM_EXCH_ID"),
]

DHAN = VenueFacts(
    name="DHAN",
    base_url="https://api.dhan.co/v2",
    fees=intraday_fees("Dhan"),
    is_spot=True,
    public=False,
    timeframes={"1m": "1", "5m": "5", "15m": "15", "1h": "60", "1d": "day"},
    # The limit is the span: 90 days have 129,600 minutes.
    page_bars=130_000,
    max_span_days={"1m": 90, "5m": 90, "15m": 90, "1h": 90},
    time_unit="s",
    weight_limit=20,
    weight_window_s=1.0,
    more_limits=(Limit(5, 1.0, _DATA), Limit(100_000, 86_400.0, _DATA)),
    required_keys=(_CLIENT, _TOKEN),
    first_candle_ms=788_898_600_000,  # 1995, the first full year of the NSE
    calendar="XBOM",
    errors={
        _NO_DATA: Refusal.EMPTY,
        **dict.fromkeys(("DH-901", "DH-902", "DH-903", "806", "807", "808", "809", "810"), Refusal.CREDENTIAL),
        **dict.fromkeys(("DH-904", "805"), Refusal.LIMIT),
        **dict.fromkeys(("DH-908", "DH-909", "800"), Refusal.RETRY),
        "813": Refusal.SYMBOL,
    },
)


def dhan_error(_status: int, said: Any) -> VenueError | None:
    """Read an error in any of its shapes, which may come with HTTP 200: a code with a text, or a number with a text under ``data``."""
    if not isinstance(said, dict):
        return None
    code, text = said.get("errorCode"), str(said.get("errorMessage") or said.get("errorType") or "no reason given")
    data = said.get("data")
    if code is None and isinstance(data, dict) and len(data) == 1 and next(iter(data)).isdigit():
        code, text = next(iter(data.items()))
    failed = str(said.get("status", "")).lower() in ("failure", "failed", "error")
    if code is None and not failed and "errorType" not in said and "errorMessage" not in said:
        return None
    if str(code) in ("DH-905", "DH-907") and _NO_DATA in str(text).lower():
        return VenueError(_NO_DATA, str(text))
    return VenueError(str(code), str(text))


class DhanSigner:
    """Shows Dhan the client and the token."""

    def __init__(self, secrets: Secrets) -> None:
        """Take both from ``secrets``; CredentialError when one is not there."""
        client, token = customer_keys(secrets, "DHAN", (_CLIENT, _TOKEN))
        self._headers = {"access-token": token, "client-id": client}

    def sign(self, method: str, path: str, query: str, body: bytes) -> Signed:
        """Return the query as it is with the headers."""
        return Signed(query, {**self._headers, "Content-Type": "application/json", "Accept": "application/json"})

    def resync(self) -> None:
        """Do nothing: no time is signed."""


class DhanDialect(BrokerDialect):
    """Dhan's requests and answers: columns in equally long arrays, times in seconds, no data being an error or an empty answer."""

    def __init__(self, secrets: Callable[[], Secrets], calendar: TradingCalendar) -> None:
        """See ``BrokerDialect``."""
        super().__init__(secrets, calendar)
        self._security_ids: dict[str, str] = {}

    def server_time(self, http: HttpCore) -> int | None:
        """Return the time at which Dhan dates its answers."""
        return told_time(http.get("/instrument/IDX_I", parse=table_size))

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return the equities of the NSE; those of another series than EQ carry it in their name, as ``SYMBOL-BE``."""
        where = f"{http.venue.name} instruments"
        listed: dict[str, SymbolFacts] = {}
        ids: dict[str, str] = {}
        table = http.get("/instrument/NSE_EQ", parse=lambda body: read_table(body, _INSTRUMENT_COLUMNS, where)).json
        for security_id, ticker, series, lot, instrument, exchange in table:
            if instrument != "EQUITY" or exchange != "NSE" or not ticker:
                continue
            symbol = ticker if series == "EQ" else f"{ticker}-{series}"
            if not (security_id.isascii() and security_id.isdigit()) or ids.get(symbol, security_id) != security_id:
                raise DataError(f"{where}: {symbol[:40]!r} has no one security id ({security_id[:40]!r}). Try again later.")
            listed[symbol] = SymbolFacts(symbol, _rules(lot, where), symbol, "INR", True, "listed")
            ids[symbol] = security_id
        self._security_ids = ids
        return list(listed.values())

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return the bars of one range, which must not be longer than Dhan allows; prints outside the session are left out."""
        grid = self._calendar.timeframe(timeframe)
        window = whole_bars(grid, start_ms, end_ms)
        if window is None:
            return no_rows()
        signer, security_id = DhanSigner(self._secrets()), self._security_id(http, symbol)
        body = {"securityId": security_id, "exchangeSegment": "NSE_EQ", "instrument": "EQUITY", "oi": False}
        path, question = f"/charts/{'historical' if grid.ms >= DAY_MS else 'intraday'}", body | self._range(http, grid, *window)
        with login_advice(_ADVICE):
            said = http.post(path, json.dumps(question).encode(), group=_DATA, signed=signer, parse=_object, idempotent=True).json
        where = f"{http.venue.name} {symbol} {grid}"
        return no_rows() if said is None else in_sessions(self._calendar, grid, read_candles(said, where), where)

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the oldest bar; intraday ones go back five years."""
        now_ms = http.clock.now_ms()
        # A day less, so that the oldest request is inside whatever the hour.
        return self._ends(http, symbol).first(timeframe, from_ms, now_ms, now_ms - _INTRADAY_YEARS * YEAR_MS + DAY_MS)

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask for the profile; only the end of the client's id is kept. CredentialError without an active data plan."""
        with login_advice(_ADVICE):
            profile = http.get("/profile", signed=DhanSigner(secrets)).json
        where = f"{http.venue.name} profile"
        plan, client = member(profile, "dataPlan", str, where), masked(profile.get("dhanClientId"))
        if plan.lower() != "active":
            raise CredentialError(f"{where}: client {client} has no active data plan, which candles need. Subscribe to Dhan's Data APIs.")
        message = f"logged in as client {client}, data plan active; Dhan has no read-only tokens, and its interface cannot withdraw"
        return AccountStatus(http.venue.name, True, False, message)

    def _range(self, http: HttpCore, grid: Timeframe, first: int, last: int) -> dict[str, Any]:
        """Return the part of the question that says which bars: dates, the end exclusive, or times."""
        if grid.ms >= DAY_MS:
            dates = self._calendar.trade_dates(np.array([first, last + grid.ms], np.int64))
            return {"expiryCode": 0, "fromDate": str(dates[0]), "toDate": str(dates[1])}
        until = self._local(last + grid.ms - 1000)
        return {"interval": http.venue.timeframes[grid.name], "fromDate": self._local(first), "toDate": until}

    def _security_id(self, http: HttpCore, symbol: str) -> str:
        if symbol not in self._security_ids:
            self.listing(http)
        if symbol not in self._security_ids:
            raise ConfigError(f"{symbol} is not among the equities of the NSE")
        return self._security_ids[symbol]


def read_candles(said: Any, where: str) -> Columns:
    """Return the bars of an answer, in its order; DataError for columns of unequal length and anything else not documented."""
    arrays = {name: member(said, name, list, where) for name in _ARRAYS}
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) != 1:
        raise DataError(f"{where}: the columns differ in length ({lengths}), so that no bar is known for sure. Try again later.")
    times = whole_seconds(arrays.pop("timestamp"), "timestamp", where)
    return {"timestamp": times, **{name: numbers(values, name, where) for name, values in arrays.items()}}


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body``; None is what remains of an answer that says that there is no data."""
    said = strict_json(body)
    if not isinstance(said, dict):
        raise ValueError("it is no JSON object")
    return said


def _rules(lot: str, where: str) -> MarketRules:
    try:
        return MarketRules(qty_step=float(lot), min_qty=float(lot))
    except ValueError:
        raise DataError(f"{where}: a lot size is {lot[:40]!r}, not a number. Try again later.") from None


def dhan(http: HttpCore, secrets: Callable[[], Secrets]) -> SessionExchange:
    """Return Dhan as an exchange; ``http`` reads errors with ``dhan_error``."""
    calendar = nse_calendar()
    return SessionExchange(DHAN, DhanDialect(secrets, calendar), http, calendar)
