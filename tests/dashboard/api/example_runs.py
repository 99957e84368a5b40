"""Examples of operations, run as programs of their own against a real server."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Flask

from dashboard.api.document import openapi_document
from dashboard.api.examples import python_example
from tests.conftest import ROOT
from tests.dashboard.conftest import serving
from tests.patience import PROGRAM_SECONDS

TOKEN = "a-token-of-a-test-that-is-long-enough"
_DRIVER = """
import contextlib, io, runpy, sys
for name in sys.argv[1:]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(name)
    except Exception as error:
        print(name.rsplit("/", 1)[-1], type(error).__name__, error)
    else:
        print(name.rsplit("/", 1)[-1], "ok" if printed.getvalue().strip() else "nothing printed")
"""

Operation = tuple[str, str]


def run_examples(app: Flask, folder: Path, operations: Sequence[Operation], values: Mapping[str, str]) -> dict[str, str]:
    """Run the examples of ``operations`` (address, method) in this order, all in one process; return what became of each: ``ok``."""
    document = openapi_document(app)
    with serving(app) as server:
        files = []
        for number, (path, method) in enumerate(operations):
            file = folder / f"{number:02d} {method} {path.replace('/', '+')}".replace(" ", "_")
            file.write_text(python_example(document, path, method, server.address.rstrip("/"), values))
            files.append(str(file))
        environment = {"PATH": os.environ["PATH"], "DASHBOARD_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", _DRIVER, *files]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())
