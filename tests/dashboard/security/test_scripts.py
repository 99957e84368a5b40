"""Scripts are let in by DASHBOARD_TOKEN of config/.env, and only by a good one."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.errors import ConfigError
from core.paths import Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.dashboard.clients import signed_in

TOKEN = "a-token-of-forty-characters-for-scripts!"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(Paths.under(tmp_path_factory.mktemp("scripts")), DashboardOptions(script_token=TOKEN))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_token_opens_everything(site: Flask, scheme: str) -> None:
    assert site.test_client().get("/", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("value", [
    TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", "Bearer ", f"Bearer {TOKEN.upper()}", "Bearer \u00e9",
    f"Token {TOKEN}", f"Bearer{TOKEN}",
])  # fmt: skip
def test_anything_else_opens_nothing_even_beside_a_cookie(site: Flask, value: str) -> None:
    for client in (site.test_client(), signed_in(site)):
        answer = client.get("/api/v1/runs", headers={"Authorization": value})
        assert answer.status_code == 401
        assert TOKEN not in answer.text


def test_no_token_lets_no_script_in(client: FlaskClient) -> None:
    for value in ("Bearer ", "Bearer x", "Bearer"):
        answer = client.get("/api/v1/runs", headers={"Authorization": value})
        assert answer.status_code == 401
        assert "DASHBOARD_TOKEN is not set" in answer.text


@pytest.mark.parametrize("token", ["short", "x" * 31, "with a blank in its many many characters", "\u00e9" * 40, "tab\t" * 10])
def test_weak_tokens_are_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ConfigError, match="DASHBOARD_TOKEN must have at least 32") as error:
        DashboardOptions(script_token=token)
    assert token not in str(error.value)


def test_options_do_not_show_the_token() -> None:
    assert TOKEN not in repr(DashboardOptions(script_token=TOKEN))


@pytest.mark.parametrize(("choice", "message"), [
    ({"host": "192.168.1.5"}, "add --unsafe-bind"),
    ({"host": "0.0.0.0"}, "add --unsafe-bind"),
    ({"host": "0.0.0.0", "unsafe_bind": True}, "say with --name"),
    ({"host": "localhost"}, "no IPv4 address"),
    ({"host": "::1"}, "no IPv4 address"),
    ({"host": "127.1"}, "no IPv4 address"),
    ({"names": ("Evil.example",)}, "must be a host name"),
    ({"names": ("host:80",)}, "must be a host name"),
    ({"names": ("*",)}, "must be a host name"),
    ({"cors_origins": ("*",)}, "must be an origin"),
    ({"cors_origins": ("null",)}, "must be an origin"),
    ({"cors_origins": ("http://a.example/",)}, "must be an origin"),
    ({"port": 70_000}, "port ="),
    ({"reads_per_minute": 0}, "at least 1"),
])  # fmt: skip
def test_risky_or_senseless_options_are_refused(choice: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DashboardOptions(**choice)  # type: ignore[arg-type]


def test_other_addresses_are_answered_only_by_their_names(tmp_path: Path) -> None:
    options = DashboardOptions(host="0.0.0.0", unsafe_bind=True, names=("bench.lan",))
    assert options.hosts == ("127.0.0.1", "localhost", "bench.lan")
    assert options.public_host == "bench.lan"
    client = create_app(Paths.under(tmp_path), options).test_client()
    for host, status in (("bench.lan:8050", 200), ("127.0.0.1", 200), ("0.0.0.0", 400), ("other.lan", 400)):
        assert client.get("/sign-in", headers={"Host": host}).status_code == status
    assert DashboardOptions(host="192.168.1.5", unsafe_bind=True).hosts == ("127.0.0.1", "localhost", "192.168.1.5")
