"""Serving the dashboard: waitress on the loopback interface, on the port asked for or the next free one."""

import errno
import logging
import socket
import webbrowser
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from core.errors import ConfigError
from core.paths import Paths
from dashboard.app import create_app

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
DEFAULT_PORT = 8050
_TRIES = 100


class DashboardServer:
    """A listening server: ``run`` serves until Ctrl-C or until ``stop``, which may be called from any thread, once."""

    def __init__(self, app: Flask, port: int = DEFAULT_PORT) -> None:
        """Listen on ``port`` or the next free one. Raises ConfigError when there is none."""
        listener = open_listener(port)
        self.port = int(listener.getsockname()[1])
        self.address = f"http://{HOST}:{self.port}/"
        self._connections: dict[int, Any] = {}
        # No body is ever expected, headers are small, and whoever says nothing for 30 s is cut off: nobody can hold the server up.
        self._server = create_server(
            app, map=self._connections, sockets=[listener], threads=8, ident=None, channel_timeout=30, connection_limit=900,
            asyncore_use_poll=True, max_request_body_size=64 << 10, max_request_header_size=32 << 10, clear_untrusted_proxy_headers=True,
        )  # fmt: skip

    def run(self) -> None:
        """Serve, then close every connection."""
        try:
            self._server.run()
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening and end every connection; once is enough, more does no harm."""
        self._server.task_dispatcher.shutdown()
        self._close_all()

    def stop(self) -> None:
        """Make ``run`` return: its loop ends when nothing is left to listen to."""
        self._server.trigger.pull_trigger(self._close_all)

    def _close_all(self) -> None:
        wasyncore.close_all(self._connections)


def open_listener(port: int = DEFAULT_PORT) -> socket.socket:
    """Return a socket bound to the loopback interface on ``port``, or on the next free one of a hundred. Raises ConfigError."""
    if not 0 <= port <= 65_535:
        raise ConfigError(f"port = {port} is not allowed: must be from 1 to 65535 (0 = any free one).")
    for candidate in range(port, min(port + _TRIES, 65_536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            # Two sockets may be bound alike as long as neither listens: only this tells that the port is ours.
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ConfigError(f"cannot listen on {HOST}:{candidate}: {error.strerror}. Choose another port.") from error
        else:
            return listener
    raise ConfigError(f"no port from {port} to {min(port + _TRIES, 65_536) - 1} is free on {HOST}. Choose another with --port.")


def find_free_port(port: int = DEFAULT_PORT) -> int:
    """Return ``port`` or the next one that is free on the loopback interface. Raises ConfigError when there is none."""
    with open_listener(port) as listener:
        return int(listener.getsockname()[1])


def serve(paths: Paths, port: int = DEFAULT_PORT, open_browser: bool = False, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve the runs under ``paths`` until Ctrl-C; ``on_ready`` gets the address once it answers.

    Listens on 127.0.0.1 only, on ``port`` or the next free one. Raises ConfigError when no port is free or FLASK_DEBUG is set.
    """
    server = DashboardServer(create_app(paths), port)
    log.info("dashboard at %s", server.address)
    try:
        if on_ready is not None:
            on_ready(server.address)
        if open_browser:
            webbrowser.open(server.address)
        server.run()
    except KeyboardInterrupt:
        # Pressed before the server came to its loop, where it ends it just the same.
        pass
    finally:
        server.close()
    log.info("dashboard stopped")
