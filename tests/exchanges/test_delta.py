"""DELTA against a fake that speaks its protocol: candles in seconds and contracts, three shapes of errors, signatures, cursors."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from config.secrets import Secrets
from core.errors import APIError, ConfigError, CredentialError, DataError, PipelineError, RateLimitError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import ExchangeManager
from exchanges.delta import DELTA, delta_error, read_product, signature_of
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.fakes import delta as fake
from tests.fakes.bars import Bar, changed, saw
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.delta import HOUR_MS, FakeDelta, adapter, product
from tests.fakes.faults import html, status
from tests.fakes.server import Fault, FaultPlan, Reply

HOUR = Timeframe.parse("1h")
SECRET = "7b6f39dcf660ec1c7c664f612c60410a2bd0c258416b498bf0311f94228f"


def hours(bars: int, start_ms: int = START_MS) -> list[Bar]:
    return saw(start_ms + k * HOUR_MS for k in range(bars))


@pytest.fixture
def venue() -> Iterator[FakeDelta]:
    with FakeDelta({("BTCUSD", "1h"): hours(5000), ("BTCUSD", "1d"): saw(START_MS + k * 24 * HOUR_MS for k in range(209))}) as server:
        yield server


class TestContract(ExchangeContract):
    @pytest.fixture
    def facts(self, venue: FakeDelta) -> ExchangeFacts:
        return ExchangeFacts(adapter(venue), "btcusd", "BTCUSD", HOUR, START_MS, START_MS + 240 * HOUR_MS, "BTCUSDX")


def test_volume_is_in_the_underlying(venue: FakeDelta) -> None:
    candles = adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)
    np.testing.assert_array_equal(candles.volume, [bar[5] * 0.001 for bar in hours(10)])
    np.testing.assert_array_equal(candles.close, [bar[4] for bar in hours(10)])


def test_pages_hold_at_most_2000_bars_and_cover_the_range_once(venue: FakeDelta) -> None:
    candles = adapter(venue).fetch("BTCUSD", HOUR, START_MS, None)
    assert candles.open_ms.tolist() == [bar[0] for bar in hours(5000)]
    asked = [request.params for request in venue.requests if request.params.get("resolution") == "1h"]
    spans = [(int(params["start"]), int(params["end"])) for params in asked][-5:]
    assert all((end + 1 - start) // 3600 <= 2000 for start, end in spans)
    assert [start for start, _end in spans[1:]] == [end + 1 for _start, end in spans[:-1]]


@pytest.mark.parametrize("order", [lambda bars: bars[::-1], lambda bars: bars[1::2] + bars[::2]], ids=["newest first", "mixed"])
def test_order_of_the_bars_does_not_matter(order: Callable[[list[Bar]], list[Bar]]) -> None:
    with FakeDelta({("BTCUSD", "1h"): hours(100)}, order=order) as venue:
        assert adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 100 * HOUR_MS).open_ms.tolist() == [bar[0] for bar in hours(100)]


def test_minutes_without_trades_are_missing_and_stay_so() -> None:
    bars = [bar for number, bar in enumerate(hours(50)) if number % 7 != 3]
    with FakeDelta({("BTCUSD", "1h"): bars}) as venue:
        assert adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 50 * HOUR_MS).open_ms.tolist() == [bar[0] for bar in bars]


def test_open_bar_does_not_leave() -> None:
    now_ms = START_MS + 10 * HOUR_MS + 1_800_000
    with FakeDelta({("BTCUSD", "1h"): hours(11)}, now_ms=lambda: now_ms) as venue:
        assert adapter(venue).fetch("BTCUSD", HOUR, START_MS, None).end_ms == START_MS + 10 * HOUR_MS


def test_weeks_are_made_of_days(venue: FakeDelta) -> None:
    assert adapter(venue).source_timeframe("BTCUSD", Timeframe.parse("1w")) == Timeframe.parse("1d")


def test_symbols_come_over_all_pages_of_the_list() -> None:
    listed = [product(f"C{number:03}USD", number) for number in range(250)]
    with FakeDelta(products=listed) as venue:
        assert len(adapter(venue).symbols()) == 250
        assert venue.count("/v2/products") == 3


def test_list_that_repeats_itself_ends(venue: FakeDelta) -> None:
    venue.faults = FaultPlan.always(changed(lambda said: said["meta"].update(after="c1")), path="products")
    with pytest.raises(DataError, match="repeats itself"):
        adapter(venue).symbols()


def test_rules_are_one_contract_and_the_step_of_prices(venue: FakeDelta) -> None:
    assert adapter(venue).market_rules("BTCUSD") == MarketRules(qty_step=0.001, min_qty=0.001, price_step=0.5)


@pytest.mark.parametrize("changes", [{"tick_size": "nan"}, {"tick_size": "-1"}, {"tick_size": None}, {"contract_value": "0"}])
def test_rules_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with FakeDelta(products=[product(**changes)]) as venue, pytest.raises(DataError, match="BTCUSD"):
        adapter(venue).symbols()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"notional_type": "inverse", "contract_unit_currency": "USD"}, "inverse"),
        ({"contract_unit_currency": "USD"}, "inverse"),
        ({"is_quanto": True}, "another currency"),
    ],
)
def test_contracts_that_the_simulator_does_not_know_are_not_offered(changes: dict[str, Any], reason: str) -> None:
    with FakeDelta(products=[product(**changes), product("ETHUSD", 3136)]) as venue:
        exchange = adapter(venue)
        assert exchange.symbols() == ["ETHUSD"]
        with pytest.raises(ConfigError, match=reason):
            exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + HOUR_MS)


def test_top_symbols_by_turnover() -> None:
    with FakeDelta(products=[product("BTCUSD", 27), product("ETHUSD", 3136), product("XUSD", 1, trading_status="disrupted")]) as venue:
        assert adapter(venue).top_symbols("usd", 5) == [("ETHUSD", 2001.0), ("BTCUSD", 1000.5)]


def test_every_request_says_who_asks(venue: FakeDelta) -> None:
    adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + HOUR_MS)
    assert all(request.headers["user-agent"] for request in venue.requests)


@pytest.mark.parametrize(
    ("path", "query", "signature"),
    [
        ("/v2/orders", "product_id=1&state=open", "4e38dda3e6477092f360ba70399266d8145630b22bcc34c0ec7f804d5746877a"),
        ("/v2/profile", "", "c9bda49dad42c56100b6e0c5dde12782a2c34a390bb1ab4cffecfae1a7d76b41"),
    ],
)
def test_signature_is_that_of_the_documented_algorithm(path: str, query: str, signature: str) -> None:
    assert signature_of(SECRET, "GET", "1542110948", path, query) == signature


def secrets(key: str = fake.API_KEY, secret: str = fake.API_SECRET) -> Secrets:
    return Secrets(Path("config/.env"), True, False, {"DELTA_API_KEY": key, "DELTA_API_SECRET": secret})


def test_account_check_keeps_no_personal_data(venue: FakeDelta) -> None:
    account = adapter(venue).check_account(secrets())
    assert "***187" in account.message
    assert not any(text in repr(account) for text in ("57354187", "canary@", "Canary"))


def test_account_is_asked_with_the_venue_s_time() -> None:
    with FakeDelta(now_ms=lambda: START_MS + 123_456) as venue:
        assert adapter(venue, FakeClock(START_MS - 3_600_000)).check_account(secrets()).exchange == "DELTA"


@pytest.mark.parametrize(("key", "secret"), [("wrong-key-123", fake.API_SECRET), (fake.API_KEY, "wrong-secret-123")])
def test_refused_key_is_not_tried_again_and_not_shown(venue: FakeDelta, key: str, secret: str) -> None:
    with pytest.raises(CredentialError, match="DELTA_API_KEY, DELTA_API_SECRET") as caught:
        adapter(venue).check_account(secrets(key, secret))
    assert venue.count("profile") == 1
    assert key not in str(caught.value)
    assert secret not in str(caught.value)


def test_old_signature_is_made_anew_once(venue: FakeDelta) -> None:
    expired = Reply.json({"error": "SignatureExpired", "message": "your signature has expired"}, 401)
    venue.faults = FaultPlan([lambda _reply, _wire: expired], path="profile")
    assert adapter(venue).check_account(secrets()).exchange == "DELTA"
    venue.faults = FaultPlan.always(lambda _reply, _wire: expired, path="profile")
    with pytest.raises(APIError, match="clock"):
        adapter(venue).check_account(secrets())
    assert venue.count("profile") == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"success": False, "error": {"code": "insufficient_margin", "context": {}}}, "insufficient_margin"),
        ({"error": "SignatureExpired", "message": "m"}, "SignatureExpired"),
        ({"error": {"code": "Signature Mismatch"}}, "Signature Mismatch"),
        ({"success": False, "error": "unavailable"}, "unavailable"),
        ({"success": False}, "unknown"),
    ],
)
def test_all_shapes_of_errors_are_read(body: Any, code: str) -> None:
    found = delta_error(400, body)
    assert found is not None
    assert found.code == code


def test_answers_are_no_errors() -> None:
    assert delta_error(200, {"success": True, "result": []}) is None
    assert delta_error(200, []) is None


def test_wait_is_told_in_milliseconds(venue: FakeDelta) -> None:
    clock = FakeClock()
    venue.faults = FaultPlan([status(429, b"{}", {"X-RATE-LIMIT-RESET": "7000"})], path="candles")
    adapter(venue, clock).fetch("BTCUSD", HOUR, START_MS, START_MS + HOUR_MS)
    assert sum(clock.slept) == pytest.approx(7, rel=0.01)


def test_same_page_for_ever_ends(venue: FakeDelta) -> None:
    first = json.dumps(
        {"success": True, "result": [{"time": 1714521600, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}]}
    ).encode()
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply(200, first), path="candles")
    with pytest.raises(DataError, match="outside what was asked for"):
        adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 6000 * HOUR_MS)


def test_empty_page_in_the_middle_is_a_hole() -> None:
    bars = hours(100) + hours(100, START_MS + 5000 * HOUR_MS)
    with FakeDelta({("BTCUSD", "1h"): bars, ("BTCUSD", "1d"): saw([START_MS])}) as venue:
        assert adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 6000 * HOUR_MS).open_ms.tolist() == [bar[0] for bar in bars]


def test_symbol_delisted_on_the_way_is_named(venue: FakeDelta) -> None:
    venue.faults = FaultPlan({1: lambda _reply, _wire: fake.refusal("invalid_contract")}, path="candles")
    with pytest.raises(ConfigError, match="BTCUSD"):
        adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 5000 * HOUR_MS)


@pytest.mark.parametrize("fault", [status(500), status(503), html(403), html(), status(429)])
def test_passing_faults_leave_no_trace(venue: FakeDelta, fault: Fault) -> None:
    exchange = adapter(venue)
    whole = exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)
    venue.faults = FaultPlan([fault, fault, fault], path="candles")
    assert exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS).digest == whole.digest
    venue.faults = FaultPlan.always(fault, path="candles")
    with pytest.raises((APIError, DataError, RateLimitError)):
        exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)


def test_ban_stops_all_requests(venue: FakeDelta) -> None:
    exchange = adapter(venue)
    exchange.symbols()
    venue.faults = FaultPlan([status(418, b"{}", {"Retry-After": "120"})], path="candles")
    for _ in range(3):
        with pytest.raises(RateLimitError, match="banned"):
            exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)
    assert venue.count("candles") == 1


def test_silent_server_is_a_status(venue: FakeDelta) -> None:
    venue.faults = FaultPlan.always(status(503))
    answer = adapter(venue).check_connectivity()
    assert not answer.ok
    assert "503" in answer.message


def test_clock_skew_is_told() -> None:
    with FakeDelta(now_ms=lambda: START_MS + 60_000) as venue:
        answer = adapter(venue, FakeClock(START_MS)).check_connectivity()
        assert answer.clock_skew_ms == 60_000
        assert "set it" in answer.message


def test_global_is_another_address(monkeypatch: pytest.MonkeyPatch, venue: FakeDelta, tmp_path: Path) -> None:
    monkeypatch.setenv("DELTA_BASE_URL", venue.url)
    assert "BTCUSD" in ExchangeManager().get("DELTA", Paths.under(tmp_path)).symbols()
    assert DELTA.base_url == "https://api.india.delta.exchange"


def test_recorded_products_are_read(shared_data: Path) -> None:
    listed = json.loads((shared_data / "recorded" / "cryptofeed" / "DELTA.0_0.json").read_text())["result"]
    futures = [each for each in listed if each["contract_type"] in ("perpetual_futures", "futures")]
    found = [read_product(each, "DELTA") for each in futures]
    assert (len(futures), sum(trouble == "" for _facts, _value, trouble in found)) == (126, 122)
    btc = SimpleNamespace(**{facts.symbol: facts for facts, _value, _trouble in found}).BTCUSDT
    assert (btc.base, btc.quote, btc.rules.qty_step, btc.trading) == ("BTC", "USDT", 0.001, True)


def test_recorded_products_serve_as_a_list(shared_data: Path) -> None:
    listed = json.loads((shared_data / "recorded" / "cryptofeed" / "DELTA.0_0.json").read_text())["result"]
    with FakeDelta(products=listed, candles={("BTCUSDT", "1h"): hours(10)}) as venue:
        exchange = adapter(venue)
        assert len(exchange.symbols()) == 122
        assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, START_MS + 10 * HOUR_MS)) == 10
        with pytest.raises(PipelineError, match="inverse"):
            exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)
