"""What is watched: runs, their trials, logs and jobs; whatever lies in the folders, one look costs little and never fails."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from core.atomic_files import write_bytes
from core.checked_log import encode_line
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from dashboard.events.hub import Event
from dashboard.events.jobs_source import JobsSource
from dashboard.events.logs_source import LogsSource
from dashboard.events.runs_source import RunsSource
from dashboard.events.trials_source import TrialsSource
from dashboard.jobs.queue import JobQueue, Limits, Order
from dashboard.jobs.states import JobKind
from dashboard.reading.small_files import Tail

RUN = "20250101-000000-abcd"


def say(run: RunFolder, **content: Any) -> None:
    write_bytes(run.checkpoints / "progress.json", json.dumps({"state": "running", "stage": 7} | content).encode())


def told(events: list[Event]) -> list[tuple[str, Any]]:
    return [(event.kind, event.data.get("state") if event.kind == "run" else event.data.get("done")) for event in events]


@pytest.fixture
def run(paths: Paths) -> RunFolder:
    run = RunFolder(paths, RUN)
    run.checkpoints.mkdir(parents=True)
    return run


def test_progress_of_a_run_is_told_and_its_stages_apart(paths: Paths, run: RunFolder) -> None:
    source = RunsSource(paths)
    with RunLock(run.checkpoints):
        say(run, done=1)
        source.prime()
        assert source.poll() == []
        say(run, done=2)
        assert told(source.poll()) == [("progress", 2)]
        say(run, done=0, stage=8)
        assert told(source.poll()) == [("progress", 0), ("run", "running")]
        assert source.live == {RUN: 8}
        say(run, done=9, stage=8, state="finished")
        assert told(source.poll()) == [("progress", 9)]
        assert source.live == {}
        assert source.poll() == []
    assert told(source.poll()) == [("run", "finished")]
    assert [source.poll() for _ in range(4)] == [[]] * 4


def test_end_is_not_told_of_a_run_that_goes_on(paths: Paths, run: RunFolder) -> None:
    source = RunsSource(paths)
    with RunLock(run.checkpoints):
        say(run)
        source.prime()
        say(run, state="stopped")
        assert told(source.poll()) == [("progress", None)]
        say(run, stage=8)
        assert told(source.poll()) == [("progress", None), ("run", "running")]
    assert ("run", "stopped") in told([event for _ in range(4) for event in source.poll()])


def test_killed_run_is_told_although_it_said_nothing(paths: Paths, run: RunFolder) -> None:
    source = RunsSource(paths)
    with RunLock(run.checkpoints):
        say(run)
        source.prime()
        assert source.live == {RUN: 7}
    assert [told(source.poll()) for _ in range(4)][-1] == [("run", "stopped")]
    assert [source.poll() for _ in range(4)] == [[]] * 4


def test_runs_that_come_and_go_are_told(paths: Paths, run: RunFolder) -> None:
    source = RunsSource(paths)
    source.prime()
    (paths.checkpoints / "20250102-000000-0001").mkdir()
    assert told(source.poll()) == [("run", "new")]
    (paths.checkpoints / "20250102-000000-0001").rmdir()
    assert told(source.poll()) == [("run", "removed")]


STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "torn": b'{"state": "run',
    "a list": b"[]",
    "other kinds": b'{"state": 5, "stage": "x", "done": []}',
    "deep": b"[" * 30_000,
    "bytes": b"\xff\xfe\x00",
    "huge": b'{"state": "running", "note": "' + b"x" * 70_000 + b'"}',
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_progress_that_is_none_is_passed_over(paths: Paths, run: RunFolder, content: bytes) -> None:
    source = RunsSource(paths)
    source.prime()
    (run.checkpoints / "progress.json").write_bytes(content)
    assert source.poll() == []


def test_pipes_and_links_are_never_opened(paths: Paths, run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('{"state": "running"}')
    (run.checkpoints / "progress.json").symlink_to(tmp_path / "outside.json")
    other = paths.checkpoints / "20250102-000000-0001"
    other.mkdir()
    os.mkfifo(other / "progress.json")
    (paths.checkpoints / "20250103-000000-0001").symlink_to(tmp_path)
    source = RunsSource(paths)
    source.prime()
    assert source.poll() == []
    assert source.live == {}


def trial(number: int, state: str = "complete") -> bytes:
    return encode_line({"trial": number, "stage": "7.1", "window": None, "state": state, "scores": [0.5, number], "params": {"a": 1}})


def test_newest_trial_of_a_ledger_stands_for_those_with_it(paths: Paths, run: RunFolder) -> None:
    runs = RunsSource(paths)
    source = TrialsSource(paths, runs)
    ledger = run.checkpoints / "07_optimize" / "simulated_btcusdt_1h" / "7.1.trials.log"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(encode_line({"study": {"trials": 9}}) + trial(0))
    with RunLock(run.checkpoints):
        say(run)
        runs.prime()
        source.prime()
        with ledger.open("ab") as stream:
            stream.write(trial(1) + trial(2) + trial(3)[:20])
        events = source.poll()
        assert [(event.kind, event.run_id, event.data["trial"], event.data["added"]) for event in events] == [("trial", RUN, 2, 2)]
        assert events[0].data["market"] == "simulated_btcusdt_1h"
        assert events[0].data["score"] == 2
        with ledger.open("ab") as stream:
            stream.write(trial(3)[20:])
        assert [event.data["trial"] for event in source.poll()] == [3]
        assert source.poll() == []


def log_line(message: str, **more: Any) -> str:
    return json.dumps({"time": "2025-01-01T00:00:00.000+00:00", "level": "INFO", "logger": "pipeline.runner", "message": message} | more)


def test_new_lines_of_logs_are_told_through_a_rotation(paths: Paths) -> None:
    paths.logs.mkdir(parents=True)
    log = paths.logs / "pipeline.log"
    log.write_text(log_line("old") + "\n")
    source = LogsSource(paths)
    source.prime()
    with log.open("a") as stream:
        stream.write(log_line("new", trace="secret") + "\nno JSON\n" + log_line("half"))
    events = source.poll()
    assert [(event.data["message"], event.data["package"]) for event in events] == [("new", "pipeline")]
    assert "trace" not in events[0].data
    log.rename(paths.logs / "pipeline.log.1")
    log.write_text(log_line("after") + "\n")
    assert [event.data["message"] for event in source.poll()] == ["after"]


def test_flood_of_lines_is_cut_and_says_so(paths: Paths) -> None:
    paths.logs.mkdir(parents=True)
    source = LogsSource(paths)
    source.prime()
    (paths.logs / "core.log").write_text("".join(log_line(str(number)) + "\n" for number in range(150)))
    events = source.poll()
    assert events[0].data == {"left_out": 50}
    assert [event.data["message"] for event in events[1:]] == [str(number) for number in range(50, 150)]


def test_paths_of_the_machine_are_not_told(paths: Paths) -> None:
    paths.logs.mkdir(parents=True)
    source = LogsSource(paths)
    source.prime()
    (paths.logs / "core.log").write_text(log_line(f"cannot read {paths.data}/x.json and {Path('/usr/lib/thing/y.so')}") + "\n")
    assert [event.data["message"] for event in source.poll()] == ["cannot read data/x.json and …/y.so"]


def test_states_and_output_of_jobs_are_told(paths: Paths) -> None:
    queue = JobQueue(paths, Limits(), lambda slot: None)
    source = JobsSource(paths, lambda: None)
    source.prime()
    job = queue.submit(Order(JobKind.BACKTEST, "what", ("backtest",)))
    assert [(event.kind, event.data["id"], event.data["state"]) for event in source.poll()] == [("job", job.id, "queued")]
    job.output.write_text("a line\n")
    assert [(event.kind, event.data) for event in source.poll()] == [("log", {"job": job.id, "bytes": 7})]
    queue.cancel(job.id)
    assert [event.data["state"] for event in source.poll()] == ["cancelled"]
    assert source.poll() == []
    queue.submit(Order(JobKind.BACKTEST, f"{paths.data}/mine.parquet", ("backtest",)))
    assert [event.data["label"] for event in source.poll()] == ["data/mine.parquet"], "no path of the machine is told"


def test_tail_of_a_large_growth_is_its_end(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    tail = Tail(file, from_the_end=True)
    file.write_bytes(b"".join(b"%06d\n" % number for number in range(1000)))
    lines = tail.lines(700)
    assert lines[-1] == b"000999"
    assert len(lines) == 99
    assert tail.lines() == []
