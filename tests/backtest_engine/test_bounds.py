"""No kernel reads or writes beyond an array: a build with bounds checks runs everything that indexes."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from strategies import indicators
from strategies.jit import kernel_sources_hash
from tests.backtest_engine.checked_bounds import PLANTED
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS


def run_checked(cases: int, batches: int) -> dict[str, Any]:
    """Run ``checked_bounds`` in a process that compiles bounds checks in; its errors, whole, are those of the test."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"} | {"NUMBA_BOUNDSCHECK": "1"}
    command = [sys.executable, "-m", "tests.backtest_engine.checked_bounds", str(cases), str(batches)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_kernel_goes_beyond_an_array_and_planted_accesses_that_do_are_caught() -> None:
    found = run_checked(cases=60, batches=6)
    assert found["caught"] == list(PLANTED)
    assert found["folder"] == kernel_sources_hash() + "-checked", "checked machine code lies with the unchecked"
    assert (found["cases"], found["indicators"]) == (60, len(indicators.__all__))
    assert found["signals"] > 500


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_kernel_goes_beyond_an_array_in_two_thousand_random_cases() -> None:
    assert run_checked(cases=2_000, batches=60)["cases"] == 2_000
