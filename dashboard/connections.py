"""waitress, with threads of their own for event streams, and with an end for requests that never become whole."""

import contextlib
import json
import threading
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

EVENTS_PATH = "/api/v1/events"
MAX_STREAMS = 64
REQUEST_THREADS = 8
RETRY_AFTER_S = 5
# A request that is not whole by then is given up, however often a byte of it arrives.
REQUEST_SECONDS = 30


class TooManyStreams(Error):  # type: ignore[misc]  # waitress has no types
    """The answer to one event stream too many, in the form of the API's errors."""

    code = 503
    reason = "Service Unavailable"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status, headers and body."""
        message = f"{MAX_STREAMS} pages are being kept up to date already. Close some of them."
        body = json.dumps({"error": {"code": "too_many_streams", "message": message, "field": None}}).encode()
        headers = [("Content-Type", "application/json"), ("Retry-After", str(RETRY_AFTER_S)), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, body


class StreamDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Hands ordinary requests to the request threads, and each event stream to a thread of its own: at most ``limit`` at a time."""

    def __init__(self, limit: int = MAX_STREAMS) -> None:
        super().__init__()
        self.limit = limit
        self.streams = 0
        self._streams_lock = threading.Lock()

    def add_task(self, task: Any) -> None:
        """Start the request that is next on the connection ``task``."""
        request = task.requests[0]
        if request.error is not None or "/" + request.path.lstrip("/") != EVENTS_PATH:
            super().add_task(task)
        elif self._take():
            threading.Thread(target=self._stream, args=(task,), name="event-stream", daemon=True).start()
        else:
            request.error = TooManyStreams("")
            super().add_task(task)

    def _take(self) -> bool:
        with self._streams_lock:
            if self.streams >= self.limit:
                return False
            self.streams += 1
            return True

    def _stream(self, task: Any) -> None:
        try:
            task.service()
        except Exception:
            self.logger.exception("an event stream failed")
        finally:
            with self._streams_lock:
                self.streams -= 1


class _Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request whose target may be no address at all, which is its sender's mistake and nobody else's."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of the request. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("The target is no address") from None


class _Connection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that knows since when the request in hand is arriving."""

    parser_class = _Request
    began = 0.0

    def received(self, data: bytes) -> bool:
        """Take in what arrived."""
        if self.request is None:
            self.began = time.monotonic()
        return bool(super().received(data))


class Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Serves ``app`` on a socket that listens already.

    Bodies have at most ``max_body`` bytes; requests become whole within ``patience`` seconds, and silent connections end after as long.
    """

    channel_class = _Connection

    def __init__(self, app: Any, sock: Any, dispatcher: StreamDispatcher, max_body: int, patience: int) -> None:
        self.patience = patience
        settings = Adjustments(
            threads=REQUEST_THREADS, ident=None, channel_timeout=patience, cleanup_interval=min(5, patience), connection_limit=900,
            asyncore_use_poll=True, max_request_body_size=max_body + 1, max_request_header_size=32 << 10,
            clear_untrusted_proxy_headers=True, channel_request_lookahead=1,
        )  # fmt: skip
        dispatcher.set_thread_count(settings.threads)
        where = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(app, {}, True, sock, dispatcher, settings, where, bind_socket=False)

    def pull_trigger(self) -> None:
        """Wake the loop: there is something to send. A stream that ends after the server has nothing to wake."""
        with contextlib.suppress(OSError):
            super().pull_trigger()

    def stop(self) -> None:
        """Let the loop close everything, by which it ends; from any thread. It may be awake already, and done before it is woken here."""
        with contextlib.suppress(OSError):
            self.trigger.pull_trigger(self.close_all)

    def close_all(self) -> None:
        """End every connection and stop listening."""
        self.asyncore.close_all(self._map)

    def maintenance(self, now: float) -> None:
        """End connections that say nothing for too long, and those whose request does not become whole."""
        super().maintenance(now)
        latest = time.monotonic() - self.patience
        for connection in self.active_channels.values():
            if connection.request is not None and not connection.requests and connection.began < latest:
                connection.will_close = True
