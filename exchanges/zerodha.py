"""ZERODHA: Indian equities of the NSE through Kite Connect. Candles need the account's key and a token of the day."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from config.secrets import Secrets
from core.candle_checks import Times
from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.timeframe import DAY_MS, Timeframe
from exchanges.bar_requests import in_sessions, login_advice, masked, told_time, whole_bars
from exchanges.base import AccountStatus, SymbolFacts
from exchanges.broker_dialect import BrokerDialect, customer_keys, intraday_fees
from exchanges.calendars import TradingCalendar, nse_calendar
from exchanges.facts import Refusal, VenueFacts
from exchanges.http import HttpCore, Signed
from exchanges.http_replies import VenueError
from exchanges.instrument_tables import read_table, table_size
from exchanges.limits import Limit
from exchanges.page_columns import member, numbers, rows_to_columns
from exchanges.paging import Columns, no_rows
from exchanges.session_exchange import SessionExchange
from exchanges.timing import ServerClock

_HISTORICAL = "historical"
_KEY, _TOKEN = "ZERODHA_API_KEY", "ZERODHA_ACCESS_TOKEN"
# Intraday candles exist since the beginning of 2015.
_INTRADAY_FROM_MS = 1_420_050_600_000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0530", re.ASCII)
_ADVICE = (
    "Kite's access tokens end every morning at 6 AM Indian time: log in with your API key at https://kite.zerodha.com/connect/login?v=3 "
    f"and write the day's token into {_TOKEN}."
)
_INSTRUMENT_COLUMNS = [("instrument_token",), ("tradingsymbol",), ("tick_size",), ("lot_size",), ("instrument_type",), ("segment",)]

ZERODHA = VenueFacts(
    name="ZERODHA",
    base_url="https://api.kite.trade",
    fees=intraday_fees("Zerodha"),
    is_spot=True,
    public=False,
    timeframes={"1m": "minute", "5m": "5minute", "15m": "15minute", "1h": "60minute", "1d": "day"},
    # The limit is the span: 60 days have 86,400 minutes.
    page_bars=90_000,
    max_span_days={"1m": 60, "5m": 100, "15m": 200, "1h": 400, "1d": 2000},
    time_unit="ISO 8601, +0530",
    weight_limit=10,
    weight_window_s=1.0,
    more_limits=(Limit(3, 1.0, _HISTORICAL),),
    required_keys=(_KEY, _TOKEN),
    first_candle_ms=788_898_600_000,  # 1995, the first full year of the NSE
    calendar="XBOM",
    errors={
        **dict.fromkeys(("TokenException", "PermissionException", "UserException"), Refusal.CREDENTIAL),
        **dict.fromkeys(("NetworkException", "DataException", "GeneralException"), Refusal.RETRY),
    },
)


def kite_error(_status: int, said: Any) -> VenueError | None:
    """Read an error of Kite's envelope."""
    if not isinstance(said, dict) or (said.get("status") != "error" and not said.get("error_type")):
        return None
    kind = str(said.get("error_type") or "unknown")
    return VenueError(kind, str(said.get("message") or kind))


class KiteSigner:
    """Shows Kite the key and the token of the day."""

    def __init__(self, secrets: Secrets) -> None:
        """Take both from ``secrets``; CredentialError when one is not there."""
        key, token = customer_keys(secrets, "ZERODHA", (_KEY, _TOKEN))
        self._authorization = f"token {key}:{token}"

    def sign(self, method: str, path: str, query: str, body: bytes) -> Signed:
        """Return the query as it is with the header."""
        return Signed(query, {"Authorization": self._authorization, "X-Kite-Version": "3"})

    def resync(self) -> None:
        """Do nothing: no time is signed."""


