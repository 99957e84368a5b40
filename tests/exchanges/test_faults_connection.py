"""Every venue when the connection goes wrong (E4): a typed error within the deadline, and no key to anybody else."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import APIError, DataError, PipelineError
from exchanges.binance import SPOT
from exchanges.connecting import connect_within
from exchanges.http import HttpCore, HttpPolicy
from tests.conftest import missing
from tests.exchanges.deadlines import PATIENT, short_deadlines
from tests.exchanges.venue_cases import NOW_MS, ONCE, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.clock import FakeClock, NoJitter
from tests.fakes.server import FakeVenue, Fault, FaultPlan, Reply, Wire
from tests.patience import PATIENCE_SECONDS

WRONG: dict[str, Fault] = {
    "reset": faults.reset, "reset in the body": faults.reset_in_body, "hang up": faults.hang_up, "short length": faults.short_length(),
    "broken chunk": faults.broken_chunk(), "drip": faults.drip(0.02), "drip of headers": faults.drip(0.01, headers_too=True),
    "silence": faults.silence, "endless": faults.endless, "bomb": faults.gzip_bomb(20), "long": faults.body(b" " * 1_100_000),
    "header of 10 MB": faults.huge_header(10), "unknown packing": faults.body(b"x", {"Content-Encoding": "br"}),
    "damaged gzip": faults.body(b"\x1f\x8b nothing", {"Content-Encoding": "gzip"}),
    "two lengths": faults.body(b"{}", {"Content-Length": "2\r\nContent-Length: 3"}),
}  # fmt: skip


@every_venue
def test_every_broken_answer_is_a_typed_error_that_names_the_venue(case: VenueCase) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        good = case.fetch(exchange).digest
        usual = exchange.http.policy
        for name, fault in WRONG.items():
            venue.faults = FaultPlan.always(fault, path=case.page)
            for exchange.http.policy in short_deadlines():
                if venue.faults.played:
                    break
                with pytest.raises((APIError, DataError), match=rf"^{case.name} \(127") as raised:
                    case.fetch(exchange)
                assert "Tried" not in str(raised.value), name
                clock.advance(100)
                exchange.http.breaker.worked(exchange.http.host)
        exchange.http.policy, venue.faults = usual, FaultPlan()
        assert case.fetch(exchange).digest == good


@every_venue
@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_gets_neither_a_request_nor_a_key(case: VenueCase, code: int) -> None:
    with case.fake() as venue, FakeVenue(lambda _request: Reply.json({})) as elsewhere:
        exchange = case.exchange(venue)
        for path in (case.account, case.page):
            venue.faults = FaultPlan.always(faults.redirect(f"{elsewhere.url}/x", code), path=path)
            with pytest.raises(APIError, match="redirect"):
                exchange.check_account(case.secrets()) if path == case.account else case.fetch(exchange)
        assert elsewhere.requests == []


@every_venue
def test_a_venue_that_is_not_there_is_said(case: VenueCase) -> None:
    with case.fake() as venue:
        pass
    with socket.socket() as held:  # or another process may be given its port
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", int(venue.url.rpartition(":")[2])))
        with pytest.raises(APIError, match=rf"^{case.name} \(127.*refused.*Tried 4 times"):
            case.fetch(case.exchange(venue))
        assert case.exchange(venue, policy=ONCE).check_connectivity().ok is False


def endless_redirect(_reply: Reply, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 302 Fake\r\nLocation: http://[\r\nConnection: close\r\n\r\n")
    while wire.pause(0):
        wire.send(b"x" * 60_000)


def core(url: str, policy: HttpPolicy = PATIENT, clock: FakeClock | None = None) -> HttpCore:
    return HttpCore(replace(SPOT, base_url=url, account_url=None), clock or FakeClock(), jitter=NoJitter(), policy=policy)


def test_body_of_a_redirect_is_capped_like_any_other() -> None:
    with FakeVenue(lambda _request: Reply.json({}), FaultPlan.always(endless_redirect)) as venue:
        with pytest.raises((APIError, DataError), match="more than 1 MB"):
            core(venue.url).get("/x")


def test_redirect_to_no_address_is_a_redirect() -> None:
    with FakeVenue(lambda _request: Reply(302, b"", {"Location": "http://["})) as venue:
        with pytest.raises(APIError, match="redirect"):
            core(venue.url).get("/x")


def test_proxy_of_the_environment_does_not_see_what_is_sent_to_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeVenue(lambda _request: Reply.json({})) as proxy, FakeVenue(lambda _request: Reply.json({})) as venue:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        core(venue.url).get("/x")
        assert (len(venue.requests), proxy.requests) == (1, [])


def test_bomb_takes_less_than_100_mb_of_memory() -> None:
    """Of the process, as the system counts it: the most that it ever held since the reset."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not reset.exists():
        missing("Linux, which tells the most memory that a process held")

    def most() -> int:
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))

    with FakeVenue(lambda _request: Reply.json({}), FaultPlan.always(faults.gzip_bomb(100))) as venue:
        reset.write_text("5")
        before = most()
        with pytest.raises(DataError, match="more than 64 MB"):
            core(venue.url, HttpPolicy(waits_s=(1.0,))).get("/x")
        assert most() - before < 100_000


