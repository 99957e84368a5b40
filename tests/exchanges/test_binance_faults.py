"""BINANCE on bad days: refused keys, clocks that are off, pages that go wrong, and random schedules of faults."""

from collections.abc import Iterator

import pytest

from config.secrets import Secrets
from core.errors import APIError, ConfigError, CredentialError, DataError, PipelineError, RateLimitError
from core.timeframe import Timeframe
from tests.exchanges.test_binance import secrets
from tests.fakes import faults
from tests.fakes.binance import API_KEY, API_SECRET, HOUR_MS, FakeBinance, error, kline_rows, spot
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import Fault, FaultPlan, Reply, Wire

HOUR = Timeframe.parse("1h")
BARS = 60
END_MS = START_MS + BARS * HOUR_MS


@pytest.fixture
def venue() -> Iterator[FakeBinance]:
    with FakeBinance({("BTCUSDT", "1h"): kline_rows(START_MS, 2500)}) as venue:
        yield venue


def answer(reply: Reply) -> Fault:
    return lambda _reply, _wire: reply


REFUSED = [
    (-2014, 401, "API-key format invalid."), (-2015, 401, "Invalid API-key, IP, or permissions for action."),
    (-2008, 400, "Invalid Api-Key ID."),
    (-1022, 400, "Signature for this request is not valid."), (-1002, 401, "You are not authorized to execute this request."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "status", "text"), REFUSED)
def test_refused_key_is_asked_once_and_not_shown(venue: FakeBinance, code: int, status: int, text: str) -> None:
    venue.faults = FaultPlan.always(answer(error(code, text, status)), path="account")
    with pytest.raises(CredentialError, match=rf"{text[:8]}.*code {code}.*BINANCE_API_KEY, BINANCE_API_SECRET") as raised:
        spot(venue).check_account(secrets())
    assert venue.count("account") == 1
    assert API_KEY not in str(raised.value)
    assert API_SECRET not in str(raised.value)


@pytest.mark.parametrize(("key", "secret"), [("wrong", API_SECRET), (API_KEY, "wrong")])
def test_wrong_key_or_secret_is_refused_by_the_venue(venue: FakeBinance, key: str, secret: str) -> None:
    with pytest.raises(CredentialError):
        spot(venue).check_account(secrets(BINANCE_API_KEY=key, BINANCE_API_SECRET=secret))
    assert venue.count("account") == 1


def test_clock_that_jumps_costs_one_resync_and_one_repetition(venue: FakeBinance) -> None:
    venue.faults = FaultPlan([answer(error(-1021, "Timestamp for this request is outside of the recvWindow."))], path="account")
    assert spot(venue).check_account(secrets()).can_withdraw is False
    assert (venue.count("account"), venue.count("time")) == (2, 2)


def test_clock_that_never_agrees_is_said_after_one_resync(venue: FakeBinance) -> None:
    venue.faults = FaultPlan.always(answer(error(-1021, "Timestamp for this request is outside of the recvWindow.")), path="account")
    with pytest.raises(APIError, match="code -1021.*Set this computer's clock"):
        spot(venue).check_account(secrets())
    assert (venue.count("account"), venue.count("time")) == (2, 2)


def test_time_asked_long_ago_is_mended_by_the_resync() -> None:
    clock = FakeClock()
    with FakeBinance(now_ms=lambda: START_MS + round((clock.monotonic() - 1000) * 1000) + ahead[0]) as venue:
        ahead = [0]
        exchange = spot(venue, clock)
        exchange.server_clock.now_ms()
        ahead[0] = 30_000
        assert exchange.check_account(secrets()).exchange == "BINANCE"
        assert venue.count("account") == 2


@pytest.mark.parametrize("code", [-1000, -1001, -1006, -1007, -1008])
def test_trouble_inside_the_venue_passes(venue: FakeBinance, code: int) -> None:
    venue.faults = FaultPlan([answer(error(code, "Internal error; unable to process your request.", 500))] * 3, path="klines")
    assert len(spot(venue).fetch("BTCUSDT", HOUR, START_MS, END_MS)) == BARS


