"""Small runs, and two ways of calling the command line: in this process, and as a user would."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.logs import release_logging
from core.paths import Paths
from pipeline.app import App
from pipeline.cli import run_command_line
from pipeline.interrupts import Interrupts
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS

# 100 days of hourly candles, two windows, few trials: a whole run in a second or two.
SMALL: dict[str, Any] = {
    "exchange": "SIMULATED",
    "symbol": "BTCUSDT",
    "timeframe": "1h",
    "start": "2024-01-01",
    "end": "2024-04-10",
    "strategy": {"rsi_long_threshold": 45, "rsi_short_threshold": 55, "ema_trend": 100},
    "optimization": {"profile": "FAST", "optuna_sampler": "random"},
    "walkforward": {"is_length_days": 40, "oos_length_days": 20, "stride_days": 30},
    "significance": {"resamples": 100, "permutations": 3, "walkforward_permutations": 2, "overfitting_blocks": 4},
}

Invoke = Callable[..., "Ended"]


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@pytest.fixture(autouse=True)
def wide_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give tables room: parallel test workers say that their terminal is 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture(autouse=True)
def closed_logs() -> Iterator[None]:
    """Close the log files that a command opened: they lie in a test's own folder."""
    yield
    release_logging()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


@pytest.fixture
def app(paths: Paths) -> App:
    return App(paths, Interrupts())


@pytest.fixture
def invoke(app: App, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Return a function that runs a command in this process, in folders of the test's own."""

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_command_line(arguments, app)
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return call


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a user whose data and logs lie under ``root``."""
    own = {"PIPELINE_DATA_DIR": str(root / "data"), "PIPELINE_LOGS_DIR": str(root / "logs"), "COLUMNS": "140"}
    return {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"} | own


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "run_pipeline.py"), *arguments]


@pytest.fixture
def execute(tmp_path: Path) -> Invoke:
    """Return a function that runs a command as a process of its own."""

    def call(*arguments: str, **options: Any) -> Ended:
        env = environment(tmp_path) | options.pop("env", {})
        done = subprocess.run(
            command(*arguments),
            capture_output=True,
            text=True,
            timeout=PROGRAM_SECONDS,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
            **options,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


def write_settings(path: Path, **changes: Any) -> Path:
    """Write a run file with the small settings and ``changes`` over them."""
    path.write_text(yaml.safe_dump(SMALL | changes), encoding="utf8")
    return path


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    return write_settings(tmp_path / "small.yaml")


def only_run(data: Path) -> str:
    """Return the id of the one run in ``data``."""
    (run,) = sorted((data / "checkpoints").iterdir())
    return run.name


@pytest.fixture(scope="session")
def finished_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one finished small run, which tests only read."""
    root = tmp_path_factory.mktemp("finished")
    settings = write_settings(root / "small.yaml")
    code = run_command_line(["run", "--config", str(settings), "--quiet", "--no-serve"], App(Paths.under(root), Interrupts()))
    release_logging()
    assert code == 0
    return root


@pytest.fixture
def finished(finished_root: Path, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Return a function that runs commands on the finished run."""

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_command_line(arguments, App(Paths.under(finished_root), Interrupts()))
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return call
