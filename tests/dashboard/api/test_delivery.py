"""Answers are tagged, compressed and counted; files of the front end keep for ever under the hash of them all."""

import gzip
import re
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import limits.storage.memory
import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from dashboard.app import create_app
from dashboard.delivery.compression import gzip_pieces
from dashboard.delivery.static_files import StaticFiles, bundled
from dashboard.options import DashboardOptions
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_run import RUN_ID, write_run

ORIGIN = "http://localhost:3000"
TOKEN = "a-token-of-a-test-that-is-long-enough"


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    for address in ("/api/v1/runs", f"{MARKET_API}/trades?size=5", f"{MARKET_API}/charts/drift", "/api/v1/openapi.json"):
        first = client.get(address, headers={"Accept-Encoding": "gzip"})
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
        assert client.get(address, headers={"If-None-Match": 'W/"else"'}).status_code == 200


def test_a_tag_changes_with_what_it_names(paths: Paths) -> None:
    write_run(paths, until="strategy")
    client = signed_in(create_app(paths))
    before = client.get("/api/v1/runs").headers["ETag"]
    write_run(paths, until="baseline")
    assert client.get("/api/v1/runs", headers={"If-None-Match": before}).status_code == 200


def test_texts_above_a_kilobyte_are_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    for address in ("/", f"{MARKET_API}/trades", f"{MARKET_API}/trades?format=csv", "/static/css/shell.css"):
        plain = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "br;q=0.1, gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert all("Accept-Encoding" in each.headers["Vary"] for each in (packed, plain))
        assert client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data
    assert "Content-Encoding" not in client.get("/api/v1/health", headers={"Accept-Encoding": "gzip"}).headers


def test_streams_are_compressed_piece_by_piece() -> None:
    pieces = [b"a" * 100_000, b"", b"b" * 100_000]
    packed = list(gzip_pieces(iter(pieces)))
    assert zlib.decompress(b"".join(packed), 31) == b"".join(pieces)


def test_every_file_of_a_page_is_versioned_and_kept(client: FlaskClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert addresses
    for address in addresses:
        assert address.startswith(f"/static/{bundled().version}/")
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    plain = client.get("/static/css/shell.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/css/shell.css", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_version_of_the_files_changes_with_any_byte(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    file = tmp_path / "js" / "a.js"
    file.write_text("1")
    before = StaticFiles.of(tmp_path)
    file.write_text("2")
    assert StaticFiles.of(tmp_path).version != before.version
    file.rename(tmp_path / "a.js")
    assert StaticFiles.of(tmp_path).version not in (before.version, "")


def test_whoever_asks_too_often_is_told_how_long_to_wait(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock stands: at the turn of a minute, the first questions would weigh a little less than one each.
    moment = time.time()
    monkeypatch.setattr(limits.storage.memory, "time", SimpleNamespace(time=lambda: moment))
    write_run(paths, until="strategy")
    app = create_app(paths, DashboardOptions(reads_per_minute=3, changes_per_minute=2))
    client, other = signed_in(app), app.test_client()
    for _ in range(3):
        assert client.get("/api/v1/strategies").status_code == 200
    answer = client.get("/api/v1/runs")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert other.get("/api/v1/health").status_code == 200, "each caller has a count of its own"
    assert client.get("/").status_code == 200, "pages are not counted"
    assert [client.patch(f"/api/v1/runs/{RUN_ID}", json={"tags": []}).status_code for _ in range(3)] == [200, 200, 429]


def test_other_origins_may_read_only_where_they_are_listed(paths: Paths) -> None:
    script = {"Authorization": f"Bearer {TOKEN}"}
    client = create_app(paths, DashboardOptions(script_token=TOKEN, cors_origins=(ORIGIN,))).test_client()
    listed = client.get("/api/v1/runs", headers=script | {"Origin": ORIGIN})
    assert listed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in listed.headers
    asked = client.options(
        "/api/v1/runs",
        headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"},
    )
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"].lower()
    foreign = client.get("/api/v1/runs", headers=script | {"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=script | {"Origin": ORIGIN}).headers
