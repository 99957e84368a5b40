"""Every venue when what it says of itself (its time, its markets, the account) is something else (E5): typed, and never believed."""

import contextlib

import pytest

from core.errors import APIError, CredentialError, DataError
from tests.exchanges.venue_cases import NOW_MS, ONCE, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.server import FaultPlan

BODIES = [
    "", "{}", "[]", "null", "true", "5", '"text"', "[[]]", "[5]", '{"symbols":[5]}', '{"result":5}', '{"result":{}}', '{"data":{}}',
    "a,b\n1,2\n", "<html>",
]  # fmt: skip


@every_venue
def test_a_list_of_markets_that_is_none_gives_no_symbol(case: VenueCase) -> None:
    for body in BODIES:
        with case.fake() as venue:
            venue.faults = FaultPlan.always(faults.body(body.encode()))
            with pytest.raises((DataError, APIError)):
                assert case.exchange(venue, policy=ONCE).symbols() == [], body


@every_venue
def test_a_list_of_markets_cut_at_any_byte_never_invents_a_symbol(case: VenueCase) -> None:
    with case.fake() as venue:
        known = set(case.exchange(venue).symbols())
        for share in range(0, 100, 3):
            venue.faults = FaultPlan([faults.truncated(share / 100)])
            found: set[str] = set()
            with contextlib.suppress(DataError, APIError):
                found = set(case.exchange(venue, policy=ONCE).symbols())
            assert found <= known, share


@every_venue
def test_an_account_answer_that_is_none_is_no_consent(case: VenueCase) -> None:
    for body in BODIES:
        with case.fake() as venue:
            venue.faults = FaultPlan.always(faults.body(body.encode()), path=case.account)
            with pytest.raises((DataError, APIError, CredentialError)):
                case.exchange(venue, policy=ONCE).check_account(case.secrets())


@every_venue
def test_whatever_the_venue_says_of_its_time_the_check_is_a_status(case: VenueCase) -> None:
    for body in BODIES:
        with case.fake() as venue:
            venue.faults = FaultPlan.always(faults.body(body.encode()))
            status = case.exchange(venue, FakeClock(NOW_MS), ONCE).check_connectivity()
            assert status.exchange == case.name
            assert status.ok or status.message
            # A time that nobody told is none: ours has to do.
            assert not status.ok or status.server_time_ms is None
