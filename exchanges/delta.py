"""DELTA: Delta Exchange, perpetual and dated futures; India by default, Global with DELTA_BASE_URL=https://api.delta.exchange."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.secrets import Secrets
from core.errors import APIError, ConfigError, DataError
from core.market import MarketRules
from core.timeframe import Timeframe
from exchanges.bar_requests import masked, told_time, whole_bars
from exchanges.base import AccountStatus, SymbolFacts, VenueFees
from exchanges.facts import Refusal, VenueFacts
from exchanges.http import HttpCore, Signed
from exchanges.http_replies import VenueError
from exchanges.page_columns import member, numbers, objects_to_columns, whole_seconds
from exchanges.paging import Columns, no_rows
from exchanges.rest_exchange import RestExchange
from exchanges.series_ends import SeriesEnds
from exchanges.signing import hmac_sha256_hex
from exchanges.timing import ServerClock

_DAY = Timeframe.parse("1d")
_CONTRACT_TYPES = "perpetual_futures,futures"
_MOST_LISTING_PAGES = 500
_KEY, _SECRET = "DELTA_API_KEY", "DELTA_API_SECRET"

DELTA = VenueFacts(
    name="DELTA",
    base_url="https://api.india.delta.exchange",
    fees=VenueFees(maker=0.0002, taker=0.0005, source="Delta Exchange, futures fee schedule, before GST", as_of="2026-11-01"),
    is_spot=False,
    # A week of Delta's may begin on another day than Monday: weeks are made of days.
    timeframes={name: name for name in ("1m", "5m", "15m", "1h", "4h", "1d")},
    page_bars=2000,
    weight_limit=10_000,
    weight_window_s=300.0,
    candle_weight=3,
    time_unit="s",
    required_keys=(_KEY, _SECRET),
    first_candle_ms=1_514_764_800_000,  # 2018, the year of its opening
    gaps_are_normal=True,
    errors={
        **dict.fromkeys(
            (
                "invalid_api_key", "InvalidApiKey", "UnauthorizedApiAccess", "unauthorized", "invalid_signature", "Signature Mismatch",
                "ip_not_whitelisted_for_api_key",
            ),
            Refusal.CREDENTIAL,
        ),
        **dict.fromkeys(("SignatureExpired", "expired_signature"), Refusal.CLOCK),
        "invalid_contract": Refusal.SYMBOL,
        **dict.fromkeys(("unavailable", "Forbidden"), Refusal.RETRY),
    },
)  # fmt: skip


def delta_error(_status: int, said: Any) -> VenueError | None:
    """Read an error in any of its shapes: an object with a code and its context, a bare word, a word with a message."""
    if not isinstance(said, dict) or (said.get("success") is not False and "error" not in said):
        return None
    error = said.get("error")
    if isinstance(error, dict):
        context = error.get("context")
        schema = context.get("schema_errors") if isinstance(context, dict) else None
        code = str(error.get("code"))
        return VenueError(code, f"{code}: {schema}" if schema else code)
    code = str(error) if error is not None else "unknown"
    return VenueError(code, str(said.get("message", code)))


class DeltaSigner:
    """Signs as Delta wants it: HMAC-SHA256 of method, seconds, path, query and body, valid for five seconds."""

    def __init__(self, key: str, secret: str, server_clock: ServerClock) -> None:
        """Sign with the time of ``server_clock``."""
        self._key, self._secret, self._clock = key, secret, server_clock

    def sign(self, method: str, path: str, query: str, body: bytes) -> Signed:
        """Return the query as it is and the headers that prove who asks."""
        seconds = str(self._clock.now_ms() // 1000)
        signature = signature_of(self._secret, method, seconds, path, query, body)
        headers = {"api-key": self._key, "timestamp": seconds, "signature": signature, "Content-Type": "application/json"}
        return Signed(query, headers)

    def resync(self) -> None:
        """Ask for Delta's time."""
        self._clock.ask_again()


def signature_of(secret: str, method: str, seconds: str, path: str, query: str, body: bytes = b"") -> str:
    """Return the signature (hex) of a request; ``query`` exactly as it is sent, without ``?``."""
    return hmac_sha256_hex(secret, f"{method}{seconds}{path}{'?' if query else ''}{query}{body.decode()}")


