"""After the warm-up of the hardware stage no kernel is left to compile, in this process or in a worker."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS
from tests.pipeline.conftest import environment, write_settings

# What is compiled lies in the cache folder, one file per kernel and types; workers of stage 8 write theirs there too.
RUN = """
import json, os, sys
from pathlib import Path
from core.paths import Paths
from pipeline.app import App
from pipeline.cli import run_command_line
from pipeline.interrupts import Interrupts
from pipeline.stages import stage06_hardware

def compiled():
    return sorted(path.name for path in Path(os.environ["NUMBA_CACHE_DIR"]).rglob("*.nbc"))

def warm_up(*subject):
    original(*subject)
    Path(sys.argv[2]).write_text(json.dumps(compiled()))

original, stage06_hardware.warm_up = stage06_hardware.warm_up, warm_up
code = run_command_line(["run", "--config", sys.argv[1], "--quiet", "--no-serve"], App(Paths.default(), Interrupts()))
print(json.dumps(compiled()))
sys.exit(code)
"""


def test_the_hardware_stage_compiles_what_every_later_stage_runs(tmp_path: Path) -> None:
    settings, noted = write_settings(tmp_path / "small.yaml"), tmp_path / "noted.json"
    env = environment(tmp_path) | {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(settings), str(noted)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    early = json.loads(noted.read_text())
    assert any("score_curve" in name for name in early)
    assert sorted(set(json.loads(done.stdout.splitlines()[-1])) - set(early)) == []
