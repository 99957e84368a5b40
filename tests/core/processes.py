"""Python programs run by tests in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS


def run_python(program: str, *arguments: str | Path, **environment: str) -> str:
    """Run ``program`` from the root of the repository and return what it prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def start_python(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start ``program`` with pipes on its input and output."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run_long(program: str, *arguments: str | Path) -> str:
    """Run ``program``, which starts processes of its own and may take minutes on a busy machine, and return what it prints."""
    with start_python(program, *arguments) as process:
        printed, _ = process.communicate(timeout=PROGRAM_SECONDS)
    assert process.returncode == 0
    return printed.strip()