@pytest.mark.parametrize("code", [-1101, -1102, -1120, -1128, -1130, -9999])
def test_request_that_the_venue_does_not_understand_is_sent_once(venue: FakeBinance, code: int) -> None:
    venue.faults = FaultPlan.always(answer(error(code, "Parameter was malformed.")), path="klines")
    with pytest.raises(APIError, match=f"code {code}"):
        spot(venue).fetch("BTCUSDT", HOUR, START_MS, END_MS)
    assert venue.count("klines") == 1


def test_symbol_that_is_delisted_in_the_middle_is_said(venue: FakeBinance) -> None:
    venue.faults = FaultPlan({2: answer(error(-1121, "Invalid symbol."))}, path="klines")
    with pytest.raises(ConfigError, match="BINANCE has no symbol 'BTCUSDT'"):
        spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + 2500 * HOUR_MS)


def test_symbol_is_blamed_even_when_the_list_of_symbols_fails(venue: FakeBinance) -> None:
    venue.faults = FaultPlan.always(faults.status(500), path="exchangeInfo")
    with pytest.raises(ConfigError, match="BINANCE has no symbol 'NONE'"):
        spot(venue).fetch("NONE", HOUR, START_MS, END_MS)


def test_ban_in_the_middle_of_a_download_stops_it(venue: FakeBinance) -> None:
    venue.faults, clock = FaultPlan({1: faults.status(418, headers={"Retry-After": "120"})}, path="klines"), FakeClock()
    exchange = spot(venue, clock)
    with pytest.raises(RateLimitError, match="banned"):
        exchange.fetch("BTCUSDT", HOUR, START_MS, START_MS + 2500 * HOUR_MS)
    sent = len(venue.requests)
    for _ in range(5):
        assert exchange.check_connectivity().ok is False
    assert len(venue.requests) == sent
    clock.advance(121)
    assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, END_MS)) == BARS


def test_server_that_repeats_a_page_for_ever_ends_in_an_error(venue: FakeBinance) -> None:
    first = Reply.json(venue.candles["BTCUSDT", "1h"][:1000])
    venue.faults = FaultPlan.always(answer(first), path="klines")
    with pytest.raises(DataError, match="1000 of 1000 bars are outside what was asked for"):
        spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + 2500 * HOUR_MS)
    assert venue.count("klines") == 3


def test_empty_pages_are_a_hole_and_end(venue: FakeBinance) -> None:
    venue.faults = FaultPlan({2: faults.body(b"[]")}, path="klines")
    candles = spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + 2500 * HOUR_MS)
    assert len(candles) == 1500
    assert venue.count("klines") == 4


def test_limit_that_the_server_ignores_does_no_harm(venue: FakeBinance) -> None:
    venue.max_limit = 7

    def all_of_it(reply: Reply, _wire: Wire) -> Reply:
        return Reply.json(venue.candles["BTCUSDT", "1h"][:BARS])

    venue.faults = FaultPlan.always(all_of_it, path="klines")
    assert len(spot(venue).fetch("BTCUSDT", HOUR, START_MS, END_MS)) == BARS


def test_secrets_are_in_no_log_line_even_with_faults(venue: FakeBinance, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    shown: list[str] = []
    signatures: list[str] = []
    kept: Secrets = secrets()
    for seed in range(40):
        venue.faults = faults.fault_schedule(seed, rate=0.8)
        try:
            spot(venue).check_account(kept)
        except PipelineError as raised:
            shown += [str(raised), repr(raised)]
    signatures += [request.params["signature"] for request in venue.requests if "signature" in request.params]
    text = "\n".join([caplog.text, repr(kept), *shown])
    assert signatures
    assert not any(secret in text for secret in (API_KEY, API_SECRET, *signatures))
