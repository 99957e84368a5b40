"""The command line answers at once and helps who mistypes."""

import subprocess
import sys
from collections.abc import Mapping

import pytest

from pipeline.cli import COMMANDS
from pipeline.commands.data.group import COMMANDS as DATA_COMMANDS
from pipeline.lazy_group import Entry
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS
from tests.pipeline.conftest import Invoke

HEAVY = ("numpy", "polars", "optuna", "flask", "ray", "numba", "pandas", "plotly", "rich", "questionary", "pydantic")


@pytest.mark.parametrize(("arguments", "names"), [(["--help"], COMMANDS), (["data", "--help"], DATA_COMMANDS)], ids=["all", "data"])
def test_help_loads_nothing_heavy(arguments: list[str], names: Mapping[str, Entry]) -> None:
    program = (
        "import sys; from pipeline.app import App; from pipeline.cli import run_command_line; from pipeline.interrupts import Interrupts; "
        f"from core.paths import Paths; code = run_command_line({arguments!r}, App(Paths.default(), Interrupts())); "
        f"sys.exit(code or ','.join(name for name in {HEAVY!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in names)


def test_every_command_has_help_of_its_own(invoke: Invoke) -> None:
    for name in COMMANDS:
        ended = invoke(name, "--help")
        assert ended.code == 0
        assert ended.out.startswith(f"Usage: run_pipeline.py {name}")


def test_every_data_command_has_help_of_its_own(invoke: Invoke) -> None:
    for name in DATA_COMMANDS:
        ended = invoke("data", name, "--help")
        assert ended.code == 0
        assert ended.out.startswith(f"Usage: run_pipeline.py data {name}")


def test_data_alone_shows_its_commands_and_the_code_is_2(invoke: Invoke) -> None:
    ended = invoke("data")
    assert ended.code == 2
    assert all(f"  {name} " in ended.err for name in DATA_COMMANDS)


def test_unknown_data_command_offers_the_nearest(invoke: Invoke) -> None:
    ended = invoke("data", "ftech")
    assert ended.code == 2
    assert "Did you mean 'fetch'?" in ended.err


def test_what_is_not_built_is_not_advertised(invoke: Invoke) -> None:
    text = invoke("--help").out.split("Commands:")[1].split("Exit codes")[0]
    advertised = {line.split()[0] for line in text.splitlines() if line.strip() and line.startswith("  ") and not line.startswith("   ")}
    assert advertised == set(COMMANDS)


def test_unknown_command_offers_the_nearest(invoke: Invoke) -> None:
    ended = invoke("rnu")
    assert ended.code == 2
    assert "Did you mean 'run'?" in ended.err


def test_unknown_option_offers_the_nearest(invoke: Invoke) -> None:
    ended = invoke("run", "--confg", "x.yaml")
    assert ended.code == 2
    assert "--config" in ended.err


def test_without_command_and_terminal_help_is_shown_and_the_code_is_2(execute: Invoke) -> None:
    ended = execute()
    assert ended.code == 2
    assert "Usage:" in ended.err
