"""DHAN against a fake that speaks its protocol: columns of seconds, two ways to have no data, errors with HTTP 200."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import APIError, ConfigError, CredentialError, DataError, NoCandlesError, RateLimitError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import ExchangeManager
from exchanges.calendars import nse_calendar
from exchanges.dhan import dhan_error
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.fakes import dhan as fake
from tests.fakes.bars import changed, saw, session_bars
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.dhan import DAY_MS, FakeDhan, adapter, secrets
from tests.fakes.faults import html, status, truncated
from tests.fakes.server import FaultPlan, Reply

MINUTE, QUARTER, HOUR, DAY = (Timeframe.parse(name) for name in ("1m", "15m", "1h", "1d"))
# The first session from START_MS on: 2024-05-01 is a holiday.
OPENING_MS = START_MS + DAY_MS + 225 * 60_000
MONTHS_MS = 200 * DAY_MS
SPELLED = {"1m": "1", "15m": "15", "1h": "60", "1d": "day"}


@pytest.fixture(scope="module")
def candles() -> dict[tuple[str, str], list[Any]]:
    return {("INFY", spelled): session_bars(name, START_MS, START_MS + MONTHS_MS) for name, spelled in SPELLED.items()}


@pytest.fixture
def venue(candles: dict[tuple[str, str], list[Any]]) -> Iterator[FakeDhan]:
    with FakeDhan(candles) as server:
        yield server


def charts(venue: FakeDhan) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in venue.requests if "charts" in request.path]


class TestContract(ExchangeContract):
    @pytest.fixture(params=["1m", "15m", "1h"])
    def facts(self, venue: FakeDhan, request: pytest.FixtureRequest) -> ExchangeFacts:
        timeframe = nse_calendar().timeframe(Timeframe.parse(request.param))
        bars = {"1m": 240, "15m": 25, "1h": 7}[request.param]
        return ExchangeFacts(adapter(venue), "nse:INFY", "INFY", timeframe, OPENING_MS, OPENING_MS + bars * timeframe.ms, "INFI")


@pytest.mark.parametrize("timeframe", [MINUTE, QUARTER, HOUR, DAY])
def test_long_ranges_are_whole(venue: FakeDhan, candles: dict[tuple[str, str], list[Any]], timeframe: Timeframe) -> None:
    found = adapter(venue).fetch("INFY", timeframe, START_MS, START_MS + MONTHS_MS)
    assert found.open_ms.tolist() == [bar[0] for bar in candles["INFY", SPELLED[timeframe.name]]]
    np.testing.assert_array_equal(found.volume, [bar[5] for bar in candles["INFY", SPELLED[timeframe.name]]])


def test_no_request_spans_more_than_90_days(venue: FakeDhan) -> None:
    adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + MONTHS_MS)
    asked = [question for question in charts(venue) if "interval" in question]
    spans = [datetime.fromisoformat(question["toDate"]) - datetime.fromisoformat(question["fromDate"]) for question in asked]
    assert max(spans).days < 90


def test_last_date_of_days_is_asked_for_although_the_end_is_exclusive(venue: FakeDhan) -> None:
    found = adapter(venue).fetch("INFY", DAY, OPENING_MS - 225 * 60_000 - 19_800_000, OPENING_MS + 4 * DAY_MS)
    assert [str(date) for date in nse_calendar().trade_dates(found.open_ms)] == ["2024-05-02", "2024-05-03", "2024-05-06"]
    assert {(question["fromDate"], question["toDate"]) for question in charts(venue)} >= {("2024-05-02", "2024-05-07")}


def test_questions_are_posted_as_documented(venue: FakeDhan) -> None:
    adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert charts(venue)[-1] == {
        "securityId": "1594", "exchangeSegment": "NSE_EQ", "instrument": "EQUITY", "oi": False, "interval": "1",
        "fromDate": "2024-05-02 09:15:00", "toDate": "2024-05-02 09:24:59",
    }  # fmt: skip


def test_print_before_the_opening_is_left_out() -> None:
    early = saw([OPENING_MS - 8 * 60_000])
    with FakeDhan({("INFY", "1"): early + session_bars("1m", START_MS, START_MS + 3 * DAY_MS)}) as venue:
        assert adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + 2 * DAY_MS).open_ms[0] == OPENING_MS


@pytest.mark.parametrize("empty_is_error", [False, True])
def test_no_data_is_an_answer(candles: dict[tuple[str, str], list[Any]], empty_is_error: bool) -> None:
    with FakeDhan(candles, empty_is_error=empty_is_error) as venue:
        with pytest.raises(NoCandlesError, match="there are bars from 2024-05-02 03:45 to"):
            adapter(venue).fetch("INFY", MINUTE, START_MS, START_MS + DAY_MS)


@pytest.mark.parametrize("empty_is_error", [False, True])
def test_empty_minutes_after_the_opening_are_asked_for_again(empty_is_error: bool) -> None:
    now_ms = OPENING_MS + 3 * 60_000
    yesterday = session_bars("1m", OPENING_MS - 10 * DAY_MS, OPENING_MS - DAY_MS)
    with FakeDhan({("INFY", "1"): yesterday}, now_ms=lambda: now_ms, empty_is_error=empty_is_error) as venue:
        exchange = adapter(venue, FakeClock(now_ms))
        pages = list(exchange.fetch_pages("INFY", MINUTE, OPENING_MS, now_ms))
        assert [(start, end, len(columns["timestamp"])) for start, end, columns in pages] == [(OPENING_MS, OPENING_MS, 0)]
        venue.candles["INFY", "1"] = session_bars("1m", OPENING_MS, now_ms)
        assert [len(columns["timestamp"]) for _start, _end, columns in exchange.fetch_pages("INFY", MINUTE, OPENING_MS, now_ms)] == [3]


def test_intraday_history_goes_back_five_years(venue: FakeDhan) -> None:
    adapter(venue).available_span("INFY", MINUTE)
    now = datetime.fromtimestamp((START_MS + 400 * DAY_MS) / 1000).astimezone()
    asked = [datetime.fromisoformat(question["fromDate"]) for question in charts(venue) if "interval" in question]
    assert min(asked).year >= now.year - 5


def test_beginning_of_the_intraday_history_moves_on_with_the_days() -> None:
    clock = FakeClock(START_MS + 400 * DAY_MS)
    opens = [START_MS + day * DAY_MS + 225 * 60_000 for day in range(-1500, 410)]
    bars = {("INFY", "day"): saw([at - 555 * 60_000 for at in opens]), ("INFY", "60"): saw(opens)}
    with FakeDhan(bars, now_ms=clock.now_ms) as venue:
        exchange = adapter(venue, clock)
        before = exchange.available_span("INFY", HOUR)
        clock.advance(10 * 86_400)
        after = exchange.available_span("INFY", HOUR)
    assert before is not None
    assert after is not None
    assert after[0] - before[0] == 10 * DAY_MS


def test_page_of_a_proxy_is_no_sign_of_life(venue: FakeDhan) -> None:
    venue.faults = FaultPlan.always(html())
    state = adapter(venue).check_connectivity()
    assert not state.ok
    assert "an HTML page that cannot be read: it is no list of instruments. Try again later." in state.message


def test_symbols_are_the_equities_of_the_list(venue: FakeDhan) -> None:
    exchange = adapter(venue)
    assert exchange.symbols() == ["HDFCBANK", "INFY", "INFY-BE"]
    assert exchange.market_rules("HDFCBANK") == MarketRules(qty_step=1, min_qty=1)


def test_compact_list_says_the_same() -> None:
    with FakeDhan(instruments=fake.compact_list()) as venue:
        assert adapter(venue).symbols() == ["HDFCBANK", "INFY"]
        assert len(adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", fake.instrument_list({}).split("\n")[0], fake.instrument_list()[:-70], fake.instrument_list({"X": "12a"}),
     fake.instrument_list() + "NSE,E,7,INE0,EQUITY,,INFY,INFY LTD,Infy,ES,EQ,1,,,,5.0000,\n"],
)  # fmt: skip
def test_list_that_is_none_is_a_data_error(text: str) -> None:
    with FakeDhan(instruments=text or "\n") as venue, pytest.raises(DataError):
        adapter(venue).symbols()


@pytest.mark.parametrize("missing", ["DHAN_CLIENT_ID", "DHAN_ACCESS_TOKEN"])
def test_candles_without_keys_say_which_are_missing(venue: FakeDhan, missing: str) -> None:
    exchange = adapter(venue, keys=secrets(**{missing: ""}))
    assert exchange.check_connectivity().ok
    with pytest.raises(CredentialError, match=missing):
        exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert not charts(venue)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "expired"}, 401),
        ({"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "expired"}, 200),
        ({"data": {"808": "Authentication Failed"}}, 200),
        ({"status": "failed", "data": {"809": "Invalid token"}}, 400),
        ({"errorType": "Data_Subscription", "errorCode": "DH-902", "errorMessage": "not subscribed"}, 403),
    ],
)
def test_refused_token_is_not_tried_again(venue: FakeDhan, body: Any, code: int) -> None:
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply.json(body, code), path="charts")
    with pytest.raises(CredentialError, match=r"24 hours: make a new one") as caught:
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert len(charts(venue)) == 1
    assert fake.ACCESS_TOKEN not in str(caught.value)


def test_manager_hands_it_out_with_the_keys_of_the_moment(venue: FakeDhan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("BASE_URL", venue.url), ("CLIENT_ID", fake.CLIENT_ID), ("ACCESS_TOKEN", fake.ACCESS_TOKEN)):
        monkeypatch.setenv(f"DHAN_{name}", value)
    exchange = ExchangeManager().get("dhan", Paths.under(tmp_path))
    assert len(exchange.fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10


def test_account_check_keeps_no_personal_data(venue: FakeDhan) -> None:
    account = adapter(venue).check_account(secrets())
    assert "***871" in account.message
    assert fake.CLIENT_ID not in repr(account)


def test_account_without_a_data_plan_is_told_so(venue: FakeDhan) -> None:
    venue.plan = "Deactive"
    with pytest.raises(CredentialError, match="no active data plan"):
        adapter(venue).check_account(secrets())


def test_reads_by_post_are_tried_again(venue: FakeDhan) -> None:
    for fault in (status(500), html(), truncated(), status(429)):
        venue.faults = FaultPlan([fault, fault, fault], path="charts")
        assert len(adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10


def test_rate_limit_in_the_body_waits(venue: FakeDhan) -> None:
    body = {"errorType": "Rate_Limit", "errorCode": "DH-904", "errorMessage": "Too many requests"}
    venue.faults = FaultPlan([lambda _reply, _wire: Reply.json(body, 200)], path="charts")
    assert len(adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply.json(body, 200), path="charts")
    with pytest.raises(RateLimitError):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)


def test_unknown_security_id_is_a_matter_of_the_symbol(venue: FakeDhan) -> None:
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply.json({"data": {"813": "Invalid SecurityId"}}, 400), path="charts")
    with pytest.raises(ConfigError, match="INFY"):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)


def test_bad_request_is_not_tried_again(venue: FakeDhan) -> None:
    venue.faults = FaultPlan.always(lambda _reply, _wire: fake.refusal("DH-905", "Missing required fields", 400), path="charts")
    with pytest.raises(APIError, match="Missing required fields"):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert len(charts(venue)) == 1


@pytest.mark.parametrize("body", [[], {"open": [1]}, {"timestamp": []}, "text", None, 5])
def test_answers_are_told_from_errors(body: Any) -> None:
    assert dhan_error(200, body) is None


def cell(name: str, row: int, value: Any) -> Callable[[dict[str, Any]], object]:
    def change(said: dict[str, Any]) -> None:
        said[name][row] = value

    return change


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "columns of unequal length": lambda said: said["close"].pop(),
    "no timestamps": lambda said: said.pop("timestamp"),
    "column is an object": lambda said: said.update(open={}),
    "price as text": cell("open", 1, "1500.5"),
    "price is null": cell("open", 1, None),
    "time as text": cell("timestamp", 1, "1714621560"),
    "times in milliseconds": lambda said: said.update(timestamp=[each * 1000 for each in said["timestamp"]]),
    "time off the grid": cell("timestamp", 1, 1_714_621_561),
    "time outside": cell("timestamp", 0, 1_714_721_500),
    "times of another timeframe": lambda said: said.update(timestamp=[each * 5 for each in said["timestamp"]]),
    "price negative": cell("low", 1, -1),
    "high below low": cell("high", 1, 1),
    "volume negative": cell("volume", 1, -1),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_is_no_page_of_candles_is_a_data_error(venue: FakeDhan, change: Callable[[dict[str, Any]], object]) -> None:
    venue.faults = FaultPlan.always(changed(change), path="charts")
    with pytest.raises(DataError):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'""', b'{"open":[]}'])
def test_other_answers_are_a_data_error(venue: FakeDhan, body: bytes) -> None:
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply(200, body), path="charts")
    with pytest.raises(DataError) as caught:
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
    assert not isinstance(caught.value, NoCandlesError)


def test_times_may_be_spelled_with_a_point(venue: FakeDhan) -> None:
    venue.faults = FaultPlan.always(changed(lambda said: said.update(timestamp=[float(each) for each in said["timestamp"]])), path="charts")
    assert len(adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)) == 10
