"""The server listens on this machine only, finds a port, and stops when it is told to."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from core.errors import ConfigError
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.server import HOST, DashboardServer, find_free_port, open_listener
from tests.conftest import ROOT
from tests.dashboard.sample_run import RUN_ID


@pytest.fixture
def server(finished: RunFolder) -> Iterator[DashboardServer]:
    """Return a server of the finished run, at work in a thread."""
    server = DashboardServer(create_app(finished.paths), 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


def ask(server: DashboardServer, raw: bytes) -> bytes:
    with socket.create_connection((HOST, server.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
                if answer.startswith(b"HTTP/1.1 4"):
                    break
        return answer


def test_pages_are_served(server: DashboardServer) -> None:
    with urllib.request.urlopen(f"{server.address}runs/{RUN_ID}/", timeout=20) as answer:
        assert answer.status == 200
        assert "Server" not in answer.headers
        assert RUN_ID in answer.read().decode()


def test_it_listens_on_the_loopback_address_only(server: DashboardServer) -> None:
    with open_listener(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("raw", [
    b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n" + b"x" * 70000,
    b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    b"NONSENSE\r\n\r\n",
])  # fmt: skip
def test_raw_requests_that_are_refused(server: DashboardServer, raw: bytes) -> None:
    answer = ask(server, raw)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert b"Traceback" not in answer


def test_others_are_answered_while_some_say_nothing(server: DashboardServer) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(200):
            connection = silent.enter_context(socket.create_connection((HOST, server.port), timeout=10))
            connection.sendall(b"GET / HTTP/1.1\r\nHo")
        other = HTTPConnection(HOST, server.port, timeout=20)
        other.request("GET", "/")
        assert other.getresponse().status == 200
        other.close()


def test_taken_port_leads_to_the_next_free_one() -> None:
    with open_listener(0) as first:
        taken = first.getsockname()[1]
        with open_listener(taken) as second:
            assert second.getsockname()[1] > taken
        assert find_free_port(taken) > taken


@pytest.mark.parametrize("port", [-1, 65_536])
def test_impossible_ports_are_refused(port: int) -> None:
    with pytest.raises(ConfigError, match="port ="):
        open_listener(port)


def test_interrupt_ends_it_cleanly(finished: RunFolder) -> None:
    code = (
        "import sys; from pathlib import Path; from core.paths import Paths; from dashboard.server import serve;"
        "serve(Paths.under(Path(sys.argv[1])), 0, on_ready=lambda address: print(address, flush=True)); print('ended', flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(finished.paths.data.parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        address = process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        said = process.stdout.read()
    assert address.startswith("http://127.0.0.1:")
    assert said == "ended\n"
    assert process.returncode == 0
