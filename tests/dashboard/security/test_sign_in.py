"""One printed address lets one browser in; nothing but digests of what it holds is ever kept."""

import json
import logging
import re
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.atomic_files import write_bytes
from core.paths import Paths
from dashboard.app import create_app
from dashboard.security import sessions
from dashboard.security.sessions import LIFETIME_S, MAX_SESSIONS, SessionStore
from tests.dashboard.clients import access_of, signed_in
from tests.dashboard.routes import CHANGING, addresses

TOKEN = re.compile(r"[\w-]{43}")
PUBLIC = ("/sign-in", "/api/v1/health")


@pytest.fixture
def site(paths: Paths) -> Flask:
    return create_app(paths)


def browser(app: Flask) -> FlaskClient:
    return FlaskClient(app, app.response_class)


def token_of(app: Flask, page: str = "/") -> str:
    return access_of(app).tokens.issue(page)


def kept(paths: Paths) -> Path:
    return paths.dashboard / "sessions.json"


def test_printed_address_lets_one_browser_in_once(site: Flask) -> None:
    token, first, second = token_of(site, "/runs/x/"), browser(site), browser(site)
    assert first.get("/").status_code == 401
    answer = first.get(f"/sign-in?token={token}")
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/runs/x/">' in answer.text
    assert first.get("/").status_code == 200
    assert second.get(f"/sign-in?token={token}").status_code == 401
    assert second.get("/").status_code == 401
    assert first.get(f"/sign-in?token={token}").status_code == 200
    assert TOKEN.fullmatch(token)
    assert token not in answer.text


def test_cookie_is_strict_and_out_of_reach_of_scripts(site: Flask) -> None:
    answer = browser(site).get(f"/sign-in?token={token_of(site)}")
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name.startswith("dashboard-")
    assert TOKEN.fullmatch(value)
    assert set(attributes) >= {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={LIFETIME_S}"}
    assert "Domain" not in rest


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "%00", "%ff", "a" * 10_000])
def test_other_tokens_let_nobody_in(site: Flask, token: str) -> None:
    client = browser(site)
    good = token_of(site)
    assert client.get(f"/sign-in?token={token}").status_code in (200, 401)
    assert client.get("/").status_code == 401
    assert client.get(f"/sign-in?token={good}").status_code == 200


