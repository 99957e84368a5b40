"""H8: whoever sends slowly, too much or without end is cut off, and the others are answered meanwhile."""

import contextlib
import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from flask import Flask

from dashboard.security.limits import MAX_BODY_BYTES
from dashboard.server import HOST, DashboardServer
from tests.dashboard.conftest import serving
from tests.patience import PATIENCE_SECONDS

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
SILENT = 200


def ask(server: DashboardServer, raw: bytes) -> bytes:
    """Return the beginning of the answer to a raw request; a server may answer before it has read everything."""
    with socket.create_connection((HOST, server.port), timeout=PATIENCE_SECONDS) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(raw)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while b"\r\n\r\n" not in answer and (part := connection.recv(65536)):
                answer += part
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@contextlib.contextmanager
def silent(server: DashboardServer, count: int, beginning: bytes) -> Iterator[list[socket.socket]]:
    """Hold connections open that have sent only a beginning."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection((HOST, server.port), timeout=PATIENCE_SECONDS)) for _ in range(count)]
        for connection in held:
            connection.sendall(beginning)
        yield held


BEGINNINGS = {
    "nothing": b"",
    "head": b"GET / HTTP/1.1\r\nHo",
    "header": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    "body": b"POST /sign-out HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{",
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_others_are_answered_while_two_hundred_say_nothing(server: DashboardServer, beginning: bytes) -> None:
    with silent(server, SILENT, beginning):
        other = HTTPConnection(HOST, server.port, timeout=PATIENCE_SECONDS)
        other.request("GET", "/sign-in")
        assert other.getresponse().status == 200
        other.close()


def test_requests_that_never_become_whole_are_ended_however_often_a_byte_comes(app: Flask) -> None:
    with serving(app, patience=1) as impatient, silent(impatient, 1, b"GET / HTTP/1.1\r\nHost: a") as (held,):
        held.settimeout(0.02)
        ended = False
        while not ended:
            try:
                held.sendall(b"a")
                ended = held.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True


@pytest.mark.parametrize(("extra", "code"), [(-1, 401), (0, 401), (1, 413), (5000, 413)])
def test_bodies_have_a_limit(server: DashboardServer, extra: int, code: int) -> None:
    size = MAX_BODY_BYTES + extra
    head = b"POST /sign-out HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
    assert status(ask(server, head + b"x" * size)) == code


def test_bodies_of_unsaid_length_have_it_too(server: DashboardServer) -> None:
    head = b"POST /sign-out HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    assert status(ask(server, head + chunk * 17 + b"0\r\n\r\n")) == 413


@pytest.mark.parametrize("raw", [
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /?" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"X: 1\r\n" * 20_000 + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"Content-Length: 99999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
], ids=["path", "query", "header", "headers", "huge", "negative", "two lengths", "coding", "tls"])  # fmt: skip
def test_oversized_and_senseless_requests_are_refused(server: DashboardServer, raw: bytes) -> None:
    answer = ask(server, raw)
    assert 400 <= status(answer) <= 501
    assert b"Traceback" not in answer
    assert status(ask(server, b"GET /sign-in HTTP/1.1\r\n" + HEAD + b"\r\n")) == 200
