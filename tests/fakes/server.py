"""A venue on the loopback interface: a threaded server that logs requests and plays faults on the requests a plan names."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as the server read it; ``number`` counts from 0, header names are lower case."""

    number: int
    method: str
    path: str
    query: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What to send; Content-Length and Date are added unless ``headers`` has them (None leaves one out)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str | None] | None = None) -> Self:
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json;charset=UTF-8", **(headers or {})})


class Wire:
    """The connection under a reply, for faults that are no reply."""

    def __init__(self, handler: "_Handler") -> None:
        self._handler = handler

    def send(self, data: bytes) -> None:
        self._handler.wfile.write(data)

    def pause(self, seconds: float) -> bool:
        """Wait, for real; False when the server is shutting down."""
        return not self._handler.venue.stopping.wait(seconds)

    def reset(self) -> None:
        """End the connection with RST rather than FIN."""
        self._handler.reset()

    def hang_up(self) -> None:
        self._handler.close_connection = True


# A fault turns the right reply into another, or plays on the wire and returns None.
Fault = Callable[[Reply, Wire], Reply | None]


class FaultPlan:
    """Which requests go wrong, and how: ``faults`` by number, counted from 0 among the requests whose path holds ``path``."""

    def __init__(self, faults: Mapping[int, Fault] | Iterable[Fault] = (), *, path: str = "") -> None:
        """Take faults by number, or one for each of the first requests."""
        self._faults = dict(faults) if isinstance(faults, Mapping) else dict(enumerate(faults))
        self._path, self._seen = path, 0
        self.played = 0

    @property
    def numbers(self) -> frozenset[int]:
        """The requests that go wrong."""
        return frozenset(self._faults)

    @classmethod
    def always(cls, fault: Fault, *, path: str = "") -> "FaultPlan":
        return _Always(fault, path)

    def next(self, path: str) -> Fault | None:
        """Return the fault for the next request, which goes to ``path``."""
        if self._path not in path:
            return None
        number, self._seen = self._seen, self._seen + 1
        fault = self._faults.get(number)
        self.played += fault is not None
        return fault


class _Always(FaultPlan):
    def __init__(self, fault: Fault, path: str) -> None:
        super().__init__({}, path=path)
        self._fault = fault

    def next(self, path: str) -> Fault | None:
        if self._path not in path:
            return None
        self.played += 1
        return self._fault


class FakeVenue:
    """Context manager: a server on 127.0.0.1 that answers by ``handle``; subclass it, or give ``answer``.

    ``url`` is its address, ``requests`` the log, ``faults`` the plan, which may be replaced at any time. ``handle`` runs under a
    lock: one request at a time, in the order of the log.
    """

    def __init__(self, answer: Callable[[Request], Reply] | None = None, faults: FaultPlan | None = None) -> None:
        self.requests: list[Request] = []
        self.faults = faults or FaultPlan()
        self.stopping = threading.Event()
        self._answer = answer
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.venue = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def handle(self, request: Request) -> Reply:
        """Return the right answer to a request."""
        if self._answer is None:
            return Reply.json({}, 404)
        return self._answer(request)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def count(self, path: str = "") -> int:
        """Return how many requests came whose path holds ``path``."""
        return sum(path in request.path for request in self.requests)

    def take(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[Reply, Fault | None]:
        """Log a request and return the right reply with the fault to play on it."""
        parts = urlsplit(target)
        with self._lock:
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            request = Request(len(self.requests), method, parts.path, parts.query, params, headers, body)
            self.requests.append(request)
            fault = self.faults.next(parts.path)
            return self.handle(request), fault

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    venue: FakeVenue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that give up in the middle are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: _Server

    @property
    def venue(self) -> FakeVenue:
        return self.server.venue

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply, fault = self.venue.take(self.command, self.path, headers, body)
        sent = reply if fault is None else fault(reply, Wire(self))
        if sent is not None:
            self.wfile.write(serialize(sent))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names that http.server looks for

    def reset(self) -> None:

        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *arguments: Any) -> None:
        """Keep the test's output clean."""


def serialize(reply: Reply) -> bytes:
    """Return the bytes of a reply, status line to body."""
    headers: dict[str, str | None] = {"Content-Length": str(len(reply.body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Fake", *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + reply.body
