"""Ctrl-C, SIGTERM, closed pipes, and two runs at a time."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.program import command_to
from tests.conftest import ROOT
from tests.patience import PATIENCE_SECONDS, PROGRAM_SECONDS
from tests.pipeline.conftest import Invoke, command, environment, only_run, write_settings
from tests.pipeline.digests import differing, run_digests
from tests.pipeline.watching import Progress, Reached, held

LONGER = {"optimization": {"profile": "THOROUGH", "optuna_sampler": "random", "executor": "inline"}}
PARALLEL = {"optimization": {"profile": "THOROUGH", "optuna_sampler": "random", "executor": "processes"}}


def in_the_search(_before: Progress, now: Progress) -> bool:
    return now.count("07_optimize") >= 24


def in_the_windows(_before: Progress, now: Progress) -> bool:
    return now.count("08_walkforward") >= 24


@pytest.mark.parametrize(
    ("number", "code", "reached", "changes"),
    [
        (signal.SIGINT, 130, in_the_search, LONGER),
        (signal.SIGTERM, 143, in_the_search, LONGER),
        (signal.SIGINT, 130, in_the_windows, PARALLEL),
        (signal.SIGTERM, 143, in_the_windows, PARALLEL),
    ],
    ids=["Ctrl-C in stage 7", "SIGTERM in stage 7", "Ctrl-C among workers", "SIGTERM among workers"],
)
def test_interrupted_run_says_what_is_saved_and_how_to_go_on(
    tmp_path: Path, number: int, code: int, reached: Reached, changes: dict[str, Any]
) -> None:
    settings = write_settings(tmp_path / "long.yaml", **changes)
    run = held(tmp_path, reached, "run", "--quiet", "--config", str(settings))
    returned, _, err = run.send(number)
    assert returned == code
    run_id = only_run(tmp_path / "data")
    said = re.search(r"Interrupted\. Saved: (\d+) of 10 stages, ([\d,]+) trials\. Continue with: (.+)", err)
    assert said is not None, err
    assert int(said[2].replace(",", "")) >= 24 - 8, "the batch that was seen may still have been waiting for its sync"
    assert said[3] == command_to("resume", run_id)
    assert "Traceback" not in err


def test_workers_end_with_an_interrupted_run(tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "long.yaml", **PARALLEL)
    run = held(tmp_path, in_the_windows, "run", "--quiet", "--config", str(settings))
    workers = [child for child in psutil.Process(run.process.pid).children() if "spawn_main" in " ".join(child.cmdline())]
    assert len(workers) == 2
    run.send(signal.SIGINT)
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE_SECONDS)
    assert not alive


def test_second_ctrl_c_ends_at_once_and_says_the_same(tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "long.yaml", **PARALLEL)
    run = held(tmp_path, in_the_windows, "run", "--quiet", "--config", str(settings))
    run.signal(signal.SIGINT)
    code, _, err = run.send(signal.SIGINT)
    assert code == 130
    assert f"resume {only_run(tmp_path / 'data')}" in err
    assert "Traceback" not in err


def test_interrupted_and_resumed_run_has_the_same_bytes(finished_root: Path, tmp_path: Path, invoke: Invoke) -> None:
    settings = write_settings(tmp_path / "small.yaml")
    run = held(tmp_path, in_the_windows, "run", "--quiet", "--config", str(settings), "--set", "optimization.executor=inline")
    assert run.send(signal.SIGINT)[0] == 130
    assert invoke("resume", "--quiet").code == 0
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (finished_root, tmp_path))
    assert differing(first, second) == []


def test_second_process_on_the_same_run_is_refused(tmp_path: Path, invoke: Invoke) -> None:
    settings = write_settings(tmp_path / "long.yaml", **LONGER)
    run = held(tmp_path, in_the_search, "run", "--quiet", "--config", str(settings))
    ended = invoke("resume")
    assert ended.code == 1
    assert f"is being worked on by process {run.process.pid}" in ended.err
    assert "A process is working on it" in invoke("show", only_run(tmp_path / "data")).out
    run.kill()


def test_two_runs_at_once_do_not_disturb_each_other(finished_root: Path, tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "small.yaml")
    arguments = command("run", "--quiet", "--config", str(settings))
    both = [
        subprocess.Popen(arguments, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    endings = [(process.communicate(timeout=PROGRAM_SECONDS), process.returncode) for process in both]
    assert [code for _, code in endings] == [0, 0], endings
    ids = sorted(path.name for path in (tmp_path / "data" / "checkpoints").iterdir())
    assert len(ids) == 2
    alone = run_digests(finished_root / "data", only_run(finished_root / "data"))
    assert [differing(run_digests(tmp_path / "data", run_id), alone) for run_id in ids] == [[], []]


NEVER_CLOSED = """
import sys, threading
from dashboard.server import DashboardServer
from pipeline import interrupts
from pipeline.cli import main

DashboardServer.close = lambda server: threading.Event().wait()
interrupts.CLEANUP_SECONDS = 0.1
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_dashboard_whose_clean_up_does_not_end_has_ended_as_any_other(tmp_path: Path, number: int, code: int) -> None:
    arguments = [sys.executable, "-c", NEVER_CLOSED, "dashboard", "--no-open", "--port", "0"]
    with subprocess.Popen(arguments, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert any("/sign-in?token=" in line for line in run.stdout)
        run.send_signal(number)
        _, err = run.communicate()
    assert (run.returncode, err) == (code, "\nDashboard stopped.\n")


def test_reader_that_goes_away_ends_the_program_quietly(finished_root: Path) -> None:
    arguments = command("show", only_run(finished_root / "data"), "--all")
    with subprocess.Popen(arguments, env=environment(finished_root), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(timeout=PATIENCE_SECONDS)
    assert (code, err) == (141, "")


def test_help_into_a_closed_pipe_ends_quietly() -> None:
    with subprocess.Popen(command("--help"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(timeout=PATIENCE_SECONDS)
    assert (code, err) == (141, "")


def test_closed_standard_output_is_no_trouble(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *command("doctor")], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
