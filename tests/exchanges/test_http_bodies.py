"""The HTTP core: answers without end, bodies that cannot be read, and secrets that go nowhere."""

import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

import pytest

from core.errors import APIError, CredentialError, DataError, PipelineError
from exchanges.binance import SPOT
from exchanges.http import HttpCore, HttpPolicy, Signed
from exchanges.limits import Limiter
from tests.exchanges.deadlines import PATIENT, short_deadlines
from tests.fakes import faults
from tests.fakes.binance import at
from tests.fakes.clock import FakeClock, NoJitter
from tests.fakes.server import FakeVenue, Fault, FaultPlan, Reply

GOOD = {"rows": [1, 2, 3]}
TWICE = replace(PATIENT, waits_s=(1.0,))


@pytest.fixture
def venue() -> Iterator[FakeVenue]:
    with FakeVenue(lambda _request: Reply.json(GOOD)) as venue:
        yield venue


def core(venue: FakeVenue, clock: FakeClock | None = None, policy: HttpPolicy | None = None, limiter: Limiter | None = None) -> HttpCore:
    return HttpCore(at(venue, SPOT), clock or FakeClock(), limiter, jitter=NoJitter(), policy=policy)


def packed(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


SLOW = {
    "drip": faults.drip(0.02),
    "drip of headers": faults.drip(0.01, headers_too=True),
    "silence": faults.silence,
}
LARGE = {
    "endless": faults.endless,
    "huge header": faults.huge_header(2),
    "bomb": faults.gzip_bomb(50),
    "long": faults.body(b" " * 1_500_000),
}


@pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW)
def test_answer_without_end_is_given_up(venue: FakeVenue, fault: Fault) -> None:
    venue.faults = FaultPlan.always(fault)
    for policy in short_deadlines(1.0):
        if venue.requests:
            break
        with pytest.raises(APIError, match=r"BINANCE \(127.*no whole answer within .*Tried 2 times"):
            core(venue, policy=policy).get("/x")


@pytest.mark.parametrize("fault", LARGE.values(), ids=LARGE)
def test_answer_of_any_size_is_given_up(venue: FakeVenue, fault: Fault) -> None:
    venue.faults = FaultPlan.always(fault)
    with pytest.raises((APIError, DataError), match=r"BINANCE \(127.*Tried 2 times"):
        core(venue, policy=TWICE).get("/x")
    assert len(venue.requests) == 2


def test_bomb_takes_little_more_memory_than_the_cap(venue: FakeVenue) -> None:
    venue.faults = FaultPlan.always(faults.body(packed(150), {"Content-Encoding": "gzip"}))
    http = core(venue, policy=HttpPolicy(waits_s=()))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more than 64 MB"):
            http.get("/x")
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_connection_is_used_again_after_a_slow_answer(venue: FakeVenue) -> None:
    venue.faults = FaultPlan([faults.drip(0.001)])
    http = core(venue)
    for _ in range(3):
        assert http.get("/x").json == GOOD


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"-Infinity", b"{", b"", b"[" * 100_000, b"\xff\xfe", b"1" * 5000])
def test_body_that_is_no_strict_json_is_refused(venue: FakeVenue, text: bytes) -> None:
    venue.faults = FaultPlan.always(faults.body(text))
    with pytest.raises(DataError, match="cannot be read"):
        core(venue).get("/x")


class Canary:
    """A signer whose key is easy to find wherever it leaks."""

    secret = "canary-0f4d1c"

    def __init__(self) -> None:
        self.resyncs = 0

    def sign(self, method: str, path: str, query: str, body: bytes) -> Signed:
        return Signed(f"{query}&signature={self.secret}", {"X-MBX-APIKEY": self.secret})

    def resync(self) -> None:
        self.resyncs += 1


def test_redirect_gets_neither_a_request_nor_a_key(venue: FakeVenue) -> None:
    with FakeVenue(lambda _request: Reply.json(GOOD)) as elsewhere:
        venue.faults = FaultPlan.always(faults.redirect(elsewhere.url + "/x"))
        with pytest.raises(APIError, match="redirect"):
            core(venue).get("/x", signed=Canary())
        assert elsewhere.requests == []


EVERY_FAULT: dict[str, Fault] = {
    **{f"passing {number}": fault for number, fault in enumerate(faults.passing_faults())},
    "418": faults.status(418, headers={"Retry-After": "1"}), "400": faults.status(400), "drip": faults.drip(),
    "endless": faults.endless, "clock": faults.status(400, b'{"code":-1021,"msg":"Timestamp"}'),
    "key": faults.status(401, b'{"code":-2015,"msg":"Invalid API-key"}'), "header": faults.huge_header(1), "silence": faults.silence,
}  # fmt: skip


@pytest.mark.parametrize("fault", EVERY_FAULT.values(), ids=EVERY_FAULT)
def test_no_error_and_no_log_line_holds_a_secret(venue: FakeVenue, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    venue.faults = FaultPlan.always(fault)
    endless = fault in (EVERY_FAULT["drip"], EVERY_FAULT["silence"])
    for policy in short_deadlines(1.0) if endless else repeat(TWICE):
        if venue.requests:
            break
        with pytest.raises(PipelineError) as raised:
            core(venue, policy=policy).get("/x", (("asset", "BTC"),), signed=Canary())
    assert venue.requests[0].query.endswith(Canary.secret)
    shown = [str(raised.value), repr(raised.value), caplog.text, str(raised.value.__cause__), repr(raised.value.__context__)]
    assert not any(Canary.secret in text for text in shown)
    assert raised.value.__cause__ is None
    assert "urllib3" in caplog.text


def test_refused_time_stamp_is_mended_once(venue: FakeVenue) -> None:
    refusal, signer = faults.status(400, b'{"code":-1021,"msg":"Timestamp"}'), Canary()
    venue.faults = FaultPlan([refusal])
    assert core(venue).get("/x", signed=signer).json == GOOD
    venue.faults = FaultPlan.always(refusal)
    with pytest.raises(APIError, match="Set this computer's clock"):
        core(venue).get("/x", signed=signer)
    assert signer.resyncs == 2
    assert len(venue.requests) == 4


def test_key_that_cannot_stand_in_a_header_is_said_without_it(venue: FakeVenue) -> None:
    class Broken(Canary):
        secret = "canary\r\nInjected: yes"

    with pytest.raises(CredentialError) as raised:
        core(venue).get("/x", signed=Broken())
    assert "canary" not in str(raised.value)
    assert venue.requests == []


def test_no_cookie_is_sent_back_and_no_netrc_is_read(venue: FakeVenue, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password canary-0f4d1c\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    venue.faults = FaultPlan([lambda reply, _wire: replace(reply, headers={**reply.headers, "Set-Cookie": "a=b"})])
    http = core(venue)
    http.get("/x")
    http.get("/x")
    assert not any("cookie" in request.headers or "authorization" in request.headers for request in venue.requests)
