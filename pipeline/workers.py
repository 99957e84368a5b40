"""Which executor computes the studies of stages 7 and 8, and why. The result is the same for any."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from config import OptimizationConfig, SignificanceConfig
from walkforward.permutations import CHUNK, WINDOW_SHARE

# From nothing to the first study, measured on two cores (see docs/scaling.md): loading libraries and kernels, and for Ray its own services.
START_SECONDS = {"processes": 2.5, "ray": 9.0}
# What the sampler costs for one trial; measured at 150 trials, gp at 50. Without a study it costs next to nothing.
SAMPLER_SECONDS = {
    "tpe": 0.0002,
    "gp": 0.3,
    "cmaes": 0.001,
    "nsga2": 0.001,
    "nsga3": 0.001,
    "qmc": 0.0001,
    "random": 0.0001,
    "grid": 0.0001,
}

# For several objectives "tpe" is Optuna's own.
OPTUNA_TPE_SECONDS = 0.004
# What every trial costs beside sampler and kernel: its record and the calls; and every batch, which is synced to the disk.
RECORD_SECONDS = 0.0005
BATCH_SECONDS = 0.003

# The statistics of one market, beside the shuffled histories: a year of days and 350 trials.
EVIDENCE_SECONDS = 3.0

ExecutorName = Literal["inline", "processes", "ray"]


@dataclass(frozen=True, slots=True)
class MarketLoad:
    """The work that one market brings: its ``bars``, and its ``windows`` with ``window_bars`` in sample each."""

    bars: int
    windows: int
    window_bars: int


@dataclass(frozen=True, slots=True)
class Load:
    """The estimated seconds of all studies on one core: ``search`` for stage 7, one study a market, ``windows`` for stage 8.

    ``evidence`` counts the studies of the statistics after the windows, most of them a handful of shuffled histories.
    """

    markets: int
    windows: int
    search_seconds: float
    window_seconds: float
    evidence: int = 0
    evidence_seconds: float = 0.0

    @classmethod
    def of(
        cls,
        optimization: OptimizationConfig,
        markets: Sequence[MarketLoad],
        bars_per_second: float,
        significance: SignificanceConfig | None = None,
    ) -> "Load":
        """Return the load of ``markets`` at the measured speed of batches; without ``significance`` nothing is asked of luck."""
        windows = optimization.in_windows()
        trials, each = trials_per_search(optimization), seconds_beside_bars(optimization)
        window_trials, window_each = trials_per_search(windows), seconds_beside_bars(windows)
        return cls(
            len(markets),
            sum(market.windows for market in markets),
            sum(trials * (market.bars / bars_per_second + each) for market in markets),
            sum(window_trials * market.windows * (market.window_bars / bars_per_second + window_each) for market in markets),
            *_evidence(trials, [market for market in markets if market.windows], bars_per_second, significance),
        )

    @property
    def studies(self) -> int:
        """The most studies that wait at one time."""
        return max(self.markets, self.windows, self.evidence)

    def seconds(self, workers: int) -> float:
        """Return the estimated seconds of stages 7 and 8 with so many workers: each stage has whole studies to give them."""
        stages = ((self.markets, self.search_seconds), (self.windows, self.window_seconds), (self.evidence, self.evidence_seconds))
        return sum(seconds / count * -(-count // workers) for count, seconds in stages if count)


def _evidence(trials: int, markets: Sequence[MarketLoad], bars_per_second: float, asked: SignificanceConfig | None) -> tuple[int, float]:
    """Return how many studies the evidence of ``markets``, which have windows, comes in, and how many seconds they take."""
    if asked is None:
        return 0, 0.0
    counts = (asked.permutations, asked.walkforward_permutations)
    studies = 1 + sum(len(range(0, count + 1, CHUNK)) for count in counts if count)
    seconds = EVIDENCE_SECONDS * len(markets)
    for market in markets:
        searched = (market.bars, WINDOW_SHARE * market.windows * market.window_bars)
        seconds += sum(count * trials * bars / bars_per_second for count, bars in zip(counts, searched, strict=True))
    return studies * len(markets), seconds


@dataclass(frozen=True, slots=True)
class Choice:
    """What computes: the executor's name, its workers (1: this process), the reason in words, and whether the user insists on it.

    ``wary``: trials of this run have ended their processes before.
    """

    executor: ExecutorName
    workers: int
    reason: str
    insisted: bool = False
    wary: bool = False

    @classmethod
    def rescue(cls, workers: int, *, wary: bool = False) -> "Choice":
        """Return the choice for a run whose trials may end the process they run in: every study in a worker, a single one too."""
        return cls("processes", workers, "the program may not outlive a trial", insisted=True, wary=wary)

    def for_studies(self, count: int) -> ExecutorName:
        """Return what computes so many studies at once: a single one needs no worker, unless the user insists on one."""
        return "inline" if count < 2 and not self.insisted else self.executor


def choose_executor(optimization: OptimizationConfig, cores: int, load: Load, *, ray: bool, gpu: bool = False) -> Choice:
    """Return what computes ``load`` on ``cores`` cores; ``ray``: it is installed, ``gpu``: a device screens trials."""
    most = max(1, min(cores, load.studies))
    if optimization.executor == "inline":
        return Choice("inline", 1, "as the settings say", insisted=True)
    if optimization.executor == "ray":
        return Choice("ray", max(2, most), "as the settings say", insisted=True)
    if optimization.executor == "processes":
        return Choice("processes", max(2, most), "as the settings say", insisted=True)
    return _cheapest(optimization, load, most, ray=ray, gpu=gpu)


def choose_for_evidence(choice: Choice, optimization: OptimizationConfig, cores: int, load: Load) -> Choice:
    """Return what computes the evidence of ``load`` in a run whose searches are computed by ``choice``.

    The same, unless that is this process for a reason that holds for searches alone, such as a GPU that it drives.
    """
    if choice.executor != "inline" or choice.insisted:
        return choice
    return choose_executor(optimization, cores, Load(0, 0, 0.0, 0.0, load.evidence, load.evidence_seconds), ray=False)


def _cheapest(optimization: OptimizationConfig, load: Load, most: int, *, ray: bool, gpu: bool) -> Choice:
    if gpu:
        return Choice("inline", 1, "one process drives the GPU")
    if load.studies < 2:
        return Choice("inline", 1, "there is one study, and studies are what is shared out")
    alone = load.seconds(1)
    clustered = optimization.ray_address is not None
    several = load.markets > 1 and load.windows > 0
    names: list[ExecutorName] = [*(["ray"] if ray and (clustered or several) else []), "processes"]  # type: ignore[list-item]
    for name in names:
        workers = most if not (clustered and name == "ray") else load.studies
        shared = load.seconds(workers) + START_SECONDS[name]
        if shared < alone and workers > 1:
            said = (
                f"an estimated {shared:.0f} s, its start of {START_SECONDS[name]:.0f} s included, instead of {alone:.0f} s in one process"
            )
            return Choice(name, workers, said)
    if most == 1:
        return Choice("inline", 1, "there is one core")
    return Choice("inline", 1, f"an estimated {alone:.0f} s in one process are too few for the start of workers to pay")


def seconds_beside_bars(optimization: OptimizationConfig) -> float:
    """Return what a trial costs in a search by ``optimization``, however short its series is."""
    optuna = optimization.optuna_sampler == "tpe" and len(optimization.objectives) > 1
    sampler = OPTUNA_TPE_SECONDS if optuna else SAMPLER_SECONDS[optimization.optuna_sampler]
    return sampler + RECORD_SECONDS + BATCH_SECONDS / optimization.batch


def trials_per_search(optimization: OptimizationConfig) -> int:
    """Return the trials of stages 7.1, 7.2 and 7.3 together."""
    return 2 * optimization.stage_trials() + optimization.stage_trials(timeouts=True)
