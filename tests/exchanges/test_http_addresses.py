"""Where a venue is: its own address, or one that the user names and that secrets may be sent to."""

import pytest

from core.errors import ConfigError
from exchanges.addresses import base_address, check_address
from exchanges.binance import SPOT
from exchanges.http import HttpCore


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:8443/v2/", "https://api.example.com:8443/v2"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.3.2.1", "http://127.3.2.1"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_https_and_this_computer_are_taken(named: str, address: str) -> None:
    assert check_address(named, "X_BASE_URL") == address


@pytest.mark.parametrize(
    "named",
    [
        "http://api.example.com", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://127.1", "http://0.0.0.0",
        "http://2130706433", "ftp://127.0.0.1", "file:///etc/passwd", "https://", "https:///x", "api.example.com", "", "//x.example",
        "https://user:pw@api.example.com", "https://user@api.example.com", "https://@api.example.com", "https://x.example/?a=b",
        "https://x.example/#f", "https://x.example:99999", "https://x.example:port", "https://x exam.ple", "https://x.example/\r\nHost: y",
        "https://x.example\\@127.0.0.1", "http://[::1", "http://10.0.0.1", "http://192.168.0.1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_the_name_of_the_setting(named: str) -> None:
    with pytest.raises(ConfigError, match="^X_BASE_URL ") as raised:
        check_address(named, "X_BASE_URL")
    assert "pw" not in str(raised.value)


def test_own_address_unless_the_user_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BINANCE_BASE_URL", raising=False)
    assert base_address("BINANCE", "https://own.example/") == "https://own.example"
    monkeypatch.setenv("BINANCE_BASE_URL", "https://other.example/")
    assert base_address("BINANCE", "https://own.example/") == "https://other.example"


def test_named_address_is_that_of_signed_requests_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BINANCE_BASE_URL", raising=False)
    assert HttpCore(SPOT).base_url == "https://data-api.binance.vision"
    assert HttpCore(SPOT).account_url == "https://api.binance.com"
    monkeypatch.setenv("BINANCE_BASE_URL", "http://localhost:8080")
    assert HttpCore(SPOT).account_url == HttpCore(SPOT).base_url == "http://localhost:8080"
    monkeypatch.setenv("BINANCE_BASE_URL", "http://elsewhere.example")
    with pytest.raises(ConfigError, match="BINANCE_BASE_URL names http://elsewhere.example"):
        HttpCore(SPOT)
