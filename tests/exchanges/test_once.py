"""One attempt, for callers that wait and try again themselves."""

from pathlib import Path

import pytest

from config.secrets import Secrets
from core.errors import APIError, CredentialError, PipelineError, RateLimitError
from tests.fakes import faults
from tests.fakes.binance import API_KEY, API_SECRET, FakeBinance, spot
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import Fault, FaultPlan

KEYS = Secrets(Path("config/.env"), True, False, {"BINANCE_API_KEY": API_KEY, "BINANCE_API_SECRET": API_SECRET})
TROUBLES: list[tuple[Fault, type[PipelineError], bool]] = [
    (faults.status(503), APIError, True),
    (faults.hang_up, APIError, True),
    (faults.status(429, b"{}", {"Retry-After": "7"}), RateLimitError, True),
    (faults.status(418, b"{}", {"Retry-After": "120"}), RateLimitError, False),
    (faults.status(404), APIError, False),
    (faults.status(401), CredentialError, False),
]


@pytest.mark.parametrize(("fault", "error", "passing"), TROUBLES)
def test_one_request_is_made_and_its_error_says_whether_another_may_help(fault: Fault, error: type[PipelineError], passing: bool) -> None:
    clock = FakeClock(START_MS)
    with FakeBinance(faults=FaultPlan.always(fault)) as venue:
        status = spot(venue, clock).once().check_connectivity()
        assert venue.count() == 1
    assert (status.ok, type(status.error)) == (False, error)
    assert status.error is not None
    assert status.error.passing is passing
    assert clock.slept == []


def test_one_attempt_leaves_the_exchange_as_patient_as_it_was() -> None:
    clock = FakeClock(START_MS + 400 * 86_400_000)
    with FakeBinance() as venue:
        exchange = spot(venue, clock)
        assert exchange.once().check_account(KEYS).can_trade is False
        venue.faults = FaultPlan([faults.status(503)] * 3)
        assert exchange.check_connectivity().ok
    assert clock.slept == [1.0, 2.0, 4.0]
