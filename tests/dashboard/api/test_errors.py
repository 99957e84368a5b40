"""Every refusal has one form: a word for programs, a sentence for people, the field to blame, and nothing of the machine."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.errors import APIError, CredentialError, LockedError, PipelineError, RateLimitError, StorageError
from core.run_folder import RunFolder
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_run import RUN_ID

BAD = {
    "trades?sort=password": "sort", "trades?order=up": "order", "trades?size=0": "size", "trades?size=1001": "size",
    "trades?page=0": "page", "trades?page=1e3": "page", "trades?page=": "page", "trades?page=%D9%A3": "page", "trades?page=1_0": "page",
    "trades?page=+1": "page", "trades?source=../baseline": "source", "trades?around=-2": "around", "trades?side=up": "side",
    "trades?nothing=1": "nothing", "trades?format=xml": "format", "charts/candles?from=abc": "from", "charts/candles?from=--1": "from",
    "charts/candles?from=99999999999999999999": "from", "charts/candles?from=2&to=1": "to", "charts/candles?from=1&to=1": "to",
    "charts/equity?source=all": "source", "trials?stage=7.4": "stage", "trials?window=x": "window", "trials?window=-1": "window",
    "trials?sort=nothing": "sort", "trials?state=lucky": "state",
}  # fmt: skip


@pytest.mark.parametrize("question", BAD)
def test_bad_questions_are_refused_and_the_field_is_named(client: FlaskClient, question: str) -> None:
    answer = client.get(f"{MARKET_API}/{question}")
    error = json_of(answer)["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, "invalid", BAD[question])
    assert error["message"]


@pytest.mark.parametrize("address", [
    f"{MARKET_API}/charts/secrets", f"{MARKET_API.replace('btcusdt', 'other')}/trades", "/api/nothing", "/api/v1/runs/nobody/progress",
    "/api/v1/exchanges/NOWHERE/symbols", "/api/v1/strategies/luck", "/api/v1/strategies/ema_cross.py",
])  # fmt: skip
def test_what_there_is_not_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (404, "not_found")


def test_other_methods_are_told_which_there_are(client: FlaskClient) -> None:
    answer = client.post(f"{MARKET_API}/trades", json={})
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (405, "method")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_bodies_that_are_too_large_or_no_json_are_refused_in_the_same_form(client: FlaskClient) -> None:
    large = client.post("/api/v1/runs", data=b"x" * (65 << 10), content_type="application/json")
    assert (large.status_code, json_of(large)["error"]["code"]) == (413, "too_large")
    form = client.post("/api/v1/runs", data={"a": "b"}, content_type="application/x-www-form-urlencoded")
    assert (form.status_code, json_of(form)["error"]["code"]) == (415, "media_type")


def test_strangers_and_foreign_hosts_are_refused_in_the_same_form(anonymous: FlaskClient, client: FlaskClient) -> None:
    assert json_of(anonymous.get("/api/v1/runs"))["error"]["code"] == "signed_out"
    answer = client.get("/api/v1/runs", headers={"Host": "evil.example"})
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (400, "invalid")
    assert "evil" not in answer.text


@pytest.mark.parametrize(("error", "status", "code"), [
    (LockedError, 409, "locked"), (CredentialError, 424, "failed_dependency"), (APIError, 502, "venue"), (RateLimitError, 503, "busy"),
    (StorageError, 507, "storage"), (PipelineError, 422, "unusable"), (RuntimeError, 500, "internal"),
])  # fmt: skip
def test_every_error_of_the_product_has_a_word_and_shows_no_folder(
    app: Flask, finished: RunFolder, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int, code: str
) -> None:
    root = finished.paths.data

    def fail(*_: object) -> None:
        raise error(f"cannot go on with {root}/checkpoints/x.json")

    monkeypatch.setattr("dashboard.api.progress.progress", fail)
    answer = signed_in(app).get(f"/api/v1/runs/{RUN_ID}/progress")
    found = json_of(answer)["error"]
    assert (answer.status_code, found["code"]) == (status, code)
    assert str(root) not in answer.text
    assert "Traceback" not in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert ("checkpoints/x.json" in found["message"]) == (status != 500)
