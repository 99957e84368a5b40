"""K1: the tokens and the cookie turn up nowhere: in no log, no file, no page, no error."""

import json
import logging
from http.client import HTTPConnection

import pytest

from core.logs import configure_logging, release_logging
from core.paths import Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from dashboard.server import HOST
from tests.dashboard.clients import access_of
from tests.dashboard.conftest import serving
from tests.dashboard.routes import addresses
from tests.dashboard.sample_run import write_run
from tests.patience import PATIENCE_SECONDS
from tests.pipeline.canaries import found_in, found_in_files

SCRIPT = "canary-Zk3vQ8xY1wB7nM5rT2uJ9pL4sD6fG0hC"


def test_tokens_and_cookies_turn_up_nowhere(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LOG_LEVEL", "DEBUG")
    write_run(paths, until="baseline")
    app = create_app(paths, DashboardOptions(script_token=SCRIPT))
    app.add_url_rule("/explode", "explode", lambda: str(1 / 0))
    configure_logging(paths.logs, secrets=(SCRIPT,))
    answers: list[bytes] = []
    try:
        with serving(app) as server:
            token = server.sign_in_address().partition("token=")[2]

            def ask(target: str, method: str = "GET", **headers: str) -> str:
                connection = HTTPConnection(HOST, server.port, timeout=PATIENCE_SECONDS)
                connection.request(method, target, headers=headers)
                answer = connection.getresponse()
                given = [f"{name}: {value}" for name, value in answer.getheaders() if name != "Set-Cookie"]
                answers.append(answer.read() + "\n".join(given).encode())
                connection.close()
                return answer.getheader("Set-Cookie") or ""

            cookie = ask(f"/sign-in?token={token}").partition(";")[0]
            logging.getLogger("dashboard").warning("GET /sign-in?token=%s with Cookie: %s", token, cookie)
            for target in [*addresses(app), "/explode", "/nowhere", f"/sign-in?token={token}"]:
                ask(target, Cookie=cookie)
            for target in ("/", "/explode", "/api/v1/nowhere"):
                ask(target, Authorization=f"Bearer {SCRIPT}")
                ask(target, Authorization=f"Basic {SCRIPT}")
                ask(target, "DELETE", Cookie=cookie)
    finally:
        release_logging()
    secrets = {"token": token, "cookie": cookie.partition("=")[2], "script": SCRIPT}
    assert all(len(secret) >= 32 for secret in secrets.values())
    assert "ZeroDivisionError" in (paths.logs / "error.log").read_text()
    assert found_in(b"\n".join(answers), secrets) == []
    assert found_in_files(paths.data.parent, secrets) == []
    assert len(json.loads((paths.dashboard / "sessions.json").read_text())["sessions"]) == 1
    assert not [
        thing for thing in (access_of(app), access_of(app).options, access_of(app).tokens) if found_in(repr(thing).encode(), secrets)
    ]