class DeltaDialect:
    """Delta's requests and answers. Times are in seconds, volumes in contracts; minutes without trades have no bar."""

    def __init__(self) -> None:
        """Know no contract yet."""
        self._contract_values: dict[str, float] = {}
        self._refused: dict[str, str] = {}

    def server_time(self, http: HttpCore) -> int | None:
        """Return the time at which Delta dates its answers, to the second."""
        return told_time(http.get("/v2/assets"))

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return the live futures whose contracts are an amount of the underlying; others cannot be simulated as they are."""
        listed = []
        for product in self._products(http):
            facts, contract_value, trouble = read_product(product, http.venue.name)
            if trouble:
                self._refused[facts.symbol] = trouble
            else:
                self._contract_values[facts.symbol] = contract_value
                listed.append(facts)
        return listed

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return up to 2000 bars; ``volume`` in the underlying."""
        contract_value, window = self._contract_value(http, symbol), whole_bars(timeframe, start_ms, end_ms)
        if window is None:
            return no_rows()
        first, last = window
        params = (
            ("resolution", http.venue.timeframes[timeframe.name]),
            ("symbol", symbol),
            ("start", first // 1000),
            ("end", (last + timeframe.ms) // 1000 - 1),
        )
        said = http.get("/v2/history/candles", params, weight=http.venue.candle_weight).json
        return read_candles(said, contract_value, f"{http.venue.name} {symbol} {timeframe}")

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the oldest bar."""
        return self._ends(http, symbol).first(timeframe, from_ms, http.clock.now_ms())

    def last_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, now_ms: int) -> int | None:
        """Return the open of the newest bar."""
        return self._ends(http, symbol).last(timeframe, http.venue.first_candle_ms or 0, now_ms)

    def volumes(self, http: HttpCore) -> Mapping[str, float]:
        """Return the turnover of 24 hours in USD."""
        where = f"{http.venue.name} tickers"
        said = http.get("/v2/tickers", (("contract_types", _CONTRACT_TYPES),), weight=3).json
        rows = [row for row in member(said, "result", list, where) if isinstance(row, dict) and row.get("turnover_usd") is not None]
        names, turnovers = objects_to_columns(rows, ("symbol", "turnover_usd"), where)
        return dict(zip(map(str, names), numbers(turnovers, "turnover_usd", where).tolist(), strict=True))

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Ask for the profile; only the end of the account's number is kept. Delta does not say what a key may do."""
        signer = DeltaSigner(secrets.get(_KEY) or "", secrets.get(_SECRET) or "", server_clock)
        profile = member(http.get("/v2/profile", signed=signer).json, "result", dict, f"{http.venue.name} profile")
        if type(profile.get("id")) not in (int, str):
            raise DataError(f"{http.venue.name} profile: the answer does not say whose key it is. Try again later.")
        message = f"the key is accepted for account {masked(profile.get('id'))}; Delta does not say what else it may do"
        return AccountStatus(http.venue.name, None, None, message)

    def _products(self, http: HttpCore) -> Iterator[dict[str, Any]]:
        """Yield all live futures, following the cursor."""
        where, after, seen = f"{http.venue.name} products", "", set[str]()
        for _ in range(_MOST_LISTING_PAGES):
            params = [("contract_types", _CONTRACT_TYPES), ("states", "live"), ("page_size", "100"), *([("after", after)] if after else [])]
            said = http.get("/v2/products", params, weight=3).json
            for product in member(said, "result", list, where):
                if not isinstance(product, dict):
                    raise DataError(f"{where}: a product is a {type(product).__name__}, not an object. Try again later.")
                yield product
            meta = said.get("meta")
            after = str(meta.get("after") or "") if isinstance(meta, dict) else ""
            if not after:
                return
            if after in seen:
                raise DataError(f"{where}: the list repeats itself (cursor {after[:40]!r}). Try again later.")
            seen.add(after)
        raise APIError(f"{where}: the list does not end after {_MOST_LISTING_PAGES} pages. Try again later.")

    def _contract_value(self, http: HttpCore, symbol: str) -> float:
        """Return how much of the underlying one contract is; ConfigError for a symbol without contracts that can be simulated."""
        if symbol not in self._contract_values:
            self.listing(http)
        if symbol not in self._contract_values:
            raise ConfigError(self._refused.get(symbol, f"{symbol} is not among the live futures"))
        return self._contract_values[symbol]

    def _ends(self, http: HttpCore, symbol: str) -> SeriesEnds:
        def opens(timeframe: Timeframe, start_ms: int, end_ms: int) -> Any:
            return self.page(http, symbol, timeframe, start_ms, end_ms)["timestamp"]

        return SeriesEnds(opens, _DAY, lambda timeframe: http.venue.page_bars * timeframe.ms)


def read_candles(said: Any, contract_value: float, where: str) -> Columns:
    """Return the bars of an answer, in its order; DataError for anything but what Delta documents."""
    rows = member(said, "result", list, where)
    names = ("time", "open", "high", "low", "close", "volume")
    times, *values = objects_to_columns(rows, names, where)
    columns = {name: numbers(column, name, where) for name, column in zip(names[1:], values, strict=True)}
    return {"timestamp": whole_seconds(times, "time", where), **columns, "volume": columns["volume"] * contract_value}


def read_product(product: Mapping[str, Any], where: str) -> tuple[SymbolFacts, float, str]:
    """Return a product's facts, its contract value in the underlying, and why it cannot be simulated ("" when it can)."""
    try:
        symbol = str(product["symbol"])
        base, quote = str(product["underlying_asset"]["symbol"]), str(product["quoting_asset"]["symbol"])
        contract_value, tick_size = float(product["contract_value"]), float(product["tick_size"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{where}: product {str(product.get('symbol'))[:40]!r} is incomplete ({error!r}). Try again later.") from None
    trouble = ""
    if product.get("notional_type", "vanilla") != "vanilla" or product.get("contract_unit_currency", base) != base:
        trouble = f"{symbol} is an inverse contract, whose profit is not linear in the price; the simulator does not know such"
    elif product.get("is_quanto"):
        trouble = f"{symbol} is settled in another currency than it is quoted in; the simulator does not know such"
    elif not 0 < contract_value < float("inf"):
        raise DataError(f"{where}: product {symbol} has a contract value of {contract_value}. Try again later.")
    if not 0 <= tick_size < float("inf"):
        raise DataError(f"{where}: product {symbol} has a tick size of {tick_size}. Try again later.")
    status = f"{product.get('state')}, {product.get('trading_status')}"
    trading = status == "live, operational"
    rules = MarketRules(qty_step=contract_value, min_qty=contract_value, price_step=tick_size)
    return SymbolFacts(symbol, rules, base, quote, trading, status), contract_value, trouble


def delta(http: HttpCore) -> RestExchange:
    """Return Delta as an exchange; ``http`` reads errors with ``delta_error``."""
    return RestExchange(DELTA, DeltaDialect(), http)
