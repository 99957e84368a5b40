"""Jobs over the API: asked for, watched, stopped; and one real run from its first byte to its report."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.clock import monotonic_seconds
from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.events.hub import EventHub
from dashboard.options import DashboardOptions
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_run import RUN_ID, write_run
from tests.patience import PATIENCE_SECONDS, PROGRAM_SECONDS

SMALL = {
    "exchange": "SIMULATED",
    "start": "2024-01-01",
    "end": "2024-04-10",
    "strategy": {"rsi_long_threshold": 45, "rsi_short_threshold": 55, "ema_trend": 100},
}


@pytest.fixture
def idle(paths: Paths) -> Iterator[Flask]:
    """Return a dashboard that starts nothing and lets two jobs wait."""
    app = create_app(paths, DashboardOptions(jobs_running=0, jobs_waiting=2))
    yield app
    app.extensions["events"].close()


@pytest.fixture
def asker(idle: Flask) -> FlaskClient:
    return signed_in(idle)


def test_job_is_asked_for_found_and_cancelled(asker: FlaskClient) -> None:
    answer = asker.post("/api/v1/jobs", json={"kind": "backtest", "settings": SMALL})
    job = json_of(answer)
    assert answer.status_code == 201
    assert (job["state"], job["kind"], job["run"]) == ("queued", "backtest", None)
    assert job["label"] == "SIMULATED BTCUSDT 1h · hybrid_trend"
    assert json_of(asker.get("/api/v1/jobs"))["items"] == [job]
    assert json_of(asker.get("/api/v1/jobs?state=running"))["total"] == 0
    found = json_of(asker.get(f"/api/v1/jobs/{job['id']}"))
    assert found["command"].endswith(f"jobs/{job['id']}/run.yaml")
    assert not found["command"].startswith("/")
    assert json_of(asker.get(f"/api/v1/jobs/{job['id']}/log")) == {"next": 0, "size": 0, "text": ""}
    early = asker.get(f"/api/v1/jobs/{job['id']}/result")
    assert (early.status_code, json_of(early)["error"]["code"]) == (404, "not_ready")
    assert json_of(asker.post(f"/api/v1/jobs/{job['id']}/cancel", json={}))["state"] == "cancelled"
    result = json_of(asker.get(f"/api/v1/jobs/{job['id']}/result"))
    assert (result["job"]["state"], result["run"]) == ("cancelled", None)


def test_queue_that_is_full_says_when_to_come_back(asker: FlaskClient) -> None:
    body = {"kind": "backtest", "settings": {}}
    assert [asker.post("/api/v1/jobs", json=body).status_code for _ in range(3)] == [201, 201, 503]
    refused = asker.post("/api/v1/jobs", json=body)
    assert json_of(refused)["error"]["code"] == "busy"
    assert refused.headers["Retry-After"]


def test_mistakes_come_with_their_fields(client: FlaskClient, finished: RunFolder) -> None:
    settings = {"seed": -1, "optimization": {"trials": "many"}, "strategy": {"name": "/x.py"}}
    refused = client.post("/api/v1/jobs", json={"kind": "pipeline", "settings": settings})
    error = json_of(refused)["error"]
    assert (refused.status_code, error["code"]) == (400, "invalid")
    assert {each["field"] for each in error["details"]} == {"seed", "optimization.trials", "strategy.name"}
    assert error["field"] in {each["field"] for each in error["details"]}
    assert not finished.paths.jobs.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "pipeline"}, "settings"),
        ({"kind": "resume"}, "run"),
        ({"kind": "fetch", "settings": {}}, "settings"),
        ({"kind": "backtest", "settings": {}, "run": "x"}, "run"),
        ({"kind": "resume", "run": "../../etc"}, "run"),
        ({"kind": "shell", "settings": {}}, "kind"),
        ({"kind": "fetch", "fetch": {"symbols": ["-x"]}}, "symbols"),
        ({"kind": "backtest", "settings": {}, "speed": 1}, "speed"),
    ],
)
def test_body_that_does_not_fit_is_refused_by_its_field(client: FlaskClient, body: dict[str, object], field: str) -> None:
    refused = client.post("/api/v1/jobs", json=body)
    assert (refused.status_code, json_of(refused)["error"]["field"]) == (400, field)


def test_run_that_a_job_has_in_hand_is_not_resumed_twice(asker: FlaskClient, paths: Paths) -> None:
    write_run(paths, until="hardware")
    body = {"kind": "resume", "run": RUN_ID}
    first = asker.post("/api/v1/jobs", json=body)
    assert first.status_code == 201
    refused = asker.post("/api/v1/jobs", json=body)
    assert (refused.status_code, json_of(refused)["error"]["field"]) == (400, "run")
    assert json_of(first)["id"] in json_of(refused)["error"]["message"]
    asker.post(f"/api/v1/jobs/{json_of(first)['id']}/cancel", json={})
    assert asker.post("/api/v1/jobs", json=body).status_code == 201


@pytest.mark.parametrize("path", ["20250101-000000-abcd", "..", "x/log", "20250101-000000-abcd/result", "%2e%2e/log"])
def test_job_that_is_none_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/api/v1/jobs/{path}").status_code == 404
    assert client.get(f"/jobs/{path}").status_code == 404


def test_events_of_what_is_none_are_refused(client: FlaskClient) -> None:
    assert json_of(client.get("/api/v1/events?kinds=all"))["error"]["field"] == "kinds"
    assert client.get("/api/v1/events?run=nowhere").status_code == 404
    assert client.get("/api/v1/events?run=../..").status_code == 404


def test_output_shows_no_path_of_the_machine(asker: FlaskClient, paths: Paths) -> None:
    job_id = json_of(asker.post("/api/v1/jobs", json={"kind": "backtest", "settings": SMALL}))["id"]
    (paths.jobs / job_id / "output.log").write_text(f"Report: {paths.data}/exports/x\nsee {Path.home()}/secret and /usr/lib/a/b.so\nhalf")
    log = json_of(asker.get(f"/api/v1/jobs/{job_id}/log"))
    assert log["text"] == "Report: data/exports/x\nsee ~/secret and …/b.so\n"
    assert log["size"] - log["next"] == len("half")
    page = asker.get(f"/jobs/{job_id}").text
    assert str(paths.data) not in page
    assert "data/exports/x" in page


def test_form_and_lists_are_pages(asker: FlaskClient) -> None:
    job = json_of(asker.post("/api/v1/jobs", json={"kind": "backtest", "settings": SMALL | {"symbol": "ETHUSDT"}}))
    assert "ETHUSDT" in asker.get("/jobs").text
    assert f'data-job="{job["id"]}"' in asker.get(f"/jobs/{job['id']}").text
    form = asker.get("/new").text
    assert 'data-path="strategy.ema_fast"' in form
    assert 'data-base="20"' in form


def ended(client: FlaskClient, job_id: str) -> dict[str, object]:
    """Wait for a job and return it."""
    pause, until = threading.Event(), monotonic_seconds() + PROGRAM_SECONDS
    while (job := json_of(client.get(f"/api/v1/jobs/{job_id}")))["state"] in ("queued", "running"):
        assert monotonic_seconds() < until
        pause.wait(0.25)
    return job


def test_real_backtest_runs_in_a_process_of_its_own_and_tells_of_itself(paths: Paths) -> None:
    app = create_app(paths)
    client, hub = signed_in(app), app.extensions["events"]
    assert isinstance(hub, EventHub)
    with hub.subscribed() as begin:
        job_id = json_of(client.post("/api/v1/jobs", json={"kind": "backtest", "settings": SMALL}))["id"]
        job = ended(client, job_id)
        assert (job["state"], job["exit_code"]) == ("finished", 0), client.get(f"/api/v1/jobs/{job_id}/log").text
        kinds: set[str] = set()
        place = begin.place
        while not {"job", "progress", "run"} <= kinds:
            batch = hub.wait(place, PATIENCE_SECONDS)
            assert batch.events
            place, kinds = batch.place, kinds | {event.kind for event in batch.events}
    result = json_of(client.get(f"/api/v1/jobs/{job_id}/result"))
    assert result["run"]["stages_done"] == 5
    run_id = result["run"]["run_id"]
    live = json_of(client.get(f"/api/v1/runs/{run_id}/progress"))["live"]
    assert (live["state"], live["stage"]) == ("finished", 5)
    assert "Stage 5" in json_of(client.get(f"/api/v1/jobs/{job_id}/log"))["text"]
    stored = json.loads((paths.jobs / job_id / "job.json").read_text())
    assert stored["arguments"][:2] == ["backtest", "--config"]
    hub.close()
