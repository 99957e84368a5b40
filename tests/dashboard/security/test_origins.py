"""H2: every method, from every kind of page, with every kind of proof: 108 cases from a table, and what else decides a change."""

from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.paths import Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.dashboard.clients import OWN_ORIGIN, SignedInClient, access_of, signed_in
from tests.dashboard.routes import CHANGING, addresses

TOKEN = "a-token-of-forty-characters-for-scripts!"
PROBE = "/api/v1/probe"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "X-UNKNOWN")
ORIGINS = {"none": None, "null": "null", "evil": "http://evil.example", "own": OWN_ORIGIN}
PROOFS = ("nothing", "cookie", "script")
# Columns: nothing, cookie, script. A cookie alone proves no change, whatever page it comes from: the page's secret is not with it.
TABLE = {
    ("read", "none"): (401, 200, 200),
    ("read", "null"): (403, 403, 403),
    ("read", "evil"): (403, 403, 403),
    ("read", "own"): (401, 200, 200),
    ("change", "none"): (401, 403, 200),
    ("change", "null"): (403, 403, 403),
    ("change", "evil"): (403, 403, 403),
    ("change", "own"): (401, 403, 200),
    ("other", "none"): (405, 405, 405),
    ("other", "null"): (405, 405, 405),
    ("other", "evil"): (405, 405, 405),
    ("other", "own"): (405, 405, 405),
}
CASES = list(product(METHODS, ORIGINS, PROOFS))


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return a dashboard with an address that answers every method, a token for scripts, and one listed origin."""
    paths = Paths.under(tmp_path_factory.mktemp("probed"))
    app = create_app(paths, DashboardOptions(script_token=TOKEN, cors_origins=("http://listed.example",)))
    app.add_url_rule(PROBE, "probe", lambda: "reached", methods=[*METHODS], provide_automatic_options=False)
    return app


def expected(method: str, origin: str, proof: str) -> int:
    kind = "read" if method in ("GET", "HEAD") else "change" if method in CHANGING else "other"
    return TABLE[kind, origin][PROOFS.index(proof)]


def test_the_matrix_has_all_cases() -> None:
    assert len(CASES) == 108


@pytest.mark.parametrize(("method", "origin", "proof"), CASES)
def test_matrix(probed: Flask, method: str, origin: str, proof: str) -> None:
    client = FlaskClient(probed, probed.response_class)
    page = signed_in(probed)
    if proof == "cookie":
        name = access_of(probed).cookie_name
        cookie = page.get_cookie(name)
        assert cookie is not None
        client.set_cookie(name, cookie.value)
    headers = {"Origin": ORIGINS[origin]} if ORIGINS[origin] else {}
    if proof == "script":
        headers["Authorization"] = f"Bearer {TOKEN}"
    answer = client.open(PROBE, method=method, headers=headers)
    assert answer.status_code == expected(method, origin, proof)
    assert (answer.text == "reached") == (answer.status_code == 200 and method != "HEAD")
    assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


COMPLETE = {"Content-Type": "application/json"}


@pytest.mark.parametrize("method", sorted(CHANGING))
@pytest.mark.parametrize(("changed", "status"), [
    ({}, 200),
    ({"X-CSRF-Token": ""}, 403),
    ({"X-CSRF-Token": "0" * 64}, 403),
    ({"X-CSRF-Token": "\u00e9"}, 403),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "http://localhost:3000"}, 403),
    ({"Origin": "https://localhost"}, 403),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": ""}, 403),
    ({"Origin": "http://listed.example"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ({"Content-Type": "multipart/form-data"}, 415),
    ({"Content-Type": "text/plain; application/json"}, 415),
])  # fmt: skip
def test_change_by_a_page_needs_every_proof(probed: Flask, method: str, changed: dict[str, str], status: int) -> None:
    client = signed_in(probed)
    headers = {"Content-Type": "application/json", "X-CSRF-Token": client.csrf, "Origin": OWN_ORIGIN} | changed
    kind = headers.pop("Content-Type")
    assert client.open(PROBE, method=method, headers=headers, content_type=kind, data="{}").status_code == status


@pytest.mark.parametrize(("site", "status"), [("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403), ("", 403)])
def test_change_without_an_origin_needs_the_browsers_word(probed: Flask, site: str, status: int) -> None:
    client = FlaskClient(probed, probed.response_class)
    page = signed_in(probed)
    name = access_of(probed).cookie_name
    client.set_cookie(name, getattr(page.get_cookie(name), "value", ""))
    answer = client.delete(PROBE, headers={"X-CSRF-Token": page.csrf, "Sec-Fetch-Site": site}, content_type="application/json")
    assert answer.status_code == status


def test_secret_of_another_session_proves_nothing(probed: Flask) -> None:
    one, other = signed_in(probed), SignedInClient(probed, probed.response_class)
    other.set_cookie(access_of(probed).cookie_name, access_of(probed).open_session())
    other.csrf = one.csrf
    assert one.delete(PROBE).status_code == 200
    assert other.delete(PROBE).status_code == 403


@pytest.mark.parametrize(("site", "mode", "status"), [
    ("same-origin", "cors", 200), ("none", "navigate", 200), ("cross-site", "navigate", 200), ("same-site", "navigate", 200),
    ("cross-site", "no-cors", 403), ("same-site", "no-cors", 403), ("same-site", "cors", 403),
])  # fmt: skip
def test_parts_of_foreign_pages_are_not_served_but_links_are_followed(probed: Flask, site: str, mode: str, status: int) -> None:
    assert signed_in(probed).get(PROBE, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}).status_code == status


def test_listed_origins_may_ask_and_are_asked_for_their_token(probed: Flask) -> None:
    anybody = FlaskClient(probed, probed.response_class)
    listed = {"Origin": "http://listed.example"}
    script = listed | {"Authorization": f"Bearer {TOKEN}"}
    assert anybody.options(PROBE, headers=listed | {"Access-Control-Request-Method": "DELETE"}).status_code in (200, 204)
    assert anybody.options(PROBE, headers=listed).status_code == 405
    assert anybody.get(PROBE, headers=listed).status_code == 401
    assert anybody.get(PROBE, headers=script).status_code == 200
    assert anybody.delete(PROBE, headers=script).status_code == 200


def test_no_route_changes_anything_for_a_foreign_page_or_without_its_secret(app: Flask, client: SignedInClient) -> None:
    for method in sorted(CHANGING):
        for address in addresses(app, method):
            for lacking in ({"Origin": "http://evil.example"}, {"X-CSRF-Token": ""}):
                assert client.open(address, method=method, headers=lacking).status_code == 403, (method, address)
            assert client.open(address, method=method, content_type="text/plain").status_code == 415, (method, address)
