"""The example of every operation runs as it stands, against a real server."""

from pathlib import Path

import pytest

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.paths import Paths
from dashboard.api.document import openapi_document
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.dashboard.api.example_runs import TOKEN, run_examples
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_machine import write_profile
from tests.dashboard.sample_run import RUN_ID, market_folder, uncommit, write_run
from tests.reporting.significance import significance

# A hand-written run has no bars that a simulation finds again: these two run against a real one.
STORIES = "/story"


def test_every_example_runs_as_it_stands(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.context.start_supervisor", lambda *_: None)
    run = write_run(paths)
    uncommit(run)
    write_profile(paths)
    write_bytes(market_folder(run, "walkforward") / "significance.json", dump_bytes(significance()))
    app = create_app(paths, DashboardOptions(script_token=TOKEN))
    client = signed_in(app)
    job = json_of(client.post("/api/v1/jobs", json={"kind": "resume", "run": RUN_ID}))["id"]
    client.post(f"/api/v1/jobs/{job}/cancel")
    operations = [(path, method) for path, methods in openapi_document(app)["paths"].items() for method in methods]
    told = [(path, method) for path, method in operations if not path.endswith(STORIES)]
    ordered = sorted(told, key=lambda each: ("get", "patch", "post", "delete").index(each[1]))
    outcomes = run_examples(app, tmp_path, ordered, {"job_id": job})
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "ok"} == {}
    assert len(outcomes) == len(ordered) > 25
