"""Event streams never use up the threads that answer requests, and there is an end to their number."""

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from dashboard.connections import EVENTS_PATH, MAX_STREAMS, REQUEST_THREADS, Listener, StreamDispatcher
from dashboard.server import HOST, open_listener
from tests.patience import PATIENCE_SECONDS


@dataclass
class Site:
    """A server whose streams say "begun" and end when they are let go, and whose other addresses answer at once."""

    port: int
    dispatcher: StreamDispatcher
    go: threading.Event
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def connect(self, path: str, method: str = "GET") -> HTTPConnection:
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        connection.request(method, path)
        return connection

    def answer(self, path: str) -> HTTPResponse:
        connection = self.connect(path)
        found = connection.getresponse()
        found.read()
        connection.close()
        return found


@contextmanager
def site(limit: int) -> Iterator[Site]:
    listener = open_listener(0)
    made = Site(int(listener.getsockname()[1]), StreamDispatcher(limit), threading.Event())

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return stream() if environ["PATH_INFO"] == EVENTS_PATH else [b"at once"]

    def stream() -> Iterator[bytes]:
        yield b"begun\n"
        made.began.release()
        made.go.wait(PATIENCE_SECONDS)

    server = Listener(app, listener, made.dispatcher, 1000, 30)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield made
    finally:
        made.go.set()
        server.stop()
        thread.join(PATIENCE_SECONDS)
        made.dispatcher.shutdown()


def streaming(where: Site, count: int, stack: ExitStack) -> list[HTTPConnection]:
    """Open streams and wait until each has begun to say something."""
    opened = [where.connect(EVENTS_PATH) for _ in range(count)]
    for connection in opened:
        stack.callback(connection.close)
        where.began.acquire(timeout=PATIENCE_SECONDS)
    return opened


def test_requests_are_answered_while_every_stream_is_taken() -> None:
    with site(MAX_STREAMS) as where, ExitStack() as stack:
        opened = streaming(where, MAX_STREAMS, stack)
        assert where.dispatcher.streams == MAX_STREAMS > REQUEST_THREADS
        for _ in range(REQUEST_THREADS + 1):
            assert where.answer("/").status == 200
        refused = where.connect(EVENTS_PATH)
        answer = refused.getresponse()
        assert (answer.status, answer.getheader("Retry-After")) == (503, "5")
        assert json.loads(answer.read())["error"]["code"] == "too_many_streams"
        refused.close()
        assert opened[0].getresponse().read(6) == b"begun\n"


@pytest.mark.parametrize("path", [EVENTS_PATH, f"/{EVENTS_PATH}", f"{EVENTS_PATH}?run=x", "/api/v1/%65vents"])
def test_every_way_to_write_the_address_counts(path: str) -> None:
    with site(1) as where, ExitStack() as stack:
        stack.callback(where.connect(path).close)
        assert where.began.acquire(timeout=PATIENCE_SECONDS)
        assert where.dispatcher.streams == 1
        assert where.answer(EVENTS_PATH).status == 503


def test_what_a_stream_says_arrives_at_once_and_its_end_makes_room() -> None:
    with site(1) as where:
        first = where.connect(EVENTS_PATH)
        answer = first.getresponse()
        assert answer.read(6) == b"begun\n"
        where.go.set()
        assert answer.read() == b""
        first.close()
        while where.dispatcher.streams:
            threading.Event().wait(0.001)
        assert where.answer(EVENTS_PATH).status == 200


def test_page_that_goes_away_is_noticed_while_its_stream_is_silent() -> None:
    gone = threading.Event()
    listener = open_listener(0)

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"begun\n"
        while not environ["waitress.client_disconnected"]():
            threading.Event().wait(0.001)
        gone.set()

    dispatcher = StreamDispatcher()
    server = Listener(app, listener, dispatcher, 1000, 30)
    thread = threading.Thread(target=server.run)
    thread.start()
    with socket.create_connection((HOST, listener.getsockname()[1]), timeout=PATIENCE_SECONDS) as page:
        page.sendall(f"GET {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert page.recv(1000).startswith(b"HTTP/1.1 200")
    assert gone.wait(PATIENCE_SECONDS)
    server.stop()
    thread.join(PATIENCE_SECONDS)
    dispatcher.shutdown()