def test_looking_does_not_use_an_address_up(site: Flask) -> None:
    token, client = token_of(site), browser(site)
    assert client.head(f"/sign-in?token={token}").status_code == 200
    assert client.get(f"/sign-in?token={token}", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 200
    assert client.get("/").status_code == 401
    assert client.get(f"/sign-in?token={token}").status_code == 200
    assert client.get("/").status_code == 200


def test_an_address_used_by_who_is_in_already_is_used_up_too(site: Flask) -> None:
    token = token_of(site, "/runs/x/")
    assert "url=/runs/x/" in signed_in(site).get(f"/sign-in?token={token}").text
    assert browser(site).get(f"/sign-in?token={token}").status_code == 401


def test_only_the_last_few_addresses_stay_good(site: Flask) -> None:
    tokens = [token_of(site) for _ in range(9)]
    assert browser(site).get(f"/sign-in?token={tokens[0]}").status_code == 401
    assert browser(site).get(f"/sign-in?token={tokens[1]}").status_code == 200


def test_who_used_an_address_is_told_to_the_terminal(site: Flask) -> None:
    told: list[str] = []
    access_of(site).tokens.on_spent = lambda: told.append("spent")
    browser(site).get("/sign-in?token=wrong")
    assert not told
    browser(site).get(f"/sign-in?token={token_of(site)}")
    assert told == ["spent"]


def test_everything_but_signing_in_asks_who_it_is(app: Flask, anonymous: FlaskClient) -> None:
    asked = [address for address in addresses(app) if address not in PUBLIC and not address.startswith(("/static/", "/assets/"))]
    assert len(asked) > 10
    for address in [*asked, "/nowhere", "/api/v1/nowhere"]:
        answer = anonymous.get(address)
        assert answer.status_code == 401, address
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="dashboard"'
        if address.startswith("/api/"):
            assert answer.mimetype == "application/json"
            assert "Sign in first" in answer.text
        else:
            assert "<h1>Sign in</h1>" in answer.text
    for method in sorted(CHANGING):
        for address in addresses(app, method):
            answer = anonymous.open(address, method=method, json={}, headers={"Origin": "http://localhost"})
            assert answer.status_code == 401, (method, address)


def test_what_comes_with_the_program_is_for_everybody(anonymous: FlaskClient) -> None:
    for address in ("/sign-in", "/static/icon.svg", "/static/css/sign_in.css"):
        with anonymous.get(address) as answer:
            assert answer.status_code == 200


def test_sign_out_ends_the_session_everywhere(site: Flask, paths: Paths) -> None:
    client, other = signed_in(site), browser(create_app(paths))
    name = access_of(site).cookie_name
    cookie = client.get_cookie(name)
    assert cookie is not None
    other.set_cookie(name, cookie.value)
    assert other.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 200
    assert client.get("/").status_code == 401
    assert other.get("/").status_code == 401


def test_sessions_outlive_the_server_and_hold_no_secret(site: Flask, paths: Paths) -> None:
    cookie = access_of(site).open_session()
    again = browser(create_app(paths))
    again.set_cookie(access_of(site).cookie_name, cookie)
    assert again.get("/").status_code == 200
    assert cookie not in kept(paths).read_text()
    assert kept(paths).stat().st_mode & 0o777 == 0o600
    stored = json.loads(kept(paths).read_text())["sessions"]
    again.set_cookie(access_of(site).cookie_name, next(iter(stored)))
    assert again.get("/").status_code == 401


def test_two_dashboards_never_lose_each_others_sessions(paths: Paths) -> None:
    one, two = SessionStore(kept(paths)), SessionStore(kept(paths))
    cookies = [store.open() for _ in range(3) for store in (one, two)]
    assert all(store.holds(cookie) for cookie in cookies for store in (one, two))
    one.close(cookies[1])
    assert not two.holds(cookies[1])
    assert two.holds(cookies[0])


def test_dashboards_of_other_folders_have_cookies_of_other_names(tmp_path: Path) -> None:
    one, two = (access_of(create_app(Paths.under(tmp_path / name))) for name in ("one", "two"))
    assert one.cookie_name != two.cookie_name


def test_sessions_end_after_thirty_days(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_700_000_000_000]
    monkeypatch.setattr(sessions, "now_ms", lambda: now[0])
    store = SessionStore(kept(paths))
    cookie = store.open()
    now[0] += LIFETIME_S * 1000 - 1
    assert store.holds(cookie)
    now[0] += 1
    assert not store.holds(cookie)
    store.open()
    assert len(json.loads(kept(paths).read_text())["sessions"]) == 1
    now[0] -= LIFETIME_S * 1000
    assert not SessionStore(kept(paths)).holds(store.open()[::-1])


def test_the_hundred_newest_sessions_are_kept(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_700_000_000_000]
    monkeypatch.setattr(sessions, "now_ms", lambda: now[0])
    store = SessionStore(kept(paths))
    first = store.open()
    oldest = {f"{number:064x}": now[0] + number for number in range(1, MAX_SESSIONS)}
    content = json.loads(kept(paths).read_text())
    now[0] += 1000
    write_bytes(kept(paths), json.dumps(content | {"sessions": content["sessions"] | oldest}).encode())
    assert store.holds(first)
    assert store.holds(store.open())
    assert not store.holds(first)
    assert len(json.loads(kept(paths).read_text())["sessions"]) == MAX_SESSIONS


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"sessions": 5}', b'{"sessions": {"x": 1}}', b"[" * 50_000,
                                     b'{"sessions": {"' + b"0" * 64 + b'": "1"}}', b"\xff", b" " * (300 << 10)])  # fmt: skip
def test_damaged_file_of_sessions_lets_nobody_in_and_is_written_anew(
    paths: Paths, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    paths.dashboard.mkdir(parents=True)
    kept(paths).write_bytes(content)
    store = SessionStore(kept(paths))
    assert not store.holds("0" * 43)
    assert store.holds(store.open())
    assert str(paths.data) not in caplog.text


def test_sessions_without_a_place_to_write_last_until_the_end(paths: Paths, caplog: pytest.LogCaptureFixture) -> None:
    paths.data.mkdir(parents=True)
    paths.dashboard.write_text("a file stands where the folder should be")
    store = SessionStore(kept(paths))
    cookie = store.open()
    assert store.holds(cookie)
    assert "Sign-ins and sign-outs last until the dashboard ends" in caplog.text
    store.close(cookie)
    assert not store.holds(cookie)


def test_what_a_refusing_disk_was_not_told_holds_and_is_told_later(paths: Paths) -> None:
    store = SessionStore(kept(paths))
    first, second = store.open(), store.open()
    lock = kept(paths).with_suffix(".lock")
    lock.unlink()
    lock.mkdir()
    late = store.open()
    store.close(first)
    kept(paths).touch()  # whoever else writes brings no session back
    assert [store.holds(cookie) for cookie in (first, second, late)] == [False, True, True]
    lock.rmdir()
    last = store.open()
    assert [SessionStore(kept(paths)).holds(cookie) for cookie in (first, second, late, last)] == [False, True, True, True]
    store.close(late)
    assert not store.holds(late)
    assert not SessionStore(kept(paths)).holds(late)


def test_open_streams_end_with_their_session(paths: Paths) -> None:
    app = create_app(paths)
    client = signed_in(app)
    paths.logs.mkdir(parents=True)
    with closing(client.get("/api/v1/events", buffered=False)) as answer:
        pieces = answer.iter_encoded()
        assert b"hello" in next(pieces)
        assert client.post("/sign-out", json={}).status_code == 200
        line = {"time": "2025-01-01T00:00:00.000+00:00", "level": "INFO", "logger": "core", "message": "after the end"}
        (paths.logs / "core.log").write_text(json.dumps(line) + "\n")
        assert list(pieces) == []
    app.extensions["events"].close()
