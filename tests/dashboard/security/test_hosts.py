"""H1: only this host's own names are answered, however a request gives them."""

import socket

import pytest
from flask.testing import FlaskClient

from dashboard.server import HOST, DashboardServer
from tests.dashboard.conftest import MARKET_API
from tests.patience import PATIENCE_SECONDS

GOOD = ["127.0.0.1", "127.0.0.1:8050", "localhost", "localhost:8050", "localhost:65535", "LOCALHOST"]
REBINDING = [
    "evil.example", "evil.example:8050", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost", "127.0.0.1.nip.io",
    "127-0-0-1.evil.example", "xlocalhost", "localhost.", "localhost.localdomain", "localhost6", "ip6-localhost", "localtest.me",
]  # fmt: skip
NUMBERS = ["127.1", "127.0.0.2", "0.0.0.0", "2130706433", "0x7f000001", "017700000001", "127.000.000.001", "[::1]", "[::1]:8050", "[::]",
           "[::ffff:127.0.0.1]", "192.168.1.2"]  # fmt: skip
TRICKS = [
    "127.0.0.1@evil.example", "evil.example@127.0.0.1", "evil.example#127.0.0.1", "evil.example/127.0.0.1", "127.0.0.1 evil.example",
    "127.0.0.1,evil.example", "*", "null", "..", "localhost:abc", "127.0.0.1:8050:1", "localhost:123456", "localhost:", "http://localhost",
    "%6cocalhost", "l\u043ecalhost".encode().decode("latin-1"),
]  # fmt: skip
ADDRESSES = ["/", f"{MARKET_API}/trades", "/static/icon.svg", "/api/v1/health", "/nowhere"]


@pytest.mark.parametrize("host", GOOD[:-1])
def test_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", REBINDING + NUMBERS + TRICKS)
def test_foreign_names_are_refused(client: FlaskClient, host: str) -> None:
    for address in ADDRESSES:
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 400
        assert answer.mimetype == ("application/json" if address.startswith("/api/") else "text/plain")
        assert "evil" not in answer.text


def test_forty_values_and_more_are_tried() -> None:
    assert len({*GOOD, *REBINDING, *NUMBERS, *TRICKS}) >= 40


def status_of(server: DashboardServer, head: str) -> str:
    with socket.create_connection((HOST, server.port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return connection.recv(65536).split(b" ", 2)[1].decode()


@pytest.mark.parametrize(("head", "status"), [
    ("GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1", "200"),
    ("GET http://127.0.0.1/sign-in HTTP/1.1\r\nHost: 127.0.0.1", "200"),
    ("GET http://evil.example/sign-in HTTP/1.1\r\nHost: 127.0.0.1", "400"),
    ("GET http://127.0.0.1@evil.example/sign-in HTTP/1.1\r\nHost: 127.0.0.1", "400"),
    ("GET http://[/sign-in HTTP/1.1\r\nHost: 127.0.0.1", "400"),
    ("GET http://127.0.0.1/sign-in HTTP/1.1\r\nHost: evil.example", "400"),
    ("GET //evil.example/sign-in HTTP/1.1\r\nHost: evil.example", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n evil.example", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: 127.0.0.1", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost : 127.0.0.1", "400"),
    ("GET /sign-in HTTP/1.1\r\nHost:", "400"),
    ("GET /sign-in HTTP/1.1", "400"),
    ("GET /sign-in HTTP/1.0", "400"),
    ("CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: evil.example", "400"),
    ("NONSENSE", "400"),
])  # fmt: skip
def test_names_in_raw_requests(server: DashboardServer, head: str, status: str) -> None:
    assert status_of(server, head) == status


def test_names_that_others_claim_for_this_host_change_nothing(server: DashboardServer) -> None:
    claims = "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Forwarded-Proto: https"
    assert status_of(server, f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n{claims}") == "200"