class ZerodhaDialect(BrokerDialect):
    """Kite's requests and answers. Times are texts in Indian time; a holiday is an empty answer."""

    def __init__(self, secrets: Callable[[], Secrets], calendar: TradingCalendar) -> None:
        """See ``BrokerDialect``."""
        super().__init__(secrets, calendar)
        self._tokens: tuple[int, dict[str, str]] = (-1, {})

    def server_time(self, http: HttpCore) -> int | None:
        """Return the time at which Kite dates its answers; with a key set, one that Kite accepts."""
        if self._secrets().get(_KEY) and self._secrets().get(_TOKEN):
            with login_advice(_ADVICE):
                return told_time(http.get("/user/profile", signed=KiteSigner(self._secrets())))
        return told_time(http.get("/instruments/NSE", parse=table_size))

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return the equities of the NSE, from the list that Kite makes every morning."""
        where = f"{http.venue.name} instruments"
        headers = {"X-Kite-Version": "3"}
        table = http.get("/instruments/NSE", headers=headers, parse=lambda body: read_table(body, _INSTRUMENT_COLUMNS, where)).json
        rows = [row for row in table if row[4] == "EQ" and row[5] == "NSE"]
        try:
            listed = [SymbolFacts(row[1], _rules(row[3], row[2]), row[1], "INR", True, "listed") for row in rows]
        except ValueError as error:
            raise DataError(f"{where}: a lot or tick size is no number ({error}). Try again later.") from None
        bad = next((row for row in rows if not (row[0].isascii() and row[0].isdigit() and row[1])), None)
        if bad is not None:
            raise DataError(f"{where}: {bad[1][:40]!r} has the token {bad[0][:40]!r}, which is no number. Try again later.")
        # Tokens are given to other instruments in time: they count for the day of the list.
        self._tokens = (self._today(http), {row[1]: row[0] for row in rows})
        return listed

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return the bars of one range, which must not be longer than Kite allows; the auction before the opening is left out."""
        grid = self._calendar.timeframe(timeframe)
        window = whole_bars(grid, start_ms, end_ms)
        if window is None:
            return no_rows()
        signer = KiteSigner(self._secrets())
        first, last = window
        path = f"/instruments/historical/{self._token(http, symbol)}/{http.venue.timeframes[grid.name]}"
        params = (("from", self._local(first)), ("to", self._local(last + grid.ms - 1000)), ("continuous", 0), ("oi", 0))
        with login_advice(_ADVICE):
            said = http.get(path, params, group=_HISTORICAL, signed=signer).json
        where = f"{http.venue.name} {symbol} {grid}"
        return in_sessions(self._calendar, grid, read_candles(said, where), where)

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the oldest bar."""
        return self._ends(http, symbol).first(timeframe, from_ms, http.clock.now_ms(), _INTRADAY_FROM_MS)

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask for the profile; only the end of the user's id is kept."""
        with login_advice(_ADVICE):
            said = http.get("/user/profile", signed=KiteSigner(secrets)).json
        where = f"{http.venue.name} profile"
        profile = member(said, "data", dict, where)
        can_trade = bool(profile.get("order_types"))
        message = (
            f"logged in as {masked(member(profile, 'user_id', str, where))}; Kite has no read-only keys, and its interface cannot withdraw"
        )
        return AccountStatus(http.venue.name, can_trade, False, message)

    def _token(self, http: HttpCore, symbol: str) -> str:
        if self._tokens[0] != self._today(http):
            self.listing(http)
        if symbol not in self._tokens[1]:
            raise ConfigError(f"{symbol} is not among the equities of the NSE")
        return self._tokens[1][symbol]

    def _today(self, http: HttpCore) -> int:
        return (http.clock.now_ms() + self._calendar.zone_ms) // DAY_MS


def read_candles(said: Any, where: str) -> Columns:
    """Return the bars of an answer, in its order; DataError for anything but what Kite documents. Open interest is left out."""
    rows = member(member(said, "data", dict, where), "candles", list, where)
    times, *values = rows_to_columns(rows, (6, 7), where)
    names = ("open", "high", "low", "close", "volume")
    return {
        "timestamp": _read_times(times, where),
        **{name: numbers(column, name, where) for name, column in zip(names, values, strict=False)},
    }


def _read_times(texts: Sequence[Any], where: str) -> Times:
    for row, text in enumerate(texts):
        if not isinstance(text, str) or not _TIME.fullmatch(text):
            raise DataError(
                f"{where}: the time in row {row} is {str(text)[:40]!r}, not of the form 2017-12-15T09:15:00+0530. Try again later."
            )
    try:
        local = np.array([text[:19] for text in texts], "datetime64[ms]")
    except ValueError as error:
        raise DataError(f"{where}: a time that no calendar has ({error}). Try again later.") from None
    return local.astype(np.int64) - 19_800_000


def _rules(lot: str, tick: str) -> MarketRules:
    return MarketRules(qty_step=float(lot), min_qty=float(lot), price_step=float(tick))


def zerodha(http: HttpCore, secrets: Callable[[], Secrets]) -> SessionExchange:
    """Return Zerodha as an exchange; ``http`` reads errors with ``kite_error``."""
    calendar = nse_calendar()
    return SessionExchange(ZERODHA, ZerodhaDialect(secrets, calendar), http, calendar)
