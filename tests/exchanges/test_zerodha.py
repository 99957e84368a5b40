"""ZERODHA against a fake that speaks Kite's protocol: Indian times, spans, tokens of the day, sessions of the NSE."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.clock import format_utc
from core.errors import APIError, ConfigError, CredentialError, DataError, NoCandlesError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import ExchangeManager
from exchanges.calendars import nse_calendar
from exchanges.zerodha import kite_error, read_candles
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.fakes import zerodha as fake
from tests.fakes.bars import saw, session_bars
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.faults import html, status
from tests.fakes.server import Fault, FaultPlan, Reply
from tests.fakes.zerodha import DAY_MS, FakeKite, adapter, secrets

MINUTE, QUARTER, HOUR, DAY = (Timeframe.parse(name) for name in ("1m", "15m", "1h", "1d"))
# The first session from START_MS on: 2024-05-01 is a holiday.
OPENING_MS = START_MS + DAY_MS + 225 * 60_000
MONTHS_MS = 200 * DAY_MS


def series(end_ms: int = START_MS + MONTHS_MS) -> dict[tuple[str, str], list[Any]]:
    names = {"minute": "1m", "15minute": "15m", "60minute": "1h", "day": "1d"}
    return {("INFY", spelled): session_bars(name, START_MS, end_ms) for spelled, name in names.items()}


@pytest.fixture(scope="module")
def candles() -> dict[tuple[str, str], list[Any]]:
    return series()


@pytest.fixture
def venue(candles: dict[tuple[str, str], list[Any]]) -> Iterator[FakeKite]:
    with FakeKite(candles) as server:
        yield server


class TestContract(ExchangeContract):
    @pytest.fixture(params=["1m", "15m", "1h"])
    def facts(self, venue: FakeKite, request: pytest.FixtureRequest) -> ExchangeFacts:
        timeframe = nse_calendar().timeframe(Timeframe.parse(request.param))
        bars = {"1m": 240, "15m": 25, "1h": 7}[request.param]
        return ExchangeFacts(adapter(venue), "NSE:infy", "INFY", timeframe, OPENING_MS, OPENING_MS + bars * timeframe.ms, "INFI")


@pytest.mark.parametrize("timeframe", [MINUTE, QUARTER, HOUR, DAY])
def test_long_ranges_are_whole(venue: FakeKite, candles: dict[tuple[str, str], list[Any]], timeframe: Timeframe) -> None:
    spelled = {"1m": "minute", "15m": "15minute", "1h": "60minute", "1d": "day"}[timeframe.name]
    found = adapter(venue).fetch("INFY", timeframe, START_MS, START_MS + MONTHS_MS)
    assert found.open_ms.tolist() == [bar[0] for bar in candles["INFY", spelled]]
    np.testing.assert_array_equal(found.close, [bar[4] for bar in candles["INFY", spelled]])


def test_no_request_spans_more_than_kite_allows(venue: FakeKite) -> None:
    adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + MONTHS_MS)
    spans = [
        datetime.fromisoformat(request.params["to"]) - datetime.fromisoformat(request.params["from"])
        for request in venue.requests
        if "historical" in request.path and "minute" in request.path
    ]
    assert len(spans) == 5  # one of them asks for the first bar
    assert max(spans).days < 60


def test_hours_are_counted_from_the_opening(venue: FakeKite) -> None:
    found = adapter(venue).fetch("INFY", HOUR, OPENING_MS, OPENING_MS + DAY_MS)
    assert [format_utc(ms)[-5:] for ms in found.open_ms.tolist()] == [f"{hour:02}:45" for hour in range(3, 10)]
    assert found.timeframe.name == "1h"
    assert found.timeframe.periods_per_year == 7 * 247


def test_days_keep_their_trade_date(venue: FakeKite) -> None:
    found = adapter(venue).fetch("INFY", DAY, START_MS, START_MS + 10 * DAY_MS)
    assert format_utc(found.open_ms[0]) == "2024-05-01 18:30"
    assert [str(date) for date in nse_calendar().trade_dates(found.open_ms)[:3]] == ["2024-05-02", "2024-05-03", "2024-05-06"]


@pytest.mark.parametrize(("wanted", "source"), [("4h", "1h"), ("1w", "1d"), ("1h", "1h"), ("5m", "5m")])
def test_other_timeframes_have_a_source_on_the_same_grid(venue: FakeKite, wanted: str, source: str) -> None:
    found = adapter(venue).source_timeframe("INFY", Timeframe.parse(wanted))
    assert found == nse_calendar().timeframe(Timeframe.parse(source))


def test_auction_before_the_opening_is_left_out() -> None:
    early = saw([OPENING_MS - 8 * 60_000])
    with FakeKite({("INFY", "minute"): early + session_bars("1m", START_MS, START_MS + 3 * DAY_MS)}) as venue:
        assert adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + 2 * DAY_MS).open_ms[0] == OPENING_MS


def test_evening_of_diwali_is_kept() -> None:
    evening_ms = 1_730_464_200_000  # 2024-11-01 18:00 IST, on a holiday
    with FakeKite({("INFY", "15minute"): saw(evening_ms + k * 900_000 for k in range(4))}, now_ms=lambda: evening_ms + DAY_MS) as venue:
        found = adapter(venue, FakeClock(evening_ms + DAY_MS)).fetch("INFY", QUARTER, evening_ms - DAY_MS, evening_ms + DAY_MS)
    assert found.open_ms.tolist() == [evening_ms + k * 900_000 for k in range(4)]


def test_holiday_is_an_empty_answer_that_names_the_span(venue: FakeKite) -> None:
    with pytest.raises(NoCandlesError, match="there are bars from 2024-05-02 03:45 to"):
        adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + DAY_MS)


def test_open_bar_does_not_leave(candles: dict[tuple[str, str], list[Any]]) -> None:
    now_ms = OPENING_MS + 90 * 60_000
    with FakeKite(candles, now_ms=lambda: now_ms) as venue:
        assert adapter(venue, FakeClock(now_ms)).fetch("INFY", HOUR, START_MS, None).open_ms.tolist() == [OPENING_MS]


def test_late_bars_are_asked_for_again(candles: dict[tuple[str, str], list[Any]]) -> None:
    now_ms = OPENING_MS + 3 * 60_000
    with FakeKite({("INFY", "minute"): []}, now_ms=lambda: now_ms) as venue:
        pages = list(adapter(venue, FakeClock(now_ms)).fetch_pages("INFY", MINUTE, OPENING_MS, now_ms))
    assert [(start, end, len(columns["timestamp"])) for start, end, columns in pages] == [(OPENING_MS, OPENING_MS, 0)]


def test_settled_days_count_as_known_without_bars(venue: FakeKite) -> None:
    sunday_ms = START_MS + 4 * DAY_MS
    pages = list(adapter(venue).fetch_pages("INFY", MINUTE, sunday_ms, sunday_ms + DAY_MS // 2))
    assert [(start, end) for start, end, _columns in pages] == [(sunday_ms, sunday_ms + DAY_MS // 2)]


def test_first_day_without_intraday_bars_is_no_trouble() -> None:
    days = session_bars("1d", START_MS, START_MS + 300 * DAY_MS)
    minutes = session_bars("1m", START_MS + 250 * DAY_MS, START_MS + 255 * DAY_MS)
    with FakeKite({("INFY", "day"): days, ("INFY", "minute"): minutes}) as venue:
        assert adapter(venue).available_span("INFY", MINUTE) == (minutes[0][0], minutes[-1][0] + 60_000)


def test_symbols_are_the_equities_of_the_list(venue: FakeKite) -> None:
    exchange = adapter(venue)
    assert exchange.symbols() == ["CENTRALBK-BE", "INFY", "RELIANCE"]
    assert exchange.market_rules("INFY") == MarketRules(qty_step=1, min_qty=1, price_step=0.05)


def test_tokens_are_looked_up_anew_every_day(venue: FakeKite) -> None:
    clock = FakeClock(START_MS + 400 * DAY_MS)
    exchange = adapter(venue, clock)
    for _ in range(2):
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert sum(request.path == "/instruments/NSE" for request in venue.requests) == 1
    clock.advance(86_400)
    exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert sum(request.path == "/instruments/NSE" for request in venue.requests) == 2


def test_volume_ranking_is_not_offered(venue: FakeKite) -> None:
    with pytest.raises(ConfigError, match="by name"):
        adapter(venue).top_symbols("INR", 5)


@pytest.mark.parametrize("missing", ["ZERODHA_API_KEY", "ZERODHA_ACCESS_TOKEN"])
def test_candles_without_keys_say_which_are_missing(venue: FakeKite, missing: str) -> None:
    exchange = adapter(venue, keys=secrets(**{missing: ""}))
    assert exchange.check_connectivity().ok
    with pytest.raises(CredentialError, match=missing):
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert venue.count("historical") == 0


def test_token_of_yesterday_is_not_tried_again(venue: FakeKite) -> None:
    exchange = adapter(venue)
    exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    venue.token, before = "the-token-of-today", venue.count("historical")
    with pytest.raises(CredentialError, match=r"6 AM Indian time: log in .*kite\.zerodha\.com") as caught:
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert venue.count("historical") == before + 1
    assert not any(secret in str(caught.value) for secret in (fake.API_KEY, fake.ACCESS_TOKEN))


def test_manager_hands_it_out_with_the_keys_of_the_moment(venue: FakeKite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZERODHA_BASE_URL", venue.url)
    exchange = ExchangeManager().get("zerodha", Paths.under(tmp_path))
    with pytest.raises(CredentialError, match="ZERODHA_ACCESS_TOKEN"):
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    for name, value in (("API_KEY", fake.API_KEY), ("ACCESS_TOKEN", fake.ACCESS_TOKEN)):
        monkeypatch.setenv(f"ZERODHA_{name}", value)
    assert len(exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10


def test_account_check_keeps_no_personal_data(venue: FakeKite) -> None:
    account = adapter(venue).check_account(secrets())
    assert (account.can_trade, account.can_withdraw) == (True, False)
    assert "***428" in account.message
    assert not any(text in repr(account) for text in ("CNR", "canary", "Canary"))


@pytest.mark.parametrize("name", ["ZERODHA_API_KEY", "ZERODHA_ACCESS_TOKEN"])
def test_account_check_needs_what_it_sends(venue: FakeKite, name: str) -> None:
    with pytest.raises(CredentialError, match=name):
        adapter(venue).check_account(secrets(**{name: ""}))


def test_account_check_needs_no_secret_that_is_never_sent(venue: FakeKite) -> None:
    assert adapter(venue).check_account(secrets(ZERODHA_API_SECRET="")).can_trade is True


@pytest.mark.parametrize(("kind", "code", "tries"), [("InputException", 400, 1), ("NetworkException", 503, 4), ("DataException", 502, 4)])
def test_kite_s_errors_are_tried_again_where_that_may_help(venue: FakeKite, kind: str, code: int, tries: int) -> None:
    exchange = adapter(venue)
    exchange.symbols()
    venue.faults = FaultPlan.always(lambda _reply, _wire: fake.refusal(kind, "no", code), path="historical")
    with pytest.raises(APIError, match=kind):
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert venue.count("historical") == tries


def test_too_many_requests_wait(venue: FakeKite) -> None:
    venue.faults = FaultPlan(
        [status(429, b'{"status":"error","message":"Too many requests","error_type":"NetworkException"}')], path="historical"
    )
    assert len(adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10


def test_errors_of_the_envelope_are_read() -> None:
    found = kite_error(403, {"status": "error", "message": "m", "error_type": "TokenException", "data": None})
    assert found is not None
    assert (found.code, found.text) == ("TokenException", "m")
    assert kite_error(200, {"status": "success", "data": {}}) is None


@pytest.mark.parametrize("fault", [status(500), html(), html(403)])
def test_passing_faults_leave_no_trace(venue: FakeKite, fault: Fault) -> None:
    exchange = adapter(venue)
    whole = exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    venue.faults = FaultPlan([fault, fault, fault], path="historical")
    assert exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000).digest == whole.digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no,such,columns\n1,2,3\n",
        "instrument_token,tradingsymbol,tick_size,lot_size,instrument_type,segment\n",
        "instrument_token,tradingsymbol,tick_size,lot_size,instrument_type,segment\n408065,INFY,0.05\n",
        "instrument_token,tradingsymbol,tick_size,lot_size,instrument_type,segment\nx,INFY,0.05,1,EQ,NSE\n",
        "instrument_token,tradingsymbol,tick_size,lot_size,instrument_type,segment\n408065,INFY,0.05,one,EQ,NSE\n",
        '{"status":"success"}',
    ],
)
def test_list_that_is_none_is_a_data_error(text: str) -> None:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = packer.compress(text.encode()) + packer.flush()
    plan = FaultPlan.always(lambda _reply, _wire: Reply(200, packed, {"Content-Encoding": "gzip"}))
    with FakeKite({("INFY", "day"): []}, faults=plan) as venue, pytest.raises(DataError) as raised:
        adapter(venue).symbols()
    assert str(raised.value).count("Try again later") == 1


def test_recorded_candles_are_read(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "zerodha_mocks"
    minutes = read_candles(json.loads((folder / "historical_minute.json").read_text()), "ZERODHA")
    first = datetime(2017, 12, 15, 3, 45, tzinfo=UTC)
    assert int(minutes["timestamp"][0]) == int(first.timestamp() * 1000)
    assert [minutes[name][0] for name in ("open", "high", "low", "close", "volume")] == [1704.5, 1705, 1699.25, 1702.8, 2499]
    with_interest = read_candles(json.loads((folder / "historical_oi.json").read_text()), "ZERODHA")
    assert [with_interest[name][0] for name in ("open", "volume")] == [12009.9, 163275]


def test_recorded_list_of_instruments_is_read(shared_data: Path) -> None:
    text = (shared_data / "recorded" / "zerodha_mocks" / "instruments_nse.csv").read_text()
    with FakeKite({("INFY", "day"): []}, instruments=text) as venue:
        symbols = adapter(venue).symbols()
    assert {"ADANIPORTS", "CENTRALBK-BE"} <= set(symbols)
