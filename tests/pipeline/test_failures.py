"""How a command ends that does not end well."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.paths import Paths
from pipeline import health
from pipeline.machine import Machine
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS
from tests.pipeline.conftest import Invoke, environment, only_run


@pytest.mark.parametrize("error", [KeyError("surprise"), ZeroDivisionError("surprise"), RecursionError("surprise\nin two lines")])
def test_surprise_is_one_line_and_its_trace_is_in_the_log(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.commands.runs.list_runs", fail)
    ended = invoke("runs")
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith(f"unexpected error: {type(error).__name__}: ")
    assert "error.log" in ended.err
    (line,) = (tmp_path / "logs" / "error.log").read_text().splitlines()
    assert "Traceback" in json.loads(line)["trace"]


def test_expected_error_leaves_its_trace_in_the_log_too(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("show", "nosuch").code == 2
    assert "RunNotFoundError" in (tmp_path / "logs" / "error.log").read_text()


def test_log_that_cannot_be_written_is_said(invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object) -> None:
        raise ValueError("surprise")

    (tmp_path / "logs").write_text("a file in the way")
    monkeypatch.setattr("pipeline.commands.runs.list_runs", fail)
    ended = invoke("runs")
    assert ended.code == 1
    assert "The trace could not be written" in ended.err


def test_doctor_says_which_keys_are_set_and_never_their_values(invoke: Invoke, paths: Paths) -> None:
    paths.config.mkdir()
    env = paths.config / ".env"
    env.write_text("BINANCE_API_KEY=very-secret\nBINANCE_API_SECRET=very-secret-too\nDELTA_API_KEY=half\n")
    env.chmod(0o644)
    ended = invoke("doctor")
    assert ended.code == 0
    assert "very-secret" not in ended.text
    assert "chmod 600" in ended.out
    assert "only partly set: DELTA_API_SECRET missing" in ended.out
    for venue, works in (("BINANCEUSDM", "everything"), ("DELTA", "public candles"), ("ZERODHA", "nothing"), ("DHAN", "nothing")):
        assert re.search(rf"{venue} keys .*what works: {works}", ended.out)


@pytest.mark.parametrize(
    ("name", "installed", "told"),
    [
        (None, (), "none found; not needed"),
        ("NVIDIA H200", (), "NVIDIA H200; searches could use it with cupy-cuda12x and numba-cuda (requirements-gpu.txt); optional"),
        ("NVIDIA H200", ("cupy-cuda12x",), "NVIDIA H200; searches could use it with numba-cuda (requirements-gpu.txt); optional"),
        ("NVIDIA H200", ("cupy-cuda12x", "numba-cuda"), "NVIDIA H200; searches use it where optimization.gpu is on; optional"),
    ],
)
def test_doctor_says_what_is_missing_to_use_the_gpu(
    name: str | None, installed: tuple[str, ...], told: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "inspect_machine", lambda: Machine(2, 2**34, 2**33, name, None))
    monkeypatch.setattr(health, "installed_version", lambda package: "1" if package in installed else None)
    (found,) = [finding for finding in health.examine(paths) if finding.subject == "GPU"]
    assert (found.state, found.text) == ("ok", told)


def test_doctor_looks_at_the_addresses_without_using_them(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_BASE_URL", "https://mirror.example")
    assert "https://mirror.example, instead of https://data-api.binance.vision" in invoke("doctor").out
    monkeypatch.setenv("BINANCE_BASE_URL", "http://mirror.example")
    ended = invoke("doctor")
    assert ended.code == 1
    assert "BINANCE address" in ended.out


def test_doctor_says_that_the_file_of_keys_cannot_be_read(invoke: Invoke, paths: Paths) -> None:
    paths.config.mkdir()
    (paths.config / ".env").write_bytes(b"BINANCE_API_KEY=\xff\n")
    ended = invoke("doctor")
    assert ended.code == 1
    assert "it is not UTF-8 text" in " ".join(ended.out.split())


def test_run_without_a_report_cannot_be_compared(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("backtest", "--quiet", "--start", "2024-01-01", "--end", "2024-02-01").code == 0
    run_id = only_run(tmp_path / "data")
    ended = invoke("compare", run_id, run_id)
    assert ended.code == 1
    assert f"resume {run_id}" in ended.err
    ended = invoke("explain", run_id, "0", "--optimized")
    assert ended.code == 1
    assert "has no optimized parameters yet" in ended.err


NO_FILE_LEFT = """
import resource, sys, types
import click
from core.paths import Paths
from pipeline.app import App
from pipeline.cli import COMMANDS, run_command_line
from pipeline.interrupts import Interrupts
from pipeline.lazy_group import Entry

@click.command()
def greedy():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
    open("/dev/null")

sys.modules["greedy"] = types.SimpleNamespace(greedy=greedy)
COMMANDS["greedy"] = Entry("greedy:greedy", "Use up every descriptor.")
sys.exit(run_command_line(["greedy"], App(Paths.default(), Interrupts())))
"""


def test_what_tells_of_a_failure_is_loaded_before_a_command_uses_up_every_descriptor(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_FILE_LEFT],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM_SECONDS,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("unexpected error: OSError: [Errno 24]")
    assert "The trace could not be written" in done.stderr
    assert "Traceback" not in done.stderr
