"""BINANCE: whether it answers, and what the key may do."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import APIError, CredentialError, DataError
from core.timeframe import Timeframe
from exchanges.signing import BinanceSigner, hmac_sha256_hex
from exchanges.timing import ServerClock
from tests.exchanges.test_binance import secrets
from tests.fakes.binance import (
    API_KEY,
    API_SECRET,
    FakeBinance,
    spot,
)
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.faults import status
from tests.fakes.server import FakeVenue, Fault, FaultPlan, Reply, Request

HOUR = Timeframe.parse("1h")


@pytest.fixture
def venue() -> Iterator[FakeBinance]:
    with FakeBinance() as venue:
        yield venue


def test_connectivity_tells_the_venues_time_and_our_skew() -> None:
    clock = FakeClock()
    with FakeBinance(now_ms=lambda: START_MS + 90_500) as venue:
        status = spot(venue, clock).check_connectivity()
    assert (status.ok, status.server_time_ms, status.clock_skew_ms) == (True, START_MS + 90_500, 90_500)
    assert "this computer's clock is 90.5 s behind the venue's: set it" in status.message


def test_venue_that_does_not_answer_is_a_status() -> None:
    with FakeBinance() as venue:
        exchange = spot(venue)
    status = exchange.check_connectivity()
    assert (status.ok, status.server_time_ms) == (False, None)
    assert "the connection was refused" in status.message


@pytest.mark.parametrize("said", [{}, [], {"serverTime": "1"}, {"serverTime": True}, {"serverTime": 1.5}, {"serverTime": 10**16}])
def test_time_of_another_form_is_refused(said: Any) -> None:
    with FakeVenue(lambda _request: Reply.json(said)) as venue:
        assert spot(venue).check_connectivity().ok is False
        with pytest.raises(DataError):
            spot(venue).fetch("BTCUSDT", HOUR, START_MS, None)


def test_signatures_are_those_that_the_venue_publishes() -> None:
    order = "symbol={}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    assert hmac_sha256_hex(API_SECRET, order.format("LTCBTC")) == "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    encoded = "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
    assert hmac_sha256_hex(API_SECRET, order.format(encoded)) == "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"
    clock = ServerClock(FakeClock(), lambda: 1_499_827_319_559)
    signed = BinanceSigner(API_KEY, API_SECRET, clock).sign("GET", "/x", "", b"")
    assert signed.query.endswith("&signature=82f4e72e95e63d666b6da651e82a701722ad8a785a169318d91f36f279c55821")


@pytest.mark.parametrize(
    ("can_trade", "can_withdraw", "says"), [(False, False, "can only read"), (True, False, "can trade"), (True, True, "WARNING")]
)
def test_account_is_asked_where_the_key_s_rights_are_not_told(venue: FakeBinance, can_trade: bool, can_withdraw: bool, says: str) -> None:
    venue.permissions |= {"canTrade": can_trade, "canWithdraw": can_withdraw}
    venue.tells_key_rights = False
    status = spot(venue).check_account(secrets())
    assert (status.can_trade, status.can_withdraw) == (can_trade, can_withdraw)
    assert says in status.message


class OtherRights(FakeBinance):
    """An account that can do everything, and a key that may do what ``rights`` adds to reading."""

    def __init__(self, **rights: object) -> None:
        super().__init__()
        self._rights = rights

    def key_rights(self) -> dict[str, Any]:
        return {**super().key_rights(), **self._rights}

    def _account(self, request: Request) -> Any:
        raise AssertionError("the account is asked about a key that is known")


@pytest.mark.parametrize(
    ("rights", "can_trade", "can_withdraw", "says"),
    [
        ({}, False, False, "can only read"),
        ({"enableFutures": True}, True, False, "this key can trade"),
        ({"enableSpotAndMarginTrading": True, "enableWithdrawals": True}, True, True, "WARNING: this key can withdraw and trade"),
        ({"enableInternalTransfer": True}, False, True, "WARNING: this key can withdraw"),
    ],
)
def test_what_the_key_is_allowed_counts_and_not_what_the_account_could(
    rights: dict[str, bool], can_trade: bool, can_withdraw: bool, says: str
) -> None:
    with OtherRights(**rights) as venue:
        status = spot(venue).check_account(secrets())
    assert (status.can_trade, status.can_withdraw) == (can_trade, can_withdraw)
    assert says in status.message


@pytest.mark.parametrize("name", ["enableReading", "enableSpotAndMarginTrading", "enableWithdrawals"])
@pytest.mark.parametrize("value", ["false", None, 0])
def test_rights_of_another_form_are_refused(name: str, value: object) -> None:
    with OtherRights(**{name: value}) as venue, pytest.raises(DataError, match="does not say what the key may do"):
        spot(venue).check_account(secrets())


@pytest.mark.parametrize("fault", [status(418, b"", {"Retry-After": "120"}), status(429), status(500)])
def test_trouble_while_asking_about_the_key_is_no_answer(venue: FakeBinance, fault: Fault) -> None:
    venue.faults = FaultPlan.always(fault, path="apiRestrictions")
    with pytest.raises(APIError):
        spot(venue).check_account(secrets())
    assert venue.count("v3/account") == 0


@pytest.mark.parametrize("off_s", [0, 1, -1, 5, -5, 3600, -3600])
def test_account_is_signed_with_the_venues_time_whatever_ours_is(off_s: int) -> None:
    with FakeBinance(now_ms=lambda: START_MS) as venue:
        assert spot(venue, FakeClock(START_MS + off_s * 1000)).check_account(secrets()).exchange == "BINANCE"


def test_missing_key_is_named_before_anything_is_sent(venue: FakeBinance) -> None:
    with pytest.raises(CredentialError, match="BINANCE_API_SECRET not set"):
        spot(venue).check_account(secrets(BINANCE_API_SECRET=""))
    assert venue.requests == []


@pytest.mark.parametrize("said", [{}, [], {"canTrade": True}, {"canTrade": 1, "canWithdraw": 0}])
def test_account_answer_of_another_form_is_refused(said: Any) -> None:
    with FakeVenue(lambda request: Reply.json({"serverTime": START_MS} if request.path.endswith("time") else said)) as venue:
        with pytest.raises(DataError, match="does not say what the key may do"):
            spot(venue).check_account(secrets())


def test_key_goes_only_to_signed_requests(venue: FakeBinance) -> None:
    exchange = spot(venue)
    exchange.fetch("BTCUSDT", HOUR, START_MS, None)
    exchange.symbols()
    exchange.check_account(secrets())
    assert [request.path for request in venue.requests if "x-mbx-apikey" in request.headers] == [venue.rights_path]
    assert not any(API_SECRET in request.query for request in venue.requests)
