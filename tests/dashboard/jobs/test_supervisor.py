"""Who runs jobs: tells how each ended, stops one ever more firmly, and takes over what a dead one left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StorageError
from core.paths import Paths
from dashboard.jobs import supervisor
from dashboard.jobs.command import child_environment
from dashboard.jobs.outcome import run_of
from dashboard.jobs.processes import process_of
from dashboard.jobs.states import Job, JobKind, JobState, Process, Request, Status, write_status
from tests.dashboard.jobs.conftest import Bench

GONE = Process(2**22 - 3, 1.0)

ENDS = {
    "nothing wrong": ("print('fine')", JobState.FINISHED, ""),
    "an error": ("print('error: ema_fast = 90 must be below.'); raise SystemExit(2)", JobState.FAILED, "ema_fast = 90 must be below."),
    "an unknown error": ("print('unexpected error: KeyError'); raise SystemExit(1)", JobState.FAILED, "KeyError"),
    "last words": ("print('first'); print('last'); raise SystemExit(1)", JobState.FAILED, "last"),
    "no word": ("raise SystemExit(1)", JobState.FAILED, "said nothing"),
    "colours": ("print('\\x1b[31merror: red\\x1b[0m'); raise SystemExit(1)", JobState.FAILED, "red"),
    "Ctrl-C from outside": ("raise SystemExit(130)", JobState.INTERRUPTED, "from outside"),
    "killed": ("import os; os.kill(os.getpid(), 9)", JobState.INTERRUPTED, "from outside"),
}


@pytest.mark.parametrize(("code", "state", "message"), ENDS.values(), ids=ENDS)
def test_end_is_told(bench: Bench, code: str, state: JobState, message: str) -> None:
    job = bench.done(code)
    assert job.status.state is state
    assert message in job.status.message
    assert job.status.ended_ms is not None
    assert job.status.run_id is None


def waiting(job: Job, ignored: str = "") -> str:
    """Return a command that wishes for its own end and waits for it, deaf to ``ignored`` signals."""
    deaf = "".join(f"signal.signal(signal.{name}, signal.SIG_IGN);" for name in ignored.split())
    return f"import signal; {deaf} open({str(job.cancel_file)!r}, 'w').close(); signal.pause()"


@pytest.mark.parametrize(
    ("ignored", "ended_by"), [("", signal.SIGINT), ("SIGINT", signal.SIGTERM), ("SIGINT SIGTERM", signal.SIGKILL)], ids=str
)
def test_wish_to_stop_is_passed_on_ever_more_firmly(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, ignored: str, ended_by: signal.Signals
) -> None:
    last = [number for _, number in supervisor._SIGNALS].index(ended_by)
    monkeypatch.setattr(supervisor, "_SIGNALS", tuple((0.0, number) for _, number in supervisor._SIGNALS[: last + 1]))
    job = bench.submit()
    monkeypatch.setattr(supervisor, "command_line", lambda request: [sys.executable, "-I", "-S", "-c", waiting(job, ignored)])
    bench.work()
    status = bench.queue.job(job.id).status
    assert status.state is JobState.CANCELLED
    # Python turns SIGINT into KeyboardInterrupt and then ends itself by that very signal.
    assert status.exit_code == -ended_by


def test_command_that_cannot_start_is_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "command_line", lambda request: ["/nowhere/at/all"])
    status = bench.done("").status
    assert status.state is JobState.FAILED
    assert "could not be started" in status.message


def test_disk_that_refuses_for_a_while_loses_neither_the_command_nor_its_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([True] * 3)

    def write(folder: Path, status: Status) -> None:
        if status.process is not None and next(refusals, False):
            raise StorageError("the disk is full.")
        write_status(folder, status)

    monkeypatch.setattr(supervisor, "write_status", write)
    monkeypatch.setattr(supervisor, "_REFUSED_SECONDS", 0.0)
    job = bench.done("print('once')")
    assert job.status.state is JobState.FINISHED
    assert job.output.read_text() == "once\n"
    assert next(refusals, False) is False


def test_command_of_a_dead_supervisor_is_looked_after(bench: Bench) -> None:
    left = bench.submit()
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        write_status(left.folder, Status(JobState.RUNNING, None, 1, process=process_of(child.pid), supervisor=GONE))
        bench.queue.tend()
        assert bench.queue.job(left.id).status.state is JobState.RUNNING
        assert bench.started == [0, 0]
        assert child.stdin is not None
        child.stdin.close()
        bench.work()
    status = bench.queue.job(left.id).status
    assert status.state is JobState.INTERRUPTED
    assert status.exit_code is None


def test_run_is_the_one_whose_lock_names_the_process(paths: Paths, tmp_path: Path) -> None:
    request = Request("20250102-000000-abcd", 1, JobKind.PIPELINE, "x", (), 0)
    started = 1_735_776_000_000  # 2025-01-02 00:00
    job = Job(tmp_path, request, Status(JobState.RUNNING, started_ms=started, process=Process(4711, 0.0)))
    for name, pid in (("20250101-000000-0001", 4711), ("20250102-000001-0002", 47), ("20250102-000002-0003", 4711)):
        folder = paths.checkpoints / name
        folder.mkdir(parents=True)
        (folder / "run.lock").write_text(f"process {pid} on somewhere")
        (folder / "run.json").write_text("{}")
    assert run_of(paths, job) == "20250102-000002-0003"
    (paths.checkpoints / "20250102-000002-0003" / "run.json").unlink()
    assert run_of(paths, job) is None


def test_commands_know_nothing_of_the_dashboard(paths: Paths) -> None:
    inherited = {"DASHBOARD_TOKEN": "secret", "dashboard_cookie": "secret", "PATH": os.environ["PATH"], "PIPELINE_DATA_DIR": "elsewhere"}
    environment = child_environment(inherited, paths)
    assert "secret" not in environment.values()
    assert environment["PATH"] == os.environ["PATH"]
    assert environment["PIPELINE_DATA_DIR"] == str(paths.data)