# Names


def test_resolver_that_never_answers_is_given_up_within_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_named: done.wait(30) and [])
    try:
        with pytest.raises(APIError, match=r"its name cannot be found. Check the network connection.*Tried 2 times"):
            core("https://slow.example", next(short_deadlines(1.0))).get("/x")
    finally:
        done.set()


def test_name_that_no_host_can_have_is_not_found() -> None:
    with pytest.raises(socket.gaierror):
        connect_within(f"{'a' * 64}.example", 80, 1.0)


def test_dead_address_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeVenue() as venue:
        port = int(venue.url.rpartition(":")[2])
        family, kind = socket.AF_INET, socket.SOCK_STREAM
        dead = (family, kind, 6, "", ("127.0.0.1", 1))
        monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_named: [dead, (family, kind, 6, "", ("127.0.0.1", port))])
        with connect_within("two.example", port, PATIENCE_SECONDS) as sock:
            assert sock.getpeername()[1] == port
            assert 0 < (sock.gettimeout() or 0) <= PATIENCE_SECONDS


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this computer that nobody has vouched for, with its key."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(path)]
    command = ["openssl", "req", "-x509", *key, *subject, "-days", "2", "-out", f"{path}.crt"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        missing("openssl, which makes the certificate of a TLS server")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Return a starter of servers that do what is asked with each connection; it returns their address."""
    servers: list[socket.socket] = []

    def start(serve: Callable[[socket.socket], None]) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            while True:
                try:
                    serve(server.accept()[0])
                except (ssl.SSLError, ConnectionError):
                    continue
                except OSError:
                    return

        threading.Thread(target=run, daemon=True).start()
        return f"https://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def attempts(url: str) -> tuple[PipelineError, list[float]]:
    clock = FakeClock()
    with pytest.raises(APIError) as raised:
        core(url, HttpPolicy(request_deadline_s=PATIENCE_SECONDS), clock).get("/x")
    return raised.value, clock.slept


def test_certificate_that_nobody_vouches_for_is_not_tried_again(
    certificate: Path, listener: Callable[[Callable[[socket.socket], None]], str]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    error, slept = attempts(listener(lambda sock: context.wrap_socket(sock, server_side=True).close()))
    assert "its TLS certificate is not accepted" in str(error)
    assert slept == []


def test_connection_that_breaks_while_it_is_secured_is_tried_again(listener: Callable[[Callable[[socket.socket], None]], str]) -> None:
    def break_off(sock: socket.socket) -> None:
        sock.recv(10)
        sock.close()

    error, slept = attempts(listener(break_off))
    assert "broke" in str(error)
    assert slept == [1.0, 2.0, 4.0]


def test_answer_over_tls_has_one_deadline_too(certificate: Path, listener: Callable[[Callable[[socket.socket], None]], str]) -> None:
    context, begun, done = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), threading.Event(), threading.Event()
    context.load_cert_chain(certificate)

    def drip(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            secure.recv(4000)
            secure.send(b"HTTP/1.1 200 Fake\r\nContent-Length: 1000\r\n\r\n")
            begun.set()
            while not done.wait(0.02):
                secure.send(b"x")

    http = core(listener(drip))
    http._session.verify = f"{certificate}.crt"
    try:
        for http.policy in short_deadlines():
            if begun.is_set():
                break
            with pytest.raises(APIError, match=r"no whole answer within [\d.]+ s|the secure connection broke"):
                http.get("/x")
            http.breaker.worked(http.host)
    finally:
        done.set()
