"""Linear algebra sums in another order with another number of threads; no count of trials may show that."""

import os
import subprocess
import sys

from tests.conftest import ROOT

COUNTS = """
import numpy as np
from core.canonical_json import dumps
from walkforward.significance.clusters import Clusters
from walkforward.significance.effective_trials import effective_trials

generator = np.random.Generator(np.random.PCG64(8))
trials = 343
matrix = generator.normal(size=(366, 9)) @ generator.normal(size=(9, trials)) + 0.1 * generator.normal(size=(366, trials))
clusters = Clusters(np.arange(trials), np.arange(trials))
print(dumps(effective_trials(matrix.round(6), 350, clusters).as_dict()))
"""


def counts(threads: int) -> str:
    environment = os.environ | {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")}
    return subprocess.run([sys.executable, "-c", COUNTS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_one_and_two_threads_count_the_same() -> None:
    assert counts(1) == counts(2) != ""
