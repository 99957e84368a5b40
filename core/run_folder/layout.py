"""Where a run keeps what: one folder of checkpoints, one of results and one of exports, named by the run's id."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError, RunNotFoundError
from core.market import Market
from core.paths import Paths
from core.suggest import did_you_mean

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the ten stages: its number and name; ``folder`` sorts in the order of work."""

    number: int
    name: str
    title: str

    @property
    def folder(self) -> str:
        """The stage's folder name, ``NN_name``."""
        return f"{self.number:02d}_{self.name}"


STAGES = (
    Stage(1, "credentials", "Credentials"),
    Stage(2, "connectivity", "Connectivity"),
    Stage(3, "selection", "Market selection"),
    Stage(4, "strategy", "Strategy and settings"),
    Stage(5, "baseline", "Candles and baseline backtest"),
    Stage(6, "hardware", "Hardware profile"),
    Stage(7, "optimize", "Optimization"),
    Stage(8, "walkforward", "Walk-forward validation"),
    Stage(9, "report", "Report and verdict"),
    Stage(10, "dashboard", "Dashboard"),
)


def stage_named(name: str) -> Stage:
    """Return the stage called ``name``; ConfigError offers the nearest."""
    for stage in STAGES:
        if name in (stage.name, str(stage.number)):
            return stage
    raise ConfigError(f"stage '{name}' is not known.{did_you_mean(name, [stage.name for stage in STAGES])}")


def validate_run_id(run_id: str) -> str:
    """Return ``run_id`` if it is a harmless folder name; ConfigError otherwise."""
    if not _is_run_id(run_id):
        raise ConfigError(f"'{run_id}' is no run id: use lower-case letters, digits, '.', '_' and '-', at most 64.")
    return run_id


def _is_run_id(name: str) -> bool:
    return _RUN_ID.fullmatch(name) is not None and ".." not in name


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folders of the run ``run_id`` under ``paths``; nothing is created before something is written."""

    paths: Paths
    run_id: str

    def __post_init__(self) -> None:
        """Refuse an id that is no plain folder name."""
        validate_run_id(self.run_id)

    @classmethod
    def existing(cls, paths: Paths, run_id: str) -> "RunFolder":
        """Return the folder of a run that exists; RunNotFoundError offers the nearest id."""
        run = cls(paths, run_id)
        if not run.settings_file.is_file():
            raise RunNotFoundError(f"there is no run '{run_id}'.{did_you_mean(run_id, list_run_ids(paths))}")
        return run

    @property
    def checkpoints(self) -> Path:
        """The folder of stages, ledgers, settings, lock and timings."""
        return self.paths.checkpoints / self.run_id

    @property
    def results(self) -> Path:
        """The folder of published JSON."""
        return self.paths.results / self.run_id

    @property
    def exports(self) -> Path:
        """The folder of CSV tables and the HTML report."""
        return self.paths.exports / self.run_id

    @property
    def settings_file(self) -> Path:
        """The resolved settings of the run; its presence is what makes a folder a run."""
        return self.checkpoints / "run.json"

    @property
    def timings_file(self) -> Path:
        """Durations, rates, worker counts: everything that may differ between equal runs."""
        return self.checkpoints / "timings.json"

    def stage(self, stage: Stage) -> Path:
        """The folder of one stage."""
        return self.checkpoints / stage.folder

    def stage_market(self, stage: Stage, market: Market) -> Path:
        """The folder of one market inside a stage."""
        return self.stage(stage) / market.slug


def list_run_ids(paths: Paths) -> list[str]:
    """Return the ids of all runs with settings, oldest first; foreign files and folders are passed over."""
    if not paths.checkpoints.is_dir():
        return []
    return sorted(entry.name for entry in paths.checkpoints.iterdir() if _is_run_id(entry.name) and (entry / "run.json").is_file())
