"""Who may ask, how, and for what: this host only, reading only, and nothing outside the data folder."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.errors import ConfigError
from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API
from tests.dashboard.sample_run import RUN_ID, SLUG, write_run

ClientOf = Callable[[Paths], FlaskClient]

GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:8050", "localhost", "localhost:8050", "localhost:65535"]
BAD_HOSTS = [
    "evil.example", "evil.example:8050", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost", "127.1", "127.0.0.2",
    "0.0.0.0", "2130706433", "0x7f000001", "[::1]:8050", "[::]", "192.168.1.2", "localhost.", "xlocalhost", "127.0.0.1@evil.example",
    "evil.example#127.0.0.1", "evil.example/127.0.0.1", "127.0.0.1 evil.example", "127.0.0.1,evil.example", "*", "null", "..",
    "localhost:abc", "127.0.0.1:8050:1",
]  # fmt: skip
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "MKCOL", "LOCK", "X-ANYTHING"]
ADDRESSES = [
    "/",
    f"/runs/{RUN_ID}/",
    f"/runs/{RUN_ID}/{SLUG}/",
    f"{MARKET_API}/trades",
    f"{MARKET_API}/charts/equity",
    "/static/dashboard.css",
    "/nowhere",
]
NASTY = [
    "..", ".", "...", "%2e%2e", "%2e%2e%2f", "..%2f..%2fsecret", "..%5c..%5csecret", "%252e%252e", "%252e%252e%252fsecret", "....//", "..;",
    "..\\secret", "%00", f"{RUN_ID}%00", f"{RUN_ID}%00.json", "%0a", f"{RUN_ID}%0d%0aX-Evil:1", "~", "~root", "$HOME", "%24HOME", "-",
    "--help", ".hidden", ".git", "CON", "nul", "aux.txt", "C:%5c", "%2fetc%2fpasswd", "etc/passwd", "../etc/passwd", "..%c0%af",
    "%e0%80%ae%e0%80%ae", "%ef%bc%8e%ef%bc%8e", "%e2%80%a4%e2%80%a4", "%e2%80%ae", RUN_ID.upper(), RUN_ID + ".", RUN_ID + "%20",
    "%20" + RUN_ID, RUN_ID + "/..", RUN_ID + "%2f..", "a" * 65, "a" * 4000, "a..b", "*", "?", "[a]", "{}", "%7b%7b7*7%7d%7d", "<script>",
    "%3cscript%3e", "'", "%22", "link-out", "link-in", "secret.json", "%f0%9f%98%80", "file:%2f%2f%2fetc",
]  # fmt: skip


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", BAD_HOSTS)
@pytest.mark.parametrize("address", ["/", f"{MARKET_API}/trades", "/static/dashboard.css", "/nowhere"])
def test_foreign_names_are_refused(client: FlaskClient, host: str, address: str) -> None:
    answer = client.get(address, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_but_reading_is_allowed(client: FlaskClient, method: str, address: str) -> None:
    answer = client.open(address, method=method, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_rules(client: FlaskClient, address: str) -> None:
    with client.get(address, headers={"Origin": "http://evil.example"}) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in answer.headers["Cache-Control"] or address.startswith("/static/")
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


@pytest.fixture
def hostile(tmp_path: Path, paths: Paths) -> Paths:
    """Return an installation with links out of it, beside files that nobody may see."""
    write_run(paths, until="strategy")
    outside = write_run(Paths.under(tmp_path / "elsewhere"), "outside", until="strategy")
    (tmp_path / "secret.json").write_text('{"password": "hunter2"}')
    (paths.checkpoints / "link-out").symlink_to(outside.checkpoints, target_is_directory=True)
    (paths.checkpoints / "link-in").symlink_to(paths.checkpoints / RUN_ID, target_is_directory=True)
    return paths


def opened_files() -> tuple[list[str], Callable[[], None]]:
    """Return a list that every file opened from now on is written to, and what ends it: audit hooks stay for ever."""
    found: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str | bytes | Path):
            found.append(str(arguments[0]))

    sys.addaudithook(hook)
    return found, watching.clear


def test_ids_lead_nowhere_else(hostile: Paths, client_of: ClientOf, tmp_path: Path) -> None:
    client = client_of(hostile)
    client.get("/")
    opened, stop = opened_files()
    for nasty in NASTY:
        for address in (
            f"/runs/{nasty}/", f"/runs/{RUN_ID}/{nasty}/", f"/api/v1/runs/{nasty}/progress", f"/api/v1/runs/{nasty}/markets/{SLUG}/trades",
            f"/api/v1/runs/{RUN_ID}/markets/{nasty}/charts/candles", f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/{nasty}",
            f"/downloads/{nasty}/run.json", f"/downloads/{RUN_ID}/{nasty}", f"/static/{nasty}", f"/assets/{nasty}",
        ):  # fmt: skip
            answer = client.get(address)
            own = nasty in ("?", ".") or nasty.startswith("?")
            assert answer.status_code in ({200, 308, 404, 400} if own else {400, 404, 308}), address
            assert "hunter2" not in answer.text
            assert str(tmp_path) not in answer.text
    stop()
    mine = str(tmp_path)
    assert not [name for name in opened if name.startswith(mine) and not name.startswith(str(hostile.data))]
    assert not [name for name in opened if "passwd" in name or "elsewhere" in name]


def test_files_that_lead_out_are_not_read(hostile: Paths, client_of: ClientOf, tmp_path: Path) -> None:
    results = hostile.results / RUN_ID
    results.mkdir(parents=True)
    (results / "report.json").symlink_to(tmp_path / "secret.json")
    exports = hostile.exports / RUN_ID
    exports.mkdir(parents=True)
    (exports / "stolen.csv").symlink_to(tmp_path / "secret.json")
    client = client_of(hostile)
    page = client.get(f"/runs/{RUN_ID}/")
    assert "hunter2" not in page.text
    assert "report.json leads out of the data folder" in page.text
    assert client.get(f"/downloads/{RUN_ID}/stolen.csv").status_code == 404


def test_slugs_are_only_those_of_the_run(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="baseline")
    selection = run.checkpoints / "03_selection" / "selection.json"
    (run.checkpoints / "03_selection" / "stage.json").unlink()
    for slug in ("../../x", "..", "a/b", "/etc", "", "A", "a..b"):
        selection.write_text(selection.read_text().replace(f'"slug":"{SLUG}"', f'"slug":"{slug}"'))
        client = client_of(paths)
        assert client.get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/trades").status_code in (404, 422)
        assert "selection.json does not hold what it should" in client.get("/").text
        selection.write_text(selection.read_text().replace(f'"slug":"{slug}"', f'"slug":"{SLUG}"'))


@pytest.mark.parametrize("value", ["1", "true", "yes", "anything"])
def test_debug_mode_is_refused(paths: Paths, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)
    with pytest.raises(ConfigError, match="FLASK_DEBUG"):
        create_app(paths)


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_debug_mode_that_is_off_is_no_matter(paths: Paths, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)
    assert not create_app(paths).debug


def test_unexpected_errors_show_nothing_of_the_machine(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("secret at /somewhere/private")

    monkeypatch.setattr("dashboard.api.progress.progress", explode)
    monkeypatch.setattr("dashboard.pages.overview.stage_table", explode)
    for address in (f"/api/v1/runs/{RUN_ID}/progress", f"/runs/{RUN_ID}/"):
        answer = signed_in(app).get(address)
        assert answer.status_code == 500
        assert "private" not in answer.text
        assert "Traceback" not in answer.text


def test_nothing_is_written(finished: RunFolder, app: Flask) -> None:
    root = finished.paths.data
    before = sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*"))
    for address in ADDRESSES:
        with signed_in(app).get(address):
            pass
    assert sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*")) == before
