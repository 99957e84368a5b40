"""Every answer carries the rules for browsers, and reading writes nothing."""

import re
from contextlib import closing

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.run_folder import RunFolder
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API
from tests.dashboard.routes import addresses
from tests.dashboard.sample_run import RUN_ID

ADDRESSES = ["/", f"/runs/{RUN_ID}/", f"{MARKET_API}/trades", "/static/icon.svg", "/nowhere", "/api/v1/nowhere", "/sign-in"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("origin", [None, "http://evil.example"])
def test_every_answer_carries_the_rules(client: FlaskClient, address: str, origin: str | None) -> None:
    with closing(client.get(address, headers={"Origin": origin} if origin else {})) as answer:
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "*" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"] or address.startswith("/static/")
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


def test_reading_writes_nothing(finished: RunFolder, app: Flask) -> None:
    client = signed_in(app)
    root = finished.paths.data
    before = sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*"))
    for address in addresses(app):
        with client.get(address):
            pass
    assert sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*")) == before


def test_no_page_has_anything_inline(app: Flask) -> None:
    client = signed_in(app)
    for address in addresses(app):
        with closing(client.get(address)) as answer:
            if answer.mimetype == "text/html":
                assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text)), address
                assert " style=" not in answer.text, address
                assert "<style" not in answer.text, address
                assert "//cdn" not in answer.text, address
