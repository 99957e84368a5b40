"""Serving the dashboard: waitress on the loopback interface, unless asked otherwise, on the port asked for or the next free one."""

import errno
import logging
import socket
from collections.abc import Callable

from flask import Flask

from core.errors import ConfigError, CorruptFileError, StorageError
from core.paths import Paths
from dashboard.app import create_app
from dashboard.connections import REQUEST_SECONDS, Listener, StreamDispatcher
from dashboard.events.hub import EventHub
from dashboard.jobs.caretaker import Caretaker
from dashboard.jobs.queue import JobQueue
from dashboard.keeping.deletion import finish_deletions
from dashboard.keeping.tags import TagStore
from dashboard.opening import BrowserOpener
from dashboard.options import DEFAULT_PORT, LOOPBACK, DashboardOptions
from dashboard.reading.files import FileReader
from dashboard.security import Access
from dashboard.security.limits import MAX_BODY_BYTES

log = logging.getLogger(__name__)

HOST = LOOPBACK
_TRIES = 100


class DashboardServer:
    """A listening server: ``run`` serves until Ctrl-C or until ``stop``, which may be called from any thread, once."""

    def __init__(self, app: Flask, port: int = DEFAULT_PORT, patience: int = REQUEST_SECONDS) -> None:
        """Listen on ``port`` or the next free one, at the address of the application's options. Raises ConfigError.

        Connections that send nothing, or no whole request, are ended after ``patience`` seconds.
        """
        self.access: Access = app.extensions["access"]
        self.hub: EventHub = app.extensions["events"]
        options = self.access.options
        listener = open_listener(port, options.host)
        self.port = int(listener.getsockname()[1])
        self.address = f"http://{options.public_host}:{self.port}/"
        self.dispatcher = StreamDispatcher()
        self._server = Listener(app, listener, self.dispatcher, MAX_BODY_BYTES, patience)

    def sign_in_address(self, page: str = "/") -> str:
        """Return a fresh address that lets one browser in, once, and leads it to ``page``, a path."""
        return f"{self.address}sign-in?token={self.access.tokens.issue(page)}"

    def run(self) -> None:
        """Serve, then close every connection."""
        try:
            self._server.run()
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening and end every connection; once is enough, more does no harm."""
        self.hub.close()
        self.dispatcher.shutdown()
        self._server.close_all()

    def stop(self) -> None:
        """Make ``run`` return: its loop ends when nothing is left to listen to."""
        self._server.stop()


def open_listener(port: int = DEFAULT_PORT, host: str = LOOPBACK) -> socket.socket:
    """Return a socket that listens at ``host`` on ``port``, or on the next free one of a hundred. Raises ConfigError."""
    if not 0 <= port <= 65_535:
        raise ConfigError(f"port = {port} is not allowed: must be from 1 to 65535 (0 = any free one).")
    for candidate in range(port, min(port + _TRIES, 65_536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            # Two sockets may be bound alike as long as neither listens: only this tells that the port is ours.
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ConfigError(f"cannot listen on {host}:{candidate}: {error.strerror}. Choose another port or address.") from error
        else:
            return listener
    raise ConfigError(f"no port from {port} to {min(port + _TRIES, 65_536) - 1} is free on {host}. Choose another with --port.")


def find_free_port(port: int = DEFAULT_PORT) -> int:
    """Return ``port`` or the next one that is free on the loopback interface. Raises ConfigError when there is none."""
    with open_listener(port) as listener:
        return int(listener.getsockname()[1])


def _finish_deletions(paths: Paths) -> None:
    """Finish what a crash cut off. A disk that refuses is no reason to show nothing: the next deletion tries again."""
    try:
        finish_deletions(paths, TagStore(paths, FileReader(paths.data)))
    except (StorageError, CorruptFileError) as error:
        log.warning("a run's deletion is still not finished: %s", error)


def serve(
    paths: Paths,
    options: DashboardOptions,
    *,
    page: str = "/",
    open_browser: bool = False,
    on_address: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the runs under ``paths`` until Ctrl-C.

    ``on_address`` gets an address that lets one browser in, once, and leads it to ``page``: the first when the server answers, and a
    fresh one each time one was used, from another thread. Raises ConfigError when no port is free or FLASK_DEBUG is set.
    """
    app = create_app(paths, options)
    server = DashboardServer(app, options.port)
    _finish_deletions(paths)
    opener = BrowserOpener(paths.dashboard)

    def spent() -> None:
        opener.clear()
        on_address(server.sign_in_address(page))

    server.access.tokens.on_spent = spent
    log.info("dashboard at %s", server.address)
    try:
        address = server.sign_in_address(page)
        on_address(address)
        jobs: JobQueue = app.extensions["jobs"]
        with Caretaker(jobs.tend):
            if open_browser:
                opener.open(address)
            server.run()
    except KeyboardInterrupt:
        # Pressed before the server came to its loop, where it ends it just the same.
        pass
    finally:
        opener.clear()
        server.close()
    log.info("dashboard stopped")
