"""The command line as the person at this terminal has to type it."""

import os
import shlex
import sys
from pathlib import Path

from core.paths import PROJECT_ROOT

_SCRIPT = PROJECT_ROOT / "run_pipeline.py"


def command_to(*arguments: str) -> str:
    """Return the line that calls this program with ``arguments`` from the current folder, with the interpreter that runs it now."""
    return shlex.join([_interpreter(), _shown(_SCRIPT), *arguments])


def _interpreter() -> str:
    """Return ``python`` where that is this interpreter, else its path: an environment that is not activated has to be named."""
    activated = os.environ.get("VIRTUAL_ENV")
    if sys.prefix == sys.base_prefix or (activated and Path(activated) == Path(sys.prefix)):
        return "python" if sys.prefix != sys.base_prefix else Path(sys.executable).name
    return _shown(Path(sys.executable))


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
