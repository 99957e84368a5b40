"""How many processes stage 8 uses. The result is the same for any number."""

from config import OptimizationConfig

# Workers take a few seconds to start and load what they need: below this many trials (4 ms each) one process is as fast.
MIN_TRIALS = 3_000


def choose_workers(optimization: OptimizationConfig, cores: int, windows: int) -> int:
    """Return the number of worker processes for ``windows`` searches, 1 meaning none but this process."""
    most = max(1, min(cores, windows))
    if optimization.executor == "inline":
        return 1
    if optimization.executor == "processes":
        return max(2, most) if windows > 1 else 1
    return most if windows * trials_per_search(optimization) >= MIN_TRIALS else 1


def trials_per_search(optimization: OptimizationConfig) -> int:
    """Return the trials of stages 7.1, 7.2 and 7.3 together."""
    return 2 * optimization.stage_trials() + optimization.stage_trials(timeouts=True)
