"""Every venue when this computer's clock is off (E11), and when it refuses the key (E12)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import APIError, CredentialError
from tests.exchanges.venue_cases import BARS, CASES, NOW_MS, OPENING_MS, QUARTER, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.server import FaultPlan, Reply, Wire

OFFSETS_S = (0, 1, -1, 5, -5, 3600, -3600)
EXPIRED = {"DELTA": (401, {"error": "SignatureExpired", "message": "your signature has expired"})}
BINANCE_EXPIRED = (400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."})
# How each venue refuses a key: status and body.
REFUSED: Mapping[str, list[tuple[int, Any]]] = {
    "BINANCE": [(401, {"code": -2014, "msg": "API-key format invalid."}), (401, {"code": -2015, "msg": "Invalid API-key, IP"}),
                (400, {"code": -1022, "msg": "Signature for this request is not valid."})],
    "DELTA": [(401, {"success": False, "error": {"code": "invalid_api_key"}}), (401, {"error": "InvalidApiKey", "message": "no"}),
              (403, {"success": False, "error": {"code": "ip_not_whitelisted_for_api_key", "context": {"client_ip": "1.2.3.4"}}}),
              (401, {"success": False, "error": {"code": "Signature Mismatch"}}),
              (401, {"error": "UnauthorizedApiAccess", "message": "no"})],
    "ZERODHA": [(403, {"status": "error", "message": "Incorrect token", "error_type": "TokenException", "data": None}),
                (403, {"status": "error", "message": "no", "error_type": "PermissionException", "data": None})],
    "DHAN": [(401, {"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "invalid"}),
             (200, {"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "invalid"}),
             (200, {"data": {"808": "Authentication Failed"}}), (400, {"status": "failed", "data": {"809": "Invalid token"}})],
}  # fmt: skip


def refusals(case: VenueCase) -> list[tuple[int, Any]]:
    return REFUSED["BINANCE" if case.signs and case.name != "DELTA" else case.name]


@every_venue
def test_a_clock_that_is_off_or_jumps_changes_nothing(case: VenueCase) -> None:
    venue_clock = FakeClock(OPENING_MS + 10 * QUARTER.ms + 60_000)
    with case.fake(now_ms=venue_clock.now_ms) as venue:
        for offset_s in OFFSETS_S:
            clock = FakeClock(venue_clock.now_ms() + offset_s * 1000)
            exchange = case.exchange(venue, clock)
            assert exchange.check_account(case.secrets()).exchange == case.name
            assert case.fetch(exchange).end_ms == OPENING_MS + 10 * QUARTER.ms, offset_s
            for jump_s in (-3600, 7200):
                clock.jump(jump_s)
                assert exchange.check_account(case.secrets()).exchange == case.name
                assert case.fetch(exchange).end_ms == OPENING_MS + 10 * QUARTER.ms, (offset_s, jump_s)


@every_venue
def test_a_limit_is_kept_however_the_clock_jumps(case: VenueCase) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        exchange.http.limiter.close(exchange.http.host, 100)
        clock.slept.clear()
        clock.jump(-7200)
        assert len(case.fetch(exchange)) == BARS
    assert clock.slept[0] == pytest.approx(100)


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.signs], ids=lambda case: case.name)
def test_a_refused_time_is_mended_by_one_resync_and_then_said(case: VenueCase) -> None:
    code, body = EXPIRED.get(case.name, BINANCE_EXPIRED)
    expired = faults.status(code, json.dumps(body).encode())
    with case.fake() as venue:
        exchange = case.exchange(venue)
        venue.faults = FaultPlan([expired], path=case.account)
        assert exchange.check_account(case.secrets()).exchange == case.name
        before = venue.count(case.account)
        venue.faults = FaultPlan.always(expired, path=case.account)
        with pytest.raises(APIError, match="Set this computer's clock"):
            exchange.check_account(case.secrets())
        assert venue.count(case.account) - before == 2


@every_venue
def test_a_refused_key_is_asked_once_and_never_shown(case: VenueCase) -> None:
    for code, body in refusals(case):
        with case.fake() as venue:
            venue.faults = FaultPlan.always(faults.status(code, json.dumps(body).encode()), path=case.account)
            with pytest.raises(CredentialError, match=r"config/\.env|data plan") as raised:
                case.exchange(venue).check_account(case.secrets())
            assert venue.count(case.account) == 1, body
            assert not any(key in str(raised.value) for key in case.keys)


@pytest.mark.parametrize("before", [0, 60, 150, 180, 190])
@every_venue
def test_a_key_that_the_venue_repeats_in_its_refusal_is_not_shown(case: VenueCase, before: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a request carried comes back in the venue's message, whole or where that is cut for being long."""
    caplog.set_level("DEBUG")
    shown: list[str] = []
    with case.fake() as venue:
        exchange = case.exchange(venue)

        def repeat(_reply: Reply, _wire: Wire) -> Reply:
            request = venue.requests[-1]
            text = " ".join(["-" * before, *request.headers.values(), request.query])
            code, body = refusals(case)[0]
            said = json.dumps(body)
            for word in ("API-key format invalid.", "invalid_api_key", "Incorrect token", "invalid"):
                said = said.replace(f'"{word}"', json.dumps(text))
            return Reply(code, said.encode())

        venue.faults = FaultPlan.always(repeat, path=case.account)
        with pytest.raises((CredentialError, APIError)) as raised:
            exchange.check_account(case.secrets())
        shown += [str(raised.value), repr(raised.value), caplog.text]
        signatures = [request.params["signature"] for request in venue.requests if "signature" in request.params]
    assert not any(secret[:12] in text for text in shown for secret in (*case.keys, *signatures))
