"""What a stage works with."""

from dataclasses import dataclass, field

from config import RunConfig
from config.secrets import Secrets
from core.canonical_json import digest
from core.errors import CorruptFileError
from core.paths import Paths
from core.run_folder import RunFolder, read_stage_record, stage_named
from pipeline.fleet import Fleet
from pipeline.interrupts import Interrupts
from pipeline.live_file import LiveFile
from pipeline.pauses import Pause
from pipeline.progress import ProgressReport
from pipeline.screen import Screen


@dataclass(frozen=True)
class RunContext:
    """One run at work: its folder and settings, where to show things, the secrets, and how to wait between retries and for signals,
    the workers that compute its studies, and the file that tells others how far it is."""

    paths: Paths
    run: RunFolder
    settings: RunConfig
    screen: Screen
    progress: ProgressReport
    secrets: Secrets
    pause: Pause
    workers: int
    interrupts: Interrupts = field(default_factory=Interrupts)
    fleet: Fleet = field(default_factory=Fleet)
    live: LiveFile = field(default_factory=LiveFile)

    def record_hash(self, stage_name: str) -> str:
        """Return the hash of a finished stage's record, for a later stage that takes it as input."""
        folder = self.run.stage(stage_named(stage_name))
        record = read_stage_record(folder)
        if record is None:
            raise CorruptFileError(f"{folder / 'stage.json'} is missing although a later stage needs it. Resume the run.")
        return record.hash

    def part_hash(self, *parts: str) -> str:
        """Return the hash of top-level settings, as resolved, e.g. ``part_hash('start', 'end')``."""
        dumped = self.settings.model_dump(mode="json", include=set(parts))
        return digest(dumped)
