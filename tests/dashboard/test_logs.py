"""Logs are read from their ends, in the order of time, filtered, and show neither stack traces nor paths of the machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.atomic_files import write_bytes
from core.logs import PACKAGES
from core.paths import PROJECT_ROOT, Paths
from core.run_folder import RunFolder
from dashboard.api.schemas.logs import LogsQuery
from dashboard.reading.logs import LEVELS, SOURCES, LogReader
from dashboard.reading.masking import PathCutter
from tests.dashboard.conftest import ClientOf, json_of
from tests.dashboard.sample_machine import log_line, write_logs
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, write_run

LINES = 20


def ask(client: FlaskClient, **query: object) -> dict[str, Any]:
    return json_of(client.get("/api/v1/logs", query_string=query))


def messages(answer: dict[str, Any]) -> list[str]:
    return [item["message"] for item in answer["items"]]


def test_the_api_knows_every_level_and_package() -> None:
    schema = json.dumps(LogsQuery.model_json_schema())
    assert all(f'"{name}"' in schema for name in (*LEVELS, *PACKAGES, *SOURCES))


def test_lines_come_newest_first_and_page_by_page(paths: Paths, client_of: ClientOf) -> None:
    client = client_of(paths)
    write_logs(paths, LINES)
    whole = ask(client, size=100)
    assert (whole["total"], whole["unreadable"], whole["whole"]) == (LINES + 2, 1, True)
    times = [item["time"] for item in whole["items"]]
    assert times == sorted(times, reverse=True)
    parts = [message for page in (1, 2, 3) for message in messages(ask(client, size=8, page=page))]
    assert parts == messages(whole)
    assert messages(ask(client, size=100, order="asc")) == parts[::-1]


def test_filters_by_level_package_text_and_run(paths: Paths, client_of: ClientOf) -> None:
    client = client_of(paths)
    write_run(paths, until="credentials")
    write_logs(paths, LINES)
    assert messages(ask(client, package="exchanges")) == ["asked a venue"]
    assert set(messages(ask(client, level="ERROR"))) == {"request failed", *(f"run {RUN_ID}: step {n}" for n in (4, 9, 14, 19))}
    assert messages(ask(client, text="STEP 13")) == [f"run {RUN_ID}: step 13"]
    assert ask(client, run=RUN_ID)["total"] == LINES
    for wrong in ({"level": "LOUD"}, {"package": "numpy"}, {"sort": "level"}, {"nonsense": "1"}):
        assert client.get("/api/v1/logs", query_string=wrong).status_code == 400
    assert client.get("/api/v1/logs?run=nobody").status_code == 404


def test_lines_written_while_a_stage_was_at_work_are_of_the_run(paths: Paths, client_of: ClientOf) -> None:
    client = client_of(paths)
    run: RunFolder = write_run(paths, until="credentials")
    entry = {"stage": "01_credentials", "finished_ms": CREATED_MS + 8_500, "seconds": 2.0}
    write_bytes(run.timings_file, json.dumps({"schema": 1, "stages": [entry]}).encode())
    write_logs(paths, 0)
    found = messages(ask(client, run=RUN_ID))
    assert found == ["asked a venue"], "what the dashboard itself did meanwhile is not the run's"


def test_stack_traces_and_paths_of_the_machine_are_not_shown(paths: Paths, client_of: ClientOf) -> None:
    client = client_of(paths)
    text = f"cannot write {paths.data}/checkpoints/x.json or {PROJECT_ROOT}/core/paths.py or {Path('/usr')}/lib/python3/thing.py at https://a.b/usr/c"
    write_bytes(paths.logs / "core.log", f"{log_line(1, text, 'ERROR', 'Traceback (most recent call last)')}\n".encode())
    answer = ask(client)
    assert messages(answer) == ["cannot write data/checkpoints/x.json or core/paths.py or …/thing.py at https://a.b/usr/c"]
    assert answer["items"][0]["traced"] is True
    assert "Traceback" not in json.dumps(answer)


def test_only_the_end_of_long_logs_is_read_and_older_files_where_there_is_room(
    paths: Paths, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(paths)
    monkeypatch.setattr("dashboard.reading.logs.TAIL_BYTES", 1000)
    for name, first in (("core.log.2", 0), ("core.log.1", 100), ("core.log", 200)):
        count = 3 if name == "core.log" else 20
        write_bytes(paths.logs / name, "".join(f"{log_line(first + n, f'line {first + n}')}\n" for n in range(count)).encode())
    answer = ask(client)
    found = messages(answer)
    assert found[:4] == ["line 202", "line 201", "line 200", "line 119"]
    assert 3 < len(found) < 23
    assert answer["whole"] is False


def test_growing_and_rotated_logs_are_read_again(paths: Paths) -> None:
    reader = LogReader(paths)
    assert reader.tail().lines == ()
    write_logs(paths, 2)
    assert len(reader.tail().lines) == 4
    assert reader.tail() is reader.tail(), "nothing is read twice"
    (paths.logs / "pipeline.log").rename(paths.logs / "pipeline.log.1")
    write_bytes(paths.logs / "pipeline.log", f"{log_line(5)}\n".encode())
    assert len(reader.tail().lines) == 5


@pytest.mark.parametrize("kind", ["folder", "link", "bytes", "torn"])
def test_what_is_no_log_is_passed_over(paths: Paths, tmp_path: Path, kind: str) -> None:
    path = paths.logs / "core.log"
    write_bytes(tmp_path / "secret.log", f"{log_line(1)}\n".encode())
    paths.logs.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "secret.log")
    else:
        path.write_bytes(b"\xff\x00\n[1]\n" * 3 if kind == "bytes" else log_line(1).encode()[:-9])
    assert LogReader(paths).tail().lines == ()


def test_texts_without_a_path_stay_as_they_are(paths: Paths) -> None:
    cut = PathCutter(paths)
    for text in ("a / b", "BTC/USDT:USDT 1/2", "GET /api/v1/runs", "http://127.0.0.1:8050/logs", ""):
        assert cut(text) == text
