"""Where everything lies, from one injectable root."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one installation: ``data`` and ``logs`` for what a run leaves behind, ``config`` for what a user writes."""

    data: Path
    logs: Path
    config: Path = PROJECT_ROOT / "config"

    @classmethod
    def default(cls) -> "Paths":
        """Return the project's own folders, or those named by PIPELINE_DATA_DIR and PIPELINE_LOGS_DIR."""
        data = os.environ.get("PIPELINE_DATA_DIR")
        logs = os.environ.get("PIPELINE_LOGS_DIR")
        return cls(
            data=Path(data).expanduser().resolve() if data else PROJECT_ROOT / "data",
            logs=Path(logs).expanduser().resolve() if logs else PROJECT_ROOT / "logs",
        )

    @classmethod
    def under(cls, root: Path) -> "Paths":
        """Return the folders of an installation that lies whole under ``root``."""
        return cls(data=root / "data", logs=root / "logs", config=root / "config")

    @property
    def candle_cache(self) -> Path:
        """Stored candles: EXCHANGE/SYMBOL/TIMEFRAME."""
        return self.data / "cache" / "candles"

    @property
    def funding_cache(self) -> Path:
        """Stored funding rates: EXCHANGE/SYMBOL/funding.json."""
        return self.data / "cache" / "funding"

    @property
    def limits(self) -> Path:
        """What each venue has been asked lately, shared by all processes: HOST.json."""
        return self.data / "cache" / "limits"

    @property
    def symbol_ranks(self) -> Path:
        """Symbols by traded value: EXCHANGE/QUOTE.json."""
        return self.data / "cache" / "symbol_ranks"

    @property
    def schedule_lock(self) -> Path:
        """What the one process that keeps the candle store up to date holds."""
        return self.data / "cache" / "schedule.lock"

    @property
    def kernel_cache(self) -> Path:
        """Compiled kernels."""
        return self.data / "cache" / "kernels"

    @property
    def checkpoints(self) -> Path:
        """One folder per run with its stages and ledgers."""
        return self.data / "checkpoints"

    @property
    def results(self) -> Path:
        """One folder per run with its published JSON."""
        return self.data / "results"

    @property
    def audits(self) -> Path:
        """One JSON per audited strategy, beside the runs' results: no run is called so."""
        return self.results / "audits"

    @property
    def exports(self) -> Path:
        """One folder per run with CSV tables and the HTML report."""
        return self.data / "exports"

    @property
    def raw_logs(self) -> Path:
        """Trade-by-trade logs: EXCHANGE_SYMBOL/RUN.jsonl."""
        return self.data / "raw_logs"

    @property
    def dashboard(self) -> Path:
        """What the dashboard keeps of its own: who is signed in, and the tags of runs."""
        return self.data / "dashboard"

    @property
    def jobs(self) -> Path:
        """One folder per job that the dashboard was asked for."""
        return self.data / "jobs"

    @property
    def hardware_profile(self) -> Path:
        """The last measurement of this machine."""
        return self.data / "hardware_profile.json"
