"""Running an official client, in the environment that has it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from core.candles import Candles
from tests.conftest import ROOT, missing
from tests.fakes.bars import Bar
from tests.patience import PROGRAM_SECONDS

SCRIPT = Path(__file__).with_name("read_candles.py")


def certify_python() -> Path:
    """Return the interpreter that has the official clients: the one named in CERTIFY_PYTHON, or that of .venv-certify."""
    path = Path(os.environ.get("CERTIFY_PYTHON") or ROOT / ".venv-certify" / "bin" / "python")
    if not path.is_file():
        missing(
            "no official clients: make .venv-certify (tests/certification/requirements.txt says how), or name a python in CERTIFY_PYTHON"
        )
    return path


def read(client: str, url: str, questions: dict[str, Any]) -> list[list[list[float]]]:
    """Return the rows that ``client`` reads from the venue at ``url``, one list for each of the questions' series."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    run = subprocess.run(
        [certify_python(), SCRIPT, client, url],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        env=environment,
        timeout=PROGRAM_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"{client}: {run.stderr[-2000:]}"
    rows: list[list[list[float]]] = json.loads(run.stdout)
    return rows


def assert_same(candles: Candles, rows: list[list[float]], *, volume_unit: float = 1.0) -> None:
    """Check that ``rows`` are ``candles`` to the last bit; a client's volume is in units of ``volume_unit`` of the base."""
    read_rows = np.array(rows, np.float64)
    np.testing.assert_array_equal(read_rows[:, 0].astype(np.int64), candles.open_ms)
    for column, name in enumerate(("open", "high", "low", "close"), 1):
        np.testing.assert_array_equal(read_rows[:, column], getattr(candles, name))
    np.testing.assert_array_equal(read_rows[:, 5] * volume_unit, candles.volume)


def random_bars(rng: np.random.Generator, opens_ms: list[int]) -> list[Bar]:
    """Return bars with random prices of two decimals at a random level; some of ``opens_ms``, at least one, are left out."""
    kept = rng.random(len(opens_ms)) < rng.uniform(0.5, 1.0)
    kept[int(rng.integers(len(opens_ms)))] = True
    level = 10.0 ** rng.uniform(0, 5)
    bars: list[Bar] = []
    for open_ms, keep in zip(opens_ms, kept, strict=True):
        low, one, other, high = (max(round(float(price), 2), 0.01) for price in np.sort(level * rng.uniform(0.9, 1.1, 4)))
        open_, close = (one, other) if rng.random() < 0.5 else (other, one)
        if keep:
            bars.append((open_ms, open_, high, low, close, float(rng.integers(0, 10**9))))
    return bars
