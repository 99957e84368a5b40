"""What every test shares: where outside things are, and walls around the repository's own data."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run: a red test is red for everyone, and a green one is not luck.
settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True, database=None)
settings.load_profile("suite")

# The simulator and every package that can run it.
ENGINE_USERS = ("backtest_engine", "optimization", "walkforward", "reporting", "dashboard", "pipeline", "run_pipeline")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def pytest_configure() -> None:
    """Let Ctrl-C arrive: a shell that starts this in the background has it ignored, here and in every program that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def missing(what: str) -> NoReturn:
    """Skip the test that needs ``what``; on a build server, where nothing may be missing, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (CI=true: nothing is skipped)")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real market data beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing("no real market data: the folder ../shared/data, beside the repository, is absent")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium or Chrome that tests may drive."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        path = shutil.which(name)
        if path:
            return path
    missing("no browser: install one (Debian: apt install chromium), or name its path in CHROMIUM")


@pytest.fixture(scope="session", autouse=True)
def session_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what fixtures of a whole session write out of the repository's data/ and logs/."""
    folder = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIPELINE_DATA_DIR", str(folder / "data"))
        patch.setenv("PIPELINE_LOGS_DIR", str(folder / "logs"))
        yield


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a data/ and logs/ of its own, so that none finds what another left or writes into the repository's."""
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PIPELINE_LOGS_DIR", str(tmp_path / "logs"))


@pytest.fixture(scope="session", autouse=True)
def checked_backtests() -> Iterator[None]:
    """Check the laws of ``tests/invariants.py`` after every backtest of the suite that runs in this process.

    Test modules are imported before the first fixture, so that a session none of whose modules can run the engine is told by what is
    loaded, and need not wait for the engine's import.
    """
    if not any(name in sys.modules for name in ENGINE_USERS):
        yield
        return
    simulation_class = import_module("backtest_engine").Simulation
    assert_result_invariants = import_module("tests.invariants").assert_result_invariants
    result = simulation_class.result

    @wraps(result)
    def checked_result(simulation: Any) -> Any:
        found = result(simulation)
        assert_result_invariants(simulation, found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation_class, "result", checked_result)
        yield
